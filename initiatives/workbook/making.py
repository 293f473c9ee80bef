"""The workbook of one municipality, filled with what is known."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flere_haender.days import today
from initiatives.intake.writing import make_workbook
from initiatives.our_status import Page
from stakeholders.models import Installation, Municipality

from . import actions, answers

FORMAT = 1  # rises when sheets or columns are no longer those of an older workbook
DEMO = "Demodata: opdigtede tal."


def workbook(municipality: Municipality, page: Page | None) -> bytes:
    """The XLSX file.

    Args:
        page: the municipality's part in a round that takes answers; None: only its local actions.
    """
    sheets = [*(answers.sheets(page) if page else []), actions.sheet(municipality)]
    identity = {
        "format": FORMAT,
        "kommune": municipality.code,
        "runde": page.round.pk if page else "",
        "id": uuid.uuid4(),
    }
    return make_workbook(sheets, about=list(_about(municipality, page)), identity=identity)


def file_name(municipality: Municipality) -> str:
    return f"{municipality.authority_name} {today().isoformat()}.xlsx"


def _about(municipality: Municipality, page: Page | None) -> Iterable[Any]:
    yield f"{municipality.authority_name}: regneark hentet {today():%d.%m.%Y}"
    if Installation.is_demo():
        yield DEMO
    yield "Skriv i de hvide celler. Gem filen, og upload den på den side, hvor I hentede den."
    yield "I ser først, hvad der er nyt og ændret. Intet er gemt, før I har valgt og bekræftet det."
    yield "Regnearket kan sendes rundt. Har en anden gemt noget imens, vises begge udgaver, og I vælger."
    yield "Rækker, I sletter eller tømmer her, bliver stående i Flere hænder. Grå celler er kun til at læse."
    yield "Brug ikke formler: skriv værdien. Lad overskrifter og ark hedde det, de hedder."
    if page:
        yield ""
        yield f"Arket {answers.STATUS_SHEET}"
        yield f"Svar på {page.round.name}, frist {page.participation.deadline:%d.%m.%Y}. En række for hver anbefaling."
        yield f"{answers.AS_LAST} under Status gentager jeres sidste svar."
        yield "Trafiklys og forventet dato er kun til Planlagt og I gang."
        yield "Svarene er et udkast, som kun I og KL kan se, til I indsender dem på Vores status."
        yield "Noten kan ses af kommunerne og KL. Den interne note kan kun ses af jer og KL."
        if any(box.questions for box in page):
            yield ""
            yield f"Arket {answers.QUESTION_SHEET}"
            yield "Spørgsmålene til anbefalingerne. Hver række siger, hvordan den besvares."
    yield ""
    yield f"Arket {actions.ACTION_SHEET}"
    yield "En række for hver indsats. Skriv nye i de tomme rækker nederst. Milepæle rettes i Flere hænder."
    yield "Kladder kan kun ses af jer og KL. Det, der er delt, kan ses af alle kommuner."
    yield "Disse tilskud kan vælges (flere med | imellem):"
    for label in actions.Choices().lists["grants"]:
        yield f"• {label}"
