"""Old addresses in a browser: it goes on by itself, and the page in between is one of the site."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Route
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.test_accessibility import some_looks, violations_of_looks
from tests.chance import Chance
from tests.site.small import SiteBuild

from openknowledge.preview.file_server import run_server

RUN = "/courses/course-v1:T+ALG+2026/about"
GONE = "/corsi/latino/"
ENGLISH_GONE = "/en/courses/latin/"
MANY = "/course/view.php"


@pytest.fixture(scope="session")
def moved_address(moved_site: SiteBuild) -> Iterator[str]:
    with run_server(partial(StrictHandler, root=moved_site.output)) as address:
        yield address


@pytest.fixture
def old(visitor: Visit, moved_address: str) -> Iterator[Visit]:
    """Visit the small site that has old addresses."""
    with visitor.quietly(moved_address) as visit:
        yield visit


@pytest.mark.parametrize("path", [RUN, f"{RUN}/"])
@pytest.mark.parametrize("script", [True, False])
def test_the_browser_goes_on_with_and_without_script(old: Visit, path: str, script: bool) -> None:
    page = old.shared(script=script)
    page.goto(old.address + path, wait_until="commit")
    page.wait_for_url(f"{old.address}/corsi/algebra/")


def test_the_script_goes_on_to_the_course_with_that_number(old: Visit) -> None:
    page = old.shared()
    page.goto(f"{old.address}{MANY}?id=7", wait_until="commit")
    page.wait_for_url(f"{old.address}/en/courses/linear-algebra/")


@pytest.mark.parametrize("query", ["", "?id=9999", "?id=%22%5D"])
def test_a_number_that_no_course_has_leads_to_the_list(old: Visit, query: str) -> None:
    page = old(f"{MANY}/{query}")

    assert page.locator("main .ways a").count() > 0
    assert page.url.endswith(query or "/")


@pytest.mark.parametrize("path", [f"{RUN}/", GONE, ENGLISH_GONE, f"{MANY}/"])
def test_no_page_at_an_old_address_has_violations(old: Visit, path: str, chance: Chance) -> None:
    page = old.shared()
    page.route(f"{old.address}/corsi/algebra/", stay)
    page.goto(old.address + path, wait_until="load")

    assert violations_of_looks(old, page, some_looks(chance)) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.url == old.address + path


def stay(route: Route) -> None:
    """Answer what a page goes on to with nothing, so that the browser stays where it is."""
    route.fulfill(status=204) if route.request.is_navigation_request() else route.continue_()
