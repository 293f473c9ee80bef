"""What holds for every page: WCAG 2.1 AA as far as axe can tell, one heading, Danish, nothing beyond the screen."""

from __future__ import annotations

from pprint import pformat

from django.conf import settings
from playwright.sync_api import Page

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = 1280, 390
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
FIND_VIOLATIONS = """
async (tags) => (await axe.run({ runOnly: tags, resultTypes: ["violations"] })).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ target, failureSummary }) => [id, target.join(" "), failureSummary.replace(/\\s+/g, " ")]))
"""
BEYOND_THE_SCREEN = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const ends = (e) => e.getBoundingClientRect().right;
  const wide = [...document.querySelectorAll("body *")].filter((e) => ends(e) > root.clientWidth + 1);
  return [`${root.scrollWidth} of ${root.clientWidth}`, ...wide.slice(-3).map((e) => e.outerHTML.slice(0, 120))];
}
"""


def check_page(page: Page) -> None:
    """Hold the page as it stands, with everything unfolded, against the rules on both widths."""
    faults = {}
    page.wait_for_load_state()
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        faults[f"beyond {width}"] = page.evaluate(BEYOND_THE_SCREEN)
        unfold(page)
        faults[f"beyond {width}, unfolded"] = page.evaluate(BEYOND_THE_SCREEN)
        faults[f"axe {width}"] = violations(page)
    faults["h1"] = [] if page.locator("h1").count() == 1 else page.locator("h1").all_inner_texts() or ["none"]
    faults["lang"] = [] if page.locator("html").get_attribute("lang") == "da" else ["not da"]
    faults["demo"] = (
        [] if page.get_by_text("Demodata: opdigtede tal.").count() == 1 else ["says not that it is a demo"]
    )
    broken = {rule: found for rule, found in faults.items() if found}
    assert not broken, pformat(broken, width=160)


def unfold(page: Page) -> None:
    """Open what is folded, but the menu, which lies over the page."""
    page.evaluate("document.querySelectorAll('details:not(.menu-fold)').forEach((part) => part.open = true)")


def violations(page: Page) -> list[list[str]]:
    """What axe finds: rule, place, and what is wrong."""
    # Through the debugger: the page's own policy lets in no script that is not a file of ours.
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found: list[list[str]] = page.evaluate(FIND_VIOLATIONS, WCAG)
    return found
