"""How enrolments grow: those of all courses together, and the thresholds that a total reaches for the first time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from openknowledge.catalogue.views.numbers import choose_measure
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries

__all__ = ["PortalPoint", "ReachedMilestone", "add_up", "find_reached", "real_series"]

EVER = EnrollmentMeasure.ENROLLED_EVER


@dataclass(frozen=True, slots=True)
class PortalPoint(FastPickle):
    """The enrolments in some courses together on a day."""

    day: date
    total: int
    courses: int


@dataclass(frozen=True, slots=True)
class ReachedMilestone:
    """A threshold that was reached for the first time, in a course or (`""`) in all of them.

    `before` is what was counted last before.
    """

    course: str
    threshold: int
    reached: EnrollmentPoint
    before: EnrollmentPoint


def real_series(series: Iterable[EnrollmentSeries]) -> list[EnrollmentSeries]:
    """Return the series that are no samples; the samples where there are no others."""
    found = list(series)
    return [one for one in found if not one.sample] or found


def add_up(series: Iterable[EnrollmentSeries], measure: EnrollmentMeasure) -> tuple[PortalPoint, ...]:
    """Return the sum over time of the series of one measure, a point for each day on which it changed.

    On each day counts the series of a course that was its number on that day: a course that another measure took over
    is no longer in the sum.
    """
    steps = sorted(
        (step for number, one in enumerate(series) for step in _steps(number, one, measure)), key=itemgetter(0)
    )
    totals: dict[int, int] = {}
    total, points = 0, []
    for day, changes in groupby(steps, key=itemgetter(0)):
        for _, number, value in changes:
            total += (value or 0) - totals.pop(number, 0)
            if value is not None:
                totals[number] = value
        points.append(PortalPoint(day, total, len(totals)))
    return tuple(points)


def _steps(number: int, series: EnrollmentSeries, measure: EnrollmentMeasure) -> Iterator[tuple[date, int, int | None]]:
    """Yield the totals of a course that count, and None from where another series took over."""
    stages = series.stages
    ends = (*(stage.seam.day for stage in stages[1:] if stage.seam), date.max)
    for stage, end in zip(stages, ends, strict=True):
        if stage is not stages[0] and stage.seam:
            yield stage.seam.day, number, None
        if stage.measure is measure:
            yield from ((point.day, number, point.total) for point in stage.points if point.day < end)


def find_reached(
    before: Mapping[str, EnrollmentSeries], after: Mapping[str, EnrollmentSeries], thresholds: Collection[int]
) -> list[ReachedMilestone]:
    """Return the milestones that the newest points reach: of the portal, then of courses by slug.

    Only totals of all who ever enrolled have milestones, and no samples. A threshold that was reached once, before a
    correction or on another platform, is not reached again; of several at once the highest counts. What is counted for
    the first time was not reached on that day.
    """
    found = [_reached_by_course(before.get(course), after[course], thresholds) for course in sorted(after)]
    changed = [course for course in after if course not in before or before[course].points != after[course].points]
    whole = _reached_by_portal(before, after, thresholds) if changed else None
    return [one for one in (whole, *found) if one is not None]


def _reached_by_course(
    before: EnrollmentSeries | None, after: EnrollmentSeries, thresholds: Collection[int]
) -> ReachedMilestone | None:
    if before is None or before.name != after.name or after.sample or after.measure.may_fall:
        return None
    highest = max(point.total for stage in before.stages if stage.measure is EVER for point in stage.points)
    crossed = [threshold for threshold in thresholds if highest < threshold <= after.total]
    return ReachedMilestone(after.course, max(crossed), after.points[-1], before.points[-1]) if crossed else None


def _reached_by_portal(
    before: Mapping[str, EnrollmentSeries], after: Mapping[str, EnrollmentSeries], thresholds: Collection[int]
) -> ReachedMilestone | None:
    counted = [one for one in choose_measure(_without_samples(after)) if one.measure is EVER]
    earlier = add_up(_without_samples(before), EVER)
    if not counted or not earlier:
        return None
    known = {one.course for one in _without_samples(before) if one.measure is EVER}
    joined = sum(one.total for one in counted if one.course not in known)
    highest = max(point.total for point in earlier) + joined
    total = sum(one.total for one in counted)
    crossed = [threshold for threshold in thresholds if highest < threshold <= total]
    if not crossed:
        return None
    day = max(one.as_of for one in counted)
    return ReachedMilestone(
        "", max(crossed), EnrollmentPoint(day, total), EnrollmentPoint(earlier[-1].day, earlier[-1].total)
    )


def _without_samples(series: Mapping[str, EnrollmentSeries]) -> Sequence[EnrollmentSeries]:
    return [one for one in series.values() if not one.sample]
