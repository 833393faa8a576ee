"""axe-core finds nothing on any page, in either scheme, on a desktop and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, DESKTOP, OF_TEMPLATE_IN_TURN, OF_TEMPLATE_OTHERWISE, ONE_EACH, PHONE, Scheme

AXE = Axe()
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OPTIONS = {
    "runOnly": {"type": "tag", "values": list(RULES)},
    # More than AA asks for: text stands out 7 to 1.
    "rules": {"color-contrast-enhanced": {"enabled": True}},
    "resultTypes": ["violations"],
}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOOKS = tuple((viewport, scheme) for viewport in (DESKTOP, PHONE) for scheme in SCHEMES)


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: the rule, and each place that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options).then(said => said.violations)", OPTIONS)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("path", ONE_EACH)
def test_nothing_is_found_in_any_look(visit: Visit, path: str) -> None:
    page = visit(path)
    found = {}
    # Of pages that share a template with another one, two looks that differ in everything are enough.
    for viewport, scheme in LOOKS if path in OF_TEMPLATE_IN_TURN else (LOOKS[0], LOOKS[-1]):
        visit.look(page, viewport, scheme)
        found[viewport["width"], scheme] = violations(page)

    assert {look: lines for look, lines in found.items() if lines} == {}


@pytest.mark.parametrize("path", OF_TEMPLATE_OTHERWISE)
def test_nothing_is_found_in_the_other_language(visit: Visit, path: str) -> None:
    assert violations(visit(path, viewport=PHONE, scheme="dark")) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["home", "course", "initiative"])
def test_nothing_is_found_while_a_number_shows_its_note(
    visit: Visit, name: str, viewport: ViewportSize, scheme: Scheme
) -> None:
    page = visit(BY_NAME[name].italian, viewport=viewport, scheme=scheme)
    page.locator("main .number-value").first.click()
    page.locator("main .number-note:popover-open").wait_for()

    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["courses", "filtered courses", "videos"])
def test_nothing_is_found_while_the_filters_are_open_on_a_phone(visit: Visit, name: str, scheme: Scheme) -> None:
    page = visit.alone(BY_NAME[name].english, viewport=PHONE, color_scheme=scheme)
    page.locator(".facets-summary").click()
    page.locator(".facets-options a").first.wait_for()

    assert violations(page) == []


def test_what_is_wrong_would_be_found(visit: Visit) -> None:
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

    found = {line.split(":")[0] for line in violations(page)}

    assert {"color-contrast", "color-contrast-enhanced", "target-size", "empty-heading", "valid-lang"} <= found
