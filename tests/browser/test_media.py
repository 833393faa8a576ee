"""Pages suit narrow windows, large type, both schemes, stillness, forced colours and paper."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import (
    BY_NAME,
    DESKTOP,
    OF_TEMPLATE,
    OF_TEMPLATE_IN_TURN,
    PHONE,
    Scheme,
    scheme_of,
)
from tests.browser.test_accessibility import SCHEMES
from tests.browser.test_every_page import TOO_WIDE

MOVING = """() => {
  const longest = text => Math.max(...text.split(",").map(part => parseFloat(part) * (part.includes("ms") ? 1 : 1000)));
  const found = [];
  for (const one of document.querySelectorAll("*")) {
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(one, part);
      if (longest(style.transitionDuration) > 1) found.push(`${one.className}${part ?? ""} fades`);
      if (style.animationName !== "none" && longest(style.animationDuration) > 1) found.push(`${one.className} moves`);
      if (style.scrollBehavior === "smooth") found.push(`${one.className} scrolls`);
    }
  }
  return found.concat(document.getAnimations().map(one => `${one.constructor.name} runs`));
}"""
UNSEEN = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const painted = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const behind = one => {
    for (; one; one = one.parentElement) {
      const color = painted(getComputedStyle(one).backgroundColor);
      if (color[3] > 127) return color;
    }
    return painted("Canvas");
  };
  const words = [...document.body.querySelectorAll("*")].filter(one => one.checkVisibility() &&
    [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()));
  return words.filter(one => {
    const [text, ground] = [painted(getComputedStyle(one).color), behind(one)];
    return text[3] < 128 || Math.max(...[0, 1, 2].map(at => Math.abs(text[at] - ground[at]))) < 64;
  }).map(one => one.outerHTML.slice(0, 120));
}"""


def test_nothing_is_wider_than_the_window_at_twice_the_size(visit: Visit) -> None:
    page = visit.window(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    wide = {}
    for path in OF_TEMPLATE_IN_TURN:
        page.goto(visit.address + path, wait_until="load")
        wide[path] = page.evaluate(TOO_WIDE)

    assert {path: found for path, found in wide.items() if found} == {}


def test_pages_follow_the_scheme_of_the_system(visit: Visit) -> None:
    for sample in OF_TEMPLATE[::3]:
        page = visit(sample.italian)
        for scheme in SCHEMES:
            visit.look(page, DESKTOP, scheme)
            assert scheme_of(page) == scheme
            assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


@pytest.mark.parametrize(("chosen", "other"), [("light", "dark"), ("dark", "light")])
def test_the_reader_s_choice_wins_over_the_system(visit: Visit, chosen: str, other: Scheme) -> None:
    page = visit.alone("/", color_scheme=other)
    page.evaluate("scheme => localStorage.setItem('scheme', scheme)", chosen)

    page.goto(visit.address + BY_NAME["course"].italian)

    assert scheme_of(page) == chosen
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == chosen
    assert page.evaluate(UNSEEN) == []


def test_nothing_moves_where_stillness_is_asked_for(visit: Visit) -> None:
    page = visit.window(viewport=DESKTOP, reduced_motion="reduce")
    moving = {}
    for sample in OF_TEMPLATE:
        page.goto(visit.address + sample.english, wait_until="load")
        moving[sample.name] = page.evaluate(MOVING)

    assert {name: found for name, found in moving.items() if found} == {}


def test_fades_are_short_where_it_is_not(visit: Visit) -> None:
    page = visit(BY_NAME["home"].italian)
    durations = page.locator("a, button, img").evaluate_all(
        "all => all.map(o => getComputedStyle(o).transitionDuration)"
    )

    assert set(durations) <= {"0s", "0.12s"}


def test_forced_colours_leave_every_word_and_every_edge_in_sight(visit: Visit) -> None:
    page = visit.window(viewport=DESKTOP, forced_colors="active")
    unseen = {}
    for sample in OF_TEMPLATE:
        page.goto(visit.address + sample.italian, wait_until="load")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            unseen[sample.name, scheme] = page.evaluate(UNSEEN)

    assert {look: found for look, found in unseen.items() if found} == {}
    page.goto(visit.address + BY_NAME["courses"].italian)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(".masthead-wordmark")).to_be_visible()
        expect(page.locator(".card").first).to_be_visible()
        assert page.locator(".masthead").evaluate("one => getComputedStyle(one).borderBlockEndStyle") == "solid"


def on_paper(visit: Visit, name: str, **options: Any) -> Page:
    page = visit.window(viewport=DESKTOP, **options)
    page.goto(visit.address + BY_NAME[name].italian, wait_until="load")
    page.emulate_media(media="print")
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
    page = on_paper(visit, name, color_scheme=scheme)
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


def test_on_a_phone_the_page_begins_with_its_title(visit: Visit) -> None:
    for sample in OF_TEMPLATE:
        page = visit(sample.italian, viewport=PHONE)
        if sample.template != "home":
            expect(page.locator("h1")).to_be_in_viewport()
