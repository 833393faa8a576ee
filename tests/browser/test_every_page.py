"""What every page keeps, seen in one visit: a visit costs more than most of what is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, ViewportSize
from tests.browser.conftest import Visit
from tests.browser.pages import DESKTOP, OF_TEMPLATE, ONE_EACH, PHONE, SAMPLES, Sample, Scheme
from tests.browser.test_accessibility import ALIKE, OTHERWISE, SCHEMES, some_looks, violations_of_looks
from tests.chance import Chance

TALL: ViewportSize = {"width": 1280, "height": 9000}
HALF: ViewportSize = {"width": 640, "height": 400}
"""What is left of a window at twice the size of letters."""
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
TITLE_OUT_OF_SIGHT = """() => {
  const title = document.querySelector("h1").getBoundingClientRect(), isHome = document.querySelector(".home-sentence");
  return !isHome && (title.top >= innerHeight || title.bottom <= 0);
}"""
CUT_OFF = """() => [...document.querySelectorAll("main :is(h1, h2, h3, p, li, dd, dt, td, th)")].filter(one => {
  const style = getComputedStyle(one), isHidden = one.closest(".visually-hidden");
  return !isHidden && style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 100))"""
HIDDEN = """() => [...document.querySelectorAll("body *:not(.masthead-scheme *)")].filter(one =>
  getComputedStyle(one).visibility !== "visible").map(one => one.outerHTML.slice(0, 100))"""
"""Finds what waits for the rest of the page, which is there; the names of the other schemes always wait."""
ENDED = "() => Promise.allSettled(document.getAnimations().map(one => one.finished))"
"""Waits for the fading from the other scheme, which began before stillness was asked for."""
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


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name.replace(" ", "-"))
def test_a_page_is_whole_quiet_narrow_and_without_violations(visit: Visit, sample: Sample, chance: Chance) -> None:
    """What is wrong is found by the sentence that it breaks; the first page of a template is asked the last five.

    A quick run sees each page in one language and axe in one look of it, by the dice; a thorough one sees both
    languages, each in two looks that the other has not. The conformance tests see every template in every look.
    """
    paths = sample[2:] if chance.is_thorough else (chance.choice(sample[2:]),)

    wrong = {path: wrong_with(visit, path, sample in OF_TEMPLATE, chance) for path in paths}

    assert {path: found for path, found in wrong.items() if found} == {}


def wrong_with(visit: Visit, path: str, is_first_of_template: bool, chance: Chance) -> dict[str, object]:
    """Return what is wrong with a page, by the sentence that it breaks."""
    page = visit(path)
    wrong: dict[str, object] = {"nothing moves while it loads": page.evaluate(SHIFT)}
    wrong["all its parts are seen once it is there"] = page.evaluate(HIDDEN)
    wrong["all its pictures are there"] = page.evaluate(PICTURES)
    let_counters_ask(visit, page)
    wrong["it loads without a complaint or another site"] = [*visit.heard]
    display = page.evaluate("getComputedStyle(document.body).display")
    wrong["its styles are there"] = [] if display == "flex" else display
    looks = ALIKE if path in ONE_EACH else OTHERWISE
    wrong["it has no violations"] = violations_of_looks(
        visit, page, looks if chance.is_thorough else some_looks(chance)
    )
    visit.look(page, NARROWEST, "light")
    wrong["nothing is wider than the narrowest window"] = page.evaluate(TOO_WIDE)
    wrong["nothing is cut off in the narrowest window"] = page.evaluate(CUT_OFF)
    if is_first_of_template:
        wrong |= wrong_in_other_media(visit, page, SCHEMES if chance.is_thorough else (chance.choice(SCHEMES),))
    return {sentence: found for sentence, found in wrong.items() if found}


def wrong_in_other_media(visit: Visit, page: Page, schemes: Sequence[Scheme]) -> dict[str, object]:
    """Return what is wrong with a page in other windows, for readers who want no motion, and in forced colours."""
    visit.look(page, HALF, "light")
    wrong: dict[str, object] = {"nothing is wider than the window at twice the size": page.evaluate(TOO_WIDE)}
    visit.look(page, PHONE, "light")
    wrong["it begins with its title on a phone"] = page.evaluate(TITLE_OUT_OF_SIGHT)
    page.evaluate(ENDED)
    visit.emulate(page, reduced_motion="reduce")
    wrong["nothing moves where stillness is asked for"] = page.evaluate(MOVING)
    visit.resize(page, DESKTOP)
    for scheme in schemes:
        visit.emulate(page, forced_colors="active", color_scheme=scheme)
        wrong[f"forced colours leave every word in sight: {scheme}"] = page.evaluate(UNSEEN)
    return wrong


def let_counters_ask(visit: Visit, page: Page) -> None:
    """Bring all numbers in sight: those that can refresh themselves ask once the browser is idle."""
    sources = page.locator("live-counter").evaluate_all(
        "all => all.map(one => new URL(one.dataset.src, location).href)"
    )
    if sources:
        visit.look(page, TALL, "light")
    for source in set(sources):
        page.wait_for_function("name => performance.getEntriesByName(name).length > 0", arg=source)
