"""No page of the whole site is broken, and every feed is valid."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from tests.conformance.reading import HOST, Page, address_of, file_of
from tests.conformance.whole import Dump, Whole
from tests.feeds.strict import check_atom, check_rss

pytestmark = pytest.mark.conformance

FEEDS = {"it": "feed", "en": "en/feeds"}


def test_no_page_has_a_fault(pages: dict[str, Page]) -> None:
    faults = [f"{page.url}: {fault}" for page in pages.values() for fault in page.faults]

    assert len(pages) > 5700
    assert faults[:20] == [], f"{len(faults)} faults"


def test_every_link_to_a_place_in_a_page_finds_it(pages: dict[str, Page]) -> None:
    lost = sorted(
        {
            f"{target}#{anchor}"
            for page in pages.values()
            for target, anchor in page.anchors
            if target in pages and anchor and anchor not in pages[target].ids
        }
    )

    assert lost[:20] == [], f"{len(lost)} places"


def test_every_page_can_be_reached_from_the_home_page(pages: dict[str, Page]) -> None:
    seen: set[str] = set()
    waiting = {"/"}
    while waiting:
        seen |= waiting
        waiting = {urlsplit(link).path for url in waiting for link in pages[url].links} & set(pages) - seen

    assert sorted(set(pages) - seen - {"/404.html", "/en/404.html"}) == []


def test_languages_of_a_page_name_each_other(pages: dict[str, Page]) -> None:
    wrong = []
    for page in pages.values():
        ways = {lang: href.removeprefix(HOST) for lang, href in page.alternates if lang != "x-default"}
        for other in ways.values():
            if other in pages and dict(pages[other].alternates) != dict(page.alternates):
                wrong.append((page.url, other))
        if ways and ways.get(str(page.lang)) != page.url:
            wrong.append((page.url, str(page.lang)))

    assert wrong[:20] == []
    assert sum(len(page.alternates) == 3 for page in pages.values()) > 5700


def test_every_feed_is_valid_and_leads_to_pages(whole: Whole) -> None:
    paths = sorted(whole.output.rglob("*.xml"))
    halves = [paths[::2], paths[1::2]]
    with ProcessPoolExecutor(2) as pool:
        wrong = [fault for part in pool.map(faults_of, halves, [whole.output] * 2) for fault in part]

    assert len(paths) >= 400
    assert wrong[:20] == [], f"{len(wrong)} faults"


@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_playlist_has_its_feeds(dump: Dump, whole: Whole, lang: str) -> None:
    for name in dump.playlists:
        for form in ("rss", "atom"):
            feed = f"/{FEEDS[lang]}/playlist/{whole.playlist_slugs[name]}.{form}.xml"
            assert file_of(feed, whole.output), feed


def faults_of(paths: list[Path], output: Path) -> list[str]:
    return [f"{address_of(path, output)}: {fault}" for path in paths for fault in feed_faults(path, output)]


def feed_faults(path: Path, output: Path) -> Iterator[str]:
    """What the rules and a real reader find wrong with a feed."""
    data = path.read_bytes()
    try:
        (check_rss if path.name.endswith(".rss.xml") else check_atom)(data)
    except AssertionError as error:
        yield f"breaks a rule: {error}"
    read = feedparser.parse(data)
    if read.bozo:
        yield f"cannot be read: {read.bozo_exception}"
    if data.count(b"<item>") + data.count(b"<entry>") + data.count(b"<entry ") != len(read.entries):
        yield "a reader finds another number of entries"
    for entry in read.entries:
        if not entry.link.startswith(f"{HOST}/") or file_of(entry.link.removeprefix(HOST), output) is None:
            yield f"the entry {entry.link} is no page"
