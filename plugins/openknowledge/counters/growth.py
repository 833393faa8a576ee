"""How enrolments grow: those of all courses together, and the thresholds that a total reaches for the first time."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from openknowledge.catalogue.views.numbers import choose_measure
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries

__all__ = [
    *("PortalPoint", "ReachedMilestone", "Stretch", "add_up", "find_milestones", "find_reached", "in_force"),
    *("real_series", "split_stretches", "split_sums", "with_measure"),
]

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


@dataclass(frozen=True, slots=True)
class Stretch:
    """What can be drawn together: totals of one measure, a line for each series; the lines are never joined.

    A line ends where the next series takes over. `seams` are the days on which that was, also at the end and the
    beginning, where another measure came before or after.
    """

    measure: EnrollmentMeasure
    stages: tuple[EnrollmentSeries, ...]
    lines: tuple[tuple[EnrollmentPoint, ...], ...]
    seams: tuple[date, ...]

    @property
    def is_sample(self) -> bool:
        """Return whether it only demonstrates the site."""
        return any(stage.sample for stage in self.stages)


def split_stretches(series: EnrollmentSeries) -> tuple[Stretch, ...]:
    """Return the series of a course by measure, the oldest stretch first; one that was never in force is left out."""
    first, stretches = series.stages[0], []
    for measure, group in groupby(in_force(series), key=lambda row: row[0].measure):
        rows = list(group)
        lines = (tuple(point for point in stage.points if point.day < end) for stage, end in rows)
        starts = [stage.seam.day for stage, _ in rows if stage.seam and stage is not first]
        seams = tuple(dict.fromkeys((*starts, *(end for _, end in rows if end < date.max))))
        drawn = tuple(line for line in lines if line)
        if drawn:
            stretches.append(Stretch(measure, tuple(stage for stage, _ in rows), drawn, seams))
    return tuple(stretches)


def find_milestones(series: EnrollmentSeries, thresholds: Collection[int]) -> tuple[EnrollmentPoint, ...]:
    """Return the point that reached each threshold first, with the threshold as its total; the lowest first.

    What a series began with was reached before, on a day that is not known.
    """
    milestones: list[EnrollmentPoint] = []
    waiting = sorted({*thresholds}, reverse=True)
    for line in (line for stretch in split_stretches(series) if stretch.measure is EVER for line in stretch.lines):
        for point in line:
            while waiting and waiting[-1] <= point.total:
                threshold = waiting.pop()
                if point is not line[0]:
                    milestones.append(EnrollmentPoint(point.day, threshold))
    return tuple(milestones)


def split_sums(
    sums: Sequence[PortalPoint], series: Iterable[EnrollmentSeries]
) -> tuple[tuple[tuple[PortalPoint, ...], ...], tuple[date, ...]]:
    """Return a sum in lines that end where another series took over in any course, and those days."""
    seams = sorted({stage.seam.day for one in series for stage in one.stages[1:] if stage.seam})
    lines = (tuple(points) for _, points in groupby(sums, key=lambda point: bisect_right(seams, point.day)))
    within = (day for day in seams if sums[0].day <= day)
    return tuple(lines), tuple(within)


def with_measure(series: Iterable[EnrollmentSeries], measure: EnrollmentMeasure) -> tuple[EnrollmentSeries, ...]:
    """Return of each course its newest series of a measure, which another may have taken over from."""
    found = ([stage for stage in one.stages if stage.measure is measure] for one in series)
    return tuple(stages[-1] for stages in found if stages)


def real_series(series: Iterable[EnrollmentSeries]) -> list[EnrollmentSeries]:
    """Return the series that are no samples; the samples where there are no others."""
    found = list(series)
    return [one for one in found if not one.sample] or found


def add_up(series: Iterable[EnrollmentSeries], measure: EnrollmentMeasure) -> tuple[PortalPoint, ...]:
    """Return the sum over time of the series of one measure, a point for each day on which it changed.

    On each day counts the series of a course that was its number on that day: a course that another measure took over
    is no longer in the sum. There is no sum of nothing.
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
        if totals:
            points.append(PortalPoint(day, total, len(totals)))
    return tuple(points)


def in_force(series: EnrollmentSeries) -> Iterator[tuple[EnrollmentSeries, date]]:
    """Yield the series of a course, each with the day from which on another one is its number."""
    stages = series.stages
    yield from zip(stages, (*(stage.seam.day for stage in stages[1:] if stage.seam), date.max), strict=True)


def _steps(number: int, series: EnrollmentSeries, measure: EnrollmentMeasure) -> Iterator[tuple[date, int, int | None]]:
    """Yield the totals of a course that count, and None from where another series took over."""
    for stage, end in in_force(series):
        if stage is not series.stages[0] and stage.seam:
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
