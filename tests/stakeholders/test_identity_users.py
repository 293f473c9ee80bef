"""Whom an identity provider signs in: new users, known ones, and those who are not to come in by mistake."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from flere_haender.access import Role
from stakeholders.identity.adapter import SocialAdapter
from stakeholders.identity.claims import Access, Person
from stakeholders.identity.reasons import Reason
from stakeholders.identity.tying import admit
from stakeholders.models import AccessEntry, AccessKind, Invitation, Membership, Municipality, User
from tests.factories import PASSWORD, make_user
from tests.identity import KL_CVR, KORSBAEK_CVR, Provider, privileges, sign_in

pytestmark = pytest.mark.django_db

UNKNOWN_CVR = "99999999"


def claims(email: str = "ny@korsbaek.example", cvr: str = KORSBAEK_CVR, role: str = "redaktoer", **more: Any) -> Any:
    return {"email": email, "email_verified": True, "name": "Ny Nielsen", "cvr": cvr, "roles": [role], **more}


def memberships(user: User) -> list[tuple[str, bool]]:
    """Each with its role and whether it holds still, the oldest first."""
    return [(row.role, row.ended_on is None) for row in user.memberships.order_by("pk")]


def assert_refused(response: Any, reason: str, helps: str) -> AccessEntry:
    page = response.content.decode()
    assert (response.status_code, reason in page, helps in page) == (403, True, True), page
    entry = AccessEntry.objects.filter(kind=AccessKind.SIGN_IN_REFUSED).latest("pk")
    assert entry.detail.startswith(reason) and "@" not in f"{entry.detail}{entry.subject}"
    return entry


def signed_in(browser: Client) -> User | None:
    return User.objects.filter(pk=browser.session.get("_auth_user_id")).first()


def traces() -> list[str]:
    given = (AccessKind.ROLE_GIVEN, AccessKind.ROLE_CHANGED, AccessKind.ROLE_ENDED)
    return [row.kind for row in AccessEntry.objects.filter(kind__in=given).order_by("pk")]


def come(provider: Provider, sub: str = "ny", *, through: str = "korsbaek", **given: Any) -> tuple[Client, Any]:
    """Somebody whom the provider knows so signs in, in a browser of their own."""
    provider.knows(sub, **given)
    browser = Client()
    return browser, sign_in(browser, sub, through=through)


@pytest.mark.parametrize(
    ("through", "given", "role", "code"),
    [
        ("korsbaek", claims(), "editor", 999),
        ("alle", claims(role="leder"), "leader", 999),
        ("kl", claims("ny@kl.example", KL_CVR, "kl-konsulent"), "kl_consultant", None),
        ("kombit", claims(privilegesIntermediate=privileges((KORSBAEK_CVR, "leder")), role="x"), "leader", 999),
        (
            "kombit",
            claims("ny@kl.example", KL_CVR, "x", privilegesIntermediate=privileges((KL_CVR, "kl-laeser"))),
            "kl_reader",
            None,
        ),
    ],
)
def test_a_new_user_has_the_role_of_the_claims(
    provider: Provider, korsbaek: Municipality, settings: Any, through: str, given: Any, role: str, code: int | None
) -> None:
    settings.REQUIRE_MFA = True  # the second step is the provider's, not ours
    browser, _ = come(provider, through=through, **given)
    user = signed_in(browser)
    assert user is not None and user.membership is not None
    where = user.membership.municipality
    assert (user.membership.role, where.code if where else None) == (role, code)
    assert traces() == [AccessKind.ROLE_GIVEN]
    assert browser.get("/matrix/").status_code == 200


@pytest.mark.parametrize(
    ("through", "given", "reason", "helps"),
    [
        ("alle", claims(cvr=UNKNOWN_CVR), "cvr_unknown", "rette det"),
        ("korsbaek", claims(cvr="1111"), "cvr_malformed", "otte cifre"),
        ("korsbaek", claims(cvr=""), "cvr_missing", "sende CVR-nummeret med"),
        ("korsbaek", claims(cvr="29189692"), "cvr_not_allowed", "Vælg din egen organisation"),
        ("alle", claims(cvr=KL_CVR, role="kl-konsulent"), "cvr_not_allowed", "Vælg din egen organisation"),
        ("korsbaek", {**claims(), "roles": []}, "no_role", "Bed den, der tildeler roller"),
        ("korsbaek", claims(role="chef"), "role_unknown", "hvad rollen skal hedde"),
        ("korsbaek", claims(role="kl-konsulent"), "role_of_kl", "give dig en kommunal"),
        ("kl", claims(cvr=KL_CVR, role="leder"), "role_of_municipality", "give dig en KL-rolle"),
        (
            "kombit",
            claims(privilegesIntermediate=privileges(("29189692", "leder"))),
            "cvr_other",
            "for jeres eget CVR-nummer",
        ),
        ("kombit", claims(privilegesIntermediate="x"), "privileges", "oplyse koden"),
        ("korsbaek", {**claims(), "email": None}, "email_missing", "arbejdsmail"),
        ("korsbaek", {**claims(), "email_verified": False}, "email_unverified", "står ikke inde for"),
    ],
)
def test_claims_that_let_nobody_in(
    provider: Provider, korsbaek: Municipality, through: str, given: Any, reason: str, helps: str
) -> None:
    browser, response = come(provider, through=through, **given)
    assert_refused(response, reason, helps)
    assert signed_in(browser) is None
    assert not User.objects.exists() and not SocialAccount.objects.exists()


def test_the_second_time_it_is_the_same_user(provider: Provider, korsbaek: Municipality) -> None:
    first, _ = come(provider, **claims())
    second, _ = come(provider, **claims())
    assert signed_in(first) == signed_in(second) is not None
    assert traces() == [AccessKind.ROLE_GIVEN] and SocialAccount.objects.count() == 1


def test_a_changed_role_is_another_membership(provider: Provider, korsbaek: Municipality) -> None:
    come(provider, **claims())
    browser, _ = come(provider, **claims(role="leder"))
    user = signed_in(browser)
    assert user is not None and memberships(user) == [("editor", False), ("leader", True)]
    assert traces() == [AccessKind.ROLE_GIVEN, AccessKind.ROLE_CHANGED]


def test_a_role_that_is_taken_away_ends_the_membership_and_the_sessions(
    provider: Provider, korsbaek: Municipality
) -> None:
    first, _ = come(provider, **claims())
    user = signed_in(first)
    assert user is not None
    second, response = come(provider, **{**claims(), "roles": []})
    entry = assert_refused(response, "no_role", "Du har ingen rolle")
    assert (entry.by, entry.municipality) == (user, korsbaek)
    assert memberships(user) == [("editor", False)]
    assert signed_in(second) is None
    assert first.get("/matrix/")["Location"].startswith("/konto/login/")
    # And given again by the same, they are in again; what was is kept.
    again, _ = come(provider, **claims(role="leder"))
    assert signed_in(again) == user and memberships(user) == [("editor", False), ("leader", True)]
    assert traces() == [AccessKind.ROLE_GIVEN, AccessKind.ROLE_ENDED, AccessKind.ROLE_GIVEN]


def test_what_cannot_be_read_takes_no_role_away(provider: Provider, korsbaek: Municipality) -> None:
    good = {"privilegesIntermediate": privileges((KORSBAEK_CVR, "leder"))}
    first, _ = come(provider, through="kombit", **claims(**good))
    _, response = come(provider, through="kombit", **claims(privilegesIntermediate="x"))
    assert_refused(response, "privileges", "kunne ikke læses")
    assert first.get("/matrix/").status_code == 200


def test_a_provider_takes_no_role_away_that_it_does_not_answer_for(
    provider: Provider, korsbaek: Municipality, konsulent: User
) -> None:
    """Tied to the provider of a municipality, and since then moved to KL by a person."""
    SocialAccount.objects.create(user=konsulent, provider="korsbaek", uid="ny")
    _, response = come(provider, **{**claims(), "roles": []})
    assert_refused(response, "no_role", "Du har ingen rolle")
    assert memberships(konsulent) == [("kl_consultant", True)]
    _, response = come(provider, **claims())
    assert_refused(response, "elsewhere", "Bed den fjerne din adgang først")
    assert memberships(konsulent) == [("kl_consultant", True)]


def test_who_was_removed_by_a_person_comes_in_by_a_new_invitation_alone(
    provider: Provider, leder: User, korsbaek: Municipality
) -> None:
    browser, _ = come(provider, **claims())
    user = signed_in(browser)
    assert user is not None and user.membership is not None
    user.membership.end(by=leder, told=["last_editor"])
    _, response = come(provider, **claims())
    assert_refused(response, "removed", "invitere dig igen")
    invitation = Invitation.invite(user.email, role=Role.LEADER, municipality=korsbaek, by=leder)
    browser, _ = come(provider, **claims())
    assert signed_in(browser) == user and memberships(user) == [("editor", False), ("editor", True)]
    invitation.refresh_from_db()
    assert invitation.accepted_at


def test_a_closed_user_stays_out(provider: Provider, hr: User) -> None:
    hr.is_active = False
    hr.save()
    _, response = come(provider, **claims(hr.email))
    assert_refused(response, "inactive", "åbne den igen")
    assert not SocialAccount.objects.exists()


def test_an_administrator_signs_in_with_a_password(provider: Provider, hr: User) -> None:
    hr.is_superuser = True
    hr.save()
    _, response = come(provider, **claims(hr.email))
    assert_refused(response, "superuser", "adgangskode")


def test_an_erased_user_is_not_found_again(provider: Provider, korsbaek: Municipality) -> None:
    browser, _ = come(provider, **claims())
    old = signed_in(browser)
    assert old is not None
    old.anonymise(by=make_user(is_superuser=True))
    assert not SocialAccount.objects.exists()
    browser, _ = come(provider, **claims())
    assert signed_in(browser) not in (None, old)


def test_a_user_of_the_municipality_is_tied_by_the_email(provider: Provider, hr: User, leder: User) -> None:
    browser, _ = come(provider, **claims(hr.email.upper()))
    assert signed_in(browser) == hr and memberships(hr) == [("editor", True)]
    assert SocialAccount.objects.get().user == hr
    hr.refresh_from_db()
    assert hr.name == "Hanne Lund"


def test_the_provider_of_one_municipality_never_signs_in_a_user_of_another(
    provider: Provider, nabo: User, konsulent: User, korsbaek: Municipality
) -> None:
    for victim in (nabo, konsulent):
        browser, response = come(provider, **claims(victim.email))
        assert_refused(response, "elsewhere", "i en anden organisation")
        assert signed_in(browser) is None
        assert not SocialAccount.objects.exists() and len(memberships(victim)) == 1


def test_who_is_invited_elsewhere_or_was_a_member_long_ago_is_not_taken_over(
    provider: Provider, hr: User, leder: User, nabo: User, thisted: Municipality, konsulent: User
) -> None:
    Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=thisted, by=konsulent)
    _, response = come(provider, **claims())
    assert_refused(response, "elsewhere", "er inviteret")
    hr.membership.end(by=leder, told=["last_editor"])
    _, response = come(provider, "hr", **claims(hr.email))
    assert_refused(response, "removed", "invitere dig igen")
    stranger = make_user()  # known by the e-mail, and never a member
    _, response = come(provider, "stranger", **claims(stranger.email))
    assert_refused(response, "removed", "invitere dig igen")


def test_the_invited_come_in_through_their_own_provider(
    provider: Provider, leder: User, korsbaek: Municipality
) -> None:
    invitation = Invitation.invite("ny@korsbaek.example", role=Role.LEADER, municipality=korsbaek, by=leder)
    browser, _ = come(provider, **claims())
    assert signed_in(browser) == invitation.user and memberships(invitation.user) == [("editor", True)]
    invitation.refresh_from_db()
    invitation.user.refresh_from_db()
    assert invitation.accepted_at and invitation.user.name == "Ny Nielsen"


def test_an_invitation_that_has_expired_lets_nobody_in(
    provider: Provider, leder: User, korsbaek: Municipality
) -> None:
    invitation = Invitation.invite("ny@korsbaek.example", role=Role.LEADER, municipality=korsbaek, by=leder)
    past = timezone.now() - timedelta(days=20)
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=past, expires_at=past + timedelta(days=14))
    _, response = come(provider, **claims())
    assert_refused(response, "removed", "invitere dig igen")


def test_the_email_follows_the_provider_unless_it_is_somebody_elses(
    provider: Provider, hr: User, korsbaek: Municipality
) -> None:
    browser, _ = come(provider, **claims())
    user = signed_in(browser)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    come(provider, **claims("gift@korsbaek.example"))
    user.refresh_from_db()
    assert user.email == "gift@korsbaek.example"
    assert not EmailAddress.objects.exists()  # with the old one nobody signs in
    second, response = come(provider, **claims(hr.email))
    assert_refused(response, "email_taken", "Skriv til")
    user.refresh_from_db()
    assert (user.email, signed_in(second)) == ("gift@korsbaek.example", None)


def test_an_email_that_the_provider_gives_to_somebody_else_is_not_the_first_ones_user(
    provider: Provider, korsbaek: Municipality
) -> None:
    come(provider, **claims())
    browser, response = come(provider, "en-anden", **claims())
    assert_refused(response, "other_subject", "under et andet id")
    assert signed_in(browser) is None and SocialAccount.objects.count() == 1
    # Through another provider of the same municipality it is the same user.
    browser, _ = come(provider, "i-det-nye-login", through="alle", **claims())
    assert signed_in(browser) is not None and SocialAccount.objects.count() == 2


def test_the_municipality_reads_that_a_login_was_tied_and_that_the_email_followed_it(
    provider: Provider, korsbaek: Municipality
) -> None:
    for email in ("ny@korsbaek.example", "gift@korsbaek.example"):
        come(provider, **claims(email))
    found = AccessEntry.objects.filter(kind=AccessKind.USER_CHANGED).order_by("pk")
    assert [(row.subject, row.municipality) for row in found] == [("Login", korsbaek), ("E-mail", korsbaek)]


def test_who_has_a_new_id_at_the_provider_is_untied_by_who_runs_the_service(
    provider: Provider, korsbaek: Municipality
) -> None:
    browser, _ = come(provider, **claims())
    call_command("untie", "NY@korsbaek.example", "korsbaek", stdout=StringIO())
    again, _ = come(provider, "nyt-id", **claims())
    assert signed_in(again) == signed_in(browser) and SocialAccount.objects.get().uid == "nyt-id"
    assert AccessEntry.objects.filter(kind=AccessKind.USER_CHANGED, detail__contains="ikke længere").exists()
    for email, where in (("findes@ikke.example", "korsbaek"), ("ny@korsbaek.example", "alle")):
        with pytest.raises(CommandError):
            call_command("untie", email, where)


def test_every_reason_is_in_the_manual() -> None:
    manual = (settings.BASE_DIR / "docs" / "login.md").read_text(encoding="utf-8")
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in manual] == []


def test_who_signs_in_through_the_organisation_does_so_always(
    provider: Provider, hr: User, settings: Any, gaest: Client
) -> None:
    come(provider, **claims(hr.email))
    form = {"login": hr.email, "password": PASSWORD}
    page = gaest.post("/konto/login/", form, follow=True).content.decode()
    assert "Du logger på gennem Korsbæk Kommune" in page and signed_in(gaest) is None
    assert AccessEntry.objects.filter(kind=AccessKind.SIGN_IN_REFUSED, by=hr).exists()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}  # the provider is given up
    gaest.post("/konto/login/", form)
    assert signed_in(gaest) == hr


def test_who_has_moved_to_another_organisation_signs_in_with_the_password(
    provider: Provider, konsulent: User, nabo: User, gaest: Client
) -> None:
    """Tied to the provider of a municipality, which does not answer for where they are now."""
    for user, through in ((nabo, "korsbaek"), (konsulent, "alle")):
        SocialAccount.objects.create(user=user, provider=through, uid=f"{user.pk}")
        browser = Client()
        browser.post("/konto/login/", {"login": user.email, "password": PASSWORD})
        assert signed_in(browser) == user
    SocialAccount.objects.create(user=konsulent, provider="kl", uid="k")
    page = gaest.post("/konto/login/", {"login": konsulent.email, "password": PASSWORD}, follow=True)
    assert "Du logger på gennem KL." in page.content.decode() and signed_in(gaest) is None


def test_the_same_person_twice_at_once_is_one_user(
    korsbaek: Municipality, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another window makes the user between the look-up and the insert."""
    settings.KL_CVR = KL_CVR
    person, access = Person("ny", "ny@korsbaek.example", "Ny"), Access(KORSBAEK_CVR, Role.EDITOR)
    create = User.objects.create_user
    windows = ["the other"]

    def slowly(*args: Any, **kwargs: Any) -> User:
        if windows:
            windows.pop()
            assert admit("korsbaek", person, access)
        return create(*args, **kwargs)

    monkeypatch.setattr(User.objects, "create_user", slowly)
    user = admit("korsbaek", person, access)
    assert User.objects.get() == user and Membership.objects.get().user == user


def test_nobody_signs_up(gaest: Client) -> None:
    assert SocialAdapter().is_open_for_signup(None, None) is False
