"""A sync a day of the whole channel: what changes daily changes no line of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.chance import Chance
from tests.connectors.snapshots import after, written

from openknowledge.connectors.snapshot import find_changed_files, read_snapshot
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.connectors.youtube.dump import read_dump
from openknowledge.connectors.youtube.facts import read_facts
from openknowledge.engine.file_transaction import replace_files

pytestmark = pytest.mark.conformance
FIRST_DAY = date(2026, 12, 1)


def test_a_sync_a_day_of_the_whole_channel_changes_its_views_alone(
    shared_data: Path, tmp_path: Path, chance: Chance
) -> None:
    findings = SyncFindings()
    facts = read_facts(read_dump(shared_data / "data/youtube", FIRST_DAY, findings), SourceFacts())
    views = {name: chance.randint(1, 10_000) for name in sorted(facts.rows["video"])}
    assert not findings.problems and len(views) == 2492

    generations = []
    for number in range(4):
        day = FIRST_DAY + timedelta(days=number)
        views = {name: total + chance.randint(0, 5) for name, total in views.items()}
        snapshot, believed = after(
            read_snapshot(tmp_path, "youtube", findings), replace(facts, counts={"video": views}, count_days={}), day
        )
        replace_files(tmp_path, find_changed_files(tmp_path, "youtube", snapshot))
        generations.append(written(tmp_path))
        assert not believed.held_back

    first, *_, last = generations
    assert [name for name in first if first[name] != last[name]] == ["views.csv"]
    assert first.keys() == last.keys()
    assert last["views.csv"].count(b"\n") == 2494
