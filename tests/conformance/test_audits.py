"""Independent programs look at every template, as its pages are published: Lighthouse, axe, the Nu HTML Checker."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.audits.auditors import run_axe, run_lighthouse, run_nu, serve_published
from tests.browser.pages import OF_TEMPLATE, PHONE

from openknowledge.browser.chromium import FLAGS, find_or_install

pytestmark = [pytest.mark.conformance, pytest.mark.browser]

HIDDEN = ("/cerca/", "/cerca/lettera/c/", "/404.html")
"""Pages that search engines are asked to leave out."""


def test_lighthouse_gives_every_template_full_marks_and_sees_nothing_move(real_site: Path) -> None:
    with serve_published(real_site) as address:
        scores = run_lighthouse(address, [sample.italian for sample in OF_TEMPLATE])

    wanted = dict.fromkeys(("performance", "accessibility", "best-practices", "seo"), 100)
    others = [score for score in scores if score.address not in HIDDEN]
    assert len(scores) == len(OF_TEMPLATE)
    assert [score for score in others if score.scores != wanted] == []
    assert [score.failed for score in scores if score.address in HIDDEN] == [["is-crawlable"]] * len(HIDDEN)
    assert [score for score in scores if score.shift] == []


def test_axe_finds_nothing_in_any_template_in_either_scheme(real_site: Path, browser: Browser) -> None:
    with serve_published(real_site) as address:
        found = run_axe(browser, address, [sample.english for sample in OF_TEMPLATE])

    assert {page: violations for page, violations in found.items() if violations} == {}


def test_nothing_overflows_a_phone_where_text_is_twice_as_large(real_site: Path, browser: Browser) -> None:
    large = browser.browser_type.launch(
        executable_path=find_or_install(), args=[*FLAGS, "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"]
    )
    with serve_published(real_site) as address:
        page = large.new_page(viewport=PHONE)
        wide = {}
        for sample in OF_TEMPLATE:
            page.goto(address + sample.italian)
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
            wide[sample.name] = page.evaluate("document.documentElement.scrollWidth") - PHONE["width"]
    large.close()

    assert {name: excess for name, excess in wide.items() if excess > 0} == {}


def test_the_nu_checker_finds_nothing_on_any_page(real_site: Path) -> None:
    assert run_nu(real_site) == []
