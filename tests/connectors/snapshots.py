"""Builders for tests of what a sync makes of a source's answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openknowledge.connectors.comparison import SlugNames, next_snapshot
from openknowledge.connectors.differences import BelievedFacts
from openknowledge.connectors.snapshot import Snapshot
from openknowledge.connectors.source import EnrollmentCount, Row, SourceFacts
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries

NAMES = {table: SlugNames({}, frozenset()) for table in ("video", "playlist")}
DAY = date(2026, 12, 1)


def a_row(name: str, title: str = "", **more: Any) -> Row:
    title = title or f"Lesson {name}"
    return {"youtube_id": name, "title": title, "published": "2020-05-01T09:00:00Z", **more}


def some_facts(*names: str, views: Mapping[str, int] | None = None, **more: Any) -> SourceFacts:
    """Return what a source says that has these videos."""
    counts = {"video": views} if views else {}
    return SourceFacts(**{"rows": {"video": {name: a_row(name) for name in names}}, "counts": counts, **more})


def after(
    known: Snapshot, facts: SourceFacts, day: date = DAY, accepted: Collection[str] = (), **series: EnrollmentSeries
) -> tuple[Snapshot, BelievedFacts]:
    return next_snapshot(known, facts, NAMES, day, series, accepted)


def a_snapshot(*names: str, views: Mapping[str, int] | None = None, day: date = DAY) -> Snapshot:
    return after(Snapshot(), some_facts(*names, views=views), day)[0]


def a_series(*totals: int, measure: EnrollmentMeasure = EnrollmentMeasure.ENROLLED_EVER) -> EnrollmentSeries:
    """Return a series with a total a day, the last one on the day before `DAY`."""
    first = DAY.toordinal() - len(totals)
    points = tuple(EnrollmentPoint(date.fromordinal(first + number), total) for number, total in enumerate(totals))
    return EnrollmentSeries(course="coding", source="POK", sample=False, points=points, measure=measure)


def a_count(total: int | None, measure: EnrollmentMeasure = EnrollmentMeasure.ENROLLED_EVER) -> EnrollmentCount:
    return EnrollmentCount(total, measure, DAY)


def written(content: Path, name: str = "youtube") -> dict[str, bytes]:
    """Return the files of a source's snapshot."""
    return {path.name: path.read_bytes() for path in sorted((content / "snapshots" / name).glob("*"))}
