"""A sync that is killed at any step leaves one generation of files, and the next one ends as a clean one does."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.builders import settings_for, write
from tests.chance import Chance
from tests.connectors.kills import count_steps, run_killed, visible
from tests.connectors.snapshots import DAY, a_row, after

from openknowledge.catalogue import assemble as assembling
from openknowledge.catalogue.assemble import assemble
from openknowledge.catalogue.kinds import KINDS
from openknowledge.connectors.series import append_points, read_own_series
from openknowledge.connectors.snapshot import find_changed_files, read_snapshot
from openknowledge.connectors.source import EnrollmentCount, SourceFacts, SyncFindings
from openknowledge.engine.file_transaction import finish_transaction, replace_files
from openknowledge.model.numbers import EnrollmentMeasure
from openknowledge.problems import ContentProblems
from openknowledge.rendering.locale import load_languages

NEXT_DAY = date(2026, 12, 2)
COURSE = {"courses/coding/index.md": "---\ntitle: Coding\n---\nText.\n"}


def sync(content: Path, facts: SourceFacts, day: date) -> None:
    """Do what a sync does of the answers of a source."""
    findings = SyncFindings()
    known, series = read_snapshot(content, "youtube", findings), read_own_series(content, "youtube", findings)
    snapshot, believed = after(known, facts, day, **series)
    points = append_points(content, "youtube", "YouTube", believed.facts.enrollments, findings)
    assert not findings.problems
    replace_files(content, {**find_changed_files(content, "youtube", snapshot), **points})


def facts_of(dice: random.Random, day: date) -> SourceFacts:
    """Return what a source may say on a day."""
    names = [name for name in "abcdefgh" if dice.random() < 0.8]
    years = {name: f"202{ord(name) % 4}-01-01T09:00:00Z" for name in names}
    videos = {name: a_row(name, f"{name} {dice.randint(0, 2)}", published=years[name]) for name in names}
    lists = {"P": a_row("P", "All of them", videos=names)}
    views = {name: dice.randint(1, 9) for name in names}
    total = EnrollmentCount(day.toordinal() + dice.randint(0, 1), EnrollmentMeasure.ENROLLED_EVER, day)
    refused = {"video": frozenset("abcdefgh")}
    return SourceFacts(
        rows={"video": videos, "playlist": lists},
        counts={"video": views, "channel": {"subscribers": dice.randint(1, 9)}},
        enrollments={"coding": total},
        refused=refused,
    )


@pytest.mark.parametrize("number", range(5))
def test_a_kill_at_any_step_leaves_one_generation_and_the_next_sync_is_a_clean_one(
    tmp_path: Path, chance: Chance, number: int
) -> None:
    """A thorough run kills it at each of its steps, more than 200 in all; another one at a tenth of them."""
    dice = random.Random(number)
    old, clean = write(tmp_path / "old", COURSE), tmp_path / "clean"
    sync(old, facts_of(dice, DAY), DAY)
    facts = facts_of(dice, NEXT_DAY)
    shutil.copytree(old, clean)
    steps = count_steps(lambda: sync(clean, facts, NEXT_DAY), clean)
    generations = [visible(old), visible(clean)]
    assert steps >= 40 and generations[0] != generations[1]

    seen = []
    for step in chance.numbers(steps):
        content = tmp_path / f"killed-{step}" / "content"
        shutil.copytree(old, content)
        assert run_killed(lambda content=content: sync(content, facts, NEXT_DAY), step, content)  # type: ignore[misc]
        finish_transaction(content)
        seen.append(generations.index(visible(content)))
        sync(content, facts, NEXT_DAY)

        assert visible(content) == generations[1], f"killed before step {step}"
        assert [path.name for path in (content / ".transaction").iterdir()] == ["lock"]
    assert seen == sorted(seen)


def test_processes_that_are_killed_while_they_write_leave_one_generation(tmp_path: Path, chance: Chance) -> None:
    files = [f"snapshots/youtube/videos-{number}.jsonl" for number in range(2000, 2012)]

    def write_for_ever() -> None:
        for generation in range(1_000_000):
            replace_files(tmp_path, dict.fromkeys(files, f"{generation}\n".encode() * 500))

    for _ in range(chance.times(60)):
        child = os.fork()
        if child == 0:
            write_for_ever()
        time.sleep(chance.uniform(0.005, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        finish_transaction(tmp_path)

        assert len({(tmp_path / file).read_bytes() if (tmp_path / file).exists() else b"" for file in files}) == 1


def a_killed_sync(tmp_path: Path) -> tuple[Path, list[dict[str, bytes]]]:
    """Return a content folder whose sync was killed among its renames, and its two generations."""
    dice = random.Random(0)
    content = write(tmp_path, COURSE)
    sync(content, facts_of(dice, DAY), DAY)
    facts, clean = facts_of(dice, NEXT_DAY), tmp_path / "clean/content"
    shutil.copytree(content, clean)
    steps = count_steps(lambda: sync(clean, facts, NEXT_DAY), clean)
    generations = [visible(content), visible(clean)]
    # From the end come the removals of the journal and of drafts, then folders that are synced, then renames.
    assert run_killed(lambda: sync(content, facts, NEXT_DAY), steps - 10, content)
    assert visible(content) not in generations
    return content, generations


def test_a_build_finishes_what_a_killed_sync_had_begun(tmp_path: Path) -> None:
    content, generations = a_killed_sync(tmp_path)
    settings = replace(settings_for(content), today=date(2026, 12, 3))

    assembled = assemble(settings, KINDS, load_languages(settings.locale, settings.site.langs, settings.timezone, {}))

    assert visible(content) == generations[1]
    assert not assembled.problems


def test_a_build_says_that_a_sync_wrote_while_it_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write(tmp_path, COURSE)
    sync(content, facts_of(random.Random(0), DAY), DAY)
    settings = replace(settings_for(content), today=date(2026, 12, 3))
    languages = load_languages(settings.locale, settings.site.langs, settings.timezone, {})
    assert assemble(settings, KINDS, languages).problems == ()
    load = assembling.load_content

    def load_slowly(*arguments: Any) -> Any:
        sync(content, facts_of(random.Random(1), NEXT_DAY), NEXT_DAY)
        return load(*arguments)

    monkeypatch.setattr(assembling, "load_content", load_slowly)
    problems = [str(problem) for problem in assemble(settings, KINDS, languages).problems]

    assert "content/snapshots/: a sync wrote files while they were read\n    Build again." in problems


def test_a_build_that_may_not_write_says_that_files_are_of_two_generations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, _ = a_killed_sync(tmp_path)
    before = visible(content)

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ContentProblems) as refusal:
        finish_transaction(content)

    assert "a sync was interrupted, and what it had begun cannot be finished" in str(refusal.value.problems[0])
    assert visible(content) == before


def test_a_build_that_may_not_write_reads_on_where_a_sync_was_killed_before_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write(tmp_path, COURSE)
    (content / ".transaction").mkdir()
    (content / ".transaction/0.draft").write_bytes(b"half")
    monkeypatch.setattr(os, "open", None)

    finish_transaction(content)
