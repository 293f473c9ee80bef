"""What a screen reader follows in the PDF: one tree of tags through all pages, and what the program pdfua says."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from flere_haender.days import today
from flere_haender.pdf import render_pdf
from initiatives.models import Recommendation
from initiatives.reports import CONTENTS, Report, as_pdf
from initiatives.reports.choice import Choice
from initiatives.reports.render import data_files
from initiatives.status import DISPLAY_ORDER
from stakeholders.models import Installation, Municipality, User
from tests.factories import cell_of, make_action, make_row, moment

pytestmark = pytest.mark.django_db

EVERYTHING = "&".join(f"med={name}" for name in CONTENTS)
ABOUT = ("landet", "kkr:sjaelland", "kommune:999", "anbefaling:10")
# The program cannot read what pikepdf gives it there; ``test_headings`` looks at the same.
UNREAD = {"UA-14-001"}


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[Report, bytes]]:
    """The reports by what they are about, each printed once."""
    return {}


@pytest.fixture(params=ABOUT)
def about(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def report(about: str, made: Any, konsulent: User, hr: User, korsbaek: Municipality) -> Report:
    """With every sort of content, and tables that go over several pages."""
    if about in made:
        return made[about][0]
    Installation.become_demo()
    statuses = [status for status in DISPLAY_ORDER if status != "not_assessed"]
    places = [korsbaek, *Municipality.objects.real()[:30]]
    for number in Recommendation.objects.asked(as_of=today()).values_list("number", flat=True):
        for place in [None, *(places if number == 10 else places[:2])]:
            status = statuses[(number + (place.pk if place else 0)) % len(statuses)]
            signal = "red" if status == "in_progress" else ""
            fields: dict[str, Any] = {"signal": signal, "note": "Det går langsomt, fordi der mangler folk. " * 2}
            make_row(cell_of(number, place), status, by=konsulent, recorded_at=moment("2026-01-10 10:00"), **fields)
    make_row(cell_of(10, korsbaek), "completed", by=hr, recorded_at=moment("2026-03-10 10:00"))
    make_action(korsbaek, by=hr, numbers=(10,))
    query = QueryDict(f"om={about}&siden=2026-02-01&til=Udvalget&{EVERYTHING}")
    made[about] = (found := Choice.from_query(query, user=konsulent).report()), as_pdf(found)
    return found


@pytest.fixture
def content(about: str, report: Report, made: dict[str, tuple[Report, bytes]]) -> bytes:
    return made[about][1]


@pytest.fixture
def document(content: bytes) -> Iterator[Any]:
    with pikepdf.open(io.BytesIO(content)) as opened:
        yield opened


def kids(element: Any) -> list[Any]:
    found = element.get("/K", [])
    found = list(found) if isinstance(found, pikepdf.Array) else [found]
    return [kid for kid in found if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def elements(element: Any) -> Iterator[Any]:
    for kid in kids(element):
        yield kid
        yield from elements(kid)


def of_kind(kind: str, element: Any) -> list[Any]:
    return [each for each in elements(element) if str(each.S) == kind]


def marked(page: Any) -> dict[int, str]:
    """What is printed on a page by the number of its mark; the fonts say which letters their glyphs are."""
    fonts = {name: letters_of(font) for name, font in page.Resources.Font.items()}
    texts: dict[int, str] = {}
    number, font, inside = None, {}, []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            inside.append(number)
            number = int(operands[1].MCID) if name == "BDC" else None
        elif name == "EMC":
            number = inside.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name in ("TJ", "Tj") and number is not None:
            parts = operands[0] if name == "TJ" else operands
            codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            glyphs = [codes[at : at + 2] for at in range(0, len(codes), 2)]
            texts[number] = texts.get(number, "") + "".join(
                font.get(glyph, "\N{REPLACEMENT CHARACTER}") for glyph in glyphs
            )
    return texts


def letters_of(font: Any) -> dict[bytes, str]:
    pairs = re.findall(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", font.ToUnicode.read_bytes())
    return {bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def spoken(document: Any) -> str:
    """The text in the order of the tags, without its pictures, and its contents, whose links have page numbers."""
    pages = {page.objgen: marked(page) for page in document.pages}

    def text_of(element: Any) -> Iterator[str]:
        found = element.get("/K", [])
        for kid in found if isinstance(found, pikepdf.Array) else [found]:
            if isinstance(kid, pikepdf.Dictionary):
                if "/S" in kid and str(kid.S) not in ("/Link", "/Figure"):
                    yield from text_of(kid)
            else:
                yield pages[element.Pg.objgen].get(int(kid), "")

    return "".join(text_of(document.Root.StructTreeRoot))


class Words(HTMLParser):
    """The text of a page that is printed: not its head, and not what stands in its pictures."""

    LEFT_OUT = ("head", "svg", "a")

    def __init__(self) -> None:
        super().__init__()
        self.found, self.inside, self.shows_caption = [], [], False

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        classes = dict(attributes).get("class") or ""
        is_running = (classes.startswith("paper-") and tag != "p") or classes == "paper-foot"
        if tag == "table":
            self.shows_caption = "caption-hidden" not in classes
        is_hidden = tag in self.LEFT_OUT or (tag == "caption" and not self.shows_caption)
        if is_hidden or is_running or tag in self.inside[-1:]:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, text: str) -> None:
        if not self.inside:
            self.found.append(text)


def letters(text: str) -> str:
    return re.sub(r"[\s\u00ad\u200b\u2010-]+", "", text)


def test_the_program_finds_no_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "rapport.pdf"
    file.write_bytes(content)
    checked = pdfua.validate(str(file))
    assert [(finding.rule_id, finding.message) for finding in checked.findings] == []
    assert {outcome.rule_id for outcome in checked.outcomes if outcome.skipped} <= UNREAD


def test_what_it_says_of_itself(report: Report, document: Any) -> None:
    title = str(document.docinfo.Title)
    assert title.startswith(f"Statusrapport: {report.subject_name}, ")
    assert (str(document.docinfo.Author), str(document.docinfo.Subject)) == ("Flere hænder, KL", report.title)
    assert (str(document.Root.Lang), bool(document.Root.MarkInfo.Marked)) == ("da", True)
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    with document.open_metadata() as metadata:
        assert (metadata["pdfuaid:part"], metadata["dc:title"]) == ("1", title)
    fonts = [font for page in document.pages for font in page.Resources.Font.values()]
    assert fonts
    assert all(
        "/FontFile3" in f.DescendantFonts[0].FontDescriptor or "/FontFile2" in f.DescendantFonts[0].FontDescriptor
        for f in fonts
    )


def test_each_table_is_one_with_headings_that_say_what_of(about: str, report: Report, document: Any) -> None:
    html = render_to_string("reports/pdf.html", {"report": report})
    tables = of_kind("/Table", document.Root.StructTreeRoot)
    assert len(tables) == html.count("<table")
    assert len(document.pages) > 4
    for table in tables:
        parts = [str(part.S) for part in kids(table)]
        assert parts.count("/THead") <= 1 and set(parts) <= {"/Caption", "/THead", "/TBody"}
        headings = of_kind("/TH", table)
        assert headings
        assert {str(heading.A.Scope) for heading in headings} <= {"/Column", "/Row"}
        widths = {
            sum(int(cell.get("/A", {}).get("/ColSpan", 1)) for cell in kids(row)) for row in of_kind("/TR", table)
        }
        assert len(widths) == 1
    rows = sum(len(of_kind("/TR", table)) for table in tables)
    assert rows == html.count("<tr")


def test_headings(report: Report, document: Any) -> None:
    levels = [
        int(str(each.S)[2:]) for each in elements(document.Root.StructTreeRoot) if re.fullmatch(r"/H\d", str(each.S))
    ]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(later - before <= 1 for before, later in itertools.pairwise(levels))
    assert levels.count(2) == len(report.parts) + 1 + report.is_long  # how to read it, and the contents
    assert all(
        of_kind("/Span", each) for each in elements(document.Root.StructTreeRoot) if re.fullmatch(r"/H\d", str(each.S))
    )


def test_every_picture_has_its_words(document: Any) -> None:
    figures = of_kind("/Figure", document.Root.StructTreeRoot)
    assert figures
    assert [figure for figure in figures if len(str(figure.get("/Alt", ""))) < 10] == []


def test_it_says_what_the_page_says_in_the_same_order(report: Report, document: Any) -> None:
    words = Words()
    words.feed(render_to_string("reports/pdf.html", {"report": report}))
    heard, read = letters(spoken(document)), letters("".join(words.found))
    same = next((at for at, (one, other) in enumerate(zip(heard, read, strict=False)) if one != other), 0)
    assert heard[same : same + 60] == read[same : same + 60]
    assert len(heard) == len(read) > 2000


def test_bookmarks_and_contents_lead_to_the_parts(report: Report, document: Any) -> None:
    with document.open_outline() as outline:
        titles = [str(entry.title) for entry in outline.root[0].children]
    headings = [part.heading for part in report.parts if part.content != "sag"]
    case = [part.heading for part in report.parts if part.content == "sag"]
    assert titles == [*headings, "Sådan læses rapporten", *case]
    links = [link for page in document.pages for link in page.get("/Annots", [])]
    assert {str(link.Contents) for link in links} == set(titles)
    names = document.Root.Names.Dests.Names
    assert {str(link.Dest) for link in links} <= {str(name) for name in names[::2]}


def test_it_carries_its_figures(report: Report, document: Any) -> None:
    files = {name: file.get_file().read_bytes().decode("utf-8-sig") for name, file in document.attachments.items()}
    assert sorted(files) == sorted(data_files(report))
    for table, name in zip(report.tables, data_files(report), strict=True):
        text = files[name]
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows[0] == [*table.columns, *([] if table.is_reference else ["demodata"])]
        assert len(rows) == 1 + len(table.rows)


def test_a_row_over_two_pages_and_a_long_list_are_one() -> None:
    long = "linje<br>" * 200
    items = "".join(f"<li>{'ord ' * 80}</li>" for _ in range(40))
    html = (
        '<html lang="da"><title>Prøve</title><link rel="stylesheet" href="/static/report.css"><article><h1>Prøve</h1>'
        f'<section><h2>Et</h2><table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody><tr>'
        f'<th scope="row">R</th><td>{long}</td></tr></tbody></table></section>'
        f"<section><h2>To</h2><p>{'ord ' * 3000}</p><ul>{items}</ul></section></article></html>"
    )
    with pikepdf.open(io.BytesIO(render_pdf(html))) as document:
        root = document.Root.StructTreeRoot
        counts = {
            kind: len(of_kind(kind, root)) for kind in ("/Art", "/Sect", "/Table", "/THead", "/TR", "/P", "/L", "/LI")
        }
        assert len(document.pages) > 6
        assert letters(spoken(document)).count("linje") == 200
        assert [str(part.S) for part in kids(of_kind("/Table", root)[0])] == ["/THead", "/TBody"]
    assert counts == {"/Art": 1, "/Sect": 2, "/Table": 1, "/THead": 1, "/TR": 2, "/P": 1, "/L": 1, "/LI": 40}
