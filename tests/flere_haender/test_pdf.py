"""The PDF: for screen readers, for archives, and for nobody's own files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.template.loader import render_to_string

from flere_haender.pdf import OURSELVES, StaticFetcher, render_pdf
from initiatives.moment import Moment
from initiatives.reports import Report, as_pdf, municipality_report
from initiatives.reports.parts import Months, Overview, OwnTable
from stakeholders.models import Installation, Municipality, User
from tests.factories import cell_of, day, make_row, moment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("pdfinfo") and os.environ.get("CI") != "true",
        reason="poppler mangler. Det installeres med: sudo apt-get install poppler-utils",
    ),
]

HOSTILE = (
    "<script>alert(1)</script> & <b>fed</b> \U0001f469\u200d\u2695\ufe0f \u05e9\u05dc\u05d5\u05dd \u202eomvendt\u202c "
)


@pytest.fixture
def report(korsbaek: Municipality, hr: User) -> Report:
    """Korsbæk's, with a bit of everything, in a demo database."""
    Installation.become_demo()
    for number, status, signal in (
        (1, "planned", "green"),
        (2, "completed", ""),
        (3, "on_hold", ""),
        (10, "planned", ""),
    ):
        make_row(cell_of(number, korsbaek), status, by=hr, signal=signal, recorded_at=moment("2026-01-10 10:00"))
    make_row(cell_of(1, korsbaek), "in_progress", by=hr, signal="red", recorded_at=moment("2026-03-10 10:00"))
    return municipality_report(korsbaek, Moment(as_of=day("2026-06-01"), since=day("2026-02-01")))


@pytest.fixture
def pdf(report: Report, tmp_path: Path) -> Path:
    return written(as_pdf(report), tmp_path)


def written(content: bytes, folder: Path) -> Path:
    file = folder / "rapport.pdf"
    file.write_bytes(content)
    return file


def poppler(program: str, *arguments: str | Path) -> str:
    return subprocess.run([program, *arguments], capture_output=True, check=True, text=True).stdout


def pages_of(pdf: Path) -> list[str]:
    return [" ".join(page.split()) for page in poppler("pdftotext", pdf, "-").split("\f")[:-1]]


def elements(node: Any) -> Iterator[Any]:
    """Every element of the structure that a screen reader follows, in its order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def of_kind(kind: str, node: Any) -> list[Any]:
    return [element for element in elements(node) if str(element.S) == kind]


@pytest.fixture
def structure(pdf: Path) -> Iterator[Any]:
    with pikepdf.open(pdf) as document:
        yield document.Root.StructTreeRoot.K


def test_it_says_what_it_is(pdf: Path) -> None:
    said = dict(line.split(":", 1) for line in poppler("pdfinfo", pdf).splitlines())
    assert {name: said[name].strip() for name in ("Tagged", "Title", "Page size", "JavaScript", "Encrypted")} == {
        "Tagged": "yes",
        "Title": "Statusrapport: Korsbæk Kommune, 1. juni 2026",
        "Page size": "595.276 x 841.89 pts (A4)",
        "JavaScript": "no",
        "Encrypted": "no",
    }
    with pikepdf.open(pdf) as document:
        assert str(document.Root.Lang) == "da"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as metadata:
            assert (metadata["pdfuaid:part"], metadata["dc:title"]) == ("1", said["Title"].strip())


def test_every_figure_has_its_words(report: Report, structure: Any) -> None:
    """One bar for all, one for each theme, and the months."""
    *alternatives, months = [str(figure.get("/Alt", "")) for figure in of_kind("/Figure", structure)]
    assert months == report[Months].development.spoken
    assert len(alternatives) == 1 + len(report[Overview].groups)
    themes = report[Overview].groups
    assert report[Overview].spread.spoken in alternatives[0]
    assert all(theme.spread.spoken in words for theme, words in zip(themes, alternatives[1:], strict=True))


def test_text_comes_in_the_order_of_reading(report: Report, pdf: Path) -> None:
    text = " ".join(pages_of(pdf))
    headings = [
        report.title,
        "Hvor langt er vi?",
        "Hvad skal udvalget lægge mærke til?",
        "Siden 1. februar 2026",
        "De 20 anbefalinger",
        "Ændringer siden 1. februar 2026",
        "Sådan læses rapporten",
        "Tekst til sagen",
    ]
    assert re.search(".*".join(map(re.escape, headings)), text)


def test_every_recommendation_is_there_once_in_its_order(report: Report, pdf: Path) -> None:
    text = poppler("pdftotext", "-raw", pdf, "-").partition("De 20 anbefalinger")[2].partition("Ændringer siden")[0]
    words = " ".join(text.replace("-\n", "").replace("\u00ad", "").split())
    places = [words.find(f"{row.number} {row.title}"[:24]) for theme in report[OwnTable].groups for row in theme.rows]
    assert -1 not in places
    assert places == sorted(places)


def test_fonts_are_embedded(pdf: Path) -> None:
    lines = [line.split() for line in poppler("pdffonts", pdf).splitlines()[2:]]
    # name, type, encoding, then: emb, sub, uni
    assert lines
    assert {(line[0].partition("+")[2][:11], *line[-5:-2]) for line in lines} == {("IBM-Plex-Sa", "yes", "yes", "yes")}


def test_the_demo_band_is_on_every_page(pdf: Path) -> None:
    pages = pages_of(pdf)
    assert len(pages) >= 2
    assert [page.count("Demodata: opdigtede tal.") for page in pages] == [1] * len(pages)
    assert [f"Side {number} af {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)


def test_no_demo_band_where_the_numbers_are_real(korsbaek: Municipality, tmp_path: Path) -> None:
    pdf = written(as_pdf(municipality_report(korsbaek, Moment.now())), tmp_path)
    assert sum(page.count("Demodata") for page in pages_of(pdf)) == 0


def test_the_same_facts_give_the_same_bytes(report: Report) -> None:
    html = render_to_string("reports/pdf.html", {"report": report})
    assert as_pdf(report) == as_pdf(report)
    assert render_pdf(html) == rendered_elsewhere(html)


def rendered_elsewhere(html: str) -> bytes:
    """By another process, which has half a minute."""
    command = [sys.executable, "-c", RENDER]
    return subprocess.run(
        command, input=html.encode(), capture_output=True, check=True, cwd=settings.BASE_DIR, timeout=30
    ).stdout


RENDER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "flere_haender.settings"
import django
django.setup()
from flere_haender.pdf import render_pdf
sys.stdout.buffer.write(render_pdf(sys.stdin.buffer.read().decode()))
"""


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "https://example.org/",
        "ftp://example.org/",
        "//example.org/site.css",
        f"{OURSELVES}static/../../pyproject.toml",
        f"{OURSELVES}static/..%2F..%2Fpyproject.toml",
        f"{OURSELVES}static//etc/passwd",
        f"{OURSELVES}etc/passwd",
        f"{OURSELVES}static/findes-ikke.css",
        f"{OURSELVES[:-1]}@127.0.0.1:1/",
    ],
)
def test_it_fetches_nothing_but_our_own_static_files(address: str) -> None:
    with pytest.raises(Exception):  # noqa: B017 (whatever the library makes of it)
        StaticFetcher().fetch(address)


def test_it_fetches_our_own_static_files_and_data() -> None:
    assert StaticFetcher().fetch(f"{OURSELVES}static/report.css").read().startswith(b"@")
    assert StaticFetcher().fetch("data:text/plain,hej").read() == b"hej"


def test_what_may_not_be_fetched_is_left_out(tmp_path: Path) -> None:
    html = '<html lang="da"><title>Prøve</title><img src="file:///etc/passwd" alt="Billede"><p>Teksten står her.</p>'
    pdf = written(render_pdf(html), tmp_path)
    assert "Teksten står her." in pages_of(pdf)[0]


@pytest.mark.parametrize(
    "note",
    [
        (HOSTILE + "ord " * 1000)[:3990] + " SLUT",
        ("Rindfleischetikettierungsüberwachung" * 15)[:500] + " SLUT",
        "https://example.org/" + "a/" * 300 + " SLUT",
        "linje\n" * 600 + "SLUT",
    ],
    ids=["markup", "long-word", "address", "many-lines"],
)
def test_any_note_can_be_printed(korsbaek: Municipality, hr: User, tmp_path: Path, note: str) -> None:
    make_row(cell_of(1, korsbaek), "in_progress", by=hr, signal="red", note=note)
    pdf = written(as_pdf(municipality_report(korsbaek, Moment.now())), tmp_path)
    text = " ".join(pages_of(pdf))
    assert text.count("SLUT") == 2  # among those that need attention, and among all
    if note.startswith(HOSTILE[:5]):
        assert "<script>alert(1)</script> & <b>fed</b>" in text
    assert beyond_the_paper(pdf) == []


def test_no_note_keeps_the_printer_busy(korsbaek: Municipality, hr: User) -> None:
    """Hyphenation takes minutes for a word as long as a note may be."""
    make_row(cell_of(1, korsbaek), "in_progress", by=hr, signal="red", note="Overvågning" * 360)
    html = render_to_string("reports/pdf.html", {"report": municipality_report(korsbaek, Moment.now())})
    assert rendered_elsewhere(html).startswith(b"%PDF")


def beyond_the_paper(pdf: Path) -> list[str]:
    """The words that lie outside the margins of an A4 page."""
    box = r'xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)'
    words = re.findall(box, poppler("pdftotext", "-bbox", pdf, "-"))
    return [
        word for left, right, low, word in words if float(left) < 40 or float(right) > 595 - 40 or float(low) > 842
    ]
