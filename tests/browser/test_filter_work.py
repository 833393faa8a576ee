"""What a change of a filter costs with 2,500 videos: nodes touched, cards made and pages asked for, never seconds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.browser.conftest import PATIENCE_MS
from tests.theme.list_pages import a_list
from tests.theme.rendering import render
from tests.theme.samples import a_card, a_link

from openknowledge.assets.collect import collect
from openknowledge.catalogue.views.base import FacetGroup, FilterSource

SITE, LIST, DOCUMENT = "https://example.edu", "/corsi/", "/data/lists/video.it.json"
ITEMS, ON_A_PAGE, NAMED = 2_500, 25, 12
MANY = {"language": 3, "year": 15, "topic": 60, "speaker": 900}
"""How many values each filter has; an item's value is its number divided by something, or what is left."""
COUNT_WORK = """() => {
  const work = window.work = { changed: 0, cards: 0 };
  new MutationObserver((changes) => { for (const change of changes) {
    work.cards += [...change.addedNodes].filter((node) => node.matches?.(".listing-items li:has(> .card)")).length;
    if (change.target.closest?.("facet-filter")) work.changed += 1;
  } }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


SHIFTS = """() => new Promise((done) => {
  const moved = [];
  const add = (list) => {
    for (const { sources } of list.getEntries()) moved.push(...sources.map(({ node }) => node?.className));
  };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 300);
})"""


MOST_AT_ONCE = """() => {
  const count = () => document.querySelectorAll(".listing-items li:not([hidden]) > .card").length;
  const work = window.frames = { most: 0, last: count() };
  const look = () => {
    work.most = Math.max(work.most, count() - work.last);
    work.last = count();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def a_value(name: str, place: int) -> str:
    return f"{name}-{place}"


@cache
def a_document() -> str:
    facets = [
        {
            "name": name,
            "label": name.title(),
            "values": [(a_value(name, place), f"{name.title()} Nò {place}") for place in range(many)],
            "of": [item % many if item % 7 else [item % many, (item + 1) % many] for item in range(ITEMS)],
        }
        for name, many in MANY.items()
    ]
    pages = [
        (LIST if not number else f"{LIST}{number}/", ON_A_PAGE, str(number)) for number in range(ITEMS // ON_A_PAGE)
    ]
    words = {"counts": {"one": "%(number)s video", "other": "%(number)s video"}, "locale": "it"}
    names = ("none", "remove", "clear", "more", "others", "find", "failed")
    first = {"first": "first %(number)s"}
    return json.dumps({"facets": facets, "pages": pages, "words": {**words, **{name: name for name in names}, **first}})


@cache
def a_page(number: int) -> str:
    """Return a page of the list; the first one names some values of each filter."""
    groups = tuple(
        FacetGroup(
            label=name.title(),
            options=(
                a_link("Tutti", LIST),
                *(a_link(str(place), f"/{name}/{place}/") for place in range(min(many, NAMED))),
            ),
            name=name,
            index=a_link("Dalla A alla Z", "/indice/"),
            values=("", *(a_value(name, place) for place in range(min(many, NAMED)))),
        )
        for name, many in MANY.items()
    )
    cards = tuple(a_card(f"v{item}", f"Video {item}") for item in range(number * ON_A_PAGE, (number + 1) * ON_A_PAGE))
    source = FilterSource(url=DOCUMENT, list_url=LIST)
    return render(
        a_list(
            facets=groups,
            filters=source,
            cards=cards,
            digest=str(number),
            total="2.500 video",
            numbers=(),
            pager=None,
            stylesheet_url="/theme/css/pages/list.css",
        )
    )


class Shown:
    """The list with its filters, and what it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.messages: list[str] = []
        self._theme = {f"/{asset.path}": asset for asset in collect(Path(__file__).parents[2] / "theme")[0]}
        self._names = {asset.name: asset for asset in self._theme.values()}
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.route("**/*", self._serve)

    def open(self, query: str = "") -> None:
        """Open the list anew, and come near its filters."""
        self.asked.clear()
        self.page.goto(f"{SITE}{LIST}{query}")
        self.page.wait_for_function("customElements.get('facet-filter') !== undefined")
        self.page.locator("facet-filter").dispatch_event("pointerover")
        expect(self.page.locator(".listing-count")).to_have_attribute("role", "status")

    def choose(self, name: str, place: int, cards: int) -> dict[str, int]:
        """Choose a value, and return what that took when all of its cards are there, which come a few in a frame."""
        self.page.evaluate(COUNT_WORK)
        self.value(name, place).locator("a").click()
        self.page.wait_for_function(
            "many => work.cards >= many && document.querySelectorAll('.listing-items .card').length === many", arg=cards
        )
        work: dict[str, int] = self.page.evaluate("window.work")
        return work

    def value(self, name: str, place: int) -> Locator:
        return self.page.locator(f'facet-filter [data-facet="{name}"] [data-value="{a_value(name, place)}"]')

    def _serve(self, route: Route) -> None:
        path = re.sub("^/theme/(css|js)/", "/theme/", route.request.url.removeprefix(SITE).partition("?")[0])
        self.asked.append(path)
        if path.startswith(LIST):
            route.fulfill(content_type="text/html; charset=utf-8", body=a_page(int(path.strip("/")[6:] or 0)))
        elif path == DOCUMENT:
            route.fulfill(content_type="application/json", body=a_document())
        elif asset := self._theme.get(path) or self._names.get(path.removeprefix("/theme/")):
            kind = "text/javascript" if path.endswith(".js") else "text/css"
            route.fulfill(content_type=kind, body=asset.data)
        else:
            route.fulfill(status=204)


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Shown]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    yield Shown(page)
    page.close()


@pytest.fixture
def shown(tab: Shown) -> Iterator[Shown]:
    yield tab
    assert tab.messages == []


def test_a_change_makes_the_first_cards_alone_and_writes_only_options_that_differ(shown: Shown) -> None:
    shown.open()
    assert shown.page.locator("facet-filter li").count() < 60
    work = [shown.choose("year", 3, 24), shown.choose("language", 1, 24)]

    # Each of the options that the page has: its count, whether it is hidden, whether it is chosen.
    assert max(one["changed"] for one in work) < 3 * shown.page.locator("facet-filter [data-value]").count()
    assert [one["cards"] for one in work] == [24, 24]
    pages = [path for path in shown.asked if path.startswith(LIST)]
    assert len(pages) == len(set(pages)) < 50


def test_a_filter_of_many_values_shows_the_first_and_finds_the_others(shown: Shown) -> None:
    shown.open()
    speakers = shown.page.locator('[data-facet="speaker"]')
    speakers.locator("summary").click()
    expect(speakers.locator(".facets-others [data-value]")).to_have_count(40)
    expect(speakers.locator(".facets-rest")).to_have_text("first 40")

    speakers.locator("input").fill("NO 77")
    expect(speakers.locator(".facets-others [data-value]")).to_have_count(11)
    assert shown.choose("speaker", 777, 2)["cards"] == 2

    expect(shown.page.locator(".chips-link")).to_have_text("remove Speaker: Speaker Nò 777×")
    expect(shown.value("speaker", 777).locator("a")).to_be_focused()
    expect(shown.value("speaker", 777).locator("a")).to_have_attribute("aria-current", "true")


def test_what_an_address_asks_for_moves_nothing(shown: Shown) -> None:
    shown.page.goto(f"{SITE}{LIST}?year=year-1&speaker=speaker-1&speaker=speaker-46&language=language-1")
    expect(shown.page.locator(".chips-link")).to_have_count(5)
    expect(shown.page.locator("html[data-asked]")).to_have_count(0)

    assert shown.page.locator(".listing-items .card").count() > 0
    assert shown.page.evaluate(SHIFTS) == []


@pytest.mark.parametrize("query", ["?utm_source=x", "?", ""])
def test_an_address_that_asks_for_no_filter_shows_the_list_and_asks_for_no_document(shown: Shown, query: str) -> None:
    shown.asked.clear()
    shown.page.goto(f"{SITE}{LIST}{query}", wait_until="load")

    expect(shown.page.locator("html[data-asked]")).to_have_count(0)
    assert DOCUMENT not in shown.asked


def test_strange_addresses_choose_what_they_name_once_and_pass_over_the_rest(shown: Shown) -> None:
    shown.open("?year=year-1&year=year-1&speaker=__proto__&topic=constructor&language=%C3%A8%00&level=x&year=&%=&open")
    expect(shown.page.locator(".chips-link")).to_have_text("remove Year: Year Nò 1×")
    expect(shown.page.locator(".listing-items .card")).to_have_count(24)

    shown.page.evaluate(MOST_AT_ONCE)
    shown.page.locator(".chips-link").click()
    expect(shown.page.locator(".chips-link")).to_have_count(0)
    expect(shown.page.locator(".listing-items li:not([hidden]) > .card")).to_have_count(ON_A_PAGE)
    # All cards in one frame were the longest task of a phone.
    assert shown.page.evaluate("window.frames.most") <= 6
