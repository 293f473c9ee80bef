"""Which report: its subject, moment, contents and front, as an address says them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat
from django.http import Http404, QueryDict

from flere_haender.access import is_member, membership_of
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from initiatives.models import ActionPlan, IssuedReport, Recommendation, ReportingRound, Theme
from initiatives.models.action_plan import SHORT_PLAN
from initiatives.moment import Moment
from stakeholders.models import Kkr, Municipality

from .country import national_report, theme_report
from .delivery import round_report
from .facts import Brief, Compared, FrontMatter, Report, in_plan
from .kkr import kkr_report
from .municipality import municipality_report
from .parts import CONTENTS, USUAL, PlacesMap
from .recommendation import recommendation_report
from .words import danish_date

FRONT_LIMIT = 120
SUBJECT = re.compile(r"([a-z]{1,20})(?::([a-z0-9-]{1,60}))?")
COUNTRY = "landet"


@dataclass(frozen=True)
class Kind:
    """A kind of report.

    Attributes:
        is_public: holds public facts only; the others are for members.
        subjects: those that there can be a report on.
        code: the field by which the address names a subject.
        name: what the list of choices calls it.
        contents: what there is to choose.
        offered: those of the subjects that the list of choices has, by the plan of a moment; all when None.
        has_slides: there is a presentation of it.
    """

    label: str
    is_public: bool
    make: Callable[..., Report]
    contents: tuple[str, ...]
    subjects: Callable[[], Any] | None = None
    code: str = ""
    name: Callable[[Any], str] = str
    offered: Callable[[Any, Moment], Any] | None = None
    has_slides: bool = False

    def offer(self, moment: Moment) -> Any:
        found = self.subjects() if self.subjects else []
        return self.offered(found, moment) if self.offered else found

    def find(self, code: str | None) -> Any:
        """The subject with this code. Raises Http404 when there is none."""
        if self.subjects is None:
            if code is not None:
                raise Http404
            return None
        try:
            found = self.subjects().filter(**{self.code: code}).first()
        except (ValueError, OverflowError):
            found = None
        if code is None or found is None:
            raise Http404
        return found


def _recommendations() -> Any:
    """Of all plans, and the retired ones, whose reports can be made again."""
    return Recommendation.objects.with_text(as_of=today()).order_by("number")


def _themes() -> Any:
    """Of all plans, known as the recommendations are: by the number alone in the plan with short addresses."""
    number = Cast("number", CharField())
    named = Concat(F("plan__slug"), Value("-"), number, output_field=CharField())
    return Theme.objects.select_related("plan").annotate(
        key=Case(When(plan__slug=SHORT_PLAN, then=number), default=named)
    )


def _themes_of_plan(themes: Any, moment: Moment) -> Any:
    return themes.filter(plan__in=ActionPlan.objects.called(moment.plan, as_of=moment.as_of).values_list("pk"))


def _recommendations_of_plan(recommendations: Any, moment: Moment) -> Any:
    return recommendations.in_force().in_plan(moment.plan, as_of=moment.as_of)


STATUSES = ("overblik", "udvikling", "opmaerksomhed", "tabel", "aendringer")
KNOWN = ("noegletal", "tidslinje")

KINDS: dict[str, Kind] = {
    COUNTRY: Kind("Hele landet", True, national_report, (*STATUSES, "kort", "svar", *KNOWN, "sag"), has_slides=True),
    "tema": Kind(
        "Tema",
        True,
        theme_report,
        (*STATUSES, "kort", "svar", *KNOWN, "sag"),
        _themes,
        "key",
        offered=_themes_of_plan,
        has_slides=True,
    ),
    "kkr": Kind(
        "KKR",
        False,
        kkr_report,
        (*STATUSES, "kort", "indsatser", *KNOWN, "sag"),
        Kkr.objects.all,
        "slug",
        has_slides=True,
    ),
    "kommune": Kind(
        "Kommune",
        False,
        municipality_report,
        tuple(name for name in CONTENTS if name != "kort"),
        Municipality.objects.all,
        "code",
        lambda place: place.name,
        has_slides=True,
    ),
    "anbefaling": Kind(
        "Anbefaling på tværs af kommuner",
        False,
        recommendation_report,
        (*STATUSES, "indsatser", "svar", *KNOWN),
        _recommendations,
        "slug",
        lambda each: f"{each.number}. {each.title}",
        _recommendations_of_plan,
    ),
    "runde": Kind(
        "Statusrunde", False, round_report, ("overblik", "tabel"), lambda: ReportingRound.objects.opened(), "pk"
    ),
}


@dataclass(frozen=True)
class Choice:
    """A report that is asked for. What could not be read in the address is named in ``errors``."""

    kind_name: str
    subject: Any
    brief: Brief
    only: tuple[int, ...] | None = None
    errors: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_name]

    @property
    def about(self) -> str:
        """As the address names it: ``kkr:sjaelland``."""
        return f"{self.kind_name}:{getattr(self.subject, self.kind.code)}" if self.subject else self.kind_name

    @property
    def municipality(self) -> Municipality | None:
        return self.subject if isinstance(self.subject, Municipality) else None

    def report(self) -> Report:
        brief = self.brief
        asked = {"front": brief.front, "contents": brief.contents, "compared": brief.compared}
        if self.kind_name == COUNTRY:
            return national_report(brief.moment, only=self.only, **asked)
        return self.kind.make(self.subject, brief.moment, **asked)

    @property
    def query(self) -> str:
        """All choices, for an address that shows the same."""
        only = [("kun", ",".join(map(str, self.only)))] if self.only is not None else []
        pairs = [("om", self.about), *only, *self.brief.choices(self.brief.moment.known_at)]
        return urlencode(pairs, safe=":,")

    @property
    def is_public(self) -> bool:
        """Whether it holds public facts only; the map names municipalities."""
        return self.kind.is_public and PlacesMap.content not in self.brief.contents

    def may_be_read_by(self, user: Any) -> bool:
        return self.is_public or is_member(user)

    @classmethod
    def from_query(cls, params: QueryDict, *, user: Any, about: str = "") -> Choice:
        """Read an address.

        Args:
            about: the subject, where the address is that of one report; otherwise ``om`` says it.

        Raises:
            Http404: there is no such subject.
        """
        about = about or params.get("om", "").strip() or usual_subject(user)
        matched = SUBJECT.fullmatch(about)
        if not matched or matched[1] not in KINDS:
            raise Http404
        subject = KINDS[matched[1]].find(matched[2])
        moment = _about_plan(Moment.from_query(params), subject)
        contents, errors = _contents(params, KINDS[matched[1]])
        brief = Brief(moment, _front(params), contents)
        only = _only(params, moment) if matched[1] == COUNTRY else None
        choice = cls(matched[1], subject, brief, only, (*moment.errors, *errors))
        return choice._compared(params.get("mod", "").strip(), user)

    @property
    def parameters(self) -> dict[str, list[str]]:
        """All choices, to be kept with an issued report."""
        return {name: list(values) for name, values in QueryDict(self.query).lists()}

    def known_by(self, at: datetime) -> Choice:
        """The same report as known at that moment, unless it says otherwise."""
        moment = self.brief.moment
        return replace(self, brief=replace(self.brief, moment=replace(moment, known_at=moment.known_at or at)))

    def about_place(self, municipality: Municipality) -> Choice:
        """The report of a municipality, with the same moment, contents and front."""
        brief = replace(self.brief, compared=None)
        return replace(self, kind_name="kommune", subject=municipality, brief=brief, only=None)

    def _compared(self, pk: str, user: Any) -> Choice:
        """With the issued report that it is compared with, when the address names one: its day, and what it knew."""
        if not pk:
            return self
        rows = IssuedReport.objects.visible_to(user).without_content().filter(about=self.about)
        found = rows.filter(pk=whole_number(pk) or 0).first()
        if found is None or "aendringer" not in self.kind.contents or found.as_of > self.brief.moment.as_of:
            return replace(self, errors=(*self.errors, NOT_COMPARABLE))
        if not _is_about(found.parameters.get("plan", [""])[0], self.brief.moment, found):
            return replace(self, errors=(*self.errors, NOT_COMPARABLE))
        moment = replace(self.brief.moment, since=found.as_of, since_known_at=found.known_at)
        label = f"Rapport {found.label}, status pr. {danish_date(found.as_of)}"
        return replace(self, brief=replace(self.brief, moment=moment, compared=Compared(found.pk, label)))


NOT_COMPARABLE = "Sammenlign med: Vælg en udstedt rapport om det samme, ikke senere end den dag, der vises."


def _about_plan(moment: Moment, subject: Any) -> Moment:
    """With the plan of the subject, which says it where it is a part of one."""
    if isinstance(subject, Theme):
        return in_plan(moment, subject.plan.slug)
    return in_plan(moment, subject.plan_slug) if isinstance(subject, Recommendation) else moment


def _is_about(plan: str, moment: Moment, found: IssuedReport) -> bool:
    """Whether an issued report was about the same plan as the one at the moment."""
    calls = ((moment.plan, moment.as_of), (plan, found.as_of))
    one, other = (ActionPlan.objects.called(slug, as_of=day).first() for slug, day in calls)
    return bool(one == other)


def usual_subject(user: Any) -> str:
    """The own municipality; the country for all others."""
    membership = membership_of(user)
    home = membership.municipality if membership else None
    return f"kommune:{home.code}" if home else COUNTRY


def codes_in(*queries: str) -> list[int]:
    """The municipalities that reports are on, by what the addresses of the reports say: their codes."""
    subjects = (SUBJECT.fullmatch(QueryDict(query).get("om", "")) for query in queries)
    said = [found[2] for found in subjects if found and found[1] == "kommune"]
    return list(Municipality.objects.filter(code__in=said).values_list("code", flat=True)) if said else []


def choices_for(user: Any, moment: Moment) -> list[tuple[str, list[tuple[str, str]]]]:
    """What there can be a report on, by kind, as the user may read them; of the plan that the moment is about."""
    return [
        (
            kind.label,
            [(f"{name}:{getattr(each, kind.code)}", kind.name(each)) for each in kind.offer(moment)]
            if kind.subjects
            else [(name, kind.label)],
        )
        for name, kind in KINDS.items()
        if kind.is_public or is_member(user)
    ]


def _contents(params: QueryDict, kind: Kind) -> tuple[tuple[str, ...], list[str]]:
    """What is chosen, in the order of a report; all that is usual when nothing is."""
    wanted = set(params.getlist("med"))
    errors = [] if wanted <= set(CONTENTS) else ["Indhold: Vælg fra listen."]
    chosen = tuple(name for name in CONTENTS if name in wanted)
    is_usual = not chosen or wanted == set(USUAL) & set(kind.contents)
    return (USUAL if is_usual or errors else chosen), errors


def _only(params: QueryDict, moment: Moment) -> tuple[int, ...] | None:
    """The recommendations to report on (``kun=1,2``); None is all of them."""
    if not (text := params.get("kun", "").strip()):
        return None
    parts = [part.strip() for part in text.split(",")]
    numbers = {int(part) for part in parts if part.isdecimal() and len(part) < 4}
    plan = Recommendation.objects.in_plan(moment.plan, as_of=moment.as_of)
    found = plan.filter(number__in=numbers).count()
    if not all(part.isdecimal() for part in parts) or found < len(set(parts)):
        raise Http404
    return tuple(sorted(numbers))


def _front(params: QueryDict) -> FrontMatter:
    def text(name: str) -> str:
        return " ".join(params.get(name, "").replace("\x00", "").split())[:FRONT_LIMIT]

    return FrontMatter(to=text("til"), case_number=text("sag"), prepared_by=text("af"))
