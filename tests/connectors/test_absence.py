"""Nothing is gone before it is proved to be, and what comes back is there again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.connectors.snapshots import DAY, a_row, a_snapshot, after, some_facts, written

from openknowledge.connectors.snapshot import Snapshot, find_changed_files, read_snapshot
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.engine.file_transaction import replace_files

NEXT_DAY = date(2026, 12, 2)
REFUSED = {"video": frozenset({"a"})}


def gone_since(snapshot: Snapshot) -> str | None:
    return snapshot.facts.rows["video"]["a"].get("gone_since")


@pytest.mark.parametrize(
    ("first", "second", "day", "is_gone"),
    [
        ({}, REFUSED, NEXT_DAY, True),
        (REFUSED, REFUSED, NEXT_DAY, True),
        (REFUSED, REFUSED, DAY, False),
        (REFUSED, {}, NEXT_DAY, False),
        ({}, {}, date(2027, 12, 1), False),
    ],
)
def test_two_syncs_a_day_apart_and_a_refusal_prove_that_a_thing_is_gone(
    first: dict[str, frozenset[str]], second: dict[str, frozenset[str]], day: date, is_gone: bool
) -> None:
    once, _ = after(a_snapshot("a", "b"), some_facts("b", refused=first))
    twice, _ = after(once, some_facts("b", refused=second), day)

    assert gone_since(once) is None
    assert gone_since(twice) == ("2026-12-01" if is_gone else None)
    assert twice.missing["video"] == ({} if is_gone else {"a": DAY})


def test_what_was_there_between_two_syncs_is_not_gone() -> None:
    once, _ = after(a_snapshot("a", "b"), some_facts("b", refused=REFUSED))
    back, _ = after(once, some_facts("a", "b"), NEXT_DAY)
    again, _ = after(back, some_facts("b", refused=REFUSED), date(2026, 12, 3))

    assert gone_since(again) is None
    assert again.missing["video"] == {"a": date(2026, 12, 3)}


def a_gone_video() -> Snapshot:
    once, _ = after(a_snapshot("a", "b"), some_facts("b"))
    return after(once, some_facts("b", refused=REFUSED), NEXT_DAY)[0]


@pytest.mark.parametrize("is_complete", [True, False])
def test_what_comes_back_is_as_it_was_with_its_address(is_complete: bool) -> None:
    back, _ = after(a_gone_video(), some_facts("a", "b", is_complete=is_complete), date(2026, 12, 9))

    assert back == a_snapshot("a", "b") or back.facts == a_snapshot("a", "b").facts
    assert gone_since(back) is None


def test_a_gone_video_is_in_no_playlist() -> None:
    def facts(*names: str) -> SourceFacts:
        videos = {name: a_row(name) for name in names}
        return SourceFacts(rows={"video": videos, "playlist": {"P": a_row("P", videos=["a", "b"])}}, refused=REFUSED)

    snapshots = [Snapshot()]
    for number, names in enumerate((("a", "b"), ("b",), ("b",)), start=1):
        snapshots.append(after(snapshots[-1], facts(*names), date(2026, 12, number))[0])

    videos = [one.facts.rows["playlist"]["P"]["videos"] for one in snapshots[1:]]
    assert videos == [["lesson-a", "lesson-b"], ["lesson-a", "lesson-b"], ["lesson-b"]]


def test_a_source_that_only_adds_misses_nothing() -> None:
    known = a_snapshot("a", "b", views={"a": 1, "b": 2})
    facts = SourceFacts(
        rows={"video": {"b": {"title": "Other"}, "c": a_row("c")}}, counts={"video": {"c": 3}}, is_complete=False
    )

    snapshot, _ = after(known, facts)

    assert snapshot.missing == {"video": {}}
    assert snapshot.facts.rows["video"]["b"] == known.facts.rows["video"]["b"]
    assert snapshot.facts.counts["video"] == {"a": 1, "b": 2, "c": 3}


def test_a_table_that_a_source_does_not_have_stays_as_it_is() -> None:
    known = a_snapshot("a")

    assert after(known, SourceFacts())[0] == known


def test_a_hidden_count_is_not_known_any_more() -> None:
    known = a_snapshot("a", "b", views={"a": 1, "b": 2})

    assert after(known, some_facts("a", "b", views={"a": 1}))[0].facts.counts == {"video": {"a": 1}}
    assert after(known, some_facts("a", "b"))[0].facts.counts == known.facts.counts


def test_counts_that_have_not_changed_keep_their_day() -> None:
    known = a_snapshot("a", "b", views={"a": 1, "b": 2})

    same, _ = after(known, some_facts("a", "b", views={"a": 1, "b": 2}), NEXT_DAY)
    other, _ = after(known, some_facts("a", "b", views={"a": 1, "b": 3}), NEXT_DAY)

    assert same == known
    assert other.facts.count_days["video"] == {"a": NEXT_DAY, "b": NEXT_DAY}


def test_files_of_others_in_the_folder_stay(tmp_path: Path) -> None:
    for name in ("README.md", "old-notes.jsonl", "confirmed.txt"):
        path = tmp_path / "snapshots/youtube" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")

    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", a_snapshot("a")))
    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", Snapshot()))

    assert sorted(written(tmp_path)) == ["README.md", "confirmed.txt", "old-notes.jsonl"]


def test_files_say_all_that_a_snapshot_says(tmp_path: Path) -> None:
    snapshot = a_gone_video()
    snapshot, _ = after(snapshot, some_facts("b", "c", views={"b": 1, "c": 5}), date(2026, 12, 3))
    snapshot, _ = after(snapshot, some_facts("b", views={"b": 0}), date(2026, 12, 4))

    replace_files(tmp_path, find_changed_files(tmp_path, "youtube", snapshot))

    assert read_snapshot(tmp_path, "youtube", SyncFindings()) == snapshot
    assert find_changed_files(tmp_path, "youtube", snapshot) == {}
    assert written(tmp_path)["views.csv"] == b"# as_of: 2026-12-03\nyoutube_id,views\nb,1\nc,5\n"
    assert written(tmp_path)["missing.jsonl"] == b'{"id": "c", "since": "2026-12-04", "table": "video"}\n'
    assert b'"gone_since": "2026-12-01"' in written(tmp_path)["videos-2020.jsonl"]
    assert written(tmp_path)["held-back.jsonl"].startswith(b'{"hash": "')
