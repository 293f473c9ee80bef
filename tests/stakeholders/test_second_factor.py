"""Two-step sign-in: who needs it, how one gets it, and what happens when it is lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from allauth.account.utils import perform_login
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse

from flere_haender.access import Role
from stakeholders.models import AccessEntry, AccessKind, Installation, User
from stakeholders.second_factor import renew_secrets
from stakeholders.sessions import SessionStore
from tests.factories import PASSWORD, AsUser, make_user

pytestmark = pytest.mark.django_db

SETUP = "/konto/totrin/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_MFA = None  # as it comes


def sign_in(user: User, *, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/konto/login/", {"login": user.email, "password": PASSWORD})
    return client


def code(secret: str, *, steps: int = 0) -> str:
    """What the app shows; ``steps`` half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client) -> str:
    """Set up an app, as the page says; returns its secret."""
    client.get("/konto/totrin/app/")
    secret = client.session[SECRET_SESSION_KEY]
    assert client.post("/konto/totrin/app/", {"code": code(secret)})["Location"] == "/konto/totrin/koder/"
    return str(secret)


def codes_shown(client: Client) -> list[str]:
    return list(client.get("/konto/totrin/koder/").context["unused_codes"])


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/konto/").status_code == 200)


# Who needs it


@pytest.mark.parametrize("role", [Role.KL_READER, Role.EDITOR, Role.LEADER])
def test_it_is_optional_for_the_others(role: Role, korsbaek: Any) -> None:
    client = sign_in(make_user(role, None if role == Role.KL_READER else korsbaek))
    assert client.get("/anbefalinger/").status_code == 200
    assert "Din rolle kræver" not in client.get(SETUP).content.decode()


@pytest.mark.parametrize("path", ["/", "/anbefalinger/", "/admin/", "/matrix/?format=csv", "/brugere/"])
def test_kls_consultant_does_nothing_before_it_is_set_up(konsulent: User, path: str) -> None:
    client = sign_in(konsulent)
    assert client.get(path)["Location"] == SETUP
    assert "Din rolle kræver totrinslogin." in client.get(SETUP).content.decode()
    assert client.get("/privatliv/").status_code == 200


def test_nor_does_a_superuser(konsulent: User) -> None:
    client = sign_in(make_user(is_superuser=True))
    assert client.get("/admin/")["Location"] == SETUP


def test_a_part_of_a_page_says_what_is_needed(konsulent: User) -> None:
    response = sign_in(konsulent).post("/anbefalinger/10/status/", headers={"HX-Request": "true"})
    assert (response.status_code, response["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "Du skal sætte totrinslogin op." in response.content.decode()


def test_what_was_typed_meanwhile_is_given_back(konsulent: User) -> None:
    client = sign_in(konsulent)
    typed = {"status": "completed", "note": "Det skrev jeg, før jeg blev spurgt."}
    assert client.post("/anbefalinger/10/status/", typed)["Location"] == SETUP
    set_up(client)
    onward = '<a href="/anbefalinger/10/status/">'
    assert onward in client.get("/konto/totrin/koder/").content.decode()
    assert typed["note"] in client.get("/anbefalinger/10/status/").content.decode()


def test_who_comes_from_an_identity_provider_is_not_asked(konsulent: User) -> None:
    client = sign_in(konsulent)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "socialaccount", "at": time.time(), "provider": "x"}]
    session.save()
    assert client.get("/anbefalinger/").status_code == 200


def test_nor_for_a_code_of_their_own_on_the_way_in(konsulent: User) -> None:
    """Who has an app here too is asked for it with a password, and not by a provider."""
    set_up(sign_in(konsulent))
    found = {}
    for method in ("password", "socialaccount"):
        request = RequestFactory().get("/")
        request.user, request.session = AnonymousUser(), SessionStore()
        request._messages = FallbackStorage(request)
        with context.request_context(request):
            record_authentication(request, konsulent, method)
            found[method] = perform_login(request, konsulent)["Location"]
    assert found == {"password": "/konto/trin-2/", "socialaccount": "/"}


def test_a_demo_asks_nobody_and_says_so(konsulent: User, settings: Any) -> None:
    assert "totrinslogin" not in Client().get("/").content.decode()
    Installation.become_demo()
    assert "Demoen kræver ikke totrinslogin." in Client().get("/").content.decode()
    assert sign_in(konsulent).get("/anbefalinger/").status_code == 200
    settings.REQUIRE_MFA = True
    assert sign_in(konsulent).get("/anbefalinger/").status_code == 302
    assert "totrinslogin" not in Client().get("/").content.decode()


def test_it_can_be_switched_off(konsulent: User, settings: Any) -> None:
    settings.REQUIRE_MFA = False
    assert sign_in(konsulent).get("/anbefalinger/").status_code == 200


# How one gets it


def test_an_app_is_set_up_and_asked_for(konsulent: User) -> None:
    client = sign_in(konsulent)
    page = client.get("/konto/totrin/app/").content.decode()
    assert '<svg class="qr" role="img"' in page and "style=" not in page and "data:image" not in page
    secret = set_up(client)
    assert client.get("/anbefalinger/").status_code == 200

    again = Client()
    assert again.post("/konto/login/", {"login": konsulent.email, "password": PASSWORD})["Location"] == (
        "/konto/trin-2/"
    )
    assert not is_signed_in(again)
    wrong = again.post("/konto/trin-2/", {"code": code(secret, steps=40)})
    assert wrong.status_code == 200 and "En kode fra appen gælder i 30 sekunder" in wrong.content.decode()
    assert not is_signed_in(again)
    again.post("/konto/trin-2/", {"code": code(secret)})
    assert is_signed_in(again)


def test_a_code_signs_in_once(konsulent: User) -> None:
    secret = set_up(sign_in(konsulent))
    shown = code(secret)
    assert is_signed_in(_second_step(konsulent, shown))
    assert not is_signed_in(_second_step(konsulent, shown))


def _second_step(user: User, shown: str) -> Client:
    client = sign_in(user)
    client.post("/konto/trin-2/", {"code": shown})
    return client


def test_a_session_that_has_shown_none_ends_when_one_is_added(
    konsulent: User, django_capture_on_commit_callbacks: Any
) -> None:
    """A stranger who knows the password waits where it is set up."""
    stranger, owner = sign_in(konsulent), sign_in(konsulent)
    assert stranger.get("/anbefalinger/")["Location"] == SETUP
    with django_capture_on_commit_callbacks(execute=True):
        set_up(owner)
    assert owner.get("/anbefalinger/").status_code == 200
    assert stranger.get("/brugere/")["Location"].startswith("/konto/login/")
    assert not is_signed_in(stranger)


def test_the_secret_is_not_in_the_database(konsulent: User) -> None:
    secret = set_up(sign_in(konsulent))
    kept = Authenticator.objects.get(user=konsulent, type="totp").data["secret"]
    assert secret not in kept and len(kept) > len(secret)


def test_with_another_key_no_code_fits_and_nothing_breaks(konsulent: User, settings: Any) -> None:
    client = sign_in(konsulent)
    secret = set_up(client)
    recovery = codes_shown(client)[0]
    settings.SECRET_KEY = "en anden nøgle"
    assert not is_signed_in(_second_step(konsulent, code(secret)))
    assert not is_signed_in(_second_step(konsulent, recovery))


def test_after_a_planned_change_of_keys_the_old_one_may_go(konsulent: User, settings: Any) -> None:
    client = sign_in(konsulent)
    secret = set_up(client)
    recovery = codes_shown(client)[0]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "en anden nøgle", [settings.SECRET_KEY]
    renew_secrets()
    settings.SECRET_KEY_FALLBACKS = []
    assert is_signed_in(_second_step(konsulent, code(secret)))
    assert is_signed_in(_second_step(konsulent, recovery))


def test_the_recovery_codes_are_shown_once_and_fetched_meanwhile(konsulent: User) -> None:
    client = sign_in(konsulent)
    set_up(client)
    codes = codes_shown(client)
    assert len(set(codes)) == 10
    file = client.get("/konto/totrin/koder/hent/")
    assert "attachment" in file["Content-Disposition"] and "no-store" in file["Cache-Control"]
    assert file.content.decode().split("\r\n")[2:-1] == codes
    assert set(codes_shown(client)) == {"****"}

    authenticator = Authenticator.objects.get(user=konsulent, type="recovery_codes")
    authenticator.data["viewed_at"] -= 11 * 60
    authenticator.save()
    assert client.get("/konto/totrin/koder/hent/")["Location"] == SETUP


def test_a_recovery_code_signs_in_once(konsulent: User) -> None:
    client = sign_in(konsulent)
    set_up(client)
    one, other, *_ = codes_shown(client)
    assert is_signed_in(_second_step(konsulent, one))
    assert not is_signed_in(_second_step(konsulent, one))
    assert is_signed_in(_second_step(konsulent, other))
    assert "Du har 8 af 10 nødkoder tilbage." in client.get(SETUP).content.decode()


def test_new_codes_end_the_old_ones(konsulent: User) -> None:
    client = sign_in(konsulent)
    set_up(client)
    old = codes_shown(client)[0]
    client.post("/konto/totrin/koder/nye/")
    new = codes_shown(client)[0]
    assert not is_signed_in(_second_step(konsulent, old))
    assert is_signed_in(_second_step(konsulent, new))


def test_changing_it_asks_again_who_one_is(as_user: AsUser, hr: User) -> None:
    """Whoever has signed in a moment ago has just said so; later they say it again."""
    client = sign_in(hr)
    assert client.get("/konto/totrin/app/").status_code == 200
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 301}]
    session.save()
    asked = client.get("/konto/totrin/app/")
    assert asked["Location"].startswith("/konto/bekraeft/?next=")
    assert "Adgangskoden passer ikke" in client.post(asked["Location"], {"password": "forkert"}).content.decode()
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/konto/totrin/app/"
    assert client.get("/konto/totrin/app/").status_code == 200


# The last one, and losing it


def test_the_last_factor_stays_where_it_is_needed(konsulent: User, hr: User) -> None:
    client = sign_in(konsulent)
    set_up(client)
    assert "Tilføj en anden måde først." in client.post("/konto/totrin/app/fjern/").content.decode()
    assert Authenticator.objects.filter(user=konsulent, type="totp").exists()

    free = sign_in(hr)
    set_up(free)
    free.post("/konto/totrin/app/fjern/")
    assert not Authenticator.objects.filter(user=hr).exists()


def test_a_last_passkey_stays_where_it_is_needed(konsulent: User, hr: User) -> None:
    for user, left in ((konsulent, 1), (hr, 0)):
        key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Nøgle", "credential": {}})
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        client.delete(reverse("mfa_remove_webauthn", args=[key.pk]))
        client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
        assert Authenticator.objects.filter(pk=key.pk).count() == left


def test_a_superuser_resets_it_and_the_admin_says_who(as_user: AsUser, settings: Any, konsulent: User) -> None:
    settings.REQUIRE_MFA = False
    client = sign_in(konsulent)
    set_up(client)
    superuser = make_user(is_superuser=True)
    url = reverse("admin:stakeholders_user_changelist")
    chosen = {"action": "reset_second_factor", "_selected_action": konsulent.pk}
    admin = as_user(superuser)
    assert "Ring på et nummer, du har i forvejen." in admin.post(url, chosen).content.decode()
    assert Authenticator.objects.filter(user=konsulent).count() == 2
    admin.post(url, {**chosen, "confirm": "1"})
    assert not Authenticator.objects.filter(user=konsulent).exists()
    assert not is_signed_in(client)
    logged = LogEntry.objects.get(user=superuser, object_id=str(konsulent.pk))
    assert logged.change_message == "Totrinslogin nulstillet."
    [entry] = AccessEntry.objects.filter(kind=AccessKind.FACTOR_RESET)
    assert (entry.by, entry.about_user) == (superuser, konsulent)


def test_only_a_superuser_resets_it_and_not_their_own(konsulent: User, hr: User) -> None:
    superuser = make_user(is_superuser=True)
    for by, user in ((konsulent, hr), (superuser, superuser)):
        with pytest.raises(PermissionDenied):
            user.reset_second_factor(by=by)


def test_an_invitation_does_not_go_round_it(hr: User, leder: User, korsbaek: Any) -> None:
    """Who was here before, with an app, and is invited again by e-mail, is asked for a code all the same."""
    from stakeholders.models import Invitation, Membership

    set_up(sign_in(hr))
    Membership.objects.get(user=hr).end(by=leder, told=["last_editor"])
    invitation = Invitation.invite(hr.email, role=Role.EDITOR, municipality=korsbaek, by=leder)
    client = Client()
    fields = {"name": "Hanne Lund", "password1": "en-ny-lang-adgangskode-7", "password2": "en-ny-lang-adgangskode-7"}
    assert client.post(invitation.path, fields)["Location"] == "/konto/trin-2/"
    assert not is_signed_in(client)
