"""A preview below the site's address, in a real browser: nobody leaves it unseen, and it works as the site does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.pages import DESKTOP
from tests.site.small import ROOT, build

from openknowledge.preview.file_server import run_server

PREFIX = "/previews/feature-x-123456"
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def preview_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is served, in which the preview has one of its own and the site is not there at all."""
    root = tmp_path_factory.mktemp("previews")
    settings = (f'SITEURL="https://openknowledge.example.edu{PREFIX}"', "NOINDEX=true", 'BUILD_DATE="2026-11-02"')
    done = build(ROOT / "content", root / PREFIX.lstrip("/"), *settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def preview(browser: Browser, preview_root: Path) -> Iterator[Visit]:
    with run_server(partial(StrictHandler, root=preview_root)) as address:
        visit = Visit(browser, address + PREFIX)
        yield visit
        heard = list(visit.heard)
        visit.forget()
        assert heard == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["/", "/en/", "/corsi/", "/corsi/pre-calculus/", "/feed/", "/numeri/"])
def test_all_links_of_a_page_stay_inside_the_preview(preview: Visit, path: str, viewport) -> None:
    page = preview.alone(path, viewport=viewport)
    host = preview.address.removesuffix(PREFIX)

    found = page.eval_on_selector_all(
        "a[href], link[href]:not([rel=canonical]):not([hreflang])", "all => all.map(one => one.href)"
    )
    ours = [one for one in found if one.startswith(host)]

    assert len(ours) > 20
    assert [one for one in ours if not one.startswith(f"{preview.address}/")] == []
    assert page.locator("meta[name=robots]").get_attribute("content") == "noindex, nofollow"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_reader_walks_from_the_home_page_to_a_course_and_changes_the_language(preview: Visit) -> None:
    page = preview.alone("/")
    page.locator("header nav a", has_text="Corsi").first.click()
    page.wait_for_url(f"{preview.address}/corsi/")
    page.locator("main a[href*='/corsi/pre-calculus/']").first.click()
    page.wait_for_url(f"{preview.address}/corsi/pre-calculus/")
    page.locator("header a[hreflang=en], header a[lang=en]").first.click()
    page.wait_for_url(f"{preview.address}/en/courses/pre-calculus/")


def test_search_finds_and_its_answers_lead_into_the_preview(preview: Visit) -> None:
    page = preview.alone("/cerca/?q=algebra")
    first = page.locator("site-search ol a, site-search ul a, main li a").first
    first.wait_for()

    assert str(first.evaluate("one => one.href")).startswith(f"{preview.address}/")
    assert any(one.startswith(f"{preview.address}/data/search.it.json") for one in preview.asked)
