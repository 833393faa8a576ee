"""What every page keeps, seen in one visit to each: a visit costs more than most of what is looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize
from tests.browser.conftest import Visit
from tests.browser.pages import BOTH, OF_TEMPLATE_IN_TURN, OF_TEMPLATE_OTHERWISE, ONE_EACH
from tests.browser.test_accessibility import ALIKE, OTHERWISE, violations_of_looks
from tests.chance import Chance

TALL: ViewportSize = {"width": 1280, "height": 9000}
NARROWEST: ViewportSize = {"width": 320, "height": 640}
PICTURES = """() => Promise.all([...document.images].map(async image => {
  image.loading = "eager";
  try { await image.decode() } catch { return image.src }
  return image.naturalWidth ? null : image.src;
})).then(found => found.filter(Boolean))"""
SHIFT = """() => new Promise(done => {
  let sum = 0;
  const add = list => { for (const { value } of list.getEntries()) sum += value };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 50);
})"""
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > room + 0.5);
  return wide.length ? wide.map(one => one.outerHTML.slice(0, 100)) : ["something"];
}"""
CUT_OFF = """() => [...document.querySelectorAll("main :is(h1, h2, h3, p, li, dd, dt, td, th)")].filter(one => {
  const style = getComputedStyle(one), isHidden = one.closest(".visually-hidden");
  return !isHidden && style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("path", BOTH)
def test_a_page_is_whole_quiet_narrow_and_without_violations(visit: Visit, path: str, chance: Chance) -> None:
    """What is wrong is found by the sentence that it breaks; three quarters of the pages are asked the last three.

    axe sees each template in two looks, and a quick run sees its other pages in one of their two.
    """
    page = visit(path)
    wrong: dict[str, object] = {"nothing moves while it loads": page.evaluate(SHIFT)}
    wrong["all its pictures are there"] = page.evaluate(PICTURES)
    let_counters_ask(visit, page)
    wrong["it loads without a complaint or another site"] = visit.heard
    display = page.evaluate("getComputedStyle(document.body).display")
    wrong["its styles are there"] = [] if display == "flex" else display
    if path in (*ONE_EACH, *OF_TEMPLATE_OTHERWISE):
        looks = ALIKE if path in ONE_EACH else OTHERWISE
        if path not in OF_TEMPLATE_IN_TURN and not chance.is_thorough:
            looks = (chance.choice(looks),)
        wrong["it has no violations"] = violations_of_looks(visit, page, looks)
        visit.look(page, NARROWEST, "light")
        wrong["nothing is wider than the narrowest window"] = page.evaluate(TOO_WIDE)
        wrong["nothing is cut off in the narrowest window"] = page.evaluate(CUT_OFF)

    assert {sentence: found for sentence, found in wrong.items() if found} == {}


def let_counters_ask(visit: Visit, page: Page) -> None:
    """Bring all numbers in sight: those that can refresh themselves ask once the browser is idle."""
    sources = page.locator("live-counter").evaluate_all(
        "all => all.map(one => new URL(one.dataset.src, location).href)"
    )
    if sources:
        visit.look(page, TALL, "light")
    for source in set(sources):
        page.wait_for_function("name => performance.getEntriesByName(name).length > 0", arg=source)
