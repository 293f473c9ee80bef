"""The identity providers that OIDC_PROVIDERS names, read and checked before the service starts.

Each is an object in a JSON list; ``docs/login.md`` tells what its fields mean. The secrets stand apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from . import access

EVERY_MUNICIPALITY = "*"
# What the roles are called in the claims, unless the provider says otherwise.
ROLE_NAMES = {
    "redaktoer": access.Role.EDITOR.value,
    "leder": access.Role.LEADER.value,
    "kl-konsulent": access.Role.KL_CONSULTANT.value,
    "kl-laeser": access.Role.KL_READER.value,
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CVR = re.compile(r"[0-9]{8}\Z")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def is_safe(address: object) -> bool:
    """Whether secrets may be sent there: by TLS, or on this machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        )
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() == value != ""


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in value)


def _is_cvr_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, str) and (each == EVERY_MUNICIPALITY or CVR.match(each)) for each in value)
    )


def _is_role_names(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(role in access.Role.values for role in value.values())


# field: what it must be, whether it is, and what holds without it; ``...`` where it has to be there.
FIELDS: dict[str, tuple[str, Callable[[Any], object], Any]] = {
    "id": ("små bogstaver, tal og bindestreger", lambda value: isinstance(value, str) and ID.match(value), ...),
    "name": ("en tekst", _is_text, ...),
    "server": ("en adresse, der begynder med https://", is_safe, ...),
    "client_id": ("en tekst", _is_text, ...),
    "cvr": ('en liste af CVR-numre med otte cifre eller ["*"] for alle kommuner', _is_cvr_list, ...),
    "cvr_claim": ("en tekst eller tom", lambda value: isinstance(value, str), "cvr"),
    "roles_claim": ("en tekst", _is_text, "roles"),
    "roles": (f"navne med en af rollerne {', '.join(access.Role.values)}", _is_role_names, ROLE_NAMES),
    "privileges_claim": ("en tekst", _is_text, ""),
    "system": ("navnet i rollernes adresse, for eksempel flerehaender.kl.dk", _is_text, ""),
    "email_domains": ("en liste af domæner", _is_texts, []),
    "scope": ("en liste af tekster", _is_texts, ["openid", "profile", "email"]),
}


def own_cvr(text: str) -> str:
    """KL's CVR number, or empty. Raises ImproperlyConfigured: it has not eight digits."""
    if text and not CVR.match(text):
        raise ImproperlyConfigured("KL_CVR skal være et CVR-nummer med otte cifre.")
    return text


def read(text: str, secrets: Mapping[str, str]) -> list[dict[str, Any]]:
    """The providers, as allauth has its apps.

    Args:
        text: the JSON list; empty for none.
        secrets: where the secret of the provider ``x-y`` is called ``OIDC_SECRET_X_Y``: the environment.

    Raises:
        ImproperlyConfigured: something in it is missing, unknown or wrong; said in Danish, without the secrets.
    """
    if not text.strip():
        return []
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS er ikke JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ImproperlyConfigured("OIDC_PROVIDERS skal være en JSON-liste af objekter: [{…}, {…}].")
    found = [_app(_checked(row), secrets) for row in rows]
    if len({app["provider_id"] for app in found}) < len(found):
        raise ImproperlyConfigured("OIDC_PROVIDERS: to udbydere har samme id.")
    return found


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    """The row with every field; refuses what is unknown, so that a misspelt limit is not taken for none."""
    if unknown := set(row) - set(FIELDS):
        _refuse(row, f"kender ikke {', '.join(sorted(unknown))}")
    for name, (must_be, fits, otherwise) in FIELDS.items():
        if name not in row and otherwise is ...:
            _refuse(row, f"mangler {name}")
        if name in row and not fits(row[name]):
            _refuse(row, f"{name} skal være {must_be}")
    full = {name: row.get(name, otherwise) for name, (_, _, otherwise) in FIELDS.items()}
    if bool(full["privileges_claim"]) != bool(full["system"]):
        _refuse(row, "privileges_claim og system hører sammen: angiv begge eller ingen")
    if not (full["cvr_claim"] or full["privileges_claim"]) and (
        len(full["cvr"]) > 1 or EVERY_MUNICIPALITY in full["cvr"]
    ):
        _refuse(row, "uden cvr_claim skal cvr være præcis ét CVR-nummer")
    if "openid" not in full["scope"]:
        _refuse(row, "scope skal indeholde openid")
    return full


def _refuse(row: dict[str, Any], said: str) -> NoReturn:
    raise ImproperlyConfigured(f"OIDC_PROVIDERS, udbyderen {row.get('id', 'uden id')!r}: {said}.")


def _app(row: dict[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    variable = f"OIDC_SECRET_{row['id'].upper().replace('-', '_')}"
    if not secrets.get(variable):
        _refuse(row, f"mangler hemmeligheden i miljøvariablen {variable}")
    server = row["server"].removesuffix("/.well-known/openid-configuration")
    rules = ("cvr", "cvr_claim", "roles_claim", "roles", "privileges_claim", "system", "email_domains")
    return {
        "provider_id": row["id"],
        "name": row["name"],
        "client_id": row["client_id"],
        "secret": secrets[variable],
        "settings": {
            "server_url": server,
            "scope": row["scope"],
            "oauth_pkce_enabled": True,
            "fetch_userinfo": False,
            **{name: row[name] for name in rules},
        },
    }
