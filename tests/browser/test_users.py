"""A leader gives access and takes it away, and the invited comes in."""

from __future__ import annotations

import re

from django.core.signing import Signer
from playwright.sync_api import expect

from .checks import check_page
from .conftest import Browse
from .fresh import Fresh

NEW = "ny@kommune.example"


def test_invited_in_and_removed(browse: Browse, fresh: Fresh, environment: dict[str, str]) -> None:
    leader = browse(fresh.leader)
    leader.goto("/brugere/")
    leader.get_by_role("link", name="Inviter en bruger").click()
    leader.get_by_label("E-mail").fill(NEW)
    leader.get_by_role("button", name="Send invitation").click()
    leader.get_by_text("Vælg en rolle.").first.wait_for()
    check_page(leader)
    assert leader.get_by_label("E-mail").input_value() == NEW
    leader.get_by_label("Kommunal redaktør").check()
    leader.get_by_role("button", name="Send invitation").click()
    leader.get_by_text(f"{NEW} er inviteret.").wait_for()
    check_page(leader)

    again = leader.get_by_role("button", name=f"Send igen til {NEW}")
    action = again.locator("xpath=..").get_attribute("action") or ""
    number = re.sub(r"\D", "", action)
    token = Signer(key=environment["SECRET_KEY"], salt="invitation").sign(f"{number}-1")
    newcomer = browse()
    newcomer.goto(f"/brugere/invitation/{token}/?next=/kommuner/{fresh.code}/")
    check_page(newcomer)
    newcomer.get_by_label("Dit navn").fill("Nanna Yde")
    newcomer.get_by_role("button", name="Gem, og kom i gang").click()
    newcomer.get_by_text("Vælg en adgangskode.").first.wait_for()
    check_page(newcomer)
    for field in ("Adgangskode (", "Adgangskode igen"):
        newcomer.get_by_label(field).fill("fire-korte-ord-her")
    newcomer.get_by_role("button", name="Gem, og kom i gang").click()
    newcomer.wait_for_url(f"**/kommuner/{fresh.code}/")
    newcomer.get_by_text(f"Velkommen. Du er kommunal redaktør i {fresh.name} Kommune.").wait_for()

    leader.goto("/brugere/")
    leader.get_by_role("link", name="Skift rolle for Nanna Yde").click()
    check_page(leader)
    leader.get_by_label("Kommunal leder").check()
    leader.get_by_role("button", name="Skift rolle").click()
    leader.get_by_text(f"Nanna Yde er nu kommunal leder i {fresh.name} Kommune.").wait_for()
    leader.get_by_role("link", name=f"Fjern Colleague {fresh.code}").click()
    expect(leader.get_by_text("Kommunen har så ingen redaktør.")).to_have_count(0)
    leader.get_by_role("button", name="Fjern").click()
    leader.get_by_text(f"Colleague {fresh.code} har ikke længere adgang.").wait_for()
    leader.get_by_role("link", name=f"Fjern Editor {fresh.code}").click()
    leader.get_by_text("Kommunen har så ingen redaktør.").wait_for()
    check_page(leader)
    leader.get_by_role("link", name="Fortryd").click()
    leader.get_by_role("link", name="Fjern Nanna Yde").click()
    leader.get_by_role("button", name="Fjern").click()
    leader.get_by_text("Nanna Yde har ikke længere adgang.").wait_for()
    newcomer.goto(f"/kommuner/{fresh.code}/rapport/")
    newcomer.wait_for_url("**/konto/login/**")
