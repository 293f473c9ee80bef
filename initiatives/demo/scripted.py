"""The histories that are written out row by row: KL's national lines and Korsbæk Kommune."""

from datetime import date
from typing import Any

from flere_haender.days import DANISH_TIME
from initiatives.models import Progress
from stakeholders.models import User

from .cast import HR_KORSBAEK, KONSULENT, KORSBAEK
from .history import History
from .rounds import is_draft

CONTENT = ("signal", "expected_on", "note", "internal_note")


def national_histories(lines: list[dict[str, Any]], users: dict[str, User]) -> list[History]:
    """KL's own line for each recommendation."""
    return _histories(lines, Progress.objects.national(), users, by=KONSULENT)


def korsbaek_histories(lines: list[dict[str, Any]], users: dict[str, User], *, until: date) -> list[History]:
    """Korsbæk's cells with their histories; names the unit that is responsible for each.

    Args:
        until: the day on which the round opened. What is said from then on are drafts, and not told here.
    """
    cells = Progress.objects.filter(municipality__code=KORSBAEK)
    told = [line | {"rows": [row for row in line["rows"] if not is_draft(row, until)]} for line in lines]
    histories = _histories(told, cells, users, by=HR_KORSBAEK)
    for line, history in zip(lines, histories, strict=True):
        history.cell.responsible_unit = line["unit"]
    Progress.objects.bulk_update([history.cell for history in histories], ["responsible_unit"])
    return histories


def _histories(lines: list[dict[str, Any]], cells: Any, users: dict[str, User], *, by: str) -> list[History]:
    by_number = {cell.recommendation.number: cell for cell in cells.select_related("recommendation", "municipality")}
    histories = []
    for line in lines:
        history = History(by_number[line["number"]])
        for row in line["rows"]:
            _tell(history, row, users[row.get("by", by)])
        histories.append(history)
    return histories


def _tell(history: History, row: dict[str, Any], by: User) -> None:
    """One row of the script; see the head of ``fixtures/demo.toml``."""
    at = row["at"].replace(tzinfo=DANISH_TIME)
    if row.get("repeats"):
        history.confirm(at=at, by=by)
        return
    content = {name: row[name] for name in CONTENT if name in row}
    if "from" in row:
        content["effective_on"] = row["from"]
    write = history.correct if row.get("corrects") else history.say
    write(row["status"], at=at, by=by, **content)
