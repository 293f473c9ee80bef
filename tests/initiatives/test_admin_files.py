"""Export from the admin and import into it: what Danish spreadsheets read and write."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tablib import Dataset

from flere_haender.days import today
from initiatives.admin.files import DanishCSV, SafeXLSX
from initiatives.models import Progress
from stakeholders.models import Municipality, User
from tests.factories import THISTED, AsUser, recommendation

pytestmark = pytest.mark.django_db

RECOMMENDATIONS = "admin:initiatives_recommendation"
MUNICIPALITIES = "admin:stakeholders_municipality"


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


# Export


def exported(client: Client, where: str, kind: int = 0) -> bytes:
    return client.post(reverse(f"{where}_export"), {"format": str(kind), "resource": "0"}).content


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_csv_is_as_danish_excel_reads_it(client: Client) -> None:
    content = exported(client, RECOMMENDATIONS)
    assert content.startswith(b"\xef\xbb\xbfNummer;Titel;")
    assert [row[0] for row in table(content)[1:]] == [str(number) for number in range(1, 27)]


def test_the_export_is_what_the_list_shows(client: Client) -> None:
    url = reverse(f"{MUNICIPALITIES}_export") + "?kkr=nordjylland&q=Ålborg"
    rows = table(client.post(url, {"format": "0", "resource": "0"}).content)
    assert [row[:2] for row in rows[1:]] == [["851", "Aalborg"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_text_is_a_formula(client: Client, konsulent: User, start: str) -> None:
    title = f"{start}HYPERLINK(1)"
    recommendation(1).reword(by=konsulent, title=title, summary="x")
    assert table(exported(client, RECOMMENDATIONS))[1][1] == f"'{title}"
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, RECOMMENDATIONS, 1))).active
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["A2"].value) == (f"'{title}", "s", 1)


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("where", [RECOMMENDATIONS, MUNICIPALITIES])
def test_what_is_exported_comes_in_again_as_no_change(client: Client, konsulent: User, where: str, kind: int) -> None:
    recommendation(1).reword(by=konsulent, title="=1+1", summary="- et\n- to", overview_title="'citat")
    page = preview(client, where, exported(client, where, kind), name=("x.csv", "x.xlsx")[kind])
    assert page.context["result"].totals["skip"] == page.context["result"].total_rows > 20


def test_who_may_not_look_does_not_export_or_import(as_user: AsUser, hr: User, laeser: User) -> None:
    for user in (hr, laeser):
        for where in (RECOMMENDATIONS, MUNICIPALITIES):
            for page in ("import", "export", "process_import"):
                assert as_user(user).post(reverse(f"{where}_{page}"), {"format": "0"}).status_code == 403


# Import


def as_csv(*rows: list[str]) -> bytes:
    return "\r\n".join(";".join(row) for row in rows).encode("utf-8-sig")


def preview(client: Client, where: str, content: bytes, *, name: str = "fil.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse(f"{where}_import"), {"import_file": file, "resource": "0"})


def confirm(client: Client, where: str, page: Any) -> Any:
    return client.post(reverse(f"{where}_process_import"), page.context["confirm_form"].initial, follow=True)


def test_a_row_whose_only_change_is_in_the_texts_is_imported(client: Client, konsulent: User) -> None:
    page = preview(client, RECOMMENDATIONS, as_csv(["Nummer", "Titel"], ["1", "En ny titel"]))
    html = page.content.decode()
    assert "0 nye, 1 ændrede, 0 uændrede." in html and "<ins>" in html and "<del>" in html
    assert recommendation(1).title != "En ny titel"
    before = recommendation(1)
    done = confirm(client, RECOMMENDATIONS, page)
    assert "Filen er indlæst: 0 nye, 1 ændrede, 0 uændrede." in done.content.decode()
    after = recommendation(1)
    assert (after.title, after.summary, after.short_name) == ("En ny titel", before.summary, before.short_name)
    assert after.texts.latest("pk").recorded_by == konsulent and after.texts.count() == 2


def test_a_new_recommendation_comes_in_with_its_cells(client: Client) -> None:
    header = ["Nummer", "Titel", "Kort navn", "Indsatsområde", "Resumé", "Kilde", "Sted i kilden"]
    row = ["27", "Ny titel", "Ny", "1", "Om det nye", "flere-haender-2", "side 1"]
    confirm(client, RECOMMENDATIONS, preview(client, RECOMMENDATIONS, as_csv(header, row)))
    added = recommendation(27)
    assert (added.title, added.cells.count()) == ("Ny titel", 99)


def test_municipalities_move_and_arrive_through_the_file(client: Client) -> None:
    header = ["Kode", "Navn", "Myndighedsnavn", "CVR-nummer", "Dansk rækkefølge", "KKR", "Region"]
    moved = ["787", "Thisted", "Thisted Kommune", "29189560", "83", "KKR Midtjylland", "Region Midtjylland"]
    there = Municipality.objects.get(code=THISTED)
    moved[3], moved[4] = there.cvr, str(there.sort_order)
    new = ["998", "Ny", "Ny Kommune", "87654321", "100", "KKR Sjælland", "Region Sjælland"]
    done = confirm(client, MUNICIPALITIES, preview(client, MUNICIPALITIES, as_csv(header, moved, new)))
    assert "Filen er indlæst: 1 nye, 1 ændrede, 0 uændrede." in done.content.decode()
    placed: Any = Municipality.objects.placed(as_of=today())
    assert placed.get(code=THISTED).kkr.slug == "midtjylland" and there.placements.count() == 2
    assert (placed.get(code=998).region.name, Progress.objects.filter(municipality__code=998).count()) == (
        "Region Sjælland",
        26,
    )


FAULTY_ROWS = [
    (RECOMMENDATIONS, ["Nummer", "Titel"], ["2", ""], "Titel: Feltet skal udfyldes."),
    (RECOMMENDATIONS, ["Nummer", "Indsatsområde"], ["2", "99"], "Der findes ikke noget, der hedder “99”"),
    (RECOMMENDATIONS, ["Nummer", "Titel"], ["2", "x" * 201], "Skriv højst 200 tegn."),
    (MUNICIPALITIES, ["Kode", "Dansk rækkefølge"], ["787", "to"], "Skriv et helt tal i stedet for “to”."),
    (MUNICIPALITIES, ["Kode", "CVR-nummer"], ["787", "12"], "CVR-nummeret skal have otte cifre."),
    (MUNICIPALITIES, ["Kode", "KKR"], ["787", "Jylland"], "KKR: Der findes ikke noget, der hedder “Jylland”"),
    (MUNICIPALITIES, ["Kode", "Navn"], ["787", "Aalborg"], "Navn: "),
]


@pytest.mark.parametrize(("where", "header", "row", "fault"), FAULTY_ROWS)
def test_a_faulty_row_stops_the_whole_file(
    client: Client, where: str, header: list[str], row: list[str], fault: str
) -> None:
    good = ["1", recommendation(1).title] if where == RECOMMENDATIONS else ["851", "Aalborg"]
    good = good if header[1] in ("Titel", "Navn") else []
    page = preview(client, where, as_csv(header, *([good] if good else []), row))
    html = page.content.decode()
    assert page.status_code == 200 and fault in html
    assert "Filen har fejl. Intet er indlæst." in html and "confirm_form" not in page.context
    assert f'<th scope="row">{3 if good else 2}</th>' in html


FAULTY_FILES = [
    (b"", "fil.csv", "tom"),
    (b"Nummer;Titel\r\n", "fil.csv", "Filen er tom."),
    (b"Nummer;Titel;Farve\r\n1;x;y", "fil.csv", "Ukendte kolonner: Farve."),
    (b"Titel\r\nx", "fil.csv", "Kolonnen “Nummer” mangler."),
    (b"Nummer;Titel;Titel\r\n1;x;y", "fil.csv", "Kolonnen står to gange: Titel."),
    (b"Nummer;Titel\r\n1;x\r\n1;y", "fil.csv", "Nummer står i flere rækker: 1."),
    (b"Nummer;Titel\r\n;x", "fil.csv", "Nummer mangler i række 2."),
    (b"Nummer;Titel\r\n1;x;y", "fil.csv", "Række 2 har flere felter end overskrifterne."),
    (
        b"Nummer;Titel\r\n1;x\r\nto;y",
        "fil.csv",
        "Række 3, Nummer: Skriv et nummer som 10 eller flere-haender-3-10 i stedet for “to”.",
    ),
    (b"\x00\x01\x02", "fil.csv", "Filen er ikke et regneark."),
    (b"Nummer;Titel\r\n1;x", "fil.xlsx", "Vælg en Excel-fil (.xlsx)."),
    (b"hej", "fil.pdf", "Filen har en forkert type."),
    (b"x" * (2 * 1024 * 1024 + 1), "fil.csv", "Filen er for stor."),
    (b"Nummer\r\n" + b"1\r\n" * 2001, "fil.csv", "Filen har for mange rækker."),
]


@pytest.mark.parametrize(("content", "name", "fault"), FAULTY_FILES, ids=[fault for _, _, fault in FAULTY_FILES])
def test_a_faulty_file_is_refused_in_danish(client: Client, content: bytes, name: str, fault: str) -> None:
    page = preview(client, RECOMMENDATIONS, content, name=name)
    assert page.status_code == 200 and fault in page.content.decode()
    assert "confirm_form" not in page.context


def test_no_file_is_refused(client: Client) -> None:
    assert (
        "Dette felt er påkrævet."
        in client.post(reverse(f"{RECOMMENDATIONS}_import"), {"resource": "0"}).content.decode()
    )


def test_a_file_of_an_older_spreadsheet_keeps_its_letters() -> None:
    dataset = DanishCSV().create_dataset("Nummer;Titel\r\n1;Ærø".encode("cp1252"))
    assert dataset.dict == [{"Nummer": "1", "Titel": "Ærø"}]


def test_numbers_of_a_workbook_are_read_as_they_are_written() -> None:
    content = SafeXLSX().export_data(Dataset([787, 12345678.0], headers=["Kode", "CVR-nummer"]))
    assert SafeXLSX().create_dataset(content).dict == [{"Kode": "787", "CVR-nummer": "12345678"}]


def test_what_changed_since_the_preview_is_previewed_again(client: Client, konsulent: User) -> None:
    page = preview(client, RECOMMENDATIONS, as_csv(["Nummer", "Titel"], ["1", "Min titel"]))
    recommendation(1).reword(by=konsulent, title="Deres titel", summary="Deres resumé")
    again = confirm(client, RECOMMENDATIONS, page)
    assert again.status_code == 409
    assert "Noget er ændret, siden du så forhåndsvisningen." in again.content.decode()
    assert recommendation(1).title == "Deres titel"
    confirm(client, RECOMMENDATIONS, again)
    assert recommendation(1).title == "Min titel"


def test_a_file_that_no_longer_waits_is_asked_for_again(client: Client) -> None:
    page = preview(client, RECOMMENDATIONS, as_csv(["Nummer", "Titel"], ["1", "Min titel"]))
    confirm(client, RECOMMENDATIONS, page)
    assert "Filen venter ikke længere." in confirm(client, RECOMMENDATIONS, page).content.decode()
    for given in ({}, {"import_file_name": "../../etc/passwd", "format": "9"}):
        done = client.post(reverse(f"{RECOMMENDATIONS}_process_import"), given, follow=True)
        assert "Filen venter ikke længere." in done.content.decode()
