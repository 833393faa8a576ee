"""The filters of a list are plain links, and each shows as many entries as it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import BY_NAME, PHONE

CARDS = ".listing-items .card"


def filters(page: Page) -> list[tuple[str, int]]:
    """The address of each filter on the page, and how many entries it promises."""
    found = page.locator(".facets-options li").evaluate_all(
        "all => all.map(one => [new URL(one.querySelector('a').href).pathname, one.querySelector('.count').innerText])"
    )
    return [(path, int(count)) for path, count in found]


def total(page: Page) -> int:
    """How many entries the list says that it has."""
    said = re.search(r"\d+", page.locator(".listing-total").inner_text())
    assert said
    return int(said[0])


@pytest.mark.parametrize(
    ("path", "script"),
    [(BY_NAME["courses"].italian, True), (BY_NAME["courses"].english, False)],
    ids=["with script", "without script"],
)
def test_each_filter_leads_to_as_many_entries_as_it_says(visit: Visit, path: str, script: bool) -> None:
    page = visit(path, script=script)
    promised = filters(page)
    assert len(promised) > 10

    shown = {}
    for target, _ in promised:
        page.goto(visit.address + target)
        shown[target] = (total(page), page.locator(CARDS).count())

    assert shown == {target: (count, count) for target, count in promised}


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_filter_narrows_the_list_says_that_it_is_chosen_and_leads_back(visit: Visit, script: bool) -> None:
    page = visit.alone(BY_NAME["courses"].english, java_script_enabled=script)
    everything = page.locator(CARDS).count()

    page.locator(".facets-options").get_by_role("link", name="Physics").click()
    page.wait_for_url("**/en/courses/subject/physics/")
    assert 0 < page.locator(CARDS).count() < everything
    expect(page.locator("h1")).to_contain_text("Physics")
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
