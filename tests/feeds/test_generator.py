"""The generator writes two files for each list in each language."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.feeds.builders import a_feed_list, a_summary

from openknowledge.catalogue.summary import FeedList, Summary
from openknowledge.feeds.generator import FeedsGenerator


class Catalogue:
    """As much of a site as feeds ask for."""

    langs = ("it", "en")

    def summaries(self, lang: str) -> tuple[Summary, ...]:
        return (a_summary("course/a", lang=lang), a_summary("video/b", lang=lang))

    def feed_lists(self, lang: str) -> tuple[FeedList, ...]:
        folder = "feed" if lang == "it" else "en/feeds"
        names = {"all": "all", "kind:video": "video"}
        return tuple(
            a_feed_list(key, lang, rss_path=f"{folder}/{name}.rss.xml", atom_path=f"{folder}/{name}.atom.xml")
            for key, name in names.items()
        )


def generate(output: Path, context: dict[str, Any]) -> None:
    settings = {"SITENAME": "X", "FEEDS_ID_AUTHORITY": "example.org", "FEEDS_ID_DATE": "2014", "CACHE_PATH": ""}
    generator = FeedsGenerator.__new__(FeedsGenerator)
    generator.context, generator.settings, generator.output_path = context, settings, str(output)
    generator.generate_output(None)


def test_each_list_becomes_an_rss_and_an_atom_file_in_each_language(tmp_path: Path) -> None:
    generate(tmp_path, {"catalogue": Catalogue()})

    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.xml"))
    assert files == [
        f"{folder}/{name}.{form}.xml"
        for folder in ("en/feeds", "feed")
        for name in ("all", "video")
        for form in ("atom", "rss")
    ]


def test_a_build_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    generate(tmp_path, {"catalogue": Catalogue()})
    for path in tmp_path.rglob("*.xml"):
        os.utime(path, (1, 1))

    generate(tmp_path, {"catalogue": Catalogue()})

    assert {path.stat().st_mtime for path in tmp_path.rglob("*.xml")} == {1}


def test_without_a_catalogue_there_are_no_feeds(tmp_path: Path) -> None:
    generate(tmp_path, {})

    assert list(tmp_path.iterdir()) == []
