"""Every page, for those whom it is for, on a wide screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from initiatives.reports import CONTENTS

from .checks import check_page
from .conftest import Browse

HR = "hr@korsbaek.example"
LEDER = "leder@korsbaek.example"
KONSULENT = "konsulent@kl.example"
ADMIN = "admin@kl.example"

EVERYTHING = "&".join(f"med={name}" for name in CONTENTS)
THEN = "?pr=2025-06-01&siden=2025-01-01"

# Who, where, and what the server answers.
PAGES = [
    (None, "/", 200),
    (None, "/anbefalinger/", 200),
    (None, "/anbefalinger/?tema=2&status=in_progress&q=elever", 200),
    (None, "/anbefalinger/?q=findesikke", 200),
    (None, "/anbefalinger/?tema=99&pr=igaar", 400),
    (None, "/anbefalinger/2/", 200),  # KL and the municipalities disagree
    (None, "/anbefalinger/15/", 200),
    (None, "/anbefalinger/20/", 200),
    (None, "/anbefalinger/4/", 200),  # not for the municipalities
    (None, f"/anbefalinger/10/{THEN}", 200),
    (None, "/handleplaner/", 200),
    (None, "/handleplaner/flere-haender-2/", 200),
    (None, "/handleplaner/flere-haender-2018/", 200),
    (None, "/kommuner/", 200),
    (None, "/kommuner/?q=Ålborg", 200),
    (None, "/kommuner/?q=findesikke", 200),
    (None, "/kommuner/851/", 200),
    (None, "/rapport/", 200),
    (None, f"/rapport/{THEN}&til=Udvalget&sag=27.00.00-A00&af=Direktionen", 200),
    (None, "/rapport/?pr=igaar", 400),
    (HR, f"/rapporter/?om=kommune:999&{EVERYTHING}", 200),
    (HR, f"/rapporter/?om=landet&siden=2025-01-01&{EVERYTHING}", 200),
    (None, "/rapporter/", 200),
    (None, f"/rapporter/{THEN}&om=tema:2&med=overblik&med=svar", 200),
    (None, "/rapporter/?om=landet&med=findesikke", 400),
    (None, "/rapporter/?om=findesikke", 404),
    (None, "/rapporter/udstedte/", 200),
    (None, "/rapporter/udstedte/999999.pdf", 200),  # signs in first
    (None, "/om-tallene/", 200),
    (None, "/privatliv/", 200),
    (None, "/tilgaengelighed/", 200),
    (None, "/tidslinje/", 200),
    (None, "/tidslinje/?q=findesikke", 200),
    (None, "/tidslinje/?art=findesikke", 400),
    (None, "/tidslinje/ok21/", 200),
    (None, "/tidslinje/finanslov-2021/", 200),
    (None, "/kilder/", 200),
    (None, "/indikatorer/", 200),
    (None, "/indikatorer/?q=findesikke", 200),
    (None, "/indikatorer/?emne=findesikke", 400),
    (None, "/indikatorer/flere-80-plus-2030/", 200),
    (None, "/casebank/", 200),
    (None, "/casebank/?q=findesikke", 200),
    (None, "/casebank/faelles-fynsk-mentorkorps/", 200),
    (None, "/ordliste/", 200),
    (None, "/planens-baggrund/", 200),
    (None, "/soeg/", 200),
    (None, "/soeg/?q=fuldtid", 200),
    (None, "/soeg/?q=findesikke", 200),
    (None, "/data/", 200),
    (None, "/konto/login/", 200),
    (None, "/konto/login/?next=/kommuner/999/", 200),
    (None, "/konto/lukket/", 200),
    (None, "/konto/inaktiv/", 200),
    (None, "/konto/adgangskode/glemt/", 200),
    (None, "/konto/adgangskode/glemt/sendt/", 200),
    (None, "/konto/adgangskode/ny/1-udloebet/", 200),
    (None, "/konto/adgangskode/ny/gemt/", 200),
    (None, "/brugere/invitation/findes-ikke/", 404),
    (None, "/findes-ikke/", 404),
    (HR, "/", 200),
    (HR, "/anbefalinger/?aktoer=kommuner", 200),
    (HR, "/anbefalinger/10/", 200),
    (HR, "/anbefalinger/15/", 200),
    (HR, f"/anbefalinger/10/{THEN}", 200),
    (HR, "/kommuner/", 200),
    (HR, "/kommuner/?q=findesikke", 200),
    (HR, "/kommuner/999/", 200),
    (HR, f"/kommuner/999/{THEN}", 200),
    (HR, "/kommuner/999/?pr=igaar", 400),
    (HR, "/kommuner/151/", 200),  # has never answered
    (HR, "/kommuner/787/", 200),
    (HR, "/kommuner/999/anbefalinger/10/status/", 200),
    (HR, "/kommuner/999/anbefalinger/25/status/", 200),  # the text does not name the municipalities
    (HR, "/kommuner/999/anbefalinger/15/spoergsmaal/", 200),
    (HR, "/kommuner/999/anbefalinger/14/spoergsmaal/", 200),
    (HR, "/kommuner/999/anbefalinger/1/spoergsmaal/", 404),  # has no questions
    (HR, f"/kommuner/999/rapport/{THEN}", 200),
    (HR, "/rapporter/", 200),
    (HR, "/rapporter/udstedte/", 200),
    (HR, "/rapporter/?om=kommune:999&med=indsatser&med=svar&med=sag", 200),
    (HR, f"/rapporter/{THEN}&om=kkr:sjaelland&med=overblik&med=opmaerksomhed&med=tabel&med=aendringer", 200),
    (HR, "/rapporter/?om=anbefaling:10&siden=2026-09-01", 200),
    (HR, "/rapporter/?om=anbefaling:4", 200),  # not for the municipalities
    (HR, "/rapporter/?om=runde:1", 200),
    (HR, "/kommuner/787/anbefalinger/10/status/", 403),
    (HR, "/kommuner/100/", 404),
    (HR, "/kommuner/999/status/", 200),
    (HR, "/kommuner/999/status/?vis=tabel", 200),
    (HR, "/kommuner/999/status/?ret=10", 200),
    (HR, "/kommuner/999/status/indsend/", 200),
    (HR, "/kommuner/787/status/", 404),
    (HR, "/runder/", 404),
    (HR, "/min-side/", 200),
    (HR, "/kommuner/999/arkiv/", 200),
    (HR, "/kommuner/787/arkiv/", 404),
    (HR, "/kommuner/999/indsatser/", 200),
    (HR, "/kommuner/999/indsatser/?anbefaling=99&fase=nej", 400),
    (HR, "/kommuner/999/indsatser/?q=findesikke", 200),
    (HR, "/kommuner/999/indsatser/ny/", 200),
    (HR, "/kommuner/999/indsatser/ny/?fra=1", 200),
    (HR, "/kommuner/999/indsatser/ny/?case=menn-i-helse", 200),
    (HR, "/kommuner/787/indsatser/", 200),
    (HR, "/kommuner/787/indsatser/ny/", 403),
    (HR, "/indsatser/", 200),
    (HR, "/indsatser/?udfordring=pres-paa-vejledningen", 200),
    (HR, "/indsatser/1/", 200),
    (HR, "/indsatser/8/", 200),
    (HR, "/indsatser/8/ret/", 200),
    (HR, "/indsatser/999999/", 404),
    (HR, "/matrix/", 200),
    (HR, f"/matrix/{THEN}&kkr=nordjylland", 200),
    (HR, "/matrix/?status=on_hold&maaneder=12&sorter=aendret", 200),
    (HR, "/matrix/?signal=red&status=completed", 200),
    (HR, "/matrix/?kkr=findesikke", 400),
    (HR, "/matrix/?plan=flere-haender-2", 200),
    (HR, "/handleplaner/flere-haender-2/", 200),
    (HR, "/kommuner/787/anbefalinger/10/", 200),
    (HR, "/kommuner/999/anbefalinger/10/", 200),
    (HR, "/casebank/menn-i-helse/", 200),
    (HR, "/konto/adgangskode/", 200),
    (HR, "/konto/bekraeft/", 200),
    (HR, "/konto/logout/", 200),
    (HR, "/brugere/", 200),
    (HR, "/brugere/inviter/", 403),
    (LEDER, "/", 200),
    (LEDER, "/brugere/", 200),
    (LEDER, "/adgangslog/", 200),
    (LEDER, "/konto/mine-data/", 200),
    (LEDER, "/brugere/inviter/", 200),
    (LEDER, "/kommuner/999/", 200),
    (LEDER, "/kommuner/999/rapport/", 200),
    (LEDER, "/kommuner/999/status/", 200),
    (LEDER, "/kommuner/999/status/indsend/", 403),
    (LEDER, "/min-side/", 200),
    (LEDER, "/kommuner/999/anbefalinger/10/status/", 403),
    (KONSULENT, "/", 200),
    (KONSULENT, "/anbefalinger/10/", 200),
    (KONSULENT, "/anbefalinger/4/", 200),
    (KONSULENT, "/anbefalinger/10/status/", 200),
    (KONSULENT, "/kommuner/", 200),
    (KONSULENT, "/kommuner/787/", 200),
    (KONSULENT, "/kommuner/787/anbefalinger/10/status/", 200),
    (KONSULENT, "/kommuner/787/anbefalinger/15/spoergsmaal/", 200),
    (KONSULENT, "/kommuner/787/rapport/", 200),
    (KONSULENT, "/kommuner/657/indsatser/", 200),
    (KONSULENT, "/indsatser/8/ret/", 200),
    (KONSULENT, "/rapport/", 200),
    (KONSULENT, "/rapporter/?om=kkr:sjaelland", 200),
    (KONSULENT, "/rapporter/bestillinger/", 200),
    (HR, "/rapporter/bestillinger/", 404),
    (KONSULENT, "/rapporter/bestillinger/00000000-0000-0000-0000-000000000000/", 404),
    (KONSULENT, "/casebank/forslag/", 200),
    (KONSULENT, "/casebank/forslag/1/", 200),
    (KONSULENT, "/casebank/forslag/1/ret/", 200),
    (HR, "/casebank/forslag/", 404),
    (KONSULENT, "/kommuner/999/status/", 200),
    (KONSULENT, "/kommuner/999/status/?vis=tabel", 200),
    (KONSULENT, "/kommuner/999/status/indsend/", 200),
    (KONSULENT, "/kommuner/787/status/", 200),
    (KONSULENT, "/runder/", 200),
    (KONSULENT, "/runder/1/", 200),
    (KONSULENT, "/runder/1/?stade=findesikke", 200),
    (KONSULENT, "/runder/1/?q=findesikke", 200),
    (KONSULENT, "/runder/1/ret/", 200),
    (KONSULENT, "/runder/ny/", 200),
    (KONSULENT, "/min-side/", 200),
    (KONSULENT, "/brugere/", 200),
    (KONSULENT, "/brugere/?kommune=999", 200),
    (KONSULENT, "/brugere/?q=findesikke", 200),
    (KONSULENT, "/brugere/?rolle=findesikke", 400),
    (KONSULENT, "/brugere/inviter/?kommune=999", 200),
    (KONSULENT, "/matrix/?kkr=sjaelland", 200),
    (HR, "/aktivitet/", 200),
    (HR, "/aktivitet/?art=indsats&side=2", 200),
    (HR, "/aktivitet/?anbefaling=9&art=indberetning", 200),  # nothing
    (HR, "/aktivitet/?art=alt", 400),
    (KONSULENT, "/aktivitet/", 200),
    (KONSULENT, "/aktivitet/?kommune=787&side=2", 200),
    (HR, "/sammenlign/", 200),
    (HR, "/sammenlign/?med=787&med=851&med=151&med=101", 200),
    (HR, "/sammenlign/?kommune=787&med=100", 400),
    (KONSULENT, "/sammenlign/", 200),
    (KONSULENT, "/sammenlign/?kommune=151", 200),  # has never answered
    (KONSULENT, "/anbefalinger/2/", 200),
    (KONSULENT, f"/anbefalinger/10/{THEN}", 200),
    (ADMIN, "/", 200),
]


@pytest.mark.parametrize(("who", "path", "status"), PAGES)
def test_page(browse: Browse, who: str | None, path: str, status: int) -> None:
    page = browse(who)
    response = page.goto(path)
    assert response and response.status == status
    check_page(page)


def test_the_menu_on_a_phone(browse: Browse) -> None:
    page = browse(HR, viewport={"width": 390, "height": 900})
    page.goto("/")
    page.get_by_text("Menu", exact=True).click()
    check_page(page)
    page.get_by_role("link", name="Vores status").click()
    page.wait_for_url("**/kommuner/999/status/")


def test_a_sign_in_that_fails(visitor: Page) -> None:
    visitor.goto("/konto/login/")
    visitor.get_by_label("E-mail").fill("ingen@korsbaek.example")
    visitor.get_by_label("Adgangskode").fill("forkert-adgangskode")
    visitor.locator("main").get_by_role("button", name="Log på", exact=True).click()
    visitor.get_by_role("alert").wait_for()
    assert visitor.get_by_label("E-mail").input_value() == "ingen@korsbaek.example"
    check_page(visitor)


def test_the_text_for_the_case_is_copied_by_keyboard(browse: Browse) -> None:
    """Where the clipboard is open; where it is closed, the text is marked and that is said."""
    page = browse(HR)
    page.goto("/rapporter/?om=kommune:999&med=sag")
    for permissions, said in ((["clipboard-read", "clipboard-write"], "Kopieret."), ([], "Teksten er markeret.")):
        page.context.clear_permissions()
        page.context.grant_permissions(permissions)
        page.get_by_role("button", name="Kopiér Indstilling").focus()
        page.keyboard.press("Enter")
        page.locator(".report__case [role=status]", has_text=said).wait_for()
        assert page.evaluate("getSelection().toString().trim()").startswith("Forvaltningen indstiller")
        if permissions:
            assert page.evaluate("navigator.clipboard.readText()").startswith("Forvaltningen indstiller, at status")
