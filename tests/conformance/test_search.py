"""The named queries find their pages among the first three, in the whole channel with the site's own pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.conftest import PATIENCE_MS
from tests.site.whole import WholeSite

from openknowledge.preview.file_server import serve_folder

pytestmark = [pytest.mark.conformance, pytest.mark.browser]

PAGES = {
    "insegnanti": "MOOCs For Teachers",  # The strand that is made for them.
    "liceo": "per le Scuole Superiori",  # The talk on teaching at such schools; no title has the word.
    "lockdown": "Centomila persone sui MOOC",  # The release on the spring of 2020.
    "flowchart": "A scuola con Leap e Python",  # Its description alone has the word.
    "esame di maturità": "^Verso l’università$",  # The strand for those who are about to take it.
    "maturità": "^Verso l’università$",
    "maths": "^Pre-Calculus: Introduzione alla matematica",
    "IA": r"\bAI\b|Artificial Intelligence",
    "c++": r"C\+\+",
    "C#": "C#",
    "R": r"\bR\b",
    "データ": "データ",
    "universita": "università",
    "dell'architettura": "^Introduzione alla storia dell’architettura",
    "matemtica": "^Pre-Calculus: Introduzione alla matematica",
}
"""What one of the first three titles says."""


def test_each_named_query_finds_its_page_among_the_first_three(browser: Browser, whole_site: WholeSite) -> None:
    found = {}
    with serve_folder(whole_site.output) as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for query in PAGES:
            page.goto(f"{address}/cerca/")
            page.locator("site-search .search-field").fill(query)
            page.keyboard.press("Enter")
            expect(page.locator(".finder-status")).to_contain_text(f"«{query}»")
            found[query] = page.locator(".finder-results h2").all_inner_texts()[:3]
        page.close()

    assert {
        query: titles for query, titles in found.items() if not any(re.search(PAGES[query], one) for one in titles)
    } == {}
