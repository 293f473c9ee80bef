"""The command that takes in KL's old spreadsheet: it says what it understood, and writes all of it or nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from initiatives.models import StatusUpdate, Upload
from stakeholders.models import User
from tests.factories import cell_of

from .old_sheets import sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path: Path, konsulent: User, korsbaek: Any) -> Any:
    def command(content: bytes, *args: str, by: str = "", day: str = "2023-05-31") -> str:
        file, out = tmp_path / "gammel.xlsx", io.StringIO()
        file.write_bytes(content)
        call_command(
            "import_old_statuses", str(file), f"--as-of={day}", f"--by={by or konsulent.email}", *args, stdout=out
        )
        return out.getvalue()

    return command


RIGHT = sheet(["Kommune", 9, 10], ["Korsbæk", "I gang (gul)", "Færdig"])
UNKNOWN = sheet(["Kommune", 9, 10, "Andet"], ["Korsbæk", "I gang", "x", "hej"], ["Andeby", "I gang"])


def test_it_writes_and_says_so(run: Any, korsbaek: Any, konsulent: User) -> None:
    said = run(RIGHT)
    assert "2 nye svar. Arket Status, pr. 31.05.2023." in said
    assert "“I gang (gul)”: I gang, Gul (1 celle)" in said
    assert said.endswith("2 svar er skrevet i loggen.\n")
    row = cell_of(9, korsbaek).updates.get()
    assert (row.recorded_by, row.on_behalf_of, row.origin) == (konsulent, korsbaek, "sheet")
    assert "2 svar står i loggen i forvejen" in run(RIGHT)
    assert StatusUpdate.objects.count() == 2


def test_a_dry_run_writes_nothing(run: Any) -> None:
    assert run(RIGHT, "--dry-run").endswith("2 svar ville blive skrevet.\n")
    assert not StatusUpdate.objects.exists() and not Upload.objects.exists()


def test_what_is_not_understood_stops_it(run: Any, capsys: Any) -> None:
    with pytest.raises(CommandError, match="Ikke alt er forstået, og intet er skrevet"):
        run(UNKNOWN)
    assert not StatusUpdate.objects.exists() and not Upload.objects.exists()


def test_unless_it_is_skipped_or_told(run: Any) -> None:
    said = run(UNKNOWN, "--skip-unknown", "--word=x=Gennemført")
    for line in (
        "IKKE FORSTÅET: Kolonne D1 “Andet”: Overskriften er hverken nummer eller titel på en anbefaling.",
        "IKKE FORSTÅET: Arket Status, celle A3: Der er ingen kommune, der hedder “Andeby”.",
        "“x”: Gennemført, som du har sagt (1 celle)",
        "2 svar er skrevet i loggen.",
    ):
        assert line in said
    assert set(StatusUpdate.objects.values_list("status", flat=True)) == {"in_progress", "completed"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"by": "ingen@kl.example"}, "er ikke en aktiv KL-konsulent"),
        ({"day": "i går"}, "skriv en dato"),
        ({"day": "2099-01-01"}, "skriv en dato"),
        ({"day": "2019-01-01"}, "Der var ingen handleplan den dag."),
    ],
)
def test_it_is_told_what_is_wrong(run: Any, args: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(RIGHT, **args)


def test_only_a_consultant(run: Any, hr: User, laeser: User) -> None:
    for user in (hr, laeser):
        with pytest.raises(CommandError, match="er ikke en aktiv KL-konsulent"):
            run(RIGHT, by=user.email)


@pytest.mark.parametrize("word", ["--word=x", "--word==I gang", "--word=x=måske"])
def test_a_word_needs_a_status(run: Any, word: str) -> None:
    with pytest.raises(CommandError, match="skriv et ord og en status"):
        run(RIGHT, word)


def test_a_file_that_is_none(run: Any, tmp_path: Path, konsulent: User) -> None:
    with pytest.raises(CommandError, match="Filen er ikke et regneark"):
        run(b"%PDF-1.7")
    with pytest.raises(CommandError, match="Filen kan ikke læses"):
        call_command("import_old_statuses", str(tmp_path / "x.xlsx"), "--as-of=2023-05-31", f"--by={konsulent.email}")
