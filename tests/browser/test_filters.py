"""The filters of a list are plain links that work with and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, PHONE

CARDS = ".listing-items .card"


def total(page: Page) -> int:
    """Return the number of entries that the list shows."""
    text = re.search(r"\d+", page.locator(".listing-total").inner_text())
    assert text
    return int(text[0])


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_filter_narrows_the_list_says_that_it_is_chosen_and_leads_back(visit: Visit, script: bool) -> None:
    page = visit.alone(BY_NAME["courses"].english, java_script_enabled=script)
    everything = page.locator(CARDS).count()
    assert total(page) == everything
    option = page.locator(".facets-options li").filter(has_text="Physics")
    promised = int(option.locator(".count").inner_text())

    option.locator("a").click()
    page.wait_for_url("**/en/courses/subject/physics/")
    assert 0 < promised < everything
    assert (page.locator(CARDS).count(), total(page)) == (promised, promised)
    expect(page.locator("h1")).to_contain_text("physics")
    chosen = page.locator('.facets-options a[aria-current="true"]')
    assert "Physics" in chosen.all_inner_texts()

    page.locator(".facets-options a").first.click()
    page.wait_for_url("**" + BY_NAME["courses"].english)
    expect(page.locator(CARDS)).to_have_count(everything)


def test_with_script_focus_returns_to_the_filter_just_used(visit: Visit) -> None:
    page = visit.alone(BY_NAME["courses"].english)

    page.locator(".facets-options").get_by_role("link", name="Physics").press("Enter")
    page.wait_for_url("**/en/courses/subject/physics/")

    expect(page.locator(".facets-options").get_by_role("link", name="Physics")).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_filters_fold_away_on_a_phone_and_open_on_demand(visit: Visit, script: bool) -> None:
    page = visit.alone(BY_NAME["courses"].italian, viewport=PHONE, java_script_enabled=script)
    links = page.locator(".facets-options a")
    expect(links.first).to_be_hidden()
    expect(page.locator(CARDS).first).to_be_in_viewport()

    page.locator(".facets-summary").click()
    expect(links.first).to_be_visible()
    links.nth(2).click()

    expect(page.locator(CARDS).first).to_be_visible()
    # With script they stay as they were left, without they fold again.
    expect(page.locator(".facets-options a").first).to_be_visible(visible=script)
