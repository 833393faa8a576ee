"""The generator writes two files for each list in each language."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from tests.builders import a_course, a_site
from tests.catalogue.videos import a_video
from tests.feeds.builders import feeds_settings

from openknowledge.catalogue.site import Site
from openknowledge.feeds.generator import FeedsGenerator, feed_items, feed_order, feeds_rule
from openknowledge.model.values import Html, Words


def a_catalogue() -> Site:
    """Return a site with feeds of everything, of its courses, of its videos and of its press."""
    return a_site(a_course("a"), a_video("b"))


def generate(output: Path, context: dict[str, Any], **more: Any) -> None:
    settings = {"SITENAME": "X", "FEEDS_ID_AUTHORITY": "example.org", "FEEDS_ID_DATE": "2014", "CACHE_PATH": "", **more}
    generator = FeedsGenerator.__new__(FeedsGenerator)
    generator.context, generator.settings, generator.output_path = context, settings, str(output)
    generator.generate_context()
    generator.generate_output(None)


def test_each_list_becomes_an_rss_and_an_atom_file_in_each_language(tmp_path: Path) -> None:
    generate(tmp_path, {"catalogue": a_catalogue()})

    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.xml"))
    assert files == [
        f"{folder}/{name}.{form}.xml"
        for folder in ("en/subscribe", "subscribe")
        for name in ("all", "course", "press", "video")
        for form in ("atom", "rss")
    ]


def test_a_build_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    generate(tmp_path, {"catalogue": a_catalogue()})
    for path in tmp_path.rglob("*.xml"):
        os.utime(path, (1, 1))

    generate(tmp_path, {"catalogue": a_catalogue()})

    assert {path.stat().st_mtime for path in tmp_path.rglob("*.xml")} == {1}


def test_without_a_catalogue_there_are_no_feeds(tmp_path: Path) -> None:
    generate(tmp_path, {})

    assert list(tmp_path.iterdir()) == []


def test_a_feed_holds_its_newest_items_in_order_and_no_others(tmp_path: Path) -> None:
    site = a_site(*(a_video(f"v{day}", f"2020-01-0{day}") for day in (1, 3, 2)), a_course("a"))
    generate(tmp_path, {"catalogue": site}, FEEDS_MAX_ITEMS=2)

    feed = (tmp_path / "subscribe/all.atom.xml").read_text()

    assert re.findall(r"<title>(V.)</title>", feed) == ["V3", "V2"]


def feed_digest(*videos: Any, **settings: Any) -> bytes | None:
    """Return the digest of the action for the feed of everything."""
    site = a_site(*videos)
    site.register_queries({"feed-order": feed_order, "feed-items": feed_items})
    return feeds_rule(feeds_settings(**settings)).plan(site.fork(), "it", "all").digest


def test_a_feed_is_another_one_where_an_item_or_a_setting_is() -> None:
    words = {"it": Words(title="V", body=Html("<p>Uno.</p>"))}
    other_words = {"it": Words(title="V", body=Html("<p>Due.</p>"))}
    before = feed_digest(a_video("v", words=words))

    assert before == feed_digest(a_video("v", words=words))
    assert before != feed_digest(a_video("v", words=other_words))
    assert before != feed_digest(a_video("v", words=words), a_video("w"))
    assert before != feed_digest(a_video("v", words=words), content="summary")
