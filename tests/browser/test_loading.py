"""There is a page of every template to try, under a strict policy, and help where there is none."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, SAMPLES

AT_OLD_ADDRESSES = ("gone", "moved", "moved-courses")
"""What stands where a page was: test_old_addresses.py has pages of these."""
TEMPLATES = Path(__file__).parents[2] / "theme/templates"


def test_there_is_a_sample_page_of_every_template() -> None:
    names = {path.stem for path in TEMPLATES.glob("*.html")} - {"base", *AT_OLD_ADDRESSES}

    assert {sample.template for sample in SAMPLES} == names


def test_the_strict_policy_is_in_force(visit: Visit) -> None:
    page = visit(BY_NAME["page"].italian)

    page.evaluate("document.body.setAttribute('style', 'margin: 7px')")
    refused = page.evaluate("(() => { try { document.body.innerHTML = 'x' } catch (error) { return error.name } })()")

    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert refused == "TypeError"
    assert any("inline style" in line and "Content Security Policy" in line for line in visit.heard)
    visit.heard.clear()


def test_an_address_that_is_not_there_is_answered_with_help(visit: Visit) -> None:
    page = visit("/en/nothing/here/")

    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main .ways a").count() > 0
    assert len(visit.heard) == 2 and all("404" in line for line in visit.heard)
    visit.heard.clear()
