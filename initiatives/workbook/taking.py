"""Reads a workbook that came back: its rows, as they are kept until somebody has looked them through."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from flere_haender.form_keys import whole_number
from initiatives.intake.cells import Cell
from initiatives.intake.items import Fault, Preview
from initiatives.intake.reading import is_csv, read_workbook
from initiatives.intake.table import NoSuchTable, marked_merged, typed_rows
from initiatives.intake.uploads import kind
from initiatives.intake.writing import IDENTITY, KEY, Column
from initiatives.intake.xlsx import Workbook
from initiatives.models import Participation, Upload
from initiatives.our_status import Page
from stakeholders.models import Municipality

from . import actions, answers
from .making import FORMAT
from .typed import Typed

KIND = "kommune"
MOST_ROWS = 2_000  # of a sheet, with something in them
IS_CSV = "Det er en CSV-fil. Upload regnearket, som I hentede det, i Excel-format (.xlsx)."
NOT_OURS = "Regnearket er ikke hentet her. Hent et regneark, og skriv jeres svar i det."
OLDER = "Regnearket er fra en ældre udgave af Flere hænder. Hent et nyt, og flyt jeres ændringer over i det."


def read(content: bytes, name: str, municipality: Municipality) -> dict[str, Any]:
    """The rows of a workbook of this municipality, for ``Upload.rows``.

    Raises:
        ValidationError: the file as a whole cannot be used, in Danish.
    """
    if is_csv(content, name):
        raise ValidationError(IS_CSV)
    book = read_workbook(content)
    identity = _identity(book)
    if identity.get("format") != str(FORMAT):
        raise ValidationError(OLDER)
    if identity.get("kommune") != str(municipality.code):
        raise ValidationError(_other(identity.get("kommune", ""), municipality))
    taken: dict[str, Any] = {"id": _uuid(identity), "round": _round(identity), "sheets": {}, "untouched": {}}
    taken["problems"] = []
    for sheet, columns in _tables(taken["round"]).items():
        try:
            rows = _rows(book, sheet, columns)
        except NoSuchTable as problem:
            taken["problems"].append([sheet, problem.message])
            continue
        taken["sheets"][sheet] = [row.as_json() for row in rows if row.is_touched and (row.key or row.says_anything)]
        taken["untouched"][sheet] = {row.key: row.base for row in rows if not row.is_touched}
    return taken


def _identity(book: Workbook) -> dict[str, str]:
    if IDENTITY not in book.parts:
        raise ValidationError(NOT_OURS)
    nothing = Cell("")
    return {row.get(1, nothing).text: row.get(2, nothing).text for _, row in book.rows(IDENTITY)}


def _other(code: str, municipality: Municipality) -> str:
    other = Municipality.objects.filter(code=whole_number(code) or 0).first()
    whose = other.authority_name if other else "en anden kommune"
    return f"Regnearket er lavet til {whose}. Her kan kun uploades for {municipality.authority_name}."


def _uuid(identity: dict[str, str]) -> str:
    try:
        return str(uuid.UUID(identity.get("id", "")))
    except ValueError as error:
        raise ValidationError(NOT_OURS) from error


def _round(identity: dict[str, str]) -> int | None:
    text = identity.get("runde", "")
    number = whole_number(text)
    if text and number is None:
        raise ValidationError(NOT_OURS)
    return number


def _tables(round_id: int | None) -> dict[str, Sequence[Column]]:
    of_round = {answers.STATUS_SHEET: answers.STATUS_COLUMNS, answers.QUESTION_SHEET: answers.QUESTION_COLUMNS}
    found: dict[str, Sequence[Column]] = dict(of_round) if round_id else {}
    return found | {actions.ACTION_SHEET: [Column(heading) for heading in actions.FIELDS.values()]}


def _rows(book: Workbook, sheet: str, columns: Sequence[Column]) -> list[Typed]:
    if sheet not in book.parts:
        raise NoSuchTable(f"Arket “{sheet}” er ikke i regnearket. Intet fra det er læst.")
    reader = book.rows(sheet)
    rows = []
    for row in typed_rows(sheet, reader, [KEY, *(column.name for column in columns)]):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise ValidationError(f"Arket “{sheet}” har flere end {MOST_ROWS} rækker med noget i.")
    typed = [Typed.of_row(sheet, row, columns) for row in marked_merged(rows, reader.merged)]
    return _refuse_twice([row for row in typed if row.key or row.says_anything])


def _refuse_twice(rows: list[Typed]) -> list[Typed]:
    """The rows; those that stand several times are refused where they are changed."""
    places: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.key:
            places[row.key].append(row.number)
    return [_refused(row, places[row.key]) if row.key and len(places[row.key]) > 1 else row for row in rows]


def _refused(row: Typed, numbers: list[int]) -> Typed:
    where = " og ".join(str(number) for number in numbers[:5])
    return replace(row, refusal=f"Den samme række står flere gange: række {where}. Behold den ene.")


@kind(KIND)
def look(upload: Upload, reader: Any) -> Preview:
    """What the workbook would change, as the database is now."""
    municipality, kept = upload.municipality, upload.rows
    assert municipality is not None
    page = _page(municipality, kept["round"], reader)
    typed = {sheet: _typed(kept, sheet, columns) for sheet, columns in _tables(kept["round"]).items()}
    found = []
    if page is not None:
        found = answers.items(page, typed[answers.STATUS_SHEET], typed[answers.QUESTION_SHEET])
    of = uuid.UUID(kept["id"])
    found = [*found, *actions.items(of, municipality, typed[actions.ACTION_SHEET], by=reader)]
    faults = [Fault(sheet, "", message) for sheet, message in kept["problems"]]
    notices = list(_older(kept["untouched"], page, municipality))
    untouched = sum(len(rows) for rows in kept["untouched"].values())
    return Preview([item for item in found if item.differences or item.faults], faults, notices, untouched)


def _page(municipality: Municipality, round_id: int | None, reader: Any) -> Page | None:
    rows = Participation.objects.visible_to(reader).select_related("round", "municipality")
    found = rows.filter(municipality=municipality, round=round_id).first() if round_id else None
    return Page(found, reader) if found else None


def _typed(kept: dict[str, Any], sheet: str, columns: Sequence[Column]) -> list[Typed]:
    return [Typed.of_json(sheet, row, columns) for row in kept["sheets"].get(sheet, [])]


def _older(untouched: dict[str, dict[str, str]], page: Page | None, municipality: Municipality) -> Iterable[str]:
    """What others have saved since in rows that nobody has touched in the workbook."""
    now = {**(answers.stamps(page) if page else {}), actions.ACTION_SHEET: actions.stamps(municipality)}
    rows = [(now.get(sheet, {}).get(key, base), base) for sheet in untouched for key, base in untouched[sheet].items()]
    count = sum(current != base for current, base in rows)
    if count:
        named = "række" if count == 1 else "rækker"
        yield (
            f"{count} {named}, som I ikke har rørt i regnearket, er ændret af andre siden. "
            "De bliver stående, som de er gemt."
        )
