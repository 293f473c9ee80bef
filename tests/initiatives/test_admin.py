"""The admin of the plan and of the statuses: the log only grows, and only through ``record``."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from flere_haender.days import today
from initiatives.admin import plan
from initiatives.admin.files import DanishCSV, SafeXLSX, as_dataset
from initiatives.admin.progress import newest_of
from initiatives.models import Addressing, Progress, Recommendation, RecommendationText, StatusUpdate
from stakeholders.models import Actor, Municipality, User
from tests.factories import THISTED, cell_of, make_user

pytestmark = pytest.mark.django_db

AsUser = Callable[[User | None], Client]
CELLS = "admin:initiatives_progress_changelist"
RECOMMENDATIONS = "admin:initiatives_recommendation"
MUNICIPALITIES = "admin:stakeholders_municipality"


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


@pytest.fixture
def cell(korsbaek: Municipality) -> Progress:
    return cell_of(10, korsbaek)


def recommendation(number: int) -> Recommendation:
    return Recommendation.objects.with_text(as_of=today()).get(number=number)


def answer(**fields: Any) -> dict[str, Any]:
    return {
        "status": "in_progress",
        "signal": "yellow",
        "note": "Vi er i gang.",
        "key": uuid.uuid4(),
        "seen": "",
    } | fields


def record_url(cell: Progress) -> str:
    return reverse("admin:initiatives_progress_record", args=[cell.pk])


# The logs are looked at


def test_rows_of_the_logs_are_not_edited_or_added(client: Client, cell: Progress, hr: User, as_user: AsUser) -> None:
    row = cell.record("planned", by=hr, note="Før")
    rows: tuple[Any, ...] = (row, RecommendationText.objects.first(), Addressing.objects.first())
    for user in (None, make_user(is_superuser=True)):
        browser = client if user is None else as_user(user)
        for log_row in rows:
            where = f"admin:{log_row._meta.app_label}_{log_row._meta.model_name}"
            url = reverse(f"{where}_change", args=[log_row.pk])
            assert browser.get(url).status_code == 200
            assert browser.post(url, {"note": "Efter", "title": "Efter"}).status_code == 403
            assert browser.get(reverse(f"{where}_add")).status_code == 403
    row.refresh_from_db()
    assert row.note == "Før"
    assert not RecommendationText.objects.filter(title="Efter").exists()


def test_who_is_not_kl_does_not_read_internal_notes(client: Client, as_user: AsUser, cell: Progress, hr: User) -> None:
    row = cell.record("planned", by=hr, internal_note="Kun vi ved det")
    superuser = as_user(make_user(is_superuser=True))
    row_url = reverse("admin:initiatives_statusupdate_change", args=[row.pk])
    cell_url = reverse("admin:initiatives_progress_change", args=[cell.pk])
    for url in (row_url, cell_url):
        assert "Kun vi ved det" in client.get(url).content.decode()
        assert "Kun vi ved det" not in superuser.get(url).content.decode()


# One status


def test_only_the_responsible_unit_is_edited_in_place(client: Client, cell: Progress, thisted: Municipality) -> None:
    url = reverse("admin:initiatives_progress_change", args=[cell.pk])
    fields = {"responsible_unit": "HR og løn", "municipality": thisted.pk, "recommendation": recommendation(1).pk}
    assert client.post(url, fields).status_code == 302
    after = Progress.objects.get(pk=cell.pk)
    assert (after.responsible_unit, after.municipality_id) == ("HR og løn", cell.municipality_id)
    assert after.recommendation_id == cell.recommendation_id


def test_a_status_is_recorded_on_behalf_of_the_municipality(client: Client, cell: Progress, konsulent: User) -> None:
    response = client.post(record_url(cell), answer())
    assert response["Location"] == reverse("admin:initiatives_progress_change", args=[cell.pk])
    row = cell.updates.get()
    assert (row.status, row.signal, row.recorded_by, row.on_behalf_of) == (
        "in_progress",
        "yellow",
        konsulent,
        cell.municipality,
    )
    assert "KL på vegne af Korsbæk Kommune" in client.get(response["Location"]).content.decode()


def test_the_same_key_twice_writes_once(client: Client, cell: Progress) -> None:
    given = answer()
    assert [client.post(record_url(cell), given).status_code for _ in range(2)] == [302, 302]
    assert cell.updates.count() == 1


def test_a_row_is_corrected_and_withdrawn(client: Client, cell: Progress, hr: User) -> None:
    first = cell.record("completed", by=hr)
    page = client.get(record_url(cell), {"corrects": first.pk}).content.decode()
    assert "Du retter svaret fra" in page and "Træk svaret tilbage" in page
    client.post(record_url(cell), answer(corrects=first.pk, seen=first.pk))
    second = cell.updates.get(corrects=first)
    gone = answer(status="", signal="", note="Var en fejl", corrects=second.pk, seen=second.pk)
    client.post(record_url(cell), gone)
    assert cell.updates.get(corrects=second).is_withdrawal
    assert client.get(record_url(cell), {"corrects": first.pk}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"status": ""}, "Vælg en status."),
        ({"status": "not_relevant", "signal": "", "note": ""}, "Skriv, hvorfor anbefaling 10 ikke er relevant"),
        ({"status": "completed"}, "Trafiklys kan kun vælges ved Planlagt og I gang."),
        ({"effective_on": "2999-01-01"}, "Datoen kan ikke ligge efter i dag."),
        ({"corrects": "7"}, "Svaret, der rettes, findes ikke her."),
    ],
)
def test_refusals_stand_at_the_fields_and_lose_nothing(
    client: Client, cell: Progress, fields: dict[str, str], refusal: str
) -> None:
    response = client.post(record_url(cell), answer(internal_note="Skrevet før") | fields)
    assert response.status_code == 422
    assert refusal in response.content.decode() and "Skrevet før" in response.content.decode()
    assert not cell.updates.exists()


def test_changed_since_shows_both_versions(client: Client, cell: Progress, hr: User) -> None:
    theirs = cell.record("completed", by=hr, note="Vi blev færdige")
    response = client.post(record_url(cell), answer())
    html = response.content.decode()
    assert response.status_code == 409
    assert "En anden har gemt imens." in html and "Vi blev færdige" in html and "Vi er i gang." in html
    assert f'name="seen" value="{theirs.pk}"' in html
    assert cell.updates.count() == 1


def test_a_superuser_without_a_role_looks_and_does_not_record(as_user: AsUser, cell: Progress) -> None:
    client = as_user(make_user(is_superuser=True))
    page = client.get(reverse("admin:initiatives_progress_change", args=[cell.pk])).content.decode()
    assert "Du kan se status her, men ikke registrere den." in page and 'name="status"' not in page
    response = client.post(record_url(cell), answer())
    assert response.status_code == 403
    assert "Du kan se status her, men ikke registrere den." in response.content.decode()
    chosen = {"action": "record_selected", "_selected_action": cell.pk, "record": "1", **answer()}
    response = client.post(reverse(CELLS), chosen, follow=True)
    assert "Du kan se status her, men ikke registrere den." in response.content.decode()
    assert not StatusUpdate.objects.exists()


# Many statuses


def chosen(*cells: Progress, **fields: Any) -> dict[str, Any]:
    seen = {f"seen-{cell.pk}": newest_of(cell) or "" for cell in cells}
    selected = {"action": "record_selected", "_selected_action": [cell.pk for cell in cells], "record": "1"}
    return selected | seen | {"status": "planned", "key": uuid.uuid4()} | fields


def test_the_chosen_cells_get_the_same_status(client: Client, korsbaek: Municipality) -> None:
    cells = [cell_of(10, korsbaek), cell_of(11, korsbaek), cell_of(10)]
    asked = client.post(reverse(CELLS), {"action": "record_selected", "_selected_action": [cell.pk for cell in cells]})
    assert "Gem på alle 3 rækker" in asked.content.decode()
    given = chosen(*cells, note="Aftalt på mødet", expected_on="2027-05-01")
    for _ in range(2):  # the second is the same form again
        assert client.post(reverse(CELLS), given).status_code == 302
    rows = StatusUpdate.objects.filter(progress__in=cells)
    assert [(row.status, row.note, row.expected_on) for row in rows] == 3 * [
        ("planned", "Aftalt på mødet", date(2027, 5, 1))
    ]


def test_when_one_refuses_none_is_written(client: Client, korsbaek: Municipality) -> None:
    asked, not_asked = cell_of(10, korsbaek), cell_of(4, korsbaek)
    response = client.post(reverse(CELLS), chosen(asked, not_asked))
    html = response.content.decode()
    assert response.status_code == 422
    assert "Intet er gemt. 1 af 2 rækker blev afvist" in html
    assert "Kommunerne er ikke spurgt om anbefaling 4" in html
    assert not StatusUpdate.objects.exists()


def test_what_another_recorded_meanwhile_is_shown(client: Client, korsbaek: Municipality, hr: User) -> None:
    first, second = cell_of(10, korsbaek), cell_of(11, korsbaek)
    given = chosen(first, second)
    theirs = second.record("completed", by=hr, note="Vi blev færdige")
    response = client.post(reverse(CELLS), given)
    assert "En anden har gemt imens: Gennemført" in response.content.decode()
    assert list(StatusUpdate.objects.all()) == [theirs]


def test_what_holds_is_withdrawn_on_all(client: Client, korsbaek: Municipality, hr: User) -> None:
    first, second = cell_of(10, korsbaek), cell_of(11, korsbaek)
    first.record("completed", by=hr)
    refused = client.post(reverse(CELLS), chosen(first, second, status="withdraw", note="Fejl"))
    assert "Der er intet svar at trække tilbage." in refused.content.decode()
    assert StatusUpdate.objects.count() == 1
    second.record("completed", by=hr)
    given = chosen(first, second, status="withdraw", note="Fejl")
    for _ in range(2):
        assert client.post(reverse(CELLS), given).status_code == 302
    cells = Progress.objects.filter(pk__in=[first.pk, second.pk]).with_status(as_of=today())
    assert [cell.status for cell in cells] == 2 * ["not_assessed"]
    assert StatusUpdate.objects.count() == 4


def test_too_many_at_once_are_refused(client: Client) -> None:
    everything = {"action": "record_selected", "select_across": "1", "_selected_action": cell_of(1).pk}
    response = client.post(reverse(CELLS), everything, follow=True)
    assert "Vælg højst 200 rækker ad gangen." in response.content.decode()


# The plan


def plan_fields(**fields: Any) -> dict[str, Any]:
    row = recommendation(1)
    given = {
        "short_name": row.short_name,
        "focus_area": row.focus_area_id,
        "source": row.source_id,
        "place": row.place,
    }
    given |= {"title": row.title, "overview_title": row.overview_title, "summary": row.summary}
    given |= {"seen": row.texts.order_by("-pk").values_list("pk", flat=True).first()}
    return given | no_rows() | fields


def no_rows() -> dict[str, str]:
    return {f"{prefix}-{kind}_FORMS": "0" for prefix in ("texts", "addressings") for kind in ("TOTAL", "INITIAL")}


def test_a_changed_text_is_a_new_version(client: Client, konsulent: User) -> None:
    row = recommendation(1)
    url = reverse(f"{RECOMMENDATIONS}_change", args=[row.pk])
    assert client.post(url, plan_fields(short_name="Nyt", number=77)).status_code == 302
    assert row.texts.count() == 1
    assert client.post(url, plan_fields(title="En ny titel", effective_on="2026-01-15")).status_code == 302
    after = recommendation(1)
    assert (after.short_name, after.title) == ("Nyt", "En ny titel")
    newest = row.texts.latest("pk")
    assert (newest.recorded_by, newest.effective_on, row.texts.count()) == (konsulent, date(2026, 1, 15), 2)
    before = Recommendation.objects.with_text(as_of=date(2026, 1, 14)).get(number=1)
    assert before.title == row.title


def test_two_who_change_a_text_see_both(client: Client, konsulent: User) -> None:
    row, given = recommendation(1), plan_fields(title="Min titel")
    row.reword(by=konsulent, title="Deres titel", summary="Deres resumé")
    html = client.post(reverse(f"{RECOMMENDATIONS}_change", args=[row.pk]), given).content.decode()
    assert "Deres titel" in html and "Min titel" in html
    assert recommendation(1).title == "Deres titel"


def test_a_text_does_not_hold_from_tomorrow(client: Client) -> None:
    row = recommendation(1)
    given = plan_fields(title="Ny", effective_on="2999-01-01")
    html = client.post(reverse(f"{RECOMMENDATIONS}_change", args=[row.pk]), given).content.decode()
    assert "Datoen skal ligge mellem 2018 og i dag." in html


def test_a_new_recommendation_gets_its_cells(client: Client, korsbaek: Municipality) -> None:
    given = plan_fields(title="Helt ny", number=27, short_name="Ny")
    assert client.post(reverse(f"{RECOMMENDATIONS}_add"), given).status_code == 302
    added = recommendation(27)
    assert (added.title, added.cells.count()) == ("Helt ny", 100)


def test_the_addressing_changes_from_a_day(client: Client, konsulent: User) -> None:
    row, actor = recommendation(10), Actor.objects.get(slug="kommuner")
    url = reverse(f"{RECOMMENDATIONS}_address", args=[row.pk])
    given = {"actor": actor.pk, "basis": "overview", "addressed": "0", "effective_on": "2026-05-01"}
    assert client.post(url, given).status_code == 302
    newest = row.addressings.latest("pk")
    assert (newest.addressed, newest.recorded_by, newest.effective_on) == (False, konsulent, date(2026, 5, 1))
    assert not cell_of(10).is_asked(as_of=today()) and cell_of(10).is_asked(as_of=date(2026, 4, 30))
    again = client.post(url, given, follow=True)
    assert "Sådan var det allerede den dag." in again.content.decode()
    refused = client.post(url, given | {"effective_on": "2999-01-01"})
    assert "Datoen skal ligge mellem 2018 og i dag." in refused.content.decode()


# Reports


def report_on(client: Client, where: str, action: str, *rows: Any) -> Any:
    given = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(f"{where}_changelist"), given, follow=True)


def test_the_report_of_one_municipality_is_a_pdf(client: Client, korsbaek: Municipality) -> None:
    response = report_on(client, MUNICIPALITIES, "status_reports", korsbaek)
    assert response["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF")
    assert "Statusrapport%20Korsb%C3%A6k%20Kommune" in response["Content-Disposition"]


def test_the_reports_of_several_come_in_one_zip_that_is_always_the_same(
    client: Client, korsbaek: Municipality, thisted: Municipality
) -> None:
    one, two = (report_on(client, MUNICIPALITIES, "status_reports", korsbaek, thisted) for _ in range(2))
    names = zipfile.ZipFile(io.BytesIO(one.content)).namelist()
    assert [name.split()[1] for name in names] == ["Korsbæk", "Thisted"]
    assert one.content == two.content


def test_more_than_five_reports_are_refused(client: Client) -> None:
    response = report_on(client, MUNICIPALITIES, "status_reports", *Municipality.objects.all()[:6])
    assert "Vælg højst 5 kommuner ad gangen." in response.content.decode()


def test_the_national_report_on_the_chosen_recommendations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    def as_pdf(report: Any) -> bytes:
        shown.append(report)
        return b"%PDF"

    monkeypatch.setattr(plan, "as_pdf", as_pdf)
    response = report_on(client, RECOMMENDATIONS, "status_report", recommendation(3), recommendation(10))
    assert response["Content-Type"] == "application/pdf"
    assert [row.number for theme in shown[0].themes for row in theme.rows] == [3, 10]


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
    (b"Nummer;Titel\r\n1;x\r\nto;y", "fil.csv", "Række 3, Nummer: Skriv et helt tal i stedet for “to”."),
    (b"\x00\x01\x02", "fil.csv", "Filen kan ikke læses."),
    (b"Nummer;Titel\r\n1;x", "fil.xlsx", "Filen kan ikke læses. Vælg en XLSX-fil"),
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
    content = SafeXLSX().export_data(as_dataset([["Kode", "CVR-nummer"], [787, 12345678.0]]))
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
