"""Every page of a built site says to search engines what it shows to readers, and nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from lxml.html import HtmlElement
from tests.site.small import PREVIEW, ROOT, SiteBuild
from tests.structured_data.blocks import Node, block_of, find_mistakes, graph_of, parse, walk
from tests.structured_data.visible import find_invisible

from openknowledge.rendering.locale import load_languages
from openknowledge.structured_data.script_text import MOST_B

LOCALES = {"it": "it_IT", "en": "en_GB"}
LANGUAGES = load_languages(ROOT / "theme/locale", tuple(LOCALES), "Europe/Rome", LOCALES)
EXCHANGED = Path(__file__).parent / "pages"


def pages_of(output: Path) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the pages of a site with their addresses; forwards are none."""
    for path in sorted(output.rglob("*.html")):
        root = parse(path.read_bytes())
        if not root.xpath("//meta[@http-equiv='refresh']") and "view.php" not in str(path):
            yield root.xpath("//link[@rel='canonical']/@href")[0], root


@pytest.fixture(scope="module")
def pages(small_site: SiteBuild, real_site: Path) -> list[tuple[str, HtmlElement]]:
    return [*pages_of(small_site.output), *pages_of(real_site)]


@pytest.fixture(scope="module")
def graphs(real_site: Path) -> dict[str, list[Node]]:
    return {url: graph_of(root) for url, root in pages_of(real_site)}


def test_the_readers_of_these_tests_accept_a_good_page_and_refuse_a_bad_one() -> None:
    good, bad = (graph_of(parse((EXCHANGED / name).read_bytes())) for name in ("good.html", "bad.html"))

    assert find_mistakes(good) == []
    assert find_mistakes(bad) == [
        "Course has instructor",
        "VideoObject without thumbnailUrl",
        "VideoObject.uploadDate: 'yesterday'",
    ]


def test_every_page_has_a_block_but_those_that_search_engines_leave_out(pages) -> None:
    hidden = {url for url, root in pages if root.xpath("//meta[@name='robots']")}

    assert hidden
    assert {url for url, root in pages if block_of(root) is None} == hidden


def test_no_block_has_a_mistake_that_a_search_engine_would_report(pages) -> None:
    assert [(url, found) for url, root in pages if (found := find_mistakes(graph_of(root)))] == []


def test_every_value_of_a_block_is_visible_on_its_page(pages) -> None:
    found = {}
    for url, root in pages:
        graph = graph_of(root)
        if graph and (hidden := find_invisible(root, graph, LANGUAGES["en" if "/en/" in url else "it"], url)):
            found[url] = hidden

    assert found == {}


def test_one_thing_has_one_identifier_and_one_type_over_all_pages(graphs) -> None:
    types, names, addresses = defaultdict(set), defaultdict(set), defaultdict(set)
    for graph in graphs.values():
        lang = graph[0]["inLanguage"] if graph else ""
        for node, _ in walk(graph):
            if "@id" in node and "@type" in node:
                types[node["@id"]].add(node["@type"])
                names[node["@id"], lang].add(node.get("name"))
            if "url" in node and node.get("@type") in ("Course", "VideoObject", "Person"):
                addresses[node["url"], node["@type"]].add(node["@id"])

    assert len(types) > 100
    assert {name: found for name, found in types.items() if len(found) > 1} == {}
    assert {name: found for name, found in names.items() if len(found - {None}) > 1} == {}
    assert {url: found for url, found in addresses.items() if len(found) > 1} == {}


def test_every_reference_leads_to_a_thing_that_a_page_describes(graphs) -> None:
    nodes = [node for graph in graphs.values() for node, _ in walk(graph)]
    described = {node["@id"] for node in nodes if "@type" in node and "@id" in node}

    assert {node["@id"] for node in nodes if set(node) == {"@id"}} - described == set()


def test_a_block_weighs_no_more_than_a_page_may_spend_on_it(pages, foreign_site) -> None:
    blocks = [(block_of(root) or "", url) for url, root in (*pages, *pages_of(foreign_site.output))]

    assert [url for block, url in blocks if len(brotli.compress(block.encode())) > MOST_B] == []


def test_a_preview_says_what_the_published_page_will_say(preview_site, small_site) -> None:
    pair = [graph_of(parse((site.output / "corsi/index.html").read_bytes())) for site in (preview_site, small_site)]

    assert re.sub(PREVIEW, "http://127.0.0.1:8000", str(pair[0])) == str(pair[1])


def test_a_page_in_another_language_than_its_words_says_which(foreign_site) -> None:
    graph = graph_of(parse((foreign_site.output / "ar/courses/geometria/index.html").read_bytes()))

    assert graph[0]["inLanguage"] == "ar"
    assert {node["@type"]: node.get("inLanguage") for node in graph}["Course"] == [
        "it",
        "zh-Hans",
        "zh-Hant",
        "pt",
        "pt-BR",
    ]
