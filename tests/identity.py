"""What tests of signing in through an identity provider need: the provider's process, and a browser's way there."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any

import requests
from django.http import HttpResponse
from django.test import Client

KL_CVR = "10101010"  # invented
KORSBAEK_CVR = "11111111"  # the fictional municipality's
SYSTEM = "flerehaender.example"


@dataclass
class Provider:
    """A provider that runs."""

    address: str

    def knows(self, sub: str, **claims: Any) -> str:
        """Somebody can sign in there, with these claims. Returns their ``sub``."""
        asked = requests.put(f"{self.address}/users/{sub}", json=claims, timeout=5)
        asked.raise_for_status()
        return sub

    def fails(self, name: str) -> None:
        requests.put(f"{self.address}/faults", json={"name": name}, timeout=5).raise_for_status()

    def settings(self) -> list[dict[str, Any]]:
        """What stands in OIDC_PROVIDERS: one for a municipality, one for all, KOMBIT's and KL's."""
        shared = {"server": self.address}
        kombit = {"privileges_claim": "privilegesIntermediate", "system": SYSTEM}
        return [
            {"id": "korsbaek", "name": "Korsbæk Kommune", "client_id": "a", "cvr": [KORSBAEK_CVR], **shared},
            {"id": "alle", "name": "Kommunernes login", "client_id": "b", "cvr": ["*"], **shared},
            {"id": "kombit", "name": "KOMBIT", "client_id": "c", "cvr": ["*", KL_CVR], **kombit, **shared},
            {"id": "kl", "name": "KL", "client_id": "d", "cvr": [KL_CVR], **shared},
        ]

    def secrets(self) -> dict[str, str]:
        return {f"OIDC_SECRET_{row['id'].upper()}": "hemmelig" for row in self.settings()}


@contextmanager
def running_provider() -> Iterator[Provider]:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = Provider(f"http://127.0.0.1:{port}")
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.identity_provider", str(port)],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(process, found)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes], provider: Provider) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            provider.fails("")
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("Identitetsudbyderen kom ikke op.")


def privileges(*groups: tuple[str, str], system: str = SYSTEM, inside: str = "", scope: str = "") -> str:
    """KOMBIT's claim: of each CVR number a role."""
    scope = scope or "urn:dk:gov:saml:cvrNumberIdentifier:"
    rows = "".join(
        f'<PrivilegeGroup Scope="{scope}{cvr}">{inside}'
        f"<Privilege>http://{system}/roles/usersystemrole/{role}/1</Privilege></PrivilegeGroup>"
        for cvr, role in groups
    )
    return packed(
        '<?xml version="1.0" encoding="UTF-8"?><bpp:PrivilegeList '
        f'xmlns:bpp="http://itst.dk/oiosaml/basic_privilege_profile">{rows}</bpp:PrivilegeList>'
    )


def packed(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def asked_for(browser: Client, provider_id: str, query: str = "") -> str:
    """Where the browser is sent to sign in."""
    response = browser.get(f"/konto/login/{provider_id}/{query}")
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def answer_of(address: str, sub: str, **form: str) -> str:
    """Where the provider sends the browser back to, when somebody has signed in there."""
    response = requests.post(address, data={"sub": sub, **form}, allow_redirects=False, timeout=5)
    assert response.status_code == 302, response.text
    return str(response.headers["Location"]).removeprefix("http://testserver")


def sign_in(browser: Client, sub: str, *, through: str = "korsbaek", query: str = "") -> HttpResponse:
    """The whole way, to the answer that the browser gets from us."""
    return browser.get(answer_of(asked_for(browser, through, query), sub))


def json_of(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
