"""An identity provider as a process of its own, which tests can ask to answer wrongly: ``python -m ... <port>``.

It is oidc-provider-mock, which signs with a key of its own. Beyond that it insists on PKCE and a nonce, and
``PUT /faults`` names what is wrong with the next answer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from oidc_provider_mock import app
from oidc_provider_mock._storage import storage
from werkzeug.serving import run_simple

Claims = dict[str, Any]
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def own_key() -> jwt.PyJWK:
    return jwt.PyJWK(storage.jwk.as_dict(is_private=True), algorithm="RS256")


def key_id() -> str:
    return str(storage.jwk.as_dict()["kid"])


def signed(claims: Claims, key: Any = None, kid: str = "", **header: Any) -> str:
    return jwt.encode(claims, key or own_key().key, "RS256", headers={"kid": kid or key_id(), **header})


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def by_hand(header: Claims, claims: Claims, secret: bytes | None) -> str:
    """What no library would sign: without a key, or with one that everybody has."""
    told = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(secret, told.encode(), hashlib.sha256).digest() if secret is not None else b""
    return f"{told}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def public_pem() -> bytes:
    return own_key().key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}


def own_jwk_inside(claims: Claims) -> str:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    return signed(claims, STRANGER, jwk=public)


def tampered(claims: Claims) -> str:
    head, _, signature = signed(claims).split(".")
    return f"{head}.{encoded({**claims, 'sub': 'somebody-else'})}.{signature}"


TOKENS: dict[str, Callable[[Claims], Any]] = {
    "alg none": lambda claims: by_hand({"alg": "none"}, claims, None),
    "alg none with a key id": lambda claims: by_hand({"alg": "none", "kid": key_id()}, claims, None),
    "HS256 with the public key": lambda claims: by_hand({"alg": "HS256", "kid": key_id()}, claims, public_pem()),
    "HS256 with the client's secret": lambda claims: by_hand({"alg": "HS256"}, claims, b"hemmelig"),
    "another key under the same id": lambda claims: signed(claims, STRANGER),
    "an unknown key": lambda claims: signed(claims, STRANGER, "unknown"),
    "a key that the token brings": own_jwk_inside,
    "changed after it was signed": tampered,
    "without a signature": lambda claims: ".".join(signed(claims).split(".")[:2]) + ".",
    "for another client": lambda claims: signed({**claims, "aud": "another"}),
    "for several, and another party": lambda claims: signed({**claims, "aud": [claims["aud"], "another"], "azp": "x"}),
    "for several, and no party": lambda claims: signed({**claims, "aud": [claims["aud"], "another"]}),
    "without an audience": lambda claims: signed(without(claims, "aud")),
    "from another issuer": lambda claims: signed({**claims, "iss": "https://another.example"}),
    "without an issuer": lambda claims: signed(without(claims, "iss")),
    "expired": lambda claims: signed({**claims, "iat": time.time() - 700, "exp": time.time() - 600}),
    "never expires": lambda claims: signed(without(claims, "exp")),
    "from the future": lambda claims: signed({**claims, "iat": time.time() + 600}),
    "not valid yet": lambda claims: signed({**claims, "nbf": time.time() + 600}),
    "another nonce": lambda claims: signed({**claims, "nonce": "another"}),
    "without a nonce": lambda claims: signed(without(claims, "nonce")),
    "a nonce that is no text": lambda claims: signed({**claims, "nonce": [claims["nonce"]]}),
    "without a subject": lambda claims: signed(without(claims, "sub")),
    "an empty subject": lambda claims: signed({**claims, "sub": ""}),
    "a subject with a NUL": lambda claims: signed({**claims, "sub": "a\x00b"}),
    "a subject without end": lambda claims: signed({**claims, "sub": "a" * 5000}),
    "no token at all": lambda claims: None,
    "no token but a number": lambda claims: 17,
    "no token but words": lambda claims: "not.a.token",
}
DISCOVERY: dict[str, Claims] = {
    "discovery of another issuer": {"issuer": "https://another.example"},
    "discovery that leads astray": {"token_endpoint": "http://another.example/token"},
    "discovery without addresses": {"jwks_uri": None},
}
BODIES = {"/oauth2/token": ("token answer is a list", b"[]"), "/jwks": ("no key set", b"[]")}


def provider() -> flask.Flask:
    found = app(require_nonce=True)
    found.debug = False
    fault = {"name": ""}
    challenges: dict[str, str] = {}

    @found.put("/faults")
    def faults() -> tuple[str, int]:
        fault["name"] = flask.request.get_json()["name"]
        return "", 204

    @found.before_request
    def insist() -> tuple[str, int] | None:
        asked = flask.request
        if asked.path == "/oauth2/authorize" and asked.args.get("code_challenge_method") != "S256":
            return "PKCE is missing", 400
        if asked.path == "/oauth2/token":
            digest = hashlib.sha256(asked.form.get("code_verifier", "").encode()).digest()
            said = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if challenges.pop(asked.form.get("code", ""), "") != said or fault["name"] == "code refused":
                return '{"error": "invalid_grant"}', 400
        return ("broken", 500) if fault["name"] == f"500 at {asked.path}" else None

    @found.after_request
    def answer(response: flask.Response) -> flask.Response:
        asked = flask.request
        if asked.path == "/oauth2/authorize" and response.location:
            code = parse_qs(urlsplit(response.location).query).get("code", [""])[0]
            challenges[code] = asked.args["code_challenge"]
            if "state=" not in response.location:  # the mock leaves it out when somebody cancels
                response.location += f"&state={asked.args['state']}"
        elif asked.path == "/oauth2/token" and fault["name"] in TOKENS:
            body = response.get_json()
            claims = jwt.decode(body["id_token"], options={"verify_signature": False})
            response.data = json.dumps({**body, "id_token": TOKENS[fault["name"]](claims)}).encode()
        elif asked.path.endswith("/openid-configuration"):
            response.data = json.dumps({**response.get_json(), **DISCOVERY.get(fault["name"], {})}).encode()
        if asked.path in BODIES and fault["name"] == BODIES[asked.path][0]:
            response.data = BODIES[asked.path][1]
        return response

    return found


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    run_simple("127.0.0.1", int(sys.argv[1]), provider(), threaded=True)
