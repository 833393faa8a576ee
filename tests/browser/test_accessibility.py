"""axe-core finds nothing on pages of which something is open; test_every_page.py has them as they are loaded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, DESKTOP, PHONE, Scheme
from tests.chance import Chance

AXE = Axe()
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = {"normal": {"expected": 7, "minThreshold": 0}, "large": {"expected": 4.5, "minThreshold": 0}}
"""What axe's stricter rule for contrast asks for; by itself it leaves the palest text to the other rule."""
OPTIONS = {
    "runOnly": {"type": "tag", "values": list(RULES)},
    # More than AA asks for: text stands out 7 to 1, large text 4.5 to 1.
    "rules": {"color-contrast-enhanced": {"enabled": True}, "color-contrast": {"enabled": False}},
    "checks": {"color-contrast-enhanced": {"options": {"contrastRatio": CONTRAST}}},
    "resultTypes": ["violations"],
    # For rules on what styles are loaded, of which none is among these.
    "preload": False,
}
READ_COLORS_ONCE = """() => {
  const { Color } = axe.commons.color, { parseString } = Color.prototype, known = new Map();
  Color.prototype.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = parseString.call(new Color(), text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}"""
"""Has axe remember what a written color is: it reads the few of a page thousands of times, a third of its work."""
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
Look = tuple[ViewportSize, Scheme]
LOOKS: tuple[Look, ...] = tuple((viewport, scheme) for viewport in (DESKTOP, PHONE) for scheme in SCHEMES)
ALIKE = (LOOKS[0], LOOKS[3])
OTHERWISE = (LOOKS[1], LOOKS[2])
"""Two looks that differ in everything, and the other two: each template is seen in two by each language."""


def violations_of_looks(visit: Visit, page: Page, looks: tuple[Look, ...]) -> dict[tuple[int, Scheme], list[str]]:
    """Return what axe finds on a page in each look, where it finds something."""
    wrong = {}
    for viewport, scheme in looks:
        visit.look(page, viewport, scheme)
        wrong[viewport["width"], scheme] = violations(page)
    return {look: lines for look, lines in wrong.items() if lines}


def some_looks(chance: Chance) -> tuple[Look, ...]:
    """Return one of the looks; all four in a thorough run."""
    return LOOKS if chance.is_thorough else (chance.choice(LOOKS),)


def violations(page: Page) -> list[str]:
    """Return the violations that axe finds on the page: the rule, and each element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
        page.evaluate(READ_COLORS_ONCE)
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options).then(said => said.violations)", OPTIONS)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", ["home", "course", "initiative"])
def test_no_page_has_violations_while_a_number_shows_its_note(visit: Visit, name: str, chance: Chance) -> None:
    page = visit(BY_NAME[name].italian)
    note = page.locator("main .number-note:popover-open")
    page.locator("main .number-value").first.click()
    note.wait_for()

    assert violations_of_looks(visit, page, some_looks(chance)) == {}
    expect(note).to_be_visible()


@pytest.mark.parametrize("name", ["courses", "filtered courses", "videos"])
def test_no_page_has_violations_while_the_filters_are_open_on_a_phone(visit: Visit, name: str, chance: Chance) -> None:
    page = visit(BY_NAME[name].english, viewport=PHONE)
    page.locator(".facets-summary").click()
    page.locator(".facets-options a").first.wait_for()

    looks = LOOKS[2:] if chance.is_thorough else (chance.choice(LOOKS[2:]),)
    assert violations_of_looks(visit, page, looks) == {}


def test_violations_would_be_noticed(visit: Visit) -> None:
    page = visit(BY_NAME["page"].italian)
    page.evaluate(
        """() => {
          const wrong = document.createElement("div");
          wrong.append(...["p", "p", "h6", "div"].map((name) => document.createElement(name)));
          document.querySelector("main").append(wrong);
          const [pale, paler, , buttons] = wrong.children;
          pale.lang = "zz";
          pale.textContent = paler.textContent = "pale";
          for (const word of "ij") buttons.appendChild(document.createElement("button")).textContent = word;
          pale.style.color = "#666";
          paler.style.color = "#888";
          for (const button of buttons.children) Object.assign(button.style, { width: "9px", fontSize: "8px" });
        }"""
    )

    found = Counter(line.split(":")[0] for line in violations(page))

    assert found["color-contrast-enhanced"] == 2
    assert {"target-size", "empty-heading", "valid-lang"} <= set(found)
