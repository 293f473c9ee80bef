"""Loads the plan from ``fixtures/plan.toml`` and the key questions about it from ``fixtures/questions.toml``."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from stakeholders.models import Actor
from stakeholders.reference import read_toml, says_the_same, when_changed
from timeline.models import Source

from .models import (
    SHORT_PLAN,
    ActionPlan,
    Addressing,
    FocusArea,
    Progress,
    Question,
    Recommendation,
    RecommendationText,
    Theme,
)
from .models.action_plan import key_of

# The files are about the plan with the short addresses, and name its recommendations by their numbers.
# What a question's row in the fixture may say.
QUESTION = (
    *("slug", "text", "help_text", "kind", "options", "unit", "allows_negative", "past_only", "finding"),
    *("order", "retired_on", "asked_if_value"),
)


def load_plan(folder: Path) -> int:
    """Load the plan and the missing cells; the sources must be there. Returns how many rows were new or changed."""
    plan = read_toml(folder / "plan.toml")
    changed = sum(when_changed(f"plan:{row['slug']}", row, _load_action_plan) for row in plan["plans"])
    changed += sum(when_changed(f"theme:{row['number']}", row, _load_theme) for row in plan["themes"])
    changed += sum(when_changed(f"focus-area:{row['number']}", row, _load_focus_area) for row in plan["focus_areas"])
    changed += sum(_load_recommendation(row, plan) for row in plan["recommendations"])
    return changed + Progress.objects.fill()


def _load_action_plan(row: dict[str, Any]) -> None:
    ActionPlan.objects.update_or_create(slug=row["slug"], defaults=row)


def _load_theme(row: dict[str, Any]) -> None:
    plan = ActionPlan.objects.get(slug=row["plan"])
    Theme.objects.update_or_create(number=row["number"], plan=plan, defaults={"title": row["title"]})


def _load_focus_area(row: dict[str, Any]) -> None:
    theme = Theme.objects.get(number=row["theme"], plan__slug=SHORT_PLAN)
    found = FocusArea.objects.filter(number=row["number"], theme__plan=theme.plan_id)
    if not found.update(title=row["title"], theme=theme):
        FocusArea.objects.create(number=row["number"], title=row["title"], theme=theme)


def _load_recommendation(row: dict[str, Any], plan: dict[str, Any]) -> int:
    """Load a recommendation in parts, each when its own part of the fixture has changed."""
    name = f"recommendation:{row['number']}"
    day = row.get("effective_on", plan["effective_on"])
    place = {key: row[key] for key in ("number", "focus_area", "source", "short_name", "place", "lines")}
    changed = int(when_changed(name, place, _load_place))
    recommendation = Recommendation.objects.get(slug=row["number"])
    wording = {
        "title": row["title"],
        "overview_title": row.get("overview_title", ""),
        "summary": " ".join(row["summary"].split()),
    }
    changed += when_changed(f"{name}:wording", wording, partial(_load_text, recommendation, plan, day))
    group = next(group for group in plan["actor_groups"] if group["slug"] == row["group"])
    overview = dict.fromkeys(group["actors"], group["title"])
    named = {named["actor"]: named["wording"] for named in row["named"]}
    for basis, wordings in (("overview", overview), ("text", named)):
        load = partial(_load_addressing, recommendation, plan, day, basis)
        changed += when_changed(f"{name}:{basis}", wordings, load)
    return changed


def _load_place(row: dict[str, Any]) -> None:
    Recommendation.objects.update_or_create(
        slug=key_of(SHORT_PLAN, row["number"]),
        defaults={
            "number": row["number"],
            "focus_area": FocusArea.objects.get(number=row["focus_area"], theme__plan__slug=SHORT_PLAN),
            "source": Source.objects.get(slug=row["source"]),
            **{name: row[name] for name in ("short_name", "place", "lines")},
        },
    )


def _first(plan: dict[str, Any]) -> dict[str, Any]:
    return {"effective_on": plan["effective_on"], "recorded_at": plan["recorded_at"]}


def _load_text(recommendation: Recommendation, plan: dict[str, Any], day: date, wording: dict[str, Any]) -> None:
    """The first version at its fixed moment; a later one as a new version, unless a user has written one."""
    if not recommendation.texts.exists():
        RecommendationText.objects.create(recommendation=recommendation, **wording, **_first(plan))
    elif not recommendation.texts.filter(recorded_by__isnull=False).exists():
        recommendation.reword(by=None, effective_on=day, **wording)


def _load_addressing(
    recommendation: Recommendation, plan: dict[str, Any], day: date, basis: str, wordings: dict[str, str]
) -> None:
    """The first rows at their fixed moment; a later change as a change, unless a user has written one."""
    rows = recommendation.addressings.filter(basis=basis)
    if not rows.exists():
        _first_addressing(recommendation, basis, wordings, _first(plan))
    elif not rows.filter(recorded_by__isnull=False).exists():
        _change_addressing(recommendation, basis, wordings, day)


def _first_addressing(
    recommendation: Recommendation, basis: str, wordings: dict[str, str], first: dict[str, Any]
) -> None:
    """The rows of the fixture, recorded at its fixed moment."""
    for actor in Actor.objects.filter(slug__in=wordings):
        Addressing.objects.create(
            recommendation=recommendation,
            actor=actor,
            basis=basis,
            addressed=True,
            wording=wordings[actor.slug],
            **first,
        )


def _change_addressing(recommendation: Recommendation, basis: str, wordings: dict[str, str], day: date) -> None:
    """What the fixture says otherwise than before is recorded now, as a change."""
    for actor in Actor.objects.all():
        recommendation.address(
            actor,
            by=None,
            addressed=actor.slug in wordings,
            effective_on=day,
            basis=basis,
            wording=wordings.get(actor.slug, ""),
        )


def load_questions(folder: Path) -> int:
    """Load the key questions; the plan must be there. Returns how many rows were new or changed."""
    rows = [_as_row(_question_of(row)) for row in read_toml(folder / "questions.toml")["questions"]]
    return sum(when_changed(f"question:{row['slug']}", row, _load_question) for row in rows)


def _question_of(row: dict[str, Any]) -> Question:
    """A question as its fixture says, not saved."""
    return Question(
        recommendation=Recommendation.objects.get(slug=row["recommendation"]),
        asked_if=Question(slug=row["asked_if"]) if "asked_if" in row else None,
        **{name: row[name] for name in QUESTION if name in row},
    )


def _as_row(question: Question) -> dict[str, Any]:
    """All that the fixture can say of a question, as this one has it."""
    return {
        **{name: getattr(question, name) for name in QUESTION},
        "recommendation": _as_named(question.recommendation.slug),
        "asked_if": question.asked_if.slug if question.asked_if else None,
    }


def _as_named(key: str) -> int | str:
    return int(key) if key.isdecimal() else key


def _load_question(row: dict[str, Any]) -> None:
    """Make the question, or change it as long as it says what the fixture said before: else a user has edited it."""
    question = Question.objects.filter(slug=row["slug"]).first()
    if question is not None and not says_the_same(f"question:{question.slug}", _as_row(question)):
        return
    said = {name: row[name] for name in QUESTION}
    said["recommendation"] = Recommendation.objects.get(slug=row["recommendation"])
    said["asked_if"] = Question.objects.get(slug=row["asked_if"]) if row["asked_if"] else None
    Question.objects.update_or_create(slug=row["slug"], defaults=said)
