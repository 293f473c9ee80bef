"""A report as a document and as a presentation: styles, real tables and charts, and nobody's formulas."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from django.http import QueryDict
from docx.oxml.ns import qn

from initiatives.exporting import xlsx_file
from initiatives.reports import CONTENTS, Report, as_docx, as_pdf, as_pptx
from initiatives.reports.choice import KINDS, Choice
from initiatives.reports.parts import Attention, OwnTable, Part
from stakeholders.models import Installation, Municipality, User
from tests.factories import AsUser, cell_of, day, make_action, make_answer, make_question, make_round, make_row, moment
from tests.report_reading import page_of, tables_of_document, tables_of_slides, tables_of_workbook

pytestmark = pytest.mark.django_db

ABOUT = {"tema": ":1", "kkr": ":nordjylland", "kommune": ":999", "anbefaling": ":10"}
SLIDES = [name for name, kind in KINDS.items() if kind.has_slides]
HOSTILE = (
    "=cmd|' /C calc'!A1 <script>alert(1)</script> & <w:p/> {{ 7 }} \x0b\x1b\ufffe _x000D_ linje\r\nto \U0001f469‍⚕️ "
    + "langt" * 2000
    + " SIDST"
)


@pytest.fixture
def year(korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User, konsulent: User) -> None:
    """Something for every part, in a demo database."""
    Installation.become_demo()
    for place, user in ((korsbaek, hr), (thisted, nabo), (None, konsulent)):
        make_row(cell_of(10, place), "planned", by=user, recorded_at=moment("2026-01-10 10:00"))
        fields = {"note": HOSTILE, "recorded_at": moment("2026-03-10 10:00"), "expected_on": day("2026-04-01")}
        make_row(cell_of(10, place), "in_progress", by=user, signal="red", **fields)
        make_row(cell_of(11, place), "completed", by=user, recorded_at=moment("2026-03-10 10:00"))
    question = make_question(10)
    for place, user in ((korsbaek, hr), (thisted, nabo)):
        make_action(place, by=user, title="=1+1", what="En\nTo")
        make_answer(question, place, True, by=user)
    make_round(by=konsulent)


def asked(kind: str, user: User) -> Report:
    code = f":{KINDS[kind].subjects().first().pk}" if kind == "runde" else ABOUT.get(kind, "")
    every = "&".join(f"med={name}" for name in CONTENTS)
    return Choice.from_query(QueryDict(f"om={kind}{code}&siden=2026-02-01&{every}"), user=user).report()


def document_of(report: Report) -> Any:
    return docx.Document(io.BytesIO(as_docx(report)))


def presentation_of(report: Report) -> Any:
    return pptx.Presentation(io.BytesIO(as_pptx(report)))


def kinds_of_part(kind: type[Part] = Part) -> list[type[Part]]:
    return [found for child in kind.__subclasses__() for found in (child, *kinds_of_part(child))]


def test_every_part_says_what_it_is_called() -> None:
    for kind in kinds_of_part():
        assert "heading" in kind.__dataclass_fields__ or isinstance(getattr(kind, "heading", None), str | property)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_is_in_the_document(year: None, konsulent: User, kind: str) -> None:
    report = asked(kind, konsulent)
    document = document_of(report)
    headings = [(each.style.name, each.text) for each in document.paragraphs if each.style.name.startswith("Heading")]
    assert headings[0] == ("Heading 1", report.title)
    expected = [part.heading for part in report.parts]
    place = next((number for number, part in enumerate(report.parts) if part.content == "sag"), len(expected))
    expected.insert(place, "Sådan læses rapporten")
    assert [text for style, text in headings if style == "Heading 2"] == expected
    rows = [len(table.rows) for part in report.parts for table in part.on_paper() if table.rows and not table.grouped]
    assert set(rows) <= {len(table) - 1 for table in tables_of_document(report)}


def test_tables_have_heads_that_repeat_and_rows_that_stay_whole(year: None, konsulent: User) -> None:
    about, *tables = document_of(asked("kkr", konsulent)).tables
    assert len(tables) > 5
    for table in (about, *tables):
        assert table.style.name == "Rapporttabel"
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    for table in tables:
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heads == [True, *[False] * (len(heads) - 1)]
    assert sum(section.orientation for section in document_of(asked("kkr", konsulent)).sections) == 1  # one lies


def test_the_document_says_what_it_is(year: None, konsulent: User) -> None:
    report = asked("kommune", konsulent)
    document = document_of(report)
    about = document.core_properties
    assert (about.title, about.author, about.language) == (
        "Statusrapport: Korsbæk Kommune",
        "Flere hænder, KL",
        "da-DK",
    )
    assert {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))} == {"da-DK"}
    for section in document.sections:
        head = [paragraph.text for paragraph in section.header.paragraphs]
        assert head == [
            "Flere hænder  Korsbæk Kommune",
            "Demodata: opdigtede tal. Korsbæk Kommune findes ikke.",
        ]
        foot = section.footer.paragraphs[0]._p
        assert [each.get(qn("w:instr")) for each in foot.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
        assert "Side 1 af 1" in "".join(each.text or "" for each in foot.iter(qn("w:t")))


@pytest.mark.parametrize("kind", SLIDES)
def test_slides_have_titles_numbers_notes_and_notices(year: None, konsulent: User, kind: str) -> None:
    report = asked(kind, konsulent)
    found = presentation_of(report)
    assert round(found.slide_width / found.slide_height, 2) == round(16 / 9, 2)
    titles = [slide.shapes.title.text for slide in found.slides]
    assert titles[:2] == [f"Statusrapport: {report.subject_name}", report.title]
    assert len(set(titles)) == len(titles) >= 6
    for slide in found.slides:
        assert len({shape.shape_id for shape in slide.shapes}) == len(slide.shapes)
        kinds = {place.element.ph.get("type"): place for place in slide.placeholders}
        assert kinds["ftr"].text.startswith("Demodata: opdigtede tal.")
        assert "slidenum" in {each.get("type") for each in kinds["sldNum"].element.iter("{*}fld")}
        assert "Kilde: Flere hænder, KL." in slide.notes_slide.notes_text_frame.text
        assert report.fingerprint in slide.notes_slide.notes_text_frame.text
        figures = [shape for shape in slide.shapes if shape.has_chart or shape.has_table]
        assert all(shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in figures)
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= found.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= found.slide_height
    assert any(shape.has_chart for shape in found.slides[1].shapes)


def test_charts_hold_their_own_workbook(year: None, konsulent: User) -> None:
    """So that whoever presents can change them."""
    slide = presentation_of(asked("kommune", konsulent)).slides[1]
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    rows = list(openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active.values)
    assert rows[0][1:3] == ("Gennemført", "I gang")
    assert rows[1][:3] == ("Korsbæk Kommune", 1, 1)


@pytest.mark.parametrize("made", [as_docx, as_pptx])
def test_the_same_report_gives_the_same_bytes(
    year: None, konsulent: User, made: Callable[[Report], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = asked("kkr", konsulent)
    first = made(report)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert made(report) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = packed.read("docProps/core.xml").decode()
        assert core.count(f"{report.as_of.isoformat()}T00:00:00Z") == 2
        workbooks = [packed.read(name) for name in packed.namelist() if name.endswith(".xlsx")]
        assert not any("vba" in name.lower() or "thumbnail" in name for name in packed.namelist())
    assert (made is as_docx) == (workbooks == [])
    for workbook in workbooks:
        with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
            stamps = re.findall(r"<dcterms:\w+[^>]*>([^<]*)", packed.read("docProps/core.xml").decode())
            assert set(stamps) == {f"{report.as_of.isoformat()}T00:00:00Z"}


def test_hostile_notes_are_only_text(year: None, konsulent: User) -> None:
    report = asked("kommune", konsulent)
    assert report[Attention].rows[0].note.endswith("SIDST")
    page = page_of(report)
    assert page.xpath("//script") == [] and "SIDST" in page.text_content()
    assert as_pdf(report).startswith(b"%PDF")
    in_document = " ".join(cell for table in tables_of_document(report) for row in table for cell in row)
    start = "=cmd|' /C calc'!A1 <script>alert(1)</script> & <w:p/> {{ 7 }}  _x000D_ linje\nto \U0001f469‍⚕️ langtlangt"
    assert start in in_document and "langt SIDST" in in_document
    on_slides = [cell for table in tables_of_slides(report) for row in table for cell in row]
    assert any(
        cell.startswith(start.replace("\n", " ").replace("  ", " ")[:60]) and cell.endswith("…") for cell in on_slides
    )
    in_workbook = [cell for table in tables_of_workbook(report) for row in table for cell in row]
    disguised = start.replace("_x000D_", "_x005F_x000D_")
    assert any(cell.startswith(f"'{disguised}") for cell in in_workbook)
    assert not any(cell.startswith("=") for cell in in_workbook)
    instructions = [each.get(qn("w:instr")) for each in document_of(report).element.iter(qn("w:fldSimple"))]
    assert instructions == []


def test_a_list_with_characters_that_no_file_may_hold(db: None) -> None:
    book = openpyxl.load_workbook(xlsx_file(["Note"], [["a\ufffe\x0b_x000D_"]]))
    assert book.active["A2"].value == "a_x005F_x000D_"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "runde"])
def test_a_report_without_a_single_answer(konsulent: User, korsbaek: Municipality, kind: str) -> None:
    report = asked(kind, konsulent)
    assert document_of(report).paragraphs[0].text == report.title
    if KINDS[kind].has_slides:
        assert presentation_of(report).slides[1].shapes.title.text == report.title


def test_of_one_part_only(year: None, korsbaek: Municipality, konsulent: User) -> None:
    report = Choice.from_query(QueryDict("om=kommune:999&med=tabel"), user=konsulent).report()
    assert [type(part) for part in report.parts] == [OwnTable]
    assert [slide.shapes.title.text for slide in presentation_of(report).slides] == ["Statusrapport: Korsbæk Kommune"]


def test_from_the_page(as_user: AsUser, year: None, hr: User) -> None:
    client = as_user(hr)
    page = client.get("/rapporter/?om=kommune:999&siden=2026-02-01&til=Udvalget").content.decode()
    for extension, opened in (("docx", docx.Document), ("pptx", pptx.Presentation)):
        url = page.split(f'href="/rapporter/rapport.{extension}')[1].split('"')[0].replace("&amp;", "&")
        response = client.get(f"/rapporter/rapport.{extension}{url}")
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Type"].startswith("application/vnd.openxmlformats-officedocument.")
        assert opened(io.BytesIO(response.content)).core_properties.title == "Statusrapport: Korsbæk Kommune"
        assert as_user(None).get(f"/rapporter/rapport.{extension}?om=kommune:999").status_code == 302
        assert client.get(f"/rapporter/rapport.{extension}?om=kommune:999&pr=i går").status_code == 400


def test_no_slides_where_they_make_no_sense(as_user: AsUser, year: None, hr: User) -> None:
    page = as_user(hr).get("/rapporter/?om=anbefaling:10").content.decode()
    assert ("Hent som Word" in page, "Hent som PowerPoint" in page) == (True, False)
    assert as_user(hr).get("/rapporter/rapport.pptx?om=anbefaling:10").status_code == 404


@pytest.mark.parametrize("kind", SLIDES)
def test_no_text_of_a_slide_is_too_small_to_read(year: None, konsulent: User, kind: str) -> None:
    """In hundredths of a point; nothing is shrunk to fit, and what says no size takes that of the layout."""
    deck = presentation_of(asked(kind, konsulent))
    drawn = [
        each.element for slide in deck.slides for each in (slide, slide.slide_layout, slide.slide_layout.slide_master)
    ]
    charts = [shape.chart._chartSpace for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    sizes = {
        int(each.get("sz")) for root in (*drawn, *charts) for each in root.iter() if each.get("sz", "").isdecimal()
    }
    assert min(sizes) == 1200
    assert not [each for root in drawn for each in root.iter(qn_of_drawing("normAutofit")) if each.get("fontScale")]


def qn_of_drawing(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}{name}"
