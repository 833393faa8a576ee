"""A number on a page refreshes itself, and does not change where that fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "theme/static/js/elements/live-counter.js"
SITE = "https://example.edu"
NAME = "counter:course/algebra"
PAGE = """<!doctype html><html lang="{lang}"><head><title>x</title>
<script type="module" src="/live-counter.js"></script></head>
<body><div class="enrolment"><live-counter data-src="{src}" data-name="counter:course/algebra" data-value="1234"
data-form="{form}"><button class="number-value">as built</button></live-counter>
<time datetime="2025-12-01">1 dicembre 2025</time></div></body></html>"""
ENTRY = {
    "name": NAME,
    "value": 12431,
    "as_of": "2026-01-05",
    "short": {"it": "12.400+", "en": "12,400+"},
    "date": {"it": "5 gennaio 2026", "en": "January 5, 2026"},
}

SETTLE = """async () => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(done => setTimeout(done, 10));
}"""
"""Waits for fifty tasks of the page, so that those it queued before have run."""

Show = Callable[..., str]


@pytest.fixture(scope="module")
def browser_page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def show(browser_page: Page) -> Iterator[Show]:
    """Yield a function that opens a page with one counter and returns its text after the request."""
    messages: list[str] = []
    requested: list[str] = []

    def record_message(message: Any) -> None:
        messages.append(message.text)

    def read(
        answer: object = ENTRY, lang: str = "it", form: str = "exact", src: str = "/n.json", asks: bool = True
    ) -> str:
        def serve(route: Route) -> None:
            path = route.request.url.removeprefix(SITE)
            if path == "/":
                route.fulfill(content_type="text/html; charset=utf-8", body=PAGE.format(lang=lang, form=form, src=src))
            elif path == "/live-counter.js":
                route.fulfill(content_type="text/javascript", body=SCRIPT.read_text(encoding="utf-8"))
            else:
                requested.append(route.request.url)
                body = answer if isinstance(answer, str) else json.dumps(answer)
                route.fulfill(content_type="application/json", body=body)

        browser_page.unroute_all()
        browser_page.route("**/*", serve)
        browser_page.goto(f"{SITE}/")
        if asks:
            browser_page.wait_for_function("performance.getEntriesByName(location.origin + '/n.json').length > 0")
        browser_page.evaluate(SETTLE)
        assert bool(requested) == asks
        return browser_page.locator(".number-value").inner_text()

    browser_page.on("console", record_message)
    browser_page.on("pageerror", record_message)
    yield read
    browser_page.remove_listener("console", record_message)
    browser_page.remove_listener("pageerror", record_message)
    assert messages == []


def test_a_newer_value_is_written_in_the_language_of_the_page(show: Show, browser_page: Page) -> None:
    assert show() == "12.431"
    assert browser_page.locator("live-counter").get_attribute("data-value") == "12431"
    assert show(lang="en") == "12,431"
    assert show({**ENTRY, "value": 5678}) == "5.678"


def test_a_newer_value_brings_its_own_date(show: Show, browser_page: Page) -> None:
    show()

    time = browser_page.locator("time")
    assert (time.inner_text(), time.get_attribute("datetime")) == ("5 gennaio 2026", "2026-01-05")


def test_in_a_list_the_rounded_text_is_taken(show: Show) -> None:
    assert show(form="short") == "12.400+"


def test_a_number_is_read_from_the_document_of_all_numbers(show: Show) -> None:
    assert show({"numbers": {"other": {}, NAME: ENTRY}}) == "12.431"


@pytest.mark.parametrize(
    "answer",
    [
        {**ENTRY, "value": 1234},
        {**ENTRY, "value": None},
        {**ENTRY, "value": -1},
        {**ENTRY, "value": "12431"},
        {**ENTRY, "name": "counter:course/other"},
        {"numbers": {}},
        [],
        None,
        "<html>not found</html>",
    ],
)
def test_an_equal_or_unusable_answer_changes_nothing(show: Show, browser_page: Page, answer: object) -> None:
    assert show(answer) == "as built"
    assert browser_page.locator("time").inner_text() == "1 dicembre 2025"


def test_another_site_is_never_asked(show: Show) -> None:
    assert show(src="https://elsewhere.example/n.json", asks=False) == "as built"


def test_no_request_is_sent_while_the_reader_is_offline(show: Show, browser_page: Page) -> None:
    browser_page.context.set_offline(True)
    try:
        assert show(asks=False) == "as built"
    finally:
        browser_page.context.set_offline(False)
