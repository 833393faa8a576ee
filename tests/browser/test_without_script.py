"""Without JavaScript every page still shows what it has."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, OF_TEMPLATE


@pytest.mark.parametrize("path", [one.english for one in OF_TEMPLATE if one.template != "search"])
def test_a_page_shows_the_same_words_with_and_without_script(visit: Visit, path: str) -> None:
    shown = {}
    for script in (True, False):
        page = visit(path, script=script)
        # A browser without script has no clipboard either.
        page.locator("copy-text button").evaluate_all("all => all.forEach(one => one.remove())")
        shown[script] = page.locator("main").inner_text()

    assert shown[False] == shown[True]
    assert len(shown[False]) > 100


@pytest.mark.parametrize("name", ["home", "course", "press", "initiative", "programme"])
def test_a_number_opens_its_note(visit: Visit, name: str) -> None:
    page = visit(BY_NAME[name].english, script=False)
    number = page.locator("main .number-value").first
    note = page.locator("main .number-note").first
    expect(note).to_be_hidden()

    number.click()
    expect(note).to_be_visible()

    page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_a_video_is_a_link_to_where_it_is(visit: Visit) -> None:
    page = visit(BY_NAME["video"].italian, script=False)

    link = page.locator("a.player-link")
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", "https://www.youtube.com/watch?v=Yfac2CZJrP0")
    assert page.locator("iframe").count() == 0


def test_what_only_a_script_can_do_is_not_offered(visit: Visit) -> None:
    page = visit(BY_NAME["home"].italian, script=False)

    expect(page.locator("theme-toggle")).to_be_hidden()
