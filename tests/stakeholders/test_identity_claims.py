"""What the claims of an identity provider give, in both shapes. No request and no database."""

from __future__ import annotations

from typing import Any

import pytest

from flere_haender.identity_providers import read
from stakeholders.identity.claims import Access, Rules, access_in, person_in
from stakeholders.identity.reasons import Reason, Refused
from tests.identity import KL_CVR, KORSBAEK_CVR, SYSTEM, json_of, packed, privileges

OTHER = "29188475"
ROW = {"id": "x", "name": "X", "server": "https://x.example", "client_id": "x", "cvr": [KORSBAEK_CVR]}


def rules(**fields: Any) -> Rules:
    return Rules.of(read(json_of([{**ROW, **fields}]), {"OIDC_SECRET_X": "x"})[0]["settings"])


def kombit(**fields: Any) -> Rules:
    return rules(privileges_claim="privilegesIntermediate", system=SYSTEM, **{"cvr": ["*", KL_CVR], **fields})


def given(claims: dict[str, Any], by: Rules) -> Access | Reason:
    try:
        return access_in(claims, by, kl_cvr=KL_CVR)
    except Refused as refused:
        return refused.reason


EDITOR = Access(KORSBAEK_CVR, "editor")


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"cvr": KORSBAEK_CVR, "roles": ["redaktoer"]}, EDITOR),
        ({"cvr": [KORSBAEK_CVR], "roles": "redaktoer"}, EDITOR),
        ({"cvr": KORSBAEK_CVR, "roles": ["noget andet", "leder"]}, Access(KORSBAEK_CVR, "leader")),
        ({"cvr": KORSBAEK_CVR, "roles": ["leder", "redaktoer"]}, EDITOR),
        ({"cvr": KORSBAEK_CVR, "roles": ["kl-konsulent", "leder"]}, Access(KORSBAEK_CVR, "leader")),
        ({"roles": ["redaktoer"]}, Reason.CVR_MISSING),
        ({"cvr": None, "roles": ["redaktoer"]}, Reason.CVR_MISSING),
        ({"cvr": [], "roles": ["redaktoer"]}, Reason.CVR_MISSING),
        ({"cvr": 11111111, "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": "1111111", "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": "11111111\n", "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": "１１１１１１１１", "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": "DK11111111", "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": [KORSBAEK_CVR, OTHER], "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": {"cvr": KORSBAEK_CVR}, "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": "*", "roles": ["redaktoer"]}, Reason.CVR_MALFORMED),
        ({"cvr": OTHER, "roles": ["redaktoer"]}, Reason.CVR_NOT_ALLOWED),
        ({"cvr": KL_CVR, "roles": ["kl-konsulent"]}, Reason.CVR_NOT_ALLOWED),
        ({"cvr": KORSBAEK_CVR}, Reason.NO_ROLE),
        ({"cvr": KORSBAEK_CVR, "roles": []}, Reason.NO_ROLE),
        ({"cvr": KORSBAEK_CVR, "roles": {"redaktoer": True}}, Reason.NO_ROLE),
        ({"cvr": KORSBAEK_CVR, "roles": [["redaktoer"], 1, None]}, Reason.NO_ROLE),
        ({"cvr": KORSBAEK_CVR, "roles": ["Redaktoer", "editor"]}, Reason.ROLE_UNKNOWN),
        ({"cvr": KORSBAEK_CVR, "roles": ["kl-konsulent"]}, Reason.ROLE_OF_KL),
    ],
)
def test_plain_claims(claims: dict[str, Any], outcome: Access | Reason) -> None:
    assert given(claims, rules()) == outcome


def test_kl_is_never_one_of_every_municipality() -> None:
    consultant = {"cvr": KL_CVR, "roles": ["kl-konsulent"]}
    assert given(consultant, rules(cvr=["*"])) == Reason.CVR_NOT_ALLOWED
    assert given(consultant, rules(cvr=["*", KL_CVR])) == Access(KL_CVR, "kl_consultant")
    assert given({"cvr": KL_CVR, "roles": ["redaktoer"]}, rules(cvr=[KL_CVR])) == Reason.ROLE_OF_MUNICIPALITY
    assert given({"cvr": KL_CVR, "roles": ["kl-laeser", "kl-konsulent"]}, rules(cvr=[KL_CVR])) == Access(
        KL_CVR, "kl_consultant"
    )


def test_claims_may_be_called_something_else_and_the_cvr_left_out() -> None:
    entra = rules(cvr_claim="", roles_claim="groups", roles={"FH-HR": "editor"})
    assert given({"groups": ["FH-HR", "alle"]}, entra) == EDITOR
    assert given({"groups": ["redaktoer"], "roles": ["FH-HR"]}, entra) == Reason.ROLE_UNKNOWN


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "redaktoer"))}, EDITOR),
        ({"privilegesIntermediate": [privileges((KORSBAEK_CVR, "redaktoer"))], "cvr": KORSBAEK_CVR}, EDITOR),
        ({"privilegesIntermediate": privileges((OTHER, "leder"), (KORSBAEK_CVR, "redaktoer")), "cvr": OTHER},
         Access(OTHER, "leader")),
        ({"privilegesIntermediate": privileges((KL_CVR, "kl-laeser"))}, Access(KL_CVR, "kl_reader")),
        # A plain claim beside it counts for nothing.
        ({"cvr": KORSBAEK_CVR, "roles": ["redaktoer"]}, Reason.NO_ROLE),
        ({"privilegesIntermediate": "", "cvr": KORSBAEK_CVR}, Reason.NO_ROLE),
        ({"privilegesIntermediate": privileges()}, Reason.NO_ROLE),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "redaktoer"), system="andet.example")}, Reason.NO_ROLE),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "redaktoer"), system=f"{SYSTEM}.evil.example")},
         Reason.NO_ROLE),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "redaktoer/2"))}, Reason.NO_ROLE),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "ukendt"))}, Reason.ROLE_UNKNOWN),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "kl-konsulent"))}, Reason.ROLE_OF_KL),
        ({"privilegesIntermediate": privileges((KL_CVR, "leder"))}, Reason.ROLE_OF_MUNICIPALITY),
        ({"privilegesIntermediate": privileges((OTHER, "redaktoer")), "cvr": KORSBAEK_CVR}, Reason.CVR_OTHER),
        ({"privilegesIntermediate": privileges((OTHER, "leder"), (KORSBAEK_CVR, "leder"))}, Reason.CVR_SEVERAL),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "leder")), "cvr": "x"}, Reason.CVR_MALFORMED),
        ({"privilegesIntermediate": privileges(("1111111", "leder"))}, Reason.CVR_MALFORMED),
        ({"privilegesIntermediate": privileges(("*", "leder"))}, Reason.CVR_MALFORMED),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "leder"), scope="urn:dk:gov:saml:seNumberIdentifier:")},
         Reason.CVR_MALFORMED),
        ({"privilegesIntermediate": privileges((KORSBAEK_CVR, "leder"), inside="<Constraint>27</Constraint>")},
         Reason.ROLE_LIMITED),
    ],
)  # fmt: skip
def test_kombits_privileges(claims: dict[str, Any], outcome: Access | Reason) -> None:
    assert given(claims, kombit()) == outcome


def test_a_provider_with_privileges_is_held_to_its_organisations() -> None:
    claims = {"privilegesIntermediate": privileges((OTHER, "redaktoer"))}
    assert given(claims, kombit(cvr=[KORSBAEK_CVR])) == Reason.CVR_NOT_ALLOWED
    assert given({"privilegesIntermediate": privileges((KL_CVR, "kl-konsulent"))}, kombit(cvr=["*"])) == (
        Reason.CVR_NOT_ALLOWED
    )


LIST = "<PrivilegeList>{}</PrivilegeList>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + LIST.format("&b;")
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + LIST.format("&a;")


@pytest.mark.parametrize(
    "value",
    [
        "ikke base64!",
        packed("ikke xml"),
        packed("<PrivilegeList>"),
        packed("<Andet/>"),
        packed(BOMB),
        packed(OUTSIDE),
        packed("<!DOCTYPE PrivilegeList>" + LIST.format("")),
        packed('<?xml version="1.0" encoding="ukendt"?>' + LIST.format("")),
        packed(LIST.format("\x00")),
        packed(LIST.format("x" * 60_000)),
        17,
        {"xml": "x"},
        ["a", "b"],
    ],
)
def test_privileges_that_cannot_be_read_are_refused(value: Any) -> None:
    assert given({"privilegesIntermediate": value, "cvr": KORSBAEK_CVR}, kombit()) == Reason.PRIVILEGES


def test_privileges_that_are_nested_deeply_are_refused_or_read_as_nothing() -> None:
    deep = packed(LIST.format("<a>" * 5000 + "</a>" * 5000))
    assert given({"privilegesIntermediate": deep, "cvr": KORSBAEK_CVR}, kombit()) == Reason.NO_ROLE


def who(claims: dict[str, Any], by: Rules | None = None) -> str | Reason:
    try:
        return person_in({"sub": "x", **claims}, by or rules()).email
    except Refused as refused:
        return refused.reason


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"email": "Ny@Korsbaek.example", "email_verified": True}, "ny@korsbaek.example"),
        ({"email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": "", "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": "ny", "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": ["ny@korsbaek.example"], "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": "ny@\u212aorsbaek.example", "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": f"{'a' * 250}@korsbaek.example", "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": "ny\x00@korsbaek.example", "email_verified": True}, Reason.EMAIL_MISSING),
        ({"email": "ny@korsbaek.example"}, Reason.EMAIL_UNVERIFIED),
        ({"email": "ny@korsbaek.example", "email_verified": False}, Reason.EMAIL_UNVERIFIED),
        ({"email": "ny@korsbaek.example", "email_verified": "true"}, Reason.EMAIL_UNVERIFIED),
    ],
)
def test_the_provider_stands_inside_for_the_email(claims: dict[str, Any], outcome: str | Reason) -> None:
    assert who(claims) == outcome


def test_a_provider_with_domains_stands_inside_for_those_alone() -> None:
    by = rules(email_domains=["Korsbaek.example"])
    assert who({"email": "ny@korsbaek.example"}, by) == "ny@korsbaek.example"
    for other in ("ny@kl.example", "ny@x.korsbaek.example", '"a@korsbaek.example"@kl.example'):
        assert who({"email": other, "email_verified": True}, by) == Reason.EMAIL_DOMAIN


def test_the_name_is_plain_and_short() -> None:
    claims = {"sub": "x", "email": "a@b.example", "email_verified": True}
    assert person_in({**claims, "name": " Ny\n\x00 Nielsen "}, rules()).name == "Ny Nielsen"
    assert person_in({**claims, "given_name": "Ny", "family_name": "Nielsen"}, rules()).name == "Ny Nielsen"
    assert len(person_in({**claims, "name": "n" * 500}, rules()).name) == 120
    assert person_in({**claims, "name": 7}, rules()).name == ""
