"""Sitemaps of built sites have the pages that the manifest has, and what these say of themselves."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree, html
from tests.publish.built import manifest_of
from tests.site.small import SiteBuild

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
NOINDEX = re.compile(rb'<meta name="robots" content="noindex')


def read_sitemaps(output: Path) -> dict[str, dict[str, str]]:
    """Return what the files that the index names say: the languages of each address."""
    found = {}
    for place in etree.parse(output / "sitemap.xml").xpath("//s:loc/text()", namespaces=NAMES):
        for entry in etree.parse(output / urlsplit(place).path[1:]).getroot():
            links = {str(link.get("hreflang")): str(link.get("href")) for link in entry.findall("x:link", NAMES)}
            found[str(entry.findtext("s:loc", namespaces=NAMES))] = links
    return found


@pytest.fixture(params=["small", "real", pytest.param("whole", marks=pytest.mark.conformance)])
def output(request: pytest.FixtureRequest) -> Path:
    found = request.getfixturevalue(f"{request.param}_site")
    return found if isinstance(found, Path) else Path(found.output)


def test_they_have_the_pages_that_search_engines_may_show_and_no_others(output: Path) -> None:
    pages = [entry for entry in manifest_of(output).entries if entry.is_page]
    shown = {entry.url_path for entry in pages if not NOINDEX.search((output / entry.path).read_bytes())}

    assert {unquote(urlsplit(url).path) for url in read_sitemaps(output)} == shown


def test_pages_name_the_same_languages_and_those_name_them_in_turn(output: Path) -> None:
    found = read_sitemaps(output)

    for url, links in found.items():
        assert [found.get(other) for other in links.values()] == [links] * len(links), url
    for url in sorted(found)[:: len(found) // 50]:
        path = output / urlsplit(url).path[1:] / "index.html"
        root = html.fromstring(path.read_bytes())
        named = {link.get("hreflang"): link.get("href") for link in root.xpath("//link[@rel='alternate'][@hreflang]")}
        assert (root.xpath("//link[@rel='canonical']/@href"), named) == ([url], found[url])


def test_a_preview_has_none_and_lets_robots_read_that_it_is_not_to_be_shown(preview_site: SiteBuild) -> None:
    output = Path(preview_site.output)

    assert sorted(path.name for path in output.glob("sitemap*")) == []
    assert (output / "robots.txt").read_text() == "User-agent: *\nDisallow:\n"
