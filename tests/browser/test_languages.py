"""The language switch leads to the same page in the other language, and back; a page may be read from the right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import ViewportSize, expect
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.pages import DESKTOP, OF_TEMPLATE, PHONE
from tests.chance import Chance
from tests.site.small import SiteBuild

from openknowledge.preview.file_server import run_server


def test_the_switch_leads_to_the_same_page_and_back(visit: Visit, chance: Chance) -> None:
    """Where it leads is looked at on every page, without a browser."""
    for sample in OF_TEMPLATE if chance.is_thorough else chance.sample(OF_TEMPLATE, 4):
        page = visit(sample.italian)
        html, switch = page.locator("html"), page.locator(".switch a")
        expect(html).to_have_attribute("lang", "it")
        expect(switch).to_have_text("English")

        switch.click()
        page.wait_for_url(visit.address + sample.english)
        expect(html).to_have_attribute("lang", "en")
        expect(switch).to_have_text("Italiano")

        switch.click()
        page.wait_for_url(visit.address + sample.italian)
        expect(html).to_have_attribute("lang", "it")


START = "element => Math.round(element.getBoundingClientRect().left)"
END = "element => Math.round(document.documentElement.clientWidth - element.getBoundingClientRect().right)"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def foreign_address(foreign_site: SiteBuild) -> Iterator[str]:
    with run_server(partial(StrictHandler, root=foreign_site.output)) as address:
        yield address


@pytest.fixture
def arabic(visitor: Visit, foreign_address: str) -> Iterator[Visit]:
    with visitor.quietly(foreign_address) as visit:
        yield visit


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_page_that_is_read_from_right_to_left_is_the_mirror_of_another(arabic: Visit, viewport: ViewportSize) -> None:
    page = arabic("/en/courses/linear-algebra/", viewport=viewport)
    parts = (".masthead-wordmark", ".switch", ".crumbs a", "h1", ".prose p", ".facts dt", ".colophon a")
    starts = [page.locator(part).first.evaluate(START) for part in parts]
    arabic("/ar/courses/jabr/", viewport=viewport)

    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert not page.evaluate(WIDER)
    for part, start in zip(parts, starts, strict=True):
        assert page.locator(part).first.evaluate(END) == pytest.approx(start, abs=90 if part == ".switch" else 2), part
    assert page.locator(".prose code").evaluate("element => getComputedStyle(element).direction") == "ltr"


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_of_a_mirrored_site_is_wider_than_its_window(arabic: Visit, viewport: ViewportSize) -> None:
    for path in (
        "/ar/",
        "/ar/courses/",
        "/ar/courses/geometria/",
        "/ar/numbers/",
        "/ar/videos/",
        "/ar/search/?q=algebra",
    ):
        page = arabic(path, viewport=viewport)
        assert not page.evaluate(WIDER), path


def test_titles_in_another_language_begin_where_the_others_do_and_run_their_own_way(arabic: Visit) -> None:
    page = arabic("/ar/")
    titles = page.locator(".card-title")
    looks = "elements => elements.map(one => [one.lang, one.dir, getComputedStyle(one).textAlign])"

    found = {tuple(look) for look in titles.evaluate_all(looks)}

    assert found == {("", "", "start"), ("it", "ltr", "end")}
