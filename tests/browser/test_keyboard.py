"""Everything can be reached and used with a keyboard, and one sees where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, DESKTOP, OF_TEMPLATE_IN_TURN, OF_TEMPLATE_OTHERWISE, PHONE, scheme_of
from tests.chance import Chance

REACHABLE = """() => {
  const wanted = 'a[href], button, input, select, textarea, summary, iframe, [tabindex]:not([tabindex^="-"])';
  window.stops = [...document.querySelectorAll(wanted)].filter(
    one => !one.disabled && one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));
  return stops.length;
}"""
WATCH_FOCUS = """() => {
  const hasOutline = one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  window.focused = () => {
    const here = document.activeElement;
    if (!here || here === document.body || here === document.documentElement) return null;
    let ring = here;
    while (ring && !hasOutline(ring)) ring = ring.parentElement;
    const { top, right, bottom, left, width, height } = here.getBoundingClientRect();
    return {
      place: stops.indexOf(here),
      name: here.outerHTML.slice(0, 120),
      hasRing: Boolean(ring) && ring !== document.body,
      isInSight: Math.min(width, height) > 1 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    };
  };
  window.visited = [];
  addEventListener("keydown", () => visited.push(focused()), true);
}"""
"""Has the page take down what is focused before each key, in place of a question after each."""
IS_IN_CONTENT = """() => {
  const main = document.querySelector("main"), here = document.activeElement;
  const follows = main.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
  return main.contains(here) || (Boolean(follows) && !main.querySelector("a[href], button, summary"));
}"""
"""Whether the focus is in the content, or after it where the content has none."""
LOOKS = [(path, DESKTOP) for path in OF_TEMPLATE_IN_TURN] + [
    (BY_NAME[name].italian, PHONE) for name in ("home", "courses", "course", "video", "initiative")
]


@pytest.mark.parametrize(("path", "viewport"), LOOKS, ids=[f"{path} {size['width']}" for path, size in LOOKS])
def test_tab_goes_through_everything_in_order_with_a_ring_in_sight_and_out_again(
    visit: Visit, path: str, viewport: ViewportSize
) -> None:
    page = visit(path, viewport=viewport)
    count = page.evaluate(REACHABLE)
    page.evaluate(WATCH_FOCUS)
    # Held down, it goes on as quickly as the page follows: a key a call has each stop painted.
    page.keyboard.press("+".join(["Tab"] * (count + 1)))
    visited, last = page.evaluate("[visited.slice(1), focused()]")

    # After the last one focus leaves the page, and a browser without a window comes in again at once.
    assert last is None or last["place"] == 0, f"Focus never left the page: {last}"
    assert [stop and stop["place"] for stop in visited] == list(range(count))
    assert [stop["name"] for stop in visited if not stop["hasRing"]] == []
    assert [stop["name"] for stop in visited if not stop["isInSight"]] == []


def test_the_first_stop_skips_to_the_content(visit: Visit, chance: Chance) -> None:
    for path in OF_TEMPLATE_OTHERWISE if chance.is_thorough else chance.sample(OF_TEMPLATE_OTHERWISE, 5):
        page = visit(path)
        page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport(ratio=1)

        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate(IS_IN_CONTENT), path


@pytest.mark.parametrize("name", ["home", "course", "press", "initiative", "programme"])
def test_a_number_s_note_opens_and_closes_and_focus_stays_at_the_number(visit: Visit, name: str) -> None:
    page = visit(BY_NAME[name].italian)
    number = page.locator("main .number-value").first
    note = page.locator(f"[id='{number.get_attribute('popovertarget')}']")
    expect(note).to_be_hidden()

    for key in ("Enter", "Space"):
        number.focus()
        page.keyboard.press(key)
        expect(note).to_be_visible()
        expect(note).to_be_in_viewport(ratio=1)
        assert len(note.inner_text().strip()) > 20

        page.keyboard.press("Tab")
        assert note.evaluate("note => note.contains(document.activeElement)")
        page.keyboard.press("Escape")
        expect(note).to_be_hidden()
        expect(number).to_be_focused()


def test_the_colour_scheme_is_chosen_with_the_keyboard_and_stays_chosen(visit: Visit) -> None:
    page = visit.storing(BY_NAME["home"].italian)
    button = page.locator("theme-toggle button")
    seen = [(scheme_of(page), button.inner_text())]
    for key in ("Enter", "Space", "Enter"):
        button.focus()
        page.keyboard.press(key)
        expect(button).to_be_focused()
        seen.append((scheme_of(page), button.inner_text()))
        page.reload(wait_until="load")
        assert (scheme_of(page), button.inner_text()) == seen[-1]

    assert [scheme for scheme, _ in seen] == ["light", "light", "dark", "light"]
    assert len({name for _, name in seen}) == 3
    assert seen[0] == seen[-1]


def chosen(page: Page) -> str | None:
    scheme: str | None = page.evaluate("localStorage.getItem('scheme')")
    return scheme


def test_a_chosen_scheme_is_there_before_anything_is_painted(visit: Visit) -> None:
    page = visit.window(viewport=DESKTOP, color_scheme="light")
    page.add_init_script(
        """new MutationObserver((_, watcher) => {
          if (!document.body) return;
          watcher.disconnect();
          window.atFirst = document.documentElement.dataset.scheme ?? "none";
        }).observe(document, { childList: true, subtree: true })"""
    )
    page.goto(visit.address + "/", wait_until="load")
    assert page.evaluate("atFirst") == "none"
    page.evaluate("localStorage.setItem('scheme', 'dark')")

    page.goto(visit.address + BY_NAME["course"].italian, wait_until="load")

    assert page.evaluate("atFirst") == "dark"
    assert scheme_of(page) == "dark"
    assert chosen(page) == "dark"


def test_filters_open_with_the_keyboard_on_a_phone(visit: Visit) -> None:
    page = visit(BY_NAME["courses"].italian, viewport=PHONE)
    first = page.locator(".facets-options a").first
    expect(first).to_be_hidden()

    page.locator(".facets-summary").focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
