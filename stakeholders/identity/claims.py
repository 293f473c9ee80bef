"""What the claims of an identity provider give: an organisation (CVR), a role there, and whom.

Knows no request and no database. Two shapes, and the provider's settings say which: plain claims, or KOMBIT's
privileges (OIO Basic Privilege Profile) as base64 of XML.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from flere_haender.access import KL_ROLES, MUNICIPAL_ROLES, Role
from flere_haender.identity_providers import CVR, EVERY_MUNICIPALITY

from .reasons import Reason, Refused

# Of several roles that somebody has in one organisation the first counts: it is the one who writes.
ORDER = (Role.KL_CONSULTANT, Role.KL_READER, Role.EDITOR, Role.LEADER)
LONGEST_PRIVILEGES = 64 * 1024  # characters of base64
LONGEST_NAME = 120
MOST_ROLES = 200
SCOPE = "urn:dk:gov:saml:cvrNumberIdentifier:"


@dataclass(frozen=True)
class Rules:
    """What one provider may say, and how it says it; the fields are those of OIDC_PROVIDERS."""

    cvr: tuple[str, ...]
    cvr_claim: str
    roles_claim: str
    roles: dict[str, str]
    privileges_claim: str
    system: str
    email_domains: tuple[str, ...]

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Rules:
        """From the settings of allauth's app."""
        given = {name: settings[name] for name in cls.__dataclass_fields__}
        domains = tuple(domain.lower() for domain in given["email_domains"])
        return cls(**{**given, "cvr": tuple(given["cvr"]), "email_domains": domains})

    def covers(self, cvr: str, *, kl_cvr: str) -> bool:
        """Whether the provider may sign in members of this organisation; KL is never one of "every municipality"."""
        return cvr in self.cvr or (EVERY_MUNICIPALITY in self.cvr and cvr != kl_cvr)


@dataclass(frozen=True)
class Access:
    """A role in an organisation."""

    cvr: str
    role: Role


@dataclass(frozen=True)
class Person:
    """Who signs in; the provider stands inside for the e-mail."""

    subject: str
    email: str
    name: str


def access_in(claims: dict[str, Any], rules: Rules, *, kl_cvr: str) -> Access:
    """The role that the claims give, and where.

    Args:
        claims: of an ID token that holds.
        kl_cvr: KL's CVR number; empty: nobody signs in for KL.

    Raises:
        Refused: they give none that we know, or not here.
    """
    cvr, named = _privileged(claims, rules) if rules.privileges_claim else _plain(claims, rules)
    if not rules.covers(cvr, kl_cvr=kl_cvr):
        raise Refused(Reason.CVR_NOT_ALLOWED)
    if not named:
        raise Refused(Reason.NO_ROLE, cvr=cvr)
    roles = {Role(rules.roles[name]) for name in named if name in rules.roles}
    if not roles:
        raise Refused(Reason.ROLE_UNKNOWN, cvr=cvr)
    of_kl = cvr == kl_cvr
    fitting = roles & set(KL_ROLES if of_kl else MUNICIPAL_ROLES)
    if not fitting:
        raise Refused(Reason.ROLE_OF_MUNICIPALITY if of_kl else Reason.ROLE_OF_KL, cvr=cvr)
    return Access(cvr, min(fitting, key=ORDER.index))


def person_in(claims: dict[str, Any], rules: Rules) -> Person:
    """Who it is. Raises Refused: there is no e-mail, or the provider does not stand inside for it."""
    email = claims.get("email")
    if not isinstance(email, str) or not _is_email(email):
        raise Refused(Reason.EMAIL_MISSING)
    email = email.lower()
    if rules.email_domains:
        if email.rpartition("@")[2] not in rules.email_domains:
            raise Refused(Reason.EMAIL_DOMAIN)
    elif claims.get("email_verified") is not True:
        raise Refused(Reason.EMAIL_UNVERIFIED)
    return Person(claims["sub"], email, _name_in(claims))


def _is_email(text: str) -> bool:
    """Plain letters only: others can look the same, or become the same when they are made small."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii() and len(text) <= 254


def _name_in(claims: dict[str, Any]) -> str:
    parts = [claims.get(name) for name in ("given_name", "family_name")]
    named = claims.get("name") or " ".join(part for part in parts if isinstance(part, str))
    text = named if isinstance(named, str) else ""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST_NAME]


def _plain(claims: dict[str, Any], rules: Rules) -> tuple[str, set[str]]:
    return _cvr_in(claims, rules) or rules.cvr[0], _texts(claims.get(rules.roles_claim))


def _cvr_in(claims: dict[str, Any], rules: Rules) -> str:
    """Empty where the provider has one organisation and needs not say which."""
    if not rules.cvr_claim:
        return ""
    found = claims.get(rules.cvr_claim)
    if isinstance(found, list) and len(found) == 1:
        (found,) = found
    if found in (None, "", []):
        raise Refused(Reason.CVR_MISSING)
    if not isinstance(found, str) or not CVR.match(found):
        raise Refused(Reason.CVR_MALFORMED)
    return found


def _texts(value: object) -> set[str]:
    """One name, or a list of them; what is neither is none."""
    rows = value if isinstance(value, list) else [value]
    return {row for row in rows[:MOST_ROLES] if isinstance(row, str) and row}


def _privileged(claims: dict[str, Any], rules: Rules) -> tuple[str, set[str]]:
    """The organisation and the role names there, as KOMBIT's privileges say them.

    The claim with the CVR number may be left out; then there must be one organisation alone.
    """
    found: dict[str, set[str]] = {}
    limited: set[str] = set()
    for cvr, names, is_limited in _groups(claims.get(rules.privileges_claim), rules):
        if is_limited:
            limited.add(cvr)
        elif names:
            found.setdefault(cvr, set()).update(names)
    stated = rules.cvr_claim in claims
    own = _cvr_in(claims, rules) if stated else _only(set(found) or limited)
    if own in found:
        return own, found[own]
    if own in limited:
        raise Refused(Reason.ROLE_LIMITED)
    if found or limited:
        raise Refused(Reason.CVR_OTHER)
    return own, set()


def _only(found: set[str]) -> str:
    if len(found) > 1:
        raise Refused(Reason.CVR_SEVERAL)
    if not found:
        raise Refused(Reason.NO_ROLE)
    return next(iter(found))


def _groups(value: object, rules: Rules) -> Iterator[tuple[str, set[str], bool]]:
    """Each group with roles of this service: its CVR number, their names, and whether something limits them."""
    role = re.compile(rf"https?://{re.escape(rules.system)}/roles/usersystemrole/([^/]+)/1\Z")
    for group in _privilege_list(value):
        texts = [(part.text or "").strip() for part in group if _local(part) == "Privilege"]
        names = {found[1] for text in texts if (found := role.match(text))}
        if not names:
            continue
        scope = group.get("Scope", "")
        cvr = scope.removeprefix(SCOPE)
        if cvr == scope or not CVR.match(cvr):
            raise Refused(Reason.CVR_MALFORMED)
        yield cvr, names, any(_local(part) == "Constraint" for part in group)


def _privilege_list(value: object) -> list[Element]:
    """The groups of the list. Without DTD and entities, and not larger than it ever is."""
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if value in (None, "", []):
        return []
    if not isinstance(value, str) or len(value) > LONGEST_PRIVILEGES:
        raise Refused(Reason.PRIVILEGES, "no text, or too long")
    try:
        text = base64.b64decode("".join(value.split()), validate=True)
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, ValueError, LookupError) as error:  # defusedxml's are ValueErrors
        raise Refused(Reason.PRIVILEGES, type(error).__name__) from error
    if _local(root) != "PrivilegeList":
        raise Refused(Reason.PRIVILEGES, "another document")
    return [child for child in root if _local(child) == "PrivilegeGroup"]


def _local(element: Element) -> str:
    """The name without its namespace; of a comment nothing."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
