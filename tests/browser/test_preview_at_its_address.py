"""A preview below the site's address, in a real browser: its links stay in it, and it works as the site does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.browser.conftest import StrictHandler, Visit
from tests.browser.pages import DESKTOP, PHONE
from tests.site.small import PREVIEW, SiteBuild

from openknowledge.preview.file_server import run_server
from openknowledge.serving.headers import HeaderPolicy, site_headers

PREFIX = urlsplit(PREVIEW).path


@pytest.fixture(scope="session")
def preview_root(preview_site: SiteBuild, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that is served, in which the preview has one of its own and the site is not there at all."""
    root = tmp_path_factory.mktemp("previews")
    (root / PREFIX.lstrip("/")).parent.mkdir(parents=True)
    shutil.copytree(preview_site.output, root / PREFIX.lstrip("/"))
    return root


class PreviewHandler(StrictHandler):
    """Serves a preview with the headers of its own address."""

    strict_headers = site_headers(HeaderPolicy(site_url=f"http://127.0.0.1{PREFIX}"))


@pytest.fixture(scope="session")
def preview_address(preview_root: Path) -> Iterator[str]:
    with run_server(partial(PreviewHandler, root=preview_root)) as address:
        yield address + PREFIX


@pytest.fixture
def preview(visitor: Visit, preview_address: str) -> Iterator[Visit]:
    with visitor.quietly(preview_address) as visit:
        yield visit


@pytest.mark.parametrize("path", ["/", "/en/", "/corsi/", "/corsi/algebra/", "/feed/", "/numeri/"])
def test_all_links_of_a_page_stay_inside_the_preview(preview: Visit, path: str) -> None:
    page = preview(path)
    host = preview.address.removesuffix(PREFIX)

    found = page.eval_on_selector_all(
        "a[href], link[href]:not([rel=canonical]):not([hreflang])", "all => all.map(one => one.href)"
    )
    ours = [one for one in found if one.startswith(host)]

    assert len(ours) > 20
    assert [one for one in ours if not one.startswith(f"{preview.address}/")] == []
    assert page.locator("meta[name=robots]").get_attribute("content") == "noindex, nofollow"
    for viewport in (DESKTOP, PHONE):
        preview.look(page, viewport, "light")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_reader_walks_from_the_home_page_to_a_course_and_changes_the_language(preview: Visit) -> None:
    page = preview("/")
    page.locator("header nav a", has_text="Corsi").first.click()
    page.wait_for_url(f"{preview.address}/corsi/")
    page.locator("main a[href*='/corsi/algebra/']").first.click()
    page.wait_for_url(f"{preview.address}/corsi/algebra/")
    page.locator("header a[hreflang=en], header a[lang=en]").first.click()
    page.wait_for_url(f"{preview.address}/en/courses/linear-algebra/")


def test_search_finds_and_its_answers_lead_into_the_preview(preview: Visit) -> None:
    page = preview("/cerca/?q=algebra")
    first = page.locator("site-search ol a, site-search ul a, main li a").first
    first.wait_for()

    assert str(first.evaluate("one => one.href")).startswith(f"{preview.address}/")
    assert any(one.startswith(f"{preview.address}/data/search/it/") for one in preview.asked)
