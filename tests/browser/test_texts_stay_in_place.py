"""Whatever classes an editor gives to a part of a text, it covers nothing outside the text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize
from tests.browser.conftest import Visit
from tests.browser.pages import DESKTOP, PHONE
from tests.chance import Chance
from tests.theme.test_styles import SHEETS, selectors_of

CLASSES = sorted({name for sheet in SHEETS for name in re.findall(r"\.([a-z][\w-]*)", selectors_of(sheet))})
COVERED = """([selector, classes]) => {
  const prose = document.querySelector(selector), covered = [];
  const make = (name, className, inner) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...inner);
    return made;
  };
  const link = (className) => {
    const made = make("a", className, ["x"]);
    made.href = "https://evil.example/";
    return made;
  };
  for (const outer of classes) {
    const links = [...classes, ""].map((inner) => make("span", inner, [link(inner)]));
    prose.replaceChildren(make("div", outer, [make("h3", outer, links)]));
    const box = prose.getBoundingClientRect();
    for (let x = 5; x < innerWidth; x += innerWidth / 5) {
      for (let y = 5; y < innerHeight; y += innerHeight / 9) {
        const isOutside = x < box.left - 12 || x > box.right + 12 || y < box.top - 12 || y > box.bottom + 12;
        if (isOutside && prose.contains(document.elementFromPoint(x, y))) covered.push(`${outer} ${x | 0},${y | 0}`);
      }
    }
  }
  return covered;
}"""


@pytest.mark.parametrize(
    ("path", "selector", "viewport"),
    [("/corsi/coding/", ".prose", DESKTOP), ("/", ".home-sentence", PHONE)],
    ids=["course", "home"],
)
def test_no_class_of_the_theme_lets_a_text_cover_the_rest_of_the_page(
    visit: Visit, chance: Chance, path: str, selector: str, viewport: ViewportSize
) -> None:
    """A link over the whole page would lead all that readers click on to elsewhere."""
    page = visit(path, viewport=viewport)

    classes = CLASSES if chance.is_thorough else sorted({*chance.sample(CLASSES, 40), "card-title", "card-duration"})
    assert page.evaluate(COVERED, [selector, classes]) == []
