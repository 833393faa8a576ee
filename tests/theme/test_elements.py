"""The custom elements in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect
from tests.theme.learning_pages import course, video
from tests.theme.list_pages import a_list
from tests.theme.rendering import THEME, render

pytestmark = pytest.mark.browser

SITE = "http://site.test"
CODE = """<!doctype html><html lang="en"><title>Code</title><script type="module" src="/theme/js/main.js"></script>
<copy-text data-copy="Copy" data-copied="Copied"><pre><code>a <span>&lt;</span> b
</code></pre></copy-text>"""
PAGES = {"/course": course(), "/list": a_list(), "/video": video(), "/corsi/": a_list()}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def answer(route: Route) -> None:
    """Answer with pages and theme files, so that no request leaves the machine."""
    path = urlsplit(route.request.url).path
    file = THEME / "static" / path.removeprefix("/theme/")
    if path == "/code":
        route.fulfill(body=CODE, content_type="text/html; charset=utf-8")
    elif not route.request.url.startswith(SITE):
        route.fulfill(body="<title>elsewhere</title>", content_type="text/html")
    elif path in PAGES:
        route.fulfill(body=render(PAGES[path]), content_type="text/html; charset=utf-8")
    elif path.startswith("/theme/") and file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=KINDS[file.suffix])
    else:
        route.fulfill(status=404)


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    browser_context = browser.new_context(color_scheme="light", viewport={"width": 400, "height": 800})
    browser_context.route("**/*", answer)
    yield browser_context
    browser_context.close()


@pytest.fixture(scope="module")
def tab(context: BrowserContext) -> Page:
    """Open one tab for all of these tests: opening one costs more than a page does."""
    return context.new_page()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    yield tab
    tab.evaluate("localStorage.clear(), sessionStorage.clear()")
    tab.unroute_all()


def test_a_number_shows_its_note_by_keyboard_and_hides_it_again(page: Page) -> None:
    page.goto(f"{SITE}/course")
    note = page.locator('[id="note:enrolment"]')

    page.locator('[popovertarget="note:enrolment"]').focus()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()

    page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_a_chosen_colour_scheme_lasts_on_the_next_page(page: Page) -> None:
    page.goto(f"{SITE}/course")
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    button = page.locator("theme-toggle button")
    button.click()
    button.click()
    page.goto(f"{SITE}/list")

    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != before
    expect(page.get_by_role("button", name="Colours: Dark", exact=True)).to_be_visible()


def test_a_video_plays_in_the_page_only_after_a_click(page: Page) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{SITE}/video")
    assert [url for url in requested if not url.startswith(SITE)] == []

    page.locator(".player-link").click()
    frame = page.locator("iframe.player-frame")

    expect(frame).to_be_focused()
    expect(frame).to_have_attribute("title", "Create data visualizations: RAWGraphs in 8 minutes")
    (asked,) = (url for url in requested if not url.startswith(SITE))
    assert asked.startswith("https://www.youtube-nocookie.com/embed/Yfac2CZJrP0")


def test_the_choice_of_colours_is_not_offered_without_script(context: BrowserContext) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    plain.route("**/*", answer)
    page = plain.new_page()
    page.goto(f"{SITE}/course")

    expect(page.locator("theme-toggle")).to_be_hidden()
    expect(page.locator(".number-value").first).to_be_visible()
    plain.close()


def test_code_is_copied_by_keyboard_and_said_to_be(context: BrowserContext) -> None:
    page = context.new_page()
    clipboard = "{ writeText: async (text) => { window.copied = text } }"
    page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    page.goto(f"{SITE}/code")

    page.get_by_role("button", name="Copy").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("window.copied") == "a < b\n"
    page.close()


def test_code_has_no_button_where_nothing_can_be_copied(page: Page) -> None:
    page.goto(f"{SITE}/code")  # This is no secure address, so the browser offers no clipboard.

    page.wait_for_function("customElements.get('copy-text') !== undefined")

    expect(page.locator("copy-text")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


PLAYER = """<!doctype html><title>player</title><script>
window.heard = [];
addEventListener("message", (event) => { heard.push(JSON.parse(event.data)); });
</script>"""


@pytest.fixture
def watching(page: Page) -> Page:
    """Return a page with a player that takes down what it is heard_commands."""
    page.route(
        "https://www.youtube-nocookie.com/**", lambda route: route.fulfill(body=PLAYER, content_type="text/html")
    )
    return page


def player_of(page: Page) -> Frame:
    """Return the player once it is there."""
    page.frame_locator("iframe").locator("script").wait_for(state="attached")
    return next(frame for frame in page.frames if "youtube" in frame.url)


def test_a_shared_second_marks_its_sentence_and_loads_nothing_before_it_is_asked(watching: Page) -> None:
    page, asked = watching, list[str]()
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.goto(f"{SITE}/video?t=90")

    expect(page.locator(".is-now")).to_have_text("E poi?")
    expect(page.locator(".is-now")).to_be_in_viewport()
    expect(page.locator(".player-action")).to_have_text("Play the video from 1:30")
    assert set(asked) == {"site.test"}

    page.locator("a.player-link").click()

    src = page.locator("iframe").get_attribute("src") or ""
    assert src.endswith("/embed/Yfac2CZJrP0?autoplay=1&enablejsapi=1&start=90")


def test_a_sentence_plays_from_there_by_mouse_and_keyboard_and_stands_in_the_address(watching: Page) -> None:
    page = watching
    page.goto(f"{SITE}/video")
    text = page.locator(".transcript-text")

    text.get_by_text("Oggi disegniamo.").click()

    assert (page.locator("iframe").get_attribute("src") or "").endswith("&start=6")
    assert urlsplit(page.url).query == "t=6"
    text.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert urlsplit(page.url).query == "t=83"
    expect(page.locator(".is-now")).to_have_text("E poi?")
    player = player_of(page)
    player.wait_for_function("heard.length >= 3")
    heard_commands = player.evaluate(
        "heard.filter((one) => one.event === 'command').map((one) => [one.func, one.args])"
    )
    assert heard_commands == [["seekTo", [83, True]], ["playVideo", []]]


def test_the_player_marks_what_is_said_and_chapters_play_in_the_page(watching: Page) -> None:
    page = watching
    page.goto(f"{SITE}/video")
    page.locator("[data-at='190']").click()
    assert (page.locator("iframe").get_attribute("src") or "").endswith("&start=190")
    player = player_of(page)

    player.evaluate("parent.postMessage(JSON.stringify({event: 'infoDelivery', info: {currentTime: 7.2}}), '*')")
    expect(page.locator(".transcript-text .is-now")).to_have_text("Oggi disegniamo.")
    page.evaluate("postMessage(JSON.stringify({info: {currentTime: 100}}), '*')")
    player.evaluate("parent.postMessage('no JSON', '*')")
    expect(page.locator(".transcript-text .is-now")).to_have_text("Oggi disegniamo.")


def test_a_second_that_is_none_leaves_the_page_as_it_is(watching: Page) -> None:
    watching.goto(f"{SITE}/video?t=%3Cb%3E1")

    expect(watching.locator(".player-action")).to_have_text("Play the video")
    expect(watching.locator(".is-now")).to_have_count(0)
