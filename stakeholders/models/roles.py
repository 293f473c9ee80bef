"""A role in an organisation: what a user has (``Membership``), or is asked to have (``Invitation``)."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from flere_haender.access import KL_ROLES, MUNICIPAL_ROLES, Role, is_kl, membership_of

from .places import Municipality

KL = "KL"
ROLE_FITS_ORGANISATION = Q(municipality=None, role__in=KL_ROLES) | Q(
    municipality__isnull=False, role__in=MUNICIPAL_ROLES
)


def organisation_of(municipality: Municipality | None) -> str:
    """What it is called; None is KL."""
    return KL if municipality is None else municipality.authority_name


def roles_of(municipality: Municipality | None) -> tuple[Role, ...]:
    """The roles that one can have there; None is KL."""
    return KL_ROLES if municipality is None else MUNICIPAL_ROLES


class InOrganisationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """KL sees all, a municipality its own."""
        if is_kl(user):
            return self
        membership = membership_of(user)
        return self.filter(municipality=membership.municipality) if membership else self.none()


class InOrganisation:
    """For a model with a role and a municipality, where None is KL."""

    role: Any
    municipality: Any

    @property
    def organisation(self) -> str:
        return organisation_of(self.municipality)

    @property
    def role_in_text(self) -> str:
        """``kommunal redaktør i Korsbæk Kommune``."""
        return f"{Role(self.role).in_text} i {self.organisation}"
