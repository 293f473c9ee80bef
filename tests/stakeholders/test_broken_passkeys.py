"""What a browser sends as a passkey, when it is none: refused, and nothing breaks."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from stakeholders.models import User

from .test_second_factor import is_signed_in, set_up, sign_in

pytestmark = pytest.mark.django_db

BROKEN = [
    *("", "x", "[]", "1", '"x"', "{}", "null", '{"response": []}', '{"response": {"userHandle": 5}}'),
    *('{"response": {"userHandle": "%%%"}}', '{"response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"}}'),
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}, "response": {"clientDataJSON": '
    '"e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "MQ", "attestationObject": "AA"}}',
    '{"id": 1, "rawId": [], "type": {}, "response": {"clientDataJSON": null}}',
    "[" * 2_000,
    '"' + "9" * 200_000 + '"',
]


def test_it_is_refused_and_breaks_nothing(hr: User) -> None:
    """On the sign-in page, when one is added, as the second step, and to show once more who one is."""
    client = sign_in(hr)
    set_up(client)
    for broken in BROKEN:
        sent = {"credential": broken, "passwordless": "on"}
        stranger, second = Client(), sign_in(hr)
        stranger.get("/konto/noegle/", headers={"Accept": "application/json"})
        assert stranger.post("/konto/noegle/", sent)["Location"] == "/konto/login/"
        client.get("/konto/totrin/noegler/ny/")
        assert client.post("/konto/totrin/noegler/ny/", sent).status_code == 200
        second.get("/konto/trin-2/")
        assert second.post("/konto/trin-2/", sent).status_code == 200
        assert not is_signed_in(stranger) and not is_signed_in(second)
    assert not Authenticator.objects.filter(user=hr, type="webauthn").exists()
