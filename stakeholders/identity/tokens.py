"""Whether an ID token holds (OpenID Connect Core 1.0, 3.1.3.7). Knows no request and no database.

allauth trusts the connection that the token came through, and sends no nonce; here the signature counts.
"""

from __future__ import annotations

from typing import Any

import jwt
from django.utils.crypto import constant_time_compare

from .reasons import Reason, Refused

# Keys that only the provider has. Neither ``none`` nor HS256, whose key would be public.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
LEEWAY = 30  # seconds that the clocks may differ
LONGEST_TOKEN = 256 * 1024  # characters
LONGEST_SUBJECT = 191


def verified(token: object, *, keys: object, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token that holds.

    Args:
        token: as the provider sent it.
        keys: the provider's JWK set, as JSON gives it.
        issuer: who it must be from.
        client_id: whom it must be for.
        nonce: what was sent along when this sign-in began.

    Raises:
        Refused: it does not hold; ``detail`` says why in a word.
    """
    if not isinstance(token, str) or not token:
        raise Refused(Reason.TOKEN, "no ID token")
    if len(token) > LONGEST_TOKEN:
        raise Refused(Reason.TOKEN, "too long")
    try:
        claims = jwt.decode(
            token,
            key=_key(token, keys),
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED, "enforce_minimum_key_length": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refused(Reason.TOKEN, type(error).__name__) from error
    _check_party(claims, client_id)
    _check_nonce(claims, nonce)
    _check_subject(claims)
    return claims


def _key(token: str, keys: object) -> jwt.PyJWK:
    """The provider's key that the token names. What the token itself brings along is not looked at."""
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise Refused(Reason.TOKEN, "algorithm not allowed")
    found = [key for key in _signing_keys(keys) if "kid" not in header or key.get("kid") == header["kid"]]
    if len(found) != 1:
        raise Refused(Reason.TOKEN, "no such key")
    return jwt.PyJWK(found[0], algorithm=found[0].get("alg") or header["alg"])


def _signing_keys(keys: object) -> list[dict[str, Any]]:
    rows = keys.get("keys") if isinstance(keys, dict) else None
    if not isinstance(rows, list):
        raise Refused(Reason.TOKEN, "no key set")
    public = (row for row in rows if isinstance(row, dict) and row.get("kty") != "oct")
    return [row for row in public if row.get("use", "sig") == "sig"]


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several must say that it was made for us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise Refused(Reason.TOKEN, "for another party")


def _check_nonce(claims: dict[str, Any], nonce: str) -> None:
    given = claims["nonce"]
    if not (nonce and isinstance(given, str) and given.isascii() and constant_time_compare(given, nonce)):
        raise Refused(Reason.TOKEN, "another nonce")


def _check_subject(claims: dict[str, Any]) -> None:
    subject = claims["sub"]
    fits = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()
    if not fits or subject.strip() != subject:
        raise Refused(Reason.TOKEN, "no usable subject")
