"""Two sources may name one video: it has one row, one page and one address, and playlists of both show it."""

from __future__ import annotations

from pathlib import Path

from tests.connectors.snapshots import DAY, a_snapshot, some_facts

from openknowledge.connectors.comparison import leave_to_others, next_snapshot, read_slug_names
from openknowledge.connectors.snapshot import Snapshot, find_changed_files
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.engine.file_transaction import replace_files


def brought_by(source: str, facts: SourceFacts, content: Path) -> tuple[Snapshot, list[str]]:
    """Return what a source without a snapshot brings into a folder, and the warnings."""
    findings = SyncFindings()
    names = read_slug_names(content, source, Snapshot(), findings)
    left = leave_to_others(facts, names, source, findings)
    return next_snapshot(Snapshot(), left, names, DAY)[0], [str(warning) for warning in findings.warnings]


def with_a_feed(content: Path) -> Path:
    replace_files(content, find_changed_files(content, "feed", a_snapshot("a")))
    return content


def test_a_video_of_another_source_is_left_to_it_with_a_warning(tmp_path: Path) -> None:
    after, warnings = brought_by("api", some_facts("a", "b", "c"), with_a_feed(tmp_path))

    assert sorted(after.facts.rows["video"]) == ["b", "c"]
    assert sorted(after.facts.counts.get("video", {})) in ([], ["b", "c"])
    assert len(warnings) == 1
    assert "videos that other sources have brought are left to them: 1 (feed)" in warnings[0]


def test_a_source_that_has_a_video_itself_keeps_it(tmp_path: Path) -> None:
    content = with_a_feed(tmp_path)
    known = a_snapshot("a", "b")
    names = read_slug_names(content, "api", known, SyncFindings())

    assert names["video"].others == {}


def test_a_playlist_shows_the_videos_that_another_source_has_brought(tmp_path: Path) -> None:
    facts = some_facts("a", "b")
    playlist = {"youtube_id": "p", "title": "Lessons", "published": "2020-01-01T00:00:00Z", "videos": ["b", "a"]}
    both = SourceFacts(rows={**facts.rows, "playlist": {"p": playlist}}, counts=facts.counts)
    content = with_a_feed(tmp_path)

    after, _ = brought_by("api", both, content)

    slugs = [a_snapshot("a").facts.rows["video"]["a"]["slug"], after.facts.rows["video"]["b"]["slug"]]
    assert after.facts.rows["playlist"]["p"]["videos"] == slugs[::-1]
