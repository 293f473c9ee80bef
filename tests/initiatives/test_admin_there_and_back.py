"""Out of the admin and in again is no change; one cell changed is that one change: for every kind of row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tablib import Dataset

from flere_haender.access import Role
from initiatives.admin.division_resources import ActorResource, FocusAreaResource, ThemeResource
from initiatives.admin.exchange import VerbResource
from initiatives.admin.files import DanishCSV, SafeXLSX
from initiatives.admin.question_resources import QuestionResource
from initiatives.admin.resources import MunicipalityResource, RecommendationResource
from initiatives.admin.texts import TextResource
from initiatives.intake.cells import as_text
from initiatives.kinds import Kind
from initiatives.models import ActionPlan, FocusArea, Question, Recommendation, Theme
from stakeholders.models import Actor, EditableText, Municipality
from stakeholders.texts import known_texts
from tests.factories import make_user, recommendation

from .test_workbook_there_and_back import AWKWARD, LONGEST, TEXTS

QUICKLY = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
FORMATS = (DanishCSV, SafeXLSX)
# What a field with one line, and a limit, can hold.
LINES = TEXTS.map(lambda text: " ".join(text.split())[:80]).filter(lambda text: as_text(text) != "")


def make_plan() -> ActionPlan:
    """A plan that has not begun, with a theme and a focus area."""
    plan = ActionPlan.objects.create(slug="flere-haender-3", title="3.0", year=2027)
    theme = Theme.objects.create(plan=plan, number=1, title="Et tema")
    FocusArea.objects.create(theme=theme, number=1, title="Et område")
    return plan


def make_questions(text: str) -> None:
    first = Question.objects.create(
        recommendation=recommendation(10), slug="a", text=text, help_text=text, kind=Kind.YES_NO, finding=text
    )
    options = [{"value": "x", "label": "Svar: x"}, {"value": "007", "label": text}]
    Question.objects.create(
        recommendation=recommendation(10),
        slug="b",
        text="007",
        kind=Kind.CHOICES,
        options=options,
        asked_if=first,
        asked_if_value=False,
        retired_on=date(2027, 1, 31),
        allows_negative=True,
        past_only=False,
    )


def out(resource: VerbResource, kind: Any) -> bytes:
    """As the admin exports it."""
    content: bytes = kind().export_data(resource.export(force_native_type=True))
    return content


def changes(resource: VerbResource, dataset: Dataset) -> dict[str, dict[str, int]]:
    """What an import would do, without doing it."""
    result = resource.import_data(dataset, dry_run=True)
    faults = [str(error.error) for error in result.base_errors] + [str(row.error) for row in result.invalid_rows]
    assert not faults and not result.has_errors(), (faults, result.row_errors())
    return {name: result.totals[name] for name in ("new", "update", "delete") if result.totals[name]}


def changed(dataset: Dataset, key: str, column: str, value: str) -> Dataset:
    """The file with one cell changed, in the row with this key."""
    rows = [dict(zip(dataset.headers, row, strict=True)) for row in dataset]
    row = next(row for row in rows if next(iter(row.values())) == key)
    row[column] = value
    return Dataset(*[list(row.values()) for row in rows], headers=dataset.headers)


class ThereAndBackTest(TestCase):
    """Each example starts from the reference data."""

    def setUp(self) -> None:
        self.by = make_user(Role.KL_CONSULTANT)

    def _stays(self, kind: type[VerbResource]) -> None:
        for file in FORMATS:
            assert changes(kind(by=self.by), file().create_dataset(out(kind(by=self.by), file))) == {}

    def _changes(self, kind: type[VerbResource], key: str, column: str, value: str) -> None:
        """Exactly that one change, whichever file it comes in."""
        for file in FORMATS:
            before = file().create_dataset(out(kind(by=self.by), file))
            mine = changed(before, key, column, as_text(value))
            assert changes(kind(by=self.by), mine) == {"update": 1}
        result = kind(by=self.by).import_data(mine, dry_run=False)
        assert result.totals["update"] == 1 and not result.has_validation_errors()
        after = FORMATS[0]().create_dataset(out(kind(by=self.by), FORMATS[0]))
        assert list(after) == list(mine)

    @given(title=LINES, summary=TEXTS.filter(lambda text: as_text(text) != ""), new=LINES)
    @example(title="=1+1", summary=LONGEST, new="'=1")
    @example(title="007", summary="\n".join(AWKWARD), new="\U0001f331")
    @settings(QUICKLY)
    def test_recommendations(self, title: str, summary: str, new: str) -> None:
        recommendation(1).reword(by=self.by, title=title, summary=summary, overview_title=" x ")
        Recommendation.objects.filter(slug="1").update(short_name=title[:40], place=title, lines="007")
        self._stays(RecommendationResource)
        if as_text(new) != as_text(title):
            self._changes(RecommendationResource, "1", "Titel", new)

    @given(name=LINES, new=LINES)
    @example(name="+45", new="=1+1")
    @settings(QUICKLY)
    def test_municipalities(self, name: str, new: str) -> None:
        Municipality.objects.filter(code=787).update(name=name, cvr="00000007")
        self._stays(MunicipalityResource)
        if as_text(new) != as_text(name) and not Municipality.objects.filter(name=as_text(new)).exists():
            self._changes(MunicipalityResource, "787", "Navn", new)

    @given(name=LINES, new=LINES)
    @settings(QUICKLY)
    def test_actors(self, name: str, new: str) -> None:
        Actor.objects.filter(slug="kl").update(name=name)
        self._stays(ActorResource)
        if as_text(new) != as_text(name):
            self._changes(ActorResource, "kl", "Navn", new)

    @given(title=LINES, new=LINES, kind=st.sampled_from([ThemeResource, FocusAreaResource]))
    @settings(QUICKLY)
    def test_themes_and_focus_areas(self, title: str, new: str, kind: type[VerbResource]) -> None:
        plan = make_plan()
        Theme.objects.filter(plan=plan).update(title=title)
        FocusArea.objects.filter(theme__plan=plan).update(title=title)
        self._stays(kind)
        if as_text(new) != as_text(title):
            self._changes(kind, "flere-haender-3-1", "Titel", new)

    @given(text=LINES, new=LINES, day=st.dates(date(2020, 1, 1), date(2099, 12, 31)))
    @example(text="=1+1", new="'x", day=date(2027, 2, 1))
    @settings(QUICKLY)
    def test_questions(self, text: str, new: str, day: date) -> None:
        make_questions(text)
        self._stays(QuestionResource)
        if as_text(new) != as_text(text):
            self._changes(QuestionResource, "a", "Spørgsmål", new)
        other = day if day != date(2027, 1, 31) else day + timedelta(days=1)
        self._changes(QuestionResource, "b", "Stilles ikke fra", other.isoformat())
        self._changes(QuestionResource, "b", "Når svaret er", "ja")

    @given(added=TEXTS.filter(lambda text: "{" not in text and "}" not in text))
    @example(added="\n".join(text for text in AWKWARD if "{" not in text))
    @settings(QUICKLY)
    def test_texts(self, added: str) -> None:
        self._stays(TextResource)
        slug, text = next(iter(known_texts().items()))
        body = as_text(f"{text.body}\n{added}")
        if body != as_text(text.body):
            self._changes(TextResource, slug, "Tekst", body)
            assert EditableText.holding(text)[1] == body
        self._stays(TextResource)
