"""Every feed of the whole site is valid; its pages are looked at in tests/site/test_pages.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from tests.feeds.strict import check_atom, check_rss
from tests.site.reading import HOST, address_of, file_of
from tests.site.whole import Dump, WholeSite

pytestmark = pytest.mark.conformance

FEEDS = {"it": "feed", "en": "en/feeds"}


def test_every_feed_is_valid_and_leads_to_pages(whole_site: WholeSite) -> None:
    paths = sorted(path for path in whole_site.output.rglob("*.xml") if path.name.endswith((".rss.xml", ".atom.xml")))
    wrong = faults_of(paths, whole_site.output)

    assert len(paths) >= 400
    assert wrong[:20] == [], f"{len(wrong)} faults"


@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_playlist_has_its_feeds(dump: Dump, whole_site: WholeSite, lang: str) -> None:
    for name in dump.playlists:
        for form in ("rss", "atom"):
            feed = f"/{FEEDS[lang]}/playlist/{whole_site.playlist_slugs[name]}.{form}.xml"
            assert file_of(feed, whole_site.output), feed


def faults_of(paths: list[Path], output: Path) -> list[str]:
    return [f"{address_of(path, output)}: {fault}" for path in paths for fault in feed_faults(path, output)]


def feed_faults(path: Path, output: Path) -> Iterator[str]:
    """Yield what the rules and a real feed reader object to."""
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
