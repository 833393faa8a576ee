"""Pages suit both schemes, forced colours and paper; `test_every_page.py` has what each is asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, DESKTOP, OF_TEMPLATE, Scheme, scheme_of
from tests.browser.test_accessibility import SCHEMES
from tests.browser.test_every_page import UNSEEN


def test_pages_follow_the_scheme_of_the_system(visit: Visit) -> None:
    for sample in OF_TEMPLATE[::6]:
        page = visit(sample.italian)
        for scheme in SCHEMES:
            visit.look(page, DESKTOP, scheme)
            assert scheme_of(page) == scheme
            assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


@pytest.mark.parametrize(("chosen", "other"), [("light", "dark"), ("dark", "light")])
def test_the_reader_s_choice_wins_over_the_system(visit: Visit, chosen: str, other: Scheme) -> None:
    page = visit.storing("/", scheme=other)
    page.evaluate("scheme => localStorage.setItem('scheme', scheme)", chosen)

    page.goto(visit.address + BY_NAME["course"].italian)

    assert scheme_of(page) == chosen
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == chosen
    assert page.evaluate(UNSEEN) == []


def test_fades_are_short_where_it_is_not(visit: Visit) -> None:
    page = visit(BY_NAME["home"].italian)
    durations = page.locator("a, button, img").evaluate_all(
        "all => all.map(o => getComputedStyle(o).transitionDuration)"
    )

    assert set(durations) <= {"0s", "0.12s"}


def test_forced_colours_leave_every_edge_in_sight(visit: Visit) -> None:
    page = visit.shared()
    visit.emulate(page, forced_colors="active")
    page.goto(visit.address + BY_NAME["courses"].italian)
    for scheme in SCHEMES:
        visit.emulate(page, color_scheme=scheme)
        expect(page.locator(".masthead-wordmark")).to_be_visible()
        expect(page.locator(".card").first).to_be_visible()
        assert page.locator(".masthead").evaluate("one => getComputedStyle(one).borderBlockEndStyle") == "solid"


def on_paper(visit: Visit, name: str, scheme: Scheme = "light") -> Page:
    page = visit(BY_NAME[name].italian)
    visit.emulate(page, media="print", color_scheme=scheme)
    return page


@pytest.mark.parametrize("name", ["press", "course", "courses", "video", "home"])
def test_on_paper_there_is_nothing_to_click(visit: Visit, name: str) -> None:
    page = on_paper(visit, name)

    for part in (
        ".masthead-nav",
        ".masthead-tools",
        ".facets",
        ".crumbs",
        ".state-action",
        ".pager",
        ".search",
        ".skip",
    ):
        for place in page.locator(part).all():
            expect(place).to_be_hidden()
    visible = page.locator("button:visible").evaluate_all("all => all.map(one => one.className.split(' ')[0])")
    assert set(visible) <= {"number-value"}
    expect(page.locator("h1")).to_be_attached()
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["press", "course"])
def test_paper_is_white_and_ink_is_dark_whatever_the_screen_shows(visit: Visit, name: str, scheme: Scheme) -> None:
    page = on_paper(visit, name, scheme)
    page.evaluate("scheme => { document.documentElement.dataset.scheme = scheme }", scheme)

    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    lightest = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const words = [...document.querySelectorAll("main :is(h1, h2, p, li, dd, dt, a, button, time)")];
          return Math.max(...words.filter(one => one.checkVisibility()).map(one => {
            canvas.fillStyle = getComputedStyle(one).color;
            canvas.fillRect(0, 0, 1, 1);
            return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 2));
          }));
        }"""
    )
    assert lightest < 120


def test_on_paper_links_out_of_the_text_say_where_they_lead_and_no_others(visit: Visit) -> None:
    page = on_paper(visit, "press")
    after = "all => all.map(one => [one.getAttribute('href'), getComputedStyle(one, '::after').content])"
    in_text = dict(page.locator(".prose a").evaluate_all(after))
    elsewhere = dict(page.locator("a:not(.prose a, .card a)").evaluate_all(after))

    assert any(target.startswith("http") for target in in_text)
    for target, content in in_text.items():
        leads_out = target.startswith(("http", "mailto:"))
        assert content == (f'" ({target})"' if leads_out else "none")
    assert set(elsewhere.values()) == {"none"}
