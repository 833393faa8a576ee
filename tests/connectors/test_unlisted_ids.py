"""Ids without a row are written down, so that a source that can ask about them does."""

from __future__ import annotations

from pathlib import Path

from tests.connectors.snapshots import DAY, a_snapshot, after, some_facts, written

from openknowledge.connectors.snapshot import find_changed_files, read_snapshot
from openknowledge.connectors.source import SyncFindings
from openknowledge.engine.file_transaction import replace_files

NAMED = {"video": frozenset({"c", "d"})}


def test_ids_without_a_row_are_written_and_read_back(tmp_path: Path) -> None:
    named, _ = after(a_snapshot("a"), some_facts(unlisted=NAMED, is_complete=False))
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", named))

    assert written(tmp_path)["unlisted.jsonl"] == b'{"id": "c", "table": "video"}\n{"id": "d", "table": "video"}\n'
    assert read_snapshot(tmp_path, "youtube", SyncFindings()).facts.unlisted == NAMED


def test_an_id_that_gets_a_row_or_is_refused_is_listed_no_more() -> None:
    named, _ = after(a_snapshot("a"), some_facts(unlisted=NAMED, is_complete=False))

    known, _ = after(named, some_facts("c", refused={"video": frozenset({"d"})}, is_complete=False))

    assert known.facts.unlisted == {} and sorted(known.facts.rows["video"]) == ["a", "c"]


def test_a_source_that_says_all_leaves_no_question_open() -> None:
    named, _ = after(a_snapshot("a"), some_facts(unlisted=NAMED, is_complete=False))

    asked, _ = after(named, some_facts("a", "c"), DAY)

    assert asked.facts.unlisted == {}
