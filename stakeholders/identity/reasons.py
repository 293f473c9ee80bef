"""Why somebody is not let in through an identity provider, and what they can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Reason(TextChoices):
    """The label is said to the user after the name of the provider's organisation is known from ``{provider}``."""

    CANCELLED = "cancelled", "Login hos {provider} blev afbrudt. Prøv igen, når du er klar."
    UNREACHABLE = (
        "unreachable",
        "{provider} svarer ikke lige nu. Prøv igen om lidt. Bliver det ved, så spørg jeres it-afdeling, "
        "om loginløsningen kører.",
    )
    PROVIDER_ERROR = (
        "provider_error",
        "{provider} afviste loginnet. Bed jeres it-afdeling se, hvad der står om det i deres loginløsning.",
    )
    STATE = (
        "state",
        "Loginnet blev ikke begyndt i denne browser, det har taget for lang tid, eller svaret er allerede brugt. "
        "Begynd forfra fra siden Log på.",
    )
    TOKEN = (
        "token",
        "Svaret fra {provider} kunne ikke godkendes. Prøv igen. Bliver det ved, så bed jeres it-afdeling "
        "skrive til {contact} og oplyse koden nedenfor.",
    )
    CVR_MISSING = (
        "cvr_missing",
        "{provider} fortalte ikke, hvilken organisation du hører til. Bed jeres it-afdeling sende CVR-nummeret med.",
    )
    CVR_MALFORMED = (
        "cvr_malformed",
        "{provider} sendte et CVR-nummer, der ikke har otte cifre. Bed jeres it-afdeling rette det.",
    )
    CVR_UNKNOWN = (
        "cvr_unknown",
        "CVR-nummeret fra {provider} hører hverken til en kommune eller til KL. Bed jeres it-afdeling rette det, "
        "eller skriv til {contact}.",
    )
    CVR_NOT_ALLOWED = (
        "cvr_not_allowed",
        "{provider} må ikke logge nogen på for den organisation. Vælg din egen organisation på siden Log på, "
        "eller skriv til {contact}.",
    )
    CVR_OTHER = (
        "cvr_other",
        "Din rolle gælder en anden organisation end din egen. Bed den, der tildeler roller hos jer, give dig rollen "
        "for jeres eget CVR-nummer.",
    )
    CVR_SEVERAL = (
        "cvr_several",
        "Du har roller i flere organisationer, og {provider} fortalte ikke, hvilken du logger på for. Bed den, der "
        "tildeler roller hos jer, om at du kun har rollen i én.",
    )
    PRIVILEGES = (
        "privileges",
        "Dine roller fra {provider} kunne ikke læses. Bed jeres it-afdeling skrive til {contact} og oplyse koden "
        "nedenfor.",
    )
    NO_ROLE = (
        "no_role",
        "Du har ingen rolle til Flere hænder. Bed den, der tildeler roller i jeres it-systemer, give dig en.",
    )
    ROLE_UNKNOWN = (
        "role_unknown",
        "Flere hænder kender ikke den rolle, du har fået. Bed den, der tildeler roller hos jer, se efter, hvad "
        "rollen skal hedde.",
    )
    ROLE_LIMITED = (
        "role_limited",
        "Din rolle er begrænset til en del af organisationen, og det kender Flere hænder ikke. Bed den, der tildeler "
        "roller hos jer, give dig rollen uden begrænsning.",
    )
    ROLE_OF_KL = (
        "role_of_kl",
        "Du har fået en rolle, som kun findes i KL. Bed den, der tildeler roller i kommunen, give dig en kommunal.",
    )
    ROLE_OF_MUNICIPALITY = (
        "role_of_municipality",
        "Du har fået en rolle, som kun findes i kommunerne. Bed den, der tildeler roller i KL, give dig en KL-rolle.",
    )
    EMAIL_MISSING = (
        "email_missing",
        "{provider} sendte ingen e-mail, som kan bruges. Bed jeres it-afdeling sende din arbejdsmail med.",
    )
    EMAIL_UNVERIFIED = (
        "email_unverified",
        "{provider} står ikke inde for, at e-mailen er din. Bed jeres it-afdeling få loginløsningen til at "
        "bekræfte den.",
    )
    EMAIL_DOMAIN = (
        "email_domain",
        "Din e-mail hører ikke til de domæner, som {provider} står inde for. Bed jeres it-afdeling sende din "
        "arbejdsmail med.",
    )
    EMAIL_TAKEN = (
        "email_taken",
        "Din e-mail er skiftet til en, som en anden bruger har i Flere hænder. Skriv til {contact}.",
    )
    INACTIVE = (
        "inactive",
        "Din bruger i Flere hænder er lukket, fordi den ikke har været brugt i lang tid, eller spærret af KL. Har den "
        "ikke været brugt, kan jeres leder åbne den igen. Ellers skriv til {contact}.",
    )
    SUPERUSER = (
        "superuser",
        "Administratorer logger på med adgangskode. Brug e-mail og adgangskode på siden Log på.",
    )
    ELSEWHERE = (
        "elsewhere",
        "Du har adgang, eller er inviteret, i en anden organisation. Bed den fjerne din adgang først, eller skriv "
        "til {contact}.",
    )
    REMOVED = (
        "removed",
        "Din adgang til Flere hænder er fjernet. Bed din leder, eller KL på {contact}, invitere dig igen.",
    )
    OTHER_SUBJECT = (
        "other_subject",
        "E-mailen hører til en bruger, som {provider} kender under et andet id. Skriv til {contact}.",
    )

    def said(self, *, provider: str, contact: str) -> str:
        return str(self.label).format(provider=provider, contact=contact)


# A provider that says so of somebody it knows takes the role away. What cannot be read says nothing.
TAKES_ROLE_AWAY = frozenset(
    {
        *(Reason.NO_ROLE, Reason.ROLE_UNKNOWN, Reason.ROLE_LIMITED, Reason.CVR_OTHER),
        *(Reason.ROLE_OF_KL, Reason.ROLE_OF_MUNICIPALITY),
    }
)


@dataclass(eq=False)
class Refused(Exception):
    """Nobody is let in.

    Args:
        reason: why.
        detail: in a few words what was wrong, for the log. Nothing that somebody sent stands in it.
        cvr: of the organisation that it concerns, when that is known to be right.
        subject: whom the provider has signed in, when the token holds.
    """

    reason: Reason
    detail: str = ""
    cvr: str = ""
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason.value)
