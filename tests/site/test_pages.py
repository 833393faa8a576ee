"""Every page of a site, as a machine reads it: whole, valid, and leading where it says."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest
from tests.chance import Chance
from tests.site.invariants import (
    HOST,
    INVARIANTS,
    broken_alternates,
    language_of,
    lost_anchors,
    reached_from,
    shared_words,
    wrong_filters,
)
from tests.site.reading import Page, file_of

UNLINKED = {"/404.html", "/en/404.html"}
"""No page leads to these: a server shows them in place of what is not there."""
SAMPLED = 300
"""The HTML standard's own rules are held against so many pages of a site, in a quick run."""

WRITTEN_SITES = ["small", "real"]
"""The sites whose words editors chose and whose lists have one page.

Videos of a channel may share title and description, and a list of thousands shows its count over many pages.
"""

Pages = dict[str, Page]


@pytest.fixture(params=["small", "real", pytest.param("whole", marks=pytest.mark.conformance)])
def site(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def output(request: pytest.FixtureRequest, site: str) -> Path:
    found = request.getfixturevalue(f"{site}_site")
    return found if isinstance(found, Path) else Path(found.output)


@pytest.fixture
def pages(request: pytest.FixtureRequest, site: str) -> Pages:
    return request.getfixturevalue(f"{site}_pages")  # type: ignore[no-any-return]


def test_pages_are_html_without_an_error(output: Path, chance: Chance) -> None:
    paths = sorted(output.rglob("*.html"))
    wrong = []
    for path in paths if len(paths) <= SAMPLED else chance.sample(paths, SAMPLED):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        parser.parse(path.read_bytes(), transport_encoding="utf-8")
        wrong += [(path.relative_to(output).as_posix(), *error) for error in parser.errors]

    assert wrong == []


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_every_page_keeps_an_invariant(pages: Pages, invariant: str) -> None:
    wrong = [
        (address, fault.detail)
        for address, page in pages.items()
        for fault in page.faults
        if fault.invariant == invariant
    ]

    assert len(pages) > 70
    assert wrong[:20] == [], f"{len(wrong)} faults"


def test_every_link_to_an_anchor_finds_it(pages: Pages) -> None:
    assert lost_anchors(pages) == []


def test_pages_in_two_languages_name_each_other_and_themselves(pages: Pages) -> None:
    assert broken_alternates(pages) == []


@pytest.mark.parametrize("site", WRITTEN_SITES)
@pytest.mark.parametrize("part", ["title", "summary"])
def test_every_title_and_description_is_of_its_page_alone(pages: Pages, part: str) -> None:
    assert shared_words(pages, part) == {}


def test_every_page_of_the_real_site_has_a_description(real_pages: Pages) -> None:
    assert [address for address, page in real_pages.items() if not page.summary] == []


@pytest.mark.parametrize("site", ["real", pytest.param("whole", marks=pytest.mark.conformance)])
@pytest.mark.parametrize("home", ["/", "/en/"])
def test_every_page_is_reached_from_the_home_page_of_its_language(pages: Pages, home: str) -> None:
    reached = reached_from(pages, home)
    ours = {address for address in pages if language_of(address) == language_of(home)}

    assert sorted(ours - reached - UNLINKED) == []
    assert sorted(reached - ours) == []


@pytest.mark.parametrize("site", WRITTEN_SITES)
def test_each_filter_leads_to_as_many_entries_as_it_says(pages: Pages) -> None:
    assert any(page.filters for page in pages.values())
    assert wrong_filters(pages) == []


def test_the_real_site_has_filters_of_several_kinds(real_pages: Pages) -> None:
    promised = {target for page in real_pages.values() for target, _ in page.filters}

    assert {"/en/courses/subject/physics/", "/video/lingua/italiano/"} < promised


def test_every_address_in_feeds_and_data_leads_to_a_file(output: Path) -> None:
    named = defaultdict(set)
    for path in sorted(output.rglob("*")):
        if path.suffix in (".xml", ".json") and not path.name.startswith("."):
            text = path.read_text(encoding="utf-8")
            for target in re.findall(rf'{re.escape(HOST)}(/[^\s<>"&#]*)', text):
                named[unquote(urlsplit(target).path)].add(path.name)

    assert {"/", "/en/"} < set(named)
    assert [target for target in sorted(named) if file_of(target, output) is None] == []


def test_every_file_that_a_script_or_style_asks_for_is_there(output: Path) -> None:
    asked = {
        (path.name, target): file_of(urljoin(f"/{path.relative_to(output).as_posix()}", target), output)
        for suffix, pattern in ((".js", r'(?:import|from)\s*"([^"]+)"'), (".css", r'url\(\s*"?([^")]+)'))
        for path in sorted(output.rglob(f"*{suffix}"))
        for target in re.findall(pattern, path.read_text(encoding="utf-8"))
        if not target.startswith("data:")
    }

    assert asked
    assert [name for name, path in asked.items() if path is None] == []
