"""Whatever syncs, faults and kills come one after the other, what is stored follows from the good answers alone.

What follows from them is exact, byte for byte, with their days: history counts for the slugs, which are given once, for
the days since which things are missing or gone, for the day of numbers that have not changed since, and for the points
of series, which are only appended. All else is what the last good answer says.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import write
from tests.chance import examples
from tests.connectors.kills import run_killed, visible
from tests.connectors.snapshots import DAY, a_row
from tests.connectors.test_killed_syncs import COURSE, sync

from openknowledge.connectors.snapshot import Snapshot, read_snapshot
from openknowledge.connectors.source import EnrollmentCount, SourceFacts, SyncFindings
from openknowledge.engine.file_transaction import finish_transaction
from openknowledge.model.numbers import EnrollmentMeasure

NAMES = "abcde"
FIRST_TOTAL = 100
FAULTS = ("no answer", "an empty answer", "no views", "a lower total", "a leap", "other types")


@dataclass(frozen=True)
class Answer:
    """What the source says: videos with the version of their titles, views, which ids it refuses, who has enrolled."""

    titles: dict[str, int]
    views: dict[str, int]
    refused: frozenset[str]
    enrolled: int

    def facts(self, day: date, total: int) -> SourceFacts:
        """Return it as facts of a day; the total grows from answer to answer."""
        rows = {name: a_row(name, f"Lesson {name}, version {version}") for name, version in self.titles.items()}
        lists = {"P": a_row("P", "All of them", videos=sorted(rows, reverse=True))}
        count = EnrollmentCount(total, EnrollmentMeasure.ENROLLED_EVER, day)
        return SourceFacts(
            rows={"video": rows, "playlist": lists},
            counts={"video": {name: number for name, number in self.views.items() if name in rows}},
            enrollments={"coding": count},
            refused={"video": self.refused - rows.keys()},
        )


@dataclass(frozen=True)
class Step:
    """A sync some days after the one before, with the fault of its source, and the step before which it is killed."""

    answer: Answer
    days: int
    fault: str | None
    killed_before: int | None


ANSWERS = st.builds(
    Answer,
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2), min_size=1),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3)),
    st.frozensets(st.sampled_from(NAMES)),
    st.integers(0, 3),
)
STEPS = st.builds(
    Step, ANSWERS, st.integers(0, 2), st.sampled_from((None, None, *FAULTS)), st.none() | st.integers(1, 60)
)


def spoil(fault: str, last: SourceFacts, known: Snapshot, day: date) -> SourceFacts | None:
    """Return the last good facts, which say nothing new, with a fault that is to be held back; None for no answer."""
    count = replace(last.enrollments["coding"], day=day)
    total = count.total or 0
    last = replace(last, counts={}, enrollments={}, refused={})
    if fault == "an empty answer":
        return SourceFacts(rows={"video": {}, "playlist": {}})
    if fault == "no views":
        return replace(last, counts={"video": dict.fromkeys(known.facts.counts.get("video", {}), 0)})
    if fault in ("a lower total", "a leap"):
        # Lower than what was stored, which is the first total of a day.
        wrong = FIRST_TOTAL - 1 if fault == "a lower total" else total + 5_000
        return replace(last, enrollments={"coding": replace(count, total=wrong)})
    if fault == "other types":
        rows = {name: {**row, "title": [row["title"]]} for name, row in last.rows["video"].items()}
        return replace(last, rows={**last.rows, "video": rows})
    return None


class Course:
    """A content folder that goes through everything, and one that gets the good answers only."""

    def __init__(self, folder: Path) -> None:
        self.content, self.clean = write(folder / "a", COURSE), write(folder / "b", COURSE)
        self.day, self.total, self.last = DAY, FIRST_TOTAL, SourceFacts()

    def take(self, step: Step) -> None:
        """Sync once; where that was good and not killed before its journal, the clean folder is synced, too."""
        self.day += timedelta(days=step.days)
        if step.fault is not None and self.last.rows:
            known = read_snapshot(self.content, "youtube", SyncFindings())
            facts, is_good = spoil(step.fault, self.last, known, self.day), False
        else:
            self.total += step.answer.enrolled
            facts, is_good = step.answer.facts(self.day, self.total), True
        if facts is None:
            return
        before = visible(self.content)
        if step.killed_before is None:
            sync(self.content, facts, self.day)
        else:
            run_killed(lambda: sync(self.content, facts, self.day), step.killed_before, self.content)
            finish_transaction(self.content)
        if is_good and (step.killed_before is None or visible(self.content) != before):
            sync(self.clean, facts, self.day)
            self.last = facts


@settings(max_examples=examples(60))
@given(st.lists(STEPS, max_size=5), ANSWERS)
def test_any_sequence_ends_as_the_good_answers_alone_would(steps: list[Step], last: Answer) -> None:
    with TemporaryDirectory() as folder:
        course = Course(Path(folder))
        for step in steps:
            course.take(step)
        course.take(Step(last, 1, None, None))

        assert visible(course.content) == visible(course.clean)
        check_last(course, last)
        stamps = {path: path.stat().st_mtime_ns for path in course.content.rglob("*")}
        sync(course.content, course.last, course.day)
        assert {path: path.stat().st_mtime_ns for path in course.content.rglob("*")} == stamps


def check_last(course: Course, last: Answer) -> None:
    """Check what does not depend on history: all that the last good answer names."""
    fresh = write(course.content.parent / "fresh", COURSE)
    sync(fresh, course.last, course.day)
    first, after = (read_snapshot(folder, "youtube", SyncFindings()) for folder in (fresh, course.content))
    rows = after.facts.rows["video"]

    def without_slug(row: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in row.items() if name not in ("slug", "videos")}

    for name, row in first.facts.rows["video"].items():
        assert without_slug(rows[name]) == without_slug(row)
    names = {row["slug"]: name for name, row in rows.items()}
    listed = [names[slug] for slug in after.facts.rows["playlist"]["P"]["videos"]]
    assert listed == sorted(last.titles, reverse=True)
    absent = rows.keys() - last.titles.keys()
    gone = {name for name in absent if "gone_since" in rows[name]}
    assert after.missing["video"].keys() == absent - gone
    if last.views.keys() & last.titles.keys():
        counts = after.facts.counts["video"]
        assert {name: counts[name] for name in first.facts.counts["video"]} == first.facts.counts["video"]
        assert counts.keys() & last.titles.keys() == last.views.keys() & last.titles.keys()
    shutil.rmtree(fresh)
