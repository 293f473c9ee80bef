"""A leader gives access and takes it away, and the invited comes in."""

from __future__ import annotations

import re

from django.core.signing import Signer

from .checks import check_page
from .conftest import Browse
from .test_pages import LEDER

NEW = "ny@korsbaek.example"


def test_invited_in_and_removed(browse: Browse, environment: dict[str, str]) -> None:
    leader = browse(LEDER)
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
    newcomer.goto(f"/brugere/invitation/{token}/?next=/kommuner/999/")
    check_page(newcomer)
    newcomer.get_by_label("Dit navn").fill("Nanna Yde")
    newcomer.get_by_role("button", name="Gem, og kom i gang").click()
    newcomer.get_by_text("Vælg en adgangskode.").first.wait_for()
    check_page(newcomer)
    for field in ("Adgangskode (", "Adgangskode igen"):
        newcomer.get_by_label(field).fill("fire-korte-ord-her")
    newcomer.get_by_role("button", name="Gem, og kom i gang").click()
    newcomer.wait_for_url("**/kommuner/999/")
    newcomer.get_by_text("Velkommen. Du er kommunal redaktør i Korsbæk Kommune.").wait_for()

    leader.goto("/brugere/")
    leader.get_by_role("link", name="Skift rolle for Nanna Yde").click()
    check_page(leader)
    leader.get_by_label("Kommunal leder").check()
    leader.get_by_role("button", name="Skift rolle").click()
    leader.get_by_text("Nanna Yde er nu kommunal leder i Korsbæk Kommune.").wait_for()
    leader.get_by_role("link", name="Fjern Hanne Lund").click()
    leader.get_by_text("Kommunen har så ingen redaktør.").wait_for()
    check_page(leader)
    leader.get_by_role("link", name="Fortryd").click()
    leader.get_by_role("link", name="Fjern Nanna Yde").click()
    leader.get_by_role("button", name="Fjern").click()
    leader.get_by_text("Nanna Yde har ikke længere adgang.").wait_for()
    newcomer.goto("/kommuner/999/rapport/")
    newcomer.wait_for_url("**/konto/login/**")
