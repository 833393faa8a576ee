"""Every page comes whole, quietly, and from this site alone, under a strict policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize
from tests.browser.conftest import Visit
from tests.browser.pages import BOTH, BY_NAME, SAMPLES

AT_OLD_ADDRESSES = ("gone", "moved", "moved-courses")
"""What stands where a page was: test_old_addresses.py has pages of these."""
TEMPLATES = Path(__file__).parents[2] / "theme/templates"
TALL: ViewportSize = {"width": 1280, "height": 9000}
PICTURES = """() => Promise.all([...document.images].map(async image => {
  image.loading = "eager";
  try { await image.decode() } catch { return image.src }
  return image.naturalWidth ? null : image.src;
})).then(found => found.filter(Boolean))"""


def test_there_is_a_sample_page_of_every_template() -> None:
    names = {path.stem for path in TEMPLATES.glob("*.html")} - {"base", *AT_OLD_ADDRESSES}

    assert {sample.template for sample in SAMPLES} == names


@pytest.mark.parametrize("path", BOTH)
def test_a_page_loads_without_a_complaint_or_another_site_and_with_all_its_pictures(visit: Visit, path: str) -> None:
    page = visit(path)

    assert page.evaluate(PICTURES) == []
    let_counters_ask(visit, page)
    assert visit.heard == []
    assert page.evaluate("getComputedStyle(document.body).display") == "flex"


def let_counters_ask(visit: Visit, page: Page) -> None:
    """Bring all numbers in sight: those that can refresh themselves ask once the browser is idle."""
    sources = page.locator("live-counter").evaluate_all(
        "all => all.map(one => new URL(one.dataset.src, location).href)"
    )
    if sources:
        visit.look(page, TALL, "light")
    for source in set(sources):
        page.wait_for_function("name => performance.getEntriesByName(name).length > 0", arg=source)


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
