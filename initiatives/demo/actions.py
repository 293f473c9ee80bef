"""The invented local actions, written through the verbs in order of time."""

from datetime import datetime
from typing import Any

from flere_haender.days import DANISH_TIME
from initiatives.models import Case, ListItem, LocalAction, MilestoneRow, Recommendation
from initiatives.models.local_action import CHALLENGES, GRANTS
from stakeholders.models import Municipality, User

from .cast import KONSULENT


def add_actions(rows: list[dict[str, Any]], users: dict[str, User]) -> int:
    """Write the actions with their later changes. Returns how many actions there are.

    A municipality without a user of its own has KL write on its behalf.
    """
    written: dict[str, LocalAction] = {}
    for row in rows:
        row = dict(row)
        name, by, at = row.pop("name"), users[row.pop("by", KONSULENT)], _moment(row.pop("at"))
        later = row.pop("later", [])
        municipality = Municipality.objects.get(code=row.pop("municipality"))
        action = LocalAction.start(municipality, by=by, at=at, **_content(row, written))
        for change in later:
            action = _tell(action, dict(change), by)
        written[name] = action
    return len(written)


def _tell(action: LocalAction, change: dict[str, Any], by: User) -> LocalAction:
    at = _moment(change.pop("at"))
    if change.pop("confirmed", False):
        return action.confirm(by=by, at=at)
    return action.change(by=by, at=at, **_content(change, {}))


def _moment(local: datetime) -> datetime:
    return local.replace(tzinfo=DANISH_TIME)


def _content(row: dict[str, Any], written: dict[str, LocalAction]) -> dict[str, Any]:
    """The script's words as the verbs take them."""
    content = dict(row)
    if "recommendations" in row:
        content["recommendations"] = Recommendation.objects.filter(slug__in=row["recommendations"])
    if "grants" in row:
        content["grants"] = ListItem.objects.filter(list__slug=GRANTS, slug__in=row["grants"])
    if "challenge" in row:
        content["challenge"] = ListItem.objects.get(list__slug=CHALLENGES, slug=row["challenge"])
    for field in {"builds_on", "inspired_by"} & row.keys():
        content[field] = Case.objects.get(slug=row[field])
    if "copied_from" in row:
        content["copied_from"] = written[row["copied_from"]]
    if "milestones" in row:
        content["milestones"] = [MilestoneRow(**milestone) for milestone in row["milestones"]]
    return content
