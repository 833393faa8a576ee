"""The filters of a list combine with script, and are plain links to pages of their own without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, PHONE

COURSES = BY_NAME["courses"].english
CARDS = ".listing-items .card"
PHYSICS, TEACHING = '[data-facet="subject"] [data-value="physics"]', '[data-facet="subject"] [data-value="teaching"]'


def total(page: Page) -> int:
    """Return the number of entries that the list shows."""
    text = re.search(r"\d+", page.locator(".listing-total").inner_text())
    assert text
    return int(text[0])


def test_without_script_a_filter_leads_to_a_page_that_says_so_and_leads_back(visit: Visit) -> None:
    page = visit(COURSES, script=False)
    everything = page.locator(CARDS).count()
    assert total(page) == everything
    promised = int(page.locator(PHYSICS).locator(".count").inner_text())

    page.locator(PHYSICS).locator("a").click()
    page.wait_for_url("**/en/courses/subject/physics/")
    assert 0 < promised < everything
    assert (page.locator(CARDS).count(), total(page)) == (promised, promised)
    expect(page.locator("h1")).to_contain_text("physics")
    assert "Physics" in page.locator('.facets-options a[aria-current="true"]').all_inner_texts()

    page.locator(".facets-options a").first.click()
    page.wait_for_url("**" + COURSES)
    expect(page.locator(CARDS)).to_have_count(everything)


def test_filters_combine_the_address_holds_all_and_back_undoes_one(visit: Visit) -> None:
    page = visit(COURSES)
    everything, first = page.locator(CARDS).count(), page.locator(".card-title").first.inner_text()
    visit.asked.clear()
    subject = int(page.locator(TEACHING).locator(".count").inner_text())
    assert visit.asked == []

    page.locator(TEACHING).locator("a").click()
    expect(page).to_have_url(re.compile(r"/en/courses/\?subject=teaching$"))
    expect(page.locator(CARDS)).to_have_count(subject)
    assert total(page) == subject
    expect(page.locator(PHYSICS)).to_be_visible()
    language = page.locator('[data-facet="language"] [data-value="it"]')
    promised = int(language.locator(".count").inner_text())
    assert 0 < promised < subject

    language.locator("a").press("Enter")
    expect(page).to_have_url(re.compile(r"\?subject=teaching&language=it$"))
    expect(page.locator(CARDS)).to_have_count(promised)
    expect(language.locator("a")).to_be_focused()
    expect(page.locator(".chips-link")).to_have_count(3)

    shared = visit.alone(f"{COURSES}?subject=teaching&language=it")
    expect(shared.locator(CARDS)).to_have_count(promised)

    page.go_back()
    expect(page.locator(CARDS)).to_have_count(subject)
    page.locator(".chips-link").click()
    expect(page).to_have_url(re.compile(r"/en/courses/$"))
    expect(page.locator(".listing-count")).to_be_focused()
    expect(page.locator(CARDS)).to_have_count(everything)
    assert page.locator(".card-title").first.inner_text() == first


def test_what_no_item_has_is_said_and_unknown_filters_are_passed_over(visit: Visit) -> None:
    page = visit(f"{COURSES}?subject=physics&topic=didattica&level=none&subject=<b>")

    expect(page.locator(".empty")).to_have_text("Nothing here has all of this. Remove a filter.")
    expect(page.locator(".listing-count")).to_have_text("0 courses")
    expect(page.locator(".chips-link")).to_have_count(3)


def test_on_the_page_of_a_value_other_filters_lead_to_the_list_with_both(visit: Visit) -> None:
    page = visit("/en/courses/subject/teaching/")
    page.locator('[data-facet="language"] [data-value="it"] a').click()

    page.wait_for_url("**/en/courses/?subject=teaching&language=it")
    expect(page.locator(".chips-link")).to_have_count(3)
    expect(page.locator("html[data-asked]")).to_have_count(0)
    assert 0 < total(page) == page.locator(CARDS).count()


def test_cards_of_other_pages_keep_their_numbers_and_notes(visit: Visit) -> None:
    page = visit(f"{COURSES}?subject=mathematics")
    number = page.locator(".card .number-value").first
    number.click()

    expect(page.locator(".number-note:popover-open")).to_be_visible()
    ids = page.eval_on_selector_all("[id]", "all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_filters_fold_away_on_a_phone_and_close_after_a_choice(visit: Visit, script: bool) -> None:
    page = visit(BY_NAME["courses"].italian, viewport=PHONE, script=script)
    links = page.locator(".facets-options a")
    expect(links.first).to_be_hidden()
    expect(page.locator(CARDS).first).to_be_in_viewport()

    page.locator(".facets-summary").click()
    expect(links.first).to_be_visible()
    page.locator(PHYSICS).locator("a").click()

    expect(page.locator(".facets-options a").first).to_be_hidden()
    expect(page.locator(CARDS)).to_have_count(2)
    if script:
        expect(page.locator(".listing-count")).to_be_focused()
        expect(page.locator(".chips-link")).to_have_text("Togli il filtro Materia: Fisica×")


def test_a_link_leads_past_the_filters_by_keyboard(visit: Visit) -> None:
    page = visit(COURSES)
    page.locator(".facets-skip").press("Enter")
    expect(page.locator(".listing-items")).to_be_focused()
    page.keyboard.press("Tab")

    expect(page.locator(".card-title a").first).to_be_focused()


def test_a_reader_who_went_on_keeps_the_focus_when_the_filters_have_loaded(visit: Visit) -> None:
    page = visit(COURSES)
    page.locator(".card-title a").first.focus()

    page.wait_for_function("customElements.get('facet-filter') !== undefined")
    page.locator("facet-filter").dispatch_event("pointerover")
    expect(page.locator(".listing-count")).to_have_attribute("role", "status")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    expect(page.locator(".card-title a").first).to_be_focused()
