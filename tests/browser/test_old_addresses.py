"""Old addresses in a browser: it goes on by itself, and who stays sees a page of the site."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.pages import DESKTOP, PHONE, Scheme
from tests.browser.test_accessibility import SCHEMES, violations
from tests.site.small import ROOT, build

from openknowledge.preview.file_server import run_server

RUN = "/courses/course-v1:Polimi+MAT101+2015/about"
GONE = "/corsi/latino/"
ENGLISH_GONE = "/en/courses/latin/"
MANY = "/course/view.php"
REDIRECTS = (
    "- {from: /corsi/latino/, gone: true, why: {it: Il corso non si tiene più dal 2019.}}\n"
    "- {from: /en/courses/latin/, gone: true, why: {en: The course has not been taught since 2019.}}\n"
)


@pytest.fixture(scope="module")
def old_visitor(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The project's own content, of which two courses are gone."""
    folder = tmp_path_factory.mktemp("old")
    content = folder / "content"
    shutil.copytree(ROOT / "content", content)
    (content / "redirects.yaml").write_text(REDIRECTS, "utf-8")
    done = build(content, folder / "output", 'BUILD_DATE="2026-11-02"')
    assert done.returncode == 0, done.stdout + done.stderr
    with run_server(partial(StrictHandler, root=folder / "output")) as address:
        yield Visit(browser, address)


@pytest.fixture
def old(old_visitor: Visit) -> Iterator[Visit]:
    old_visitor.forget()
    yield old_visitor
    heard = list(old_visitor.heard)
    old_visitor.forget()
    assert heard == []


def stay(page: Page, address: str) -> None:
    """Answer what a page goes on to with nothing, so that the browser stays where it is."""

    def nothing(route: Route) -> None:
        route.fulfill(status=204) if route.request.is_navigation_request() else route.continue_()

    page.route(f"{address}/corsi/pre-calculus/", nothing)


@pytest.mark.parametrize("path", [RUN, f"{RUN}/"])
@pytest.mark.parametrize("script", [True, False])
def test_the_browser_goes_on_with_and_without_script(old: Visit, path: str, script: bool) -> None:
    page = old.window(java_script_enabled=script)
    page.goto(old.address + path, wait_until="commit")
    page.wait_for_url(f"{old.address}/corsi/pre-calculus/")


def test_the_script_goes_on_to_the_course_with_that_number(old: Visit) -> None:
    page = old.window()
    page.goto(f"{old.address}{MANY}?id=204", wait_until="commit")
    page.wait_for_url(f"{old.address}/en/courses/designing-learning-innovation/")


@pytest.mark.parametrize("query", ["", "?id=9999", "?id=%22%5D"])
def test_a_number_that_no_course_has_leads_to_the_list(old: Visit, query: str) -> None:
    page = old.alone(f"{MANY}/{query}")

    assert page.locator("main .ways a").count() == 2
    assert page.url.endswith(query or "/")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", [f"{RUN}/", GONE, ENGLISH_GONE, f"{MANY}/"])
def test_nothing_is_found_wrong_in_any_look(old: Visit, path: str, viewport: ViewportSize, scheme: Scheme) -> None:
    page = old.window(viewport=viewport, color_scheme=scheme)
    stay(page, old.address)
    page.goto(old.address + path, wait_until="load")

    assert page.url == old.address + path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
