"""A presentation in our look: 16:9, titles in their placeholders, a footer, a number and a note on every slide."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from . import office
from .facts import Report
from .office import plain

WIDTH, HEIGHT, LEFT, TOP = Inches(13.333), Inches(7.5), Inches(0.6), Inches(1.7)
INNER, ROOM = WIDTH - 2 * LEFT, Inches(5.1)
FOOT_TOP, FOOT_HEIGHT, NUMBER_WIDTH = Inches(6.95), Inches(0.35), Inches(0.8)
TITLE_SLIDE, TITLE_ONLY = "Title Slide", "Title Only"
COLOURS = {
    "dk1": office.INK,
    "dk2": office.PETROL,
    "lt2": office.PAPER,
    "accent1": office.PETROL,
    "accent2": office.PETROL_MID,
    "accent3": office.PETROL_LIGHT,
    "accent4": office.SAND,
    "accent5": office.SAND_DARK,
    "accent6": office.MUTED,
    "hlink": office.PETROL,
    "folHlink": office.PETROL,
}
THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
FOOTER, NUMBER = "ftr", "sldNum"


class Deck:
    """The slides of one report, one added after the other."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.file = pptx.Presentation()
        _dress(self.file)
        office.describe(self.file, report)

    def front(self, title: str, lines: Sequence[str]) -> None:
        slide = self._slide(TITLE_SLIDE, title)
        slide.placeholders[1].text_frame.text = plain("\n".join(lines))
        self._note(slide)

    def slide(self, title: str, said: str = "") -> Any:
        """A slide with a finding as its title; its note says ``said``, and where the figures are from."""
        slide = self._slide(TITLE_ONLY, title)
        self._note(slide, said)
        return slide

    def content(self) -> bytes:
        for slide in self.file.slides:
            for element in slide.element.iter(qn("a:r"), qn("a:fld")):
                element.get_or_add_rPr().set("lang", office.LANGUAGE)
        file = io.BytesIO()
        self.file.save(file)
        return office.sealed(file.getvalue(), self.report.as_of)

    def _slide(self, layout: str, title: str) -> Any:
        slide = self.file.slides.add_slide(self.file.slide_layouts.get_by_name(layout))
        slide.shapes.title.text_frame.text = plain(" ".join(title.split()))
        for place in slide.slide_layout.placeholders:
            if place.element.ph.get("type") in (FOOTER, NUMBER):
                copied = copy.deepcopy(place.element)
                copied.nvSpPr.cNvPr.set("id", str(slide.shapes._next_shape_id))
                slide.shapes._spTree.append(copied)
        foot = next(place for place in slide.placeholders if place.element.ph.get("type") == FOOTER)
        notice = plain(office.demo_notice(self.report))
        foot.text_frame.text = " ".join(filter(None, (notice, f"{office.dated(self.report)}.")))
        if notice:
            foot.fill.solid()
            foot.fill.fore_color.rgb = RGBColor.from_string(office.DEMO)
        return slide

    def _note(self, slide: Any, said: str = "") -> None:
        report = self.report
        source = (
            "Kilde: Flere hænder, KL.",
            office.demo_notice(report),
            f"{office.dated(report)}.",
            report.known_text,
        )
        lines = (said, " ".join(filter(None, source)), f"Fingeraftryk: {report.fingerprint}.", report.address)
        slide.notes_slide.notes_text_frame.text = plain("\n".join(filter(None, lines)))


def _dress(file: Any) -> None:
    """Wide slides, our colours and sizes, and the two layouts that are used."""
    file.slide_width, file.slide_height = WIDTH, HEIGHT
    master = file.slide_master
    office.in_theme(master.part.part_related_by(THEME), office.FONT, COLOURS)
    for layout in list(file.slide_layouts):
        if layout.name not in (TITLE_SLIDE, TITLE_ONLY):
            file.slide_layouts.remove(layout)
    for place in (*master.placeholders, *(each for layout in file.slide_layouts for each in layout.placeholders)):
        if place.element.ph.get("type") == "dt":
            place.element.getparent().remove(place.element)
    places = {place.element.ph.get("type"): place for place in master.placeholders}
    _put(places["title"], LEFT, Inches(0.4), INNER, Inches(1.15))
    _put(places["body"], LEFT, TOP, INNER, ROOM)
    _put(places[FOOTER], LEFT, FOOT_TOP, INNER - NUMBER_WIDTH, FOOT_HEIGHT)
    _put(places[NUMBER], WIDTH - LEFT - NUMBER_WIDTH, FOOT_TOP, NUMBER_WIDTH, FOOT_HEIGHT)
    places["title"].text_frame.vertical_anchor = MSO_ANCHOR.TOP
    for name in (FOOTER, NUMBER):
        _letters(places[name].element.find(f".//{qn('a:lvl1pPr')}"), 12, "r" if name == NUMBER else "l")
    _letters(master.element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}"), 28, "l", bold=True)
    front, below = list(file.slide_layouts.get_by_name(TITLE_SLIDE).placeholders)[:2]
    _put(front, LEFT, Inches(1.9), INNER, Inches(1.5))
    _put(below, LEFT, Inches(3.6), INNER, Inches(2))
    front.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    _letters(below.element.find(f".//{qn('a:lvl1pPr')}"), 20, "l")
    for element in (file.element, master.element, *(layout.element for layout in file.slide_layouts)):
        for letters in element.iter(qn("a:defRPr"), qn("a:rPr"), qn("a:endParaRPr")):
            letters.set("lang", office.LANGUAGE)


def _put(place: Any, left: int, top: int, width: int, height: int) -> None:
    place.left, place.top, place.width, place.height = Emu(left), Emu(top), Emu(width), Emu(height)


def _letters(level: Any, size: int, align: str, *, bold: bool = False) -> None:
    level.set("algn", align)
    letters = level.find(qn("a:defRPr"))
    letters.set("sz", str(Pt(size).centipoints))
    letters.set("b", str(int(bold)))
    for tint in list(letters.iter(qn("a:tint"))):
        tint.getparent().remove(tint)
