"""In a real browser: an open page follows the preview without being reloaded by hand."""

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from openknowledge.browser.chromium import FLAGS, found
from openknowledge.catalogue.problems import Problem
from openknowledge.editorial.editions import Edition, Stand
from openknowledge.editorial.panel import Finding
from openknowledge.editorial.preview import PreviewHandler
from openknowledge.editorial.serving import answering

PAGE = "<!doctype html><html lang=it><head><title>x</title></head><body style='block-size: 300vh'>{}</body></html>"
HERE = Finding(Problem("content/courses/algebra/index.md", 3, "weeks", "not a number", "Write 6."))
ELSEWHERE = Finding(Problem("content/partners/y.md", 1, "title", "missing"))


def an_edition(root: Path, build: str, words: str, *findings: Finding) -> Edition:
    page = root / build / "corsi" / "algebra" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE.format(words), encoding="utf-8")
    return Edition(build, root / build, findings)


@pytest.mark.browser
def test_an_open_page_shows_each_edition_and_its_problems_until_they_are_mended(tmp_path):
    stand = Stand(an_edition(tmp_path, "1", "one"))
    with answering(partial(PreviewHandler, stand=stand)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=list(FLAGS))
        page = browser.new_page()
        page.goto(f"{address}/corsi/algebra/", wait_until="load")
        panel = page.get_by_role("alert")
        expect(panel).to_have_count(0)

        stand.put(an_edition(tmp_path, "2", "two", HERE, ELSEWHERE))
        expect(page.get_by_text("two")).to_be_visible()
        expect(panel).to_be_in_viewport()
        expect(panel).to_contain_text("weeks: not a number")
        expect(panel.get_by_text("missing")).to_be_hidden()
        panel.get_by_text("2 problems in 2 files of the site").press("Enter")
        expect(panel.get_by_text("missing")).to_be_visible()

        stand.put(an_edition(tmp_path, "3", "three"))
        expect(page.get_by_text("three")).to_be_visible()
        expect(panel).to_have_count(0)
        browser.close()
