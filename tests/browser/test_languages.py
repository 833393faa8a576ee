"""The language switch leads to the same page in the other language, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.pages import OF_TEMPLATE, Sample


@pytest.mark.parametrize("sample", OF_TEMPLATE, ids=[sample.template for sample in OF_TEMPLATE])
def test_the_switch_leads_to_the_same_page_and_back(visit: Visit, sample: Sample) -> None:
    page = visit(sample.italian)
    html, switch = page.locator("html"), page.locator(".switch a")
    expect(html).to_have_attribute("lang", "it")
    expect(switch).to_have_text("English")

    switch.click()
    page.wait_for_url(visit.address + sample.english)
    expect(html).to_have_attribute("lang", "en")
    expect(switch).to_have_text("Italiano")

    switch.click()
    page.wait_for_url(visit.address + sample.italian)
    expect(html).to_have_attribute("lang", "it")
