"""What the documents know around the plan, as open data."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Prefetch

from initiatives.models import Case, Evidence, Indicator, IndicatorValue, Programme
from initiatives.moment import Moment
from stakeholders.models import Municipality
from timeline.models import Certainty, Commitment, Event, Precision, Standing
from timeline.models import Kind as EventKind

from .dataset import RELATED, SOURCES, Column, Dataset, Kind, Row, numbers_of, others_of, places

CITED = "citations__source"
RELATIONS = "related__recommendation"


def real(name: str) -> Prefetch:
    """The municipalities of a thing, without a demo database's invented one."""
    return Prefetch(name, Municipality.objects.real())


def event_rows(moment: Moment) -> Iterator[Row]:
    events = Event.objects.select_related("parent").prefetch_related("actors", CITED, RELATIONS)
    for event in events:
        yield {
            "id": event.slug,
            "titel": event.title,
            "andre_navne": list(event.other_names),
            "art": event.get_kind_display(),
            "aar": event.year,
            "maaned": event.month,
            "praecision": event.get_precision_display(),
            "sikkerhed": event.get_certainty_display(),
            "stand": event.get_standing_display(),
            "beskrivelse": event.description,
            "aktoerer": [actor.name for actor in event.actors.all()],
            "anbefalinger": numbers_of(event),
            "kilder": places(event.citations.all()),
            "overordnet": event.parent.slug if event.parent else None,
        }


def commitment_rows(moment: Moment) -> Iterator[Row]:
    for commitment in Commitment.objects.order_by("id").select_related("event").prefetch_related(CITED):
        yield {
            "id": commitment.slug,
            "begivenhed": commitment.event.slug,
            "hvem": commitment.who,
            "hvad": commitment.what,
            "vaerdi": commitment.amount,
            "vaerdi_tekst": commitment.amount_text,
            "enhed": commitment.unit,
            "hyppighed": commitment.get_frequency_display(),
            "periode": commitment.period,
            "frist": commitment.due,
            "kilder": places(commitment.citations.all()),
        }


def indicator_rows(moment: Moment) -> Iterator[Row]:
    values = IndicatorValue.objects.order_by("year", "id").prefetch_related(CITED)
    for indicator in Indicator.objects.prefetch_related(Prefetch("values", values)):
        for value in indicator.values.all():
            yield {
                "indikator": indicator.slug,
                "definition": indicator.definition,
                "gruppe": indicator.group,
                "vaerdi": value.value,
                "vaerdi_tekst": value.text,
                "enhed": indicator.unit,
                "periode": value.period,
                "geografi": value.geography,
                "udgiver": indicator.publisher,
                "kilder": places(value.citations.all()),
                "navn": indicator.name,
            }


def case_rows(moment: Moment) -> Iterator[Row]:
    for case in (
        Case.objects.published().real().order_by("slug").prefetch_related(real("municipalities"), CITED, RELATIONS)
    ):
        yield {
            "id": case.slug,
            "titel": case.title,
            "kommuner": [municipality.name for municipality in case.municipalities.all()],
            "evidens": case.get_evidence_display(),
            "problem": case.problem,
            "maalgruppe": case.target_group,
            "anbefalinger": numbers_of(case),
            "kilder": places(case.citations.all()),
            "publiceret": case.published_on,
            "andre_planer": others_of(case),
        }


def programme_rows(moment: Moment) -> Iterator[Row]:
    programmes = Programme.objects.order_by("slug").select_related("event")
    for programme in programmes.prefetch_related(real("known"), CITED, RELATIONS):
        yield {
            "id": programme.slug,
            "titel": programme.title,
            "periode": programme.period,
            "deltagere": programme.participant_count,
            "deltagere_tekst": programme.participants_text,
            "kendte_deltagere": [municipality.name for municipality in programme.known.all()],
            "beskrivelse": programme.description,
            "begivenhed": programme.event.slug if programme.event else None,
            "anbefalinger": numbers_of(programme),
            "kilder": places(programme.citations.all()),
        }


EVENTS = Dataset(
    "begivenheder",
    "Begivenheder",
    "Tidslinjen 2018-2024. En begivenhed er én række, selv om flere dokumenter nævner den.",
    (
        Column("id", "Begivenhedens kode. Den står også i adressen på dens side."),
        Column("titel", "Titlen."),
        Column("andre_navne", "Andre navne, dokumenterne bruger.", Kind.TEXTS),
        Column("art", f"Hvad det er: {', '.join(EventKind.labels)}."),
        Column("aar", "Årstallet. Er årstallet ukendt, er det året for det dokument, der nævner det.", Kind.NUMBER),
        Column("maaned", "Måneden som tal. Tom, når dokumenterne ikke har den.", Kind.NUMBER),
        Column("praecision", f"Hvor nøje tiden er kendt: {', '.join(Precision.labels)}."),
        Column("sikkerhed", f"Hvor sikker tiden er: {', '.join(Certainty.labels)}."),
        Column("stand", f"Om det er sket: {', '.join(Standing.labels)}."),
        Column("beskrivelse", "Hvad det er, med vores ord."),
        Column("aktoerer", "Dem, der er med.", Kind.TEXTS),
        RELATED,
        SOURCES,
        Column("overordnet", "Id på den begivenhed, den er en del af. Tom, når den står for sig selv."),
    ),
    event_rows,
)

COMMITMENTS = Dataset(
    "forpligtelser",
    "Forpligtelser og penge",
    "Hvad aftaler og finanslove forpligter til, og pengene i dem. Er kilderne uenige, står hver for sig.",
    (
        Column("id", "Forpligtelsens kode."),
        Column("begivenhed", "Id på aftalen i datasættet begivenheder."),
        Column("hvem", "Hvem der skal gøre det."),
        Column("hvad", "Hvad de skal, med vores ord."),
        Column("vaerdi", "Beløbet eller antallet som tal.", Kind.NUMBER),
        Column("vaerdi_tekst", "Beløbet eller antallet, som kilden skriver det."),
        Column("enhed", "Hvad tallet tæller, fx mio. kr."),
        Column("hyppighed", "Engangs eller Årligt. Tom, når kilden ikke siger det."),
        Column("periode", "Hvornår det gælder."),
        Column("frist", "Hvornår det skal være sket."),
        SOURCES,
    ),
    commitment_rows,
)

INDICATORS = Dataset(
    "indikatorer",
    "Indikatorer",
    "Tallene i dokumenterne, én række for hver værdi. Tal, der er uenige, står hver for sig med hver sin definition.",
    (
        Column("indikator", "Indikatorens kode. Den står også i adressen på dens side."),
        Column("definition", "Hvad tallet er."),
        Column("gruppe", "Hvem eller hvad tallet handler om."),
        Column("vaerdi", "Værdien som tal. Tom ved intervaller og ord: se vaerdi_tekst.", Kind.NUMBER),
        Column("vaerdi_tekst", "Værdien, som kilden skriver den, også med ca. og mindst."),
        Column("enhed", "Enheden."),
        Column("periode", "Perioden."),
        Column("geografi", "Området."),
        Column("udgiver", "Hvem tallet kommer fra."),
        SOURCES,
        Column("navn", "Indikatorens navn, som det står på dens side."),
    ),
    indicator_rows,
)

CASES = Dataset(
    "cases",
    "Cases",
    "Eksemplerne i dokumenterne. De siger, hvad andre har gjort.",
    (
        Column("id", "Casens kode. Den står også i adressen på dens side."),
        Column("titel", "Titlen."),
        Column("kommuner", "Kommunerne. Tom, når kilden ikke nævner en kommune.", Kind.TEXTS),
        Column("evidens", f"Hvor sikkert det virker, med Rambølls ord: {', '.join(Evidence.labels)}."),
        Column("problem", "Problemet, det skulle løse."),
        Column("maalgruppe", "Hvem det var for."),
        RELATED,
        SOURCES,
        Column("publiceret", "Dagen, KL publicerede en kommunes egen case. Tom, når casen står i kilderne.", Kind.DAY),
        Column("andre_planer", "Koder for anbefalinger i andre handleplaner, fx flere-haender-3-1.", Kind.TEXTS),
    ),
    case_rows,
)

PROGRAMMES = Dataset(
    "programmer",
    "Programmer",
    "Programmer, som kommuner er med i. Giver kilden kun et antal, står antallet uden navne.",
    (
        Column("id", "Programmets kode."),
        Column("titel", "Titlen."),
        Column("periode", "Perioden, som kilden skriver den."),
        Column("deltagere", "Antallet af deltagere som tal.", Kind.NUMBER),
        Column("deltagere_tekst", "Deltagerne, som kilden skriver det."),
        Column("kendte_deltagere", "De kommuner, en kilde nævner ved navn.", Kind.TEXTS),
        Column("beskrivelse", "Hvad det er, med vores ord."),
        Column("begivenhed", "Id på begivenheden i datasættet begivenheder. Kan være tom."),
        RELATED,
        SOURCES,
    ),
    programme_rows,
)
