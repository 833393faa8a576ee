"""The files of a snapshot say all of it, and writing what is there already changes none of them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from tests.connectors.snapshots import DAY, a_row

from openknowledge.connectors.differences import HeldBack
from openknowledge.connectors.snapshot import Snapshot, find_changed_files, read_snapshot
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.engine.file_transaction import replace_files

A_DAY = date(2026, 11, 30)


def with_all() -> Snapshot:
    """Return a snapshot that has something of everything that is stored."""
    facts = SourceFacts(
        rows={
            "video": {"a": a_row("a", slug="lesson-a"), "b": a_row("b", slug="lesson-b", gone_since="2026-11-01")},
            "playlist": {"P": a_row("P", slug="lessons", videos=["lesson-a"])},
            "run": {"r": {"id": "r", "starts": "2027-02-01"}},
        },
        counts={"video": {"a": 7, "b": 6}, "channel": {"subscribers": 47_000}},
        count_days={"video": {"a": DAY, "b": A_DAY}, "channel": {"subscribers": DAY}},
        unlisted={"video": frozenset({"u", "v"})},
    )
    return Snapshot(
        facts=facts,
        retired={"video": {"old": "lesson-old", "w": "lesson-w", "x": "lesson-x"}},
        withdrawn={"video": {"w": A_DAY}},
        expired={"video": {"x": A_DAY}},
        missing={"video": {"a": DAY}},
        held_back=(HeldBack(table="video", ids=("a",), rule="zero", reason="views fell to zero", old=7, new=0),),
    )


def test_what_is_written_again_changes_no_file(tmp_path: Path) -> None:
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", with_all()))

    assert find_changed_files(tmp_path, "youtube", with_all()) == {}


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    snapshot, findings = with_all(), SyncFindings()
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", snapshot))

    read = read_snapshot(tmp_path, "youtube", findings)

    assert findings.problems == []
    for field in fields(Snapshot):
        if field.name != "facts":
            assert getattr(read, field.name) == getattr(snapshot, field.name), field.name
    for field in fields(SourceFacts):
        assert getattr(read.facts, field.name) == getattr(snapshot.facts, field.name), field.name


def test_a_snapshot_of_which_nothing_is_left_has_no_file(tmp_path: Path) -> None:
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", with_all()))
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", replace(Snapshot(), facts=SourceFacts())))

    assert [*(tmp_path / "snapshots/youtube").glob("*")] == []
