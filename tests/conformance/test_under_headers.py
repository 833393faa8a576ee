"""The whole site in a real browser under the very headers that it is published with: nothing of it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BOTH, BY_NAME, PHONE, scheme_of
from tests.conformance.servers import Server, serving
from tests.publish.built import Release, released

pytestmark = [pytest.mark.conformance, pytest.mark.browser]

HOST = "127.0.0.1"
PLAYER = "https://www.youtube-nocookie.com"


@pytest.fixture(scope="module")
def release(real_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(real_site, tmp_path_factory.mktemp("published"), (), f"https://{HOST}")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def server(
    request: pytest.FixtureRequest, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(request.param, release, tmp_path_factory.mktemp(request.param), HOST) as found:
        yield found


@pytest.fixture(scope="module")
def visitor(server: Server, browser: Browser) -> Visit:
    """Visit the server, whose certificate signs itself."""
    return Visit(browser, server.address, ignore_https_errors=True)


@pytest.fixture
def visit(visitor: Visit) -> Iterator[Visit]:
    """Visit pages, none of which may complain of anything."""
    with visitor.quietly(visitor.address) as visit:
        yield visit


@pytest.mark.parametrize("address", BOTH)
def test_a_page_of_each_template_has_nothing_to_complain_of(visit: Visit, address: str) -> None:
    page = visit(address)
    page.wait_for_load_state("networkidle")

    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert page.locator("theme-toggle:defined button").count() == 1


def test_the_browser_obeys_the_policy_that_it_was_sent(visit: Visit) -> None:
    """Were the policy lost on its way, no page would complain either."""
    page = visit("/")

    page.evaluate("document.head.append(document.createElement('style'))")
    page.evaluate("document.head.lastChild.append('body { margin: 7px }')")
    refused = page.evaluate("(() => { try { document.body.innerHTML = '<p>' } catch (error) { return error.name } })()")

    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert refused == "TypeError"
    assert any("Content Security Policy" in one for one in visit.heard)
    visit.heard.clear()


def test_a_page_that_is_not_there_is_shown_whole(visit: Visit) -> None:
    page = visit("/en/nothing/")

    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    wrong = [one for one in visit.heard if "404" not in one]
    visit.heard.clear()
    assert wrong == []


def test_a_picture_opened_by_itself_is_drawn(visit: Visit, release: Release) -> None:
    path = next(entry.path for entry in release.manifest.entries if entry.path.startswith("covers/"))

    page = visit(f"/{path}")
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.getBBox().width") > 0
    # A document that names no icon is asked for the one of old times, which the site does not have.
    wrong = [one for one in visit.heard if "404" not in one]
    visit.heard.clear()
    assert wrong == []


def test_the_search_finds(visit: Visit) -> None:
    page = visit(BY_NAME["search"].italian)

    page.locator("site-search .search-field").fill("fisica")

    expect(page.locator(".finder-results > li").first).to_be_visible()
    assert any("/data/search/it/" in url for url in visit.asked)


def test_a_query_of_another_page_leads_to_results(visit: Visit) -> None:
    page = visit("/")

    page.locator("main input[type=search]").fill("fisica")
    page.keyboard.press("Enter")

    page.wait_for_url("**/cerca/?q=fisica")
    expect(page.locator(".finder-results > li").first).to_be_visible()


def test_the_player_comes_after_a_click_and_gets_the_referrer(visit: Visit) -> None:
    page = visit.window()
    referrers = []

    def answer_as_player(route: Route) -> None:
        referrers.append(route.request.headers.get("referer"))
        route.fulfill(content_type="text/html", body="<!doctype html><title>player</title><button>Play</button>")

    page.route(f"{PLAYER}/**", answer_as_player)
    page.goto(visit.address + BY_NAME["video"].english, wait_until="load")
    page.locator("a.player-link").click()

    expect(page.frame_locator("iframe").get_by_role("button")).to_be_visible()
    assert referrers == [f"{visit.address}/"]
    wrong = [one for one in visit.heard if not one.startswith(f"asks another site: {PLAYER}/")]
    visit.heard.clear()
    assert wrong == []


def test_the_player_may_fill_the_screen_and_no_page_may_use_the_camera(visit: Visit) -> None:
    page = visit(BY_NAME["video"].english)
    allowed = page.evaluate(
        """name => document.featurePolicy.getAllowlistForFeature(name)""",
        "fullscreen",
    )

    assert PLAYER in allowed
    assert page.evaluate("document.featurePolicy.getAllowlistForFeature('camera')") == []


def test_no_other_site_may_be_shown_in_a_page(visit: Visit) -> None:
    page = visit(BY_NAME["video"].english)

    page.evaluate(
        "address => { const frame = document.createElement('iframe'); frame.src = address; "
        "document.body.append(frame); }",
        "https://elsewhere.example/",
    )
    while not any("frame-src" in complaint for complaint in visit.heard):
        page.wait_for_timeout(20)

    visit.heard.clear()


def test_the_colours_change(visit: Visit) -> None:
    page = visit.alone("/")
    button = page.locator("theme-toggle button")

    button.click()
    button.click()
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    assert scheme_of(page) == "dark"

    page.reload()
    assert scheme_of(page) == "dark"


def test_filters_combine_without_loading_a_page(visit: Visit) -> None:
    page = visit.alone(BY_NAME["courses"].english, viewport=PHONE)
    page.locator("facet-filter summary").first.click()
    page.locator("facet-filter [data-value='teaching'] a").first.click()

    expect(page).to_have_url(re.compile(r"/en/courses/\?subject=teaching$"))
    expect(page.locator("facet-filter details").first).not_to_have_attribute("open", "")


def test_counters_are_renewed_from_the_sites_own_numbers(visit: Visit) -> None:
    page = visit.alone(BY_NAME["course"].italian)

    with page.expect_response("**/data/counters/*.json") as response:
        page.locator("live-counter").first.scroll_into_view_if_needed()

    assert response.value.status in (200, 304)
    page.locator("live-counter .number-value").first.click()
    expect(page.locator("live-counter .number-note").first).to_be_visible()


def browsed(page: Page) -> int:
    """Return how many bytes the page itself took on the wire."""
    return int(page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize"))


def test_the_browser_gets_brotli(visit: Visit, release: Release) -> None:
    page = visit.alone("/corsi/")
    entry = release.manifest.by_path["corsi/index.html"]

    assert browsed(page) == next(twin.size_b for twin in entry.twins if twin.encoding == "br")
