"""A video plays where it stands, after a click and not before."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME

PLAYER = "https://www.youtube-nocookie.com"
STUB = "<!doctype html><html lang=en><title>player</title><button>Play</button>"


@pytest.fixture
def asked() -> list[str]:
    """Return the list of requests to the player's host."""
    return []


@pytest.fixture
def page(visit: Visit, asked: list[str]) -> Page:
    """Open the page of a video, with answers in place of the player's host."""
    return opened(visit, visit.shared(), asked)


def opened(visit: Visit, page: Page, asked: list[str]) -> Page:

    def answer_as_player(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/html", body=STUB)

    page.route(f"{PLAYER}/**", answer_as_player)
    page.goto(visit.address + BY_NAME["video"].english, wait_until="load")
    page.evaluate("scrollTo({ top: 400, behavior: 'instant' })")
    return page


def test_no_other_site_is_asked_before_the_click(visit: Visit, page: Page, asked: list[str]) -> None:
    page.locator("a.player-link").hover()
    page.locator("a.player-link").focus()

    assert page.locator("iframe").count() == 0
    assert asked == []
    assert {urlsplit(url).netloc for url in visit.asked} == {urlsplit(visit.address).netloc}


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_after_the_click_a_single_player_has_a_name_and_the_focus(
    visit: Visit, page: Page, asked: list[str], way: str
) -> None:
    link = page.locator("a.player-link")
    link.click() if way == "mouse" else link.press("Enter")

    frame = page.locator("iframe")
    expect(frame).to_have_count(1)
    expect(frame).to_be_focused()
    expect(frame).to_have_attribute("title", page.locator("h1").inner_text())
    expect(page.frame_locator("iframe").get_by_role("button")).to_be_visible()
    expect(link).to_have_count(0)
    src = urlsplit(frame.get_attribute("src") or "")
    assert (f"{src.scheme}://{src.netloc}", src.path) == (PLAYER, "/embed/Yfac2CZJrP0")
    assert [url.split("?")[0] for url in asked] == [f"{PLAYER}/embed/Yfac2CZJrP0"]
    assert visit.heard == [f"asks another site: {asked[0]}"]
    visit.heard.clear()


def test_the_player_takes_the_room_of_the_poster(visit: Visit, page: Page) -> None:
    poster = page.locator(".player-poster").bounding_box()
    page.locator("a.player-link").click()
    frame = page.locator("iframe").bounding_box()

    assert poster and frame
    assert (round(frame["width"]), round(frame["height"])) == (round(poster["width"]), round(poster["height"]))
    visit.heard.clear()


def test_a_click_for_another_tab_is_left_to_the_browser(visit: Visit, asked: list[str]) -> None:
    page = opened(visit, visit.window(), asked)
    page.context.route("https://www.youtube.com/**", lambda route: route.fulfill(body="ok"))
    page.evaluate("addEventListener('click', event => { window.isPrevented = event.defaultPrevented })")
    page.locator("a.player-link").click(modifiers=["ControlOrMeta"])

    # A browser without windows need not show the other tab.
    assert page.evaluate("isPrevented") is False
    assert page.locator("iframe").count() == 0
    assert asked == []


def test_a_sample_offers_nothing_to_play(visit: Visit) -> None:
    page = visit(BY_NAME["sample video"].italian)

    page.locator(".player").click()

    assert page.locator("a.player-link, lazy-video, iframe").count() == 0
    assert page.locator("main a[href*='youtu']").count() == 0
    assert page.url == visit.address + BY_NAME["sample video"].italian
