"""A site that search engines leave out: every page says so, and nothing else of it is another one."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import pytest
from tests.site.invariants import HOST
from tests.site.small import PREVIEW

from openknowledge.redirects.table import load

ROBOTS = re.compile(r'<meta name="robots" content="([^"]*)">')
LEFT_OUT = "noindex, nofollow"
NORMAL = {"404.html", "en/404.html", "cerca/index.html", "en/search/index.html"}
LETTER = re.compile("cerca/lettera/|en/search/letter/")
"""Pages that are in no search engine anyway."""


@pytest.fixture(scope="session")
def outputs(small_site, preview_site):
    return small_site.output, preview_site.output


def pages(output) -> dict[str, str]:
    return {path.relative_to(output).as_posix(): path.read_text() for path in sorted(output.rglob("*.html"))}


def test_every_page_of_a_preview_asks_to_be_left_out(outputs):
    found = pages(outputs[1])

    assert len(found) > 50
    assert {path: ROBOTS.findall(text) for path, text in found.items() if ROBOTS.findall(text) != [LEFT_OUT]} == {}


def test_no_page_of_the_site_does(outputs):
    found = {path for path, text in pages(outputs[0]).items() if ROBOTS.search(text)}
    old = {f"{forward.source.strip('/')}/index.html" for forward in load(outputs[0])}

    assert {path for path in found - old if not LETTER.match(path)} == NORMAL


def test_nothing_else_of_a_page_differs(outputs):
    site, preview = (
        {path: ROBOTS.sub("", text).replace("\n\n", "\n") for path, text in pages(output).items()} for output in outputs
    )
    host = urlsplit(PREVIEW)

    quoted = quote(PREVIEW, safe=""), quote(HOST, safe="")
    assert site == {
        path: text.replace(*quoted).replace(PREVIEW, HOST).replace(host.path, "") for path, text in preview.items()
    }
