"""Whatever stands in an answer of the YouTube Data API, it becomes facts or a problem, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.youtube_answers import DAY, UPLOADS, a_refused_entry, a_video, the_channel

from openknowledge.connectors.failures import SourceFailed
from openknowledge.connectors.recording import RecordedPage, Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SyncFindings
from openknowledge.connectors.youtube.answers import read_pages
from openknowledge.connectors.youtube.facts import read_facts
from openknowledge.connectors.youtube.recorder import YouTubeRecorder

ODD: tuple[Any, ...] = (None, 7, -1.5, True, "", "../x", "x" * 300, [], [[]], {}, {"id": []})
PAGES = the_channel()
PAGES[f"playlistItems/{UPLOADS}/0000"]["items"].append(a_refused_entry("gone"))
PAGES["videos/0000"]["items"].append(
    a_video("def", "Series", snippet={**a_video("def")["snippet"], "tags": ["a"], "defaultLanguage": "it"})
)


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value in parsed JSON is."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in entries:
        yield (name,)
        yield from ((name, *place) for place in places(part))


def with_odd_values(key: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the pages with an odd value in one place of that page, and where it is."""
    for place in places(PAGES[key]["items"]):
        for odd in ODD:
            pages = {**PAGES, key: deepcopy(PAGES[key])}
            target = pages[key]["items"]
            for name in place[:-1]:
                target = target[name]
            if not (len(place) == 1 and not isinstance(odd, dict)):
                target[place[-1]] = odd
                yield pages, f"{place} = {odd!r}"


class Answering:
    """A client whose platform answers with stored pages by the name of their list."""

    requests_sent = 0

    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages = pages

    def fetch_page(
        self, recording: Recording, key: str, path: str, params: Any, *, is_valid: Any, **_: Any
    ) -> RecordedPage | None:
        self.requests_sent += 1
        assert self.requests_sent < 50, "it asks on and on"
        name = {"channels": "channels/0000", "playlists": "playlists/0000", "videos": "videos/0000"}.get(path, key)
        body = self.pages.get(name)
        if body is None or not is_valid(body):
            return None
        return RecordedPage(key, body, DAY)


@pytest.mark.parametrize("key", PAGES)
def test_an_odd_value_anywhere_in_an_answer_is_read_or_named(key: str) -> None:
    for pages, where in with_odd_values(key):
        findings = SyncFindings()
        try:
            facts = read_facts(
                read_pages((RecordedPage(*page, DAY) for page in pages.items()), findings), SourceFacts()
            )
        except Exception as error:
            raise AssertionError(where) from error
        rows = facts.rows["video"]
        assert all(isinstance(name, str) and row["published"] and row["title"] for name, row in rows.items()), where
        assert facts.counts["video"].keys() <= rows.keys(), where
        assert not facts.refused["video"] & rows.keys(), where


@pytest.mark.parametrize("key", PAGES)
def test_an_odd_value_anywhere_leads_the_recorder_nowhere_else(key: str, tmp_path: Path) -> None:
    known = SourceFacts(rows={"video": {"abc": {}, "old": {}}, "playlist": {"PL1": {"videos": ["abc"]}}})
    for pages, where in with_odd_values(key):
        context = RecordContext(Recording(tmp_path, DAY), Answering(pages), known, lambda *_: None)  # type: ignore[arg-type]
        recorder = YouTubeRecorder(context, "UCtest_channel_000000001")
        try:
            recorder.record()
        except SourceFailed:
            continue
        except Exception as error:
            raise AssertionError(where) from error
        assert all(".." not in page.key and len(page.key) < 100 for page in recorder.pages), where
