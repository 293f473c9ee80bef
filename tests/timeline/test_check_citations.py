"""``check_citations`` holds the places that the fixtures cite against the documents."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

SOURCES = """
[[sources]]
slug = "brev"
file_name = "brev.txt"
[[sources]]
slug = "plan"
file_name = "plan.txt"
"""
EVENTS = """
[[events]]
citations = [{ source = "brev", lines = "2-3", place = "Side 1" }, { source = "plan", lines = "1", place = "Forord" }]
[[lists.items]]
citations = [{ source = "brev", lines = "2-3", place = "Afsnit 2" }]
"""
LETTER = "Kære borgmester\nVi har indgået\n  en aftale.\n\nMed venlig hilsen\n"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "dokumenter"
    folder.mkdir()
    (folder / "brev.txt").write_text(LETTER, encoding="utf-8")
    (folder / "plan.txt").write_text("Forord\n", encoding="utf-8")
    return folder


@pytest.fixture
def fixtures(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "fixtures"
    folder.mkdir()
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (folder / "events.toml").write_text(EVENTS, encoding="utf-8")
    settings.FIXTURE_DIR = folder
    return folder


def check(documents: Path, *options: str) -> str:
    """What the command prints. Raises CommandError, which is exit code 1, when something differs."""
    out = StringIO()
    call_command("check_citations", str(documents), *options, stdout=out)
    return out.getvalue()


def differences(documents: Path) -> list[str]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_citations", str(documents), stdout=out)
    assert error.value.returncode == 1
    return out.getvalue().splitlines()


def test_writing_and_checking(fixtures: Path, documents: Path) -> None:
    assert "3 henvisninger til 2 steder i 2 kilder: alle stemmer." in check(documents, "--write")
    assert check(documents) == "3 henvisninger til 2 steder i 2 kilder: alle stemmer.\n"
    digest = hashlib.sha256("Vi har indgået en aftale.".encode()).hexdigest()
    rows = (fixtures / "citations.csv").read_text(encoding="utf-8").splitlines()
    assert rows[:2] == ["source,lines,digest", f"brev,2-3,{digest}"]


def test_a_place_that_is_not_written_yet(fixtures: Path, documents: Path) -> None:
    assert differences(documents)[0] == "events.toml: brev, linje 2-3, Side 1: mangler i citations.csv"


def test_other_white_space_is_no_difference(fixtures: Path, documents: Path) -> None:
    check(documents, "--write")
    (documents / "brev.txt").write_text(LETTER.replace("  en", "\ten "), encoding="utf-8")
    assert "alle stemmer" in check(documents)


def test_another_word_is_a_difference_at_every_row_that_cites_it(fixtures: Path, documents: Path) -> None:
    check(documents, "--write")
    (documents / "brev.txt").write_text(LETTER.replace("aftale", "pulje"), encoding="utf-8")
    assert differences(documents) == [
        "events.toml: brev, linje 2-3, Side 1: dokumentet siger noget andet nu",
        "events.toml: brev, linje 2-3, Afsnit 2: dokumentet siger noget andet nu",
    ]


@pytest.mark.parametrize("lines", ["4-4", "6-9", "3-2", "0-1"])
def test_lines_that_are_empty_or_not_there(fixtures: Path, documents: Path, lines: str) -> None:
    (fixtures / "events.toml").write_text(EVENTS.replace("2-3", lines), encoding="utf-8")
    assert differences(documents)[0] == f"events.toml: brev, linje {lines}, Side 1: stedet findes ikke i dokumentet"


def test_a_document_that_is_missing(fixtures: Path, documents: Path) -> None:
    check(documents, "--write")
    (documents / "plan.txt").unlink()
    assert differences(documents) == ["events.toml: plan, linje 1-1, Forord: stedet findes ikke i dokumentet"]


def test_a_digest_that_nobody_cites_any_more(fixtures: Path, documents: Path) -> None:
    check(documents, "--write")
    text = EVENTS.replace('"plan", lines = "1"', '"brev", lines = "5"')
    (fixtures / "events.toml").write_text(text, encoding="utf-8")
    assert differences(documents) == [
        "events.toml: brev, linje 5-5, Forord: mangler i citations.csv",
        "citations.csv: plan, linje 1-1: ingen henviser til stedet",
    ]
    assert "alle stemmer" in check(documents, "--write")
