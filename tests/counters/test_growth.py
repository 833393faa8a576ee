"""Sums over time, and thresholds that are reached for the first time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openknowledge.counters.growth import PortalPoint, add_up, find_reached
from openknowledge.model.numbers import CountingChange, EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries

EVER, NOW, MEMBERS = EnrollmentMeasure
DAY = date(2026, 1, 1)


def a_series(
    course: str,
    *totals: int,
    first: date = DAY,
    earlier: tuple[EnrollmentSeries, ...] = (),
    sample: bool = False,
    measure: EnrollmentMeasure = EVER,
) -> EnrollmentSeries:
    """A series with a point a day; it begins with a seam where another one came before."""
    points = tuple(EnrollmentPoint(first + timedelta(days=number), total) for number, total in enumerate(totals))
    seam = CountingChange(first, {"": "moved"}) if earlier else None
    name = f"{course}.{len(earlier)}"
    return EnrollmentSeries(
        course=course,
        source="POK",
        sample=sample,
        points=points,
        measure=measure,
        name=name,
        seam=seam,
        earlier=earlier,
    )


def reached(
    before: list[EnrollmentSeries], after: list[EnrollmentSeries], *thresholds: int
) -> list[tuple[str, int, int]]:
    found = find_reached({one.course: one for one in before}, {one.course: one for one in after}, thresholds)
    return [(one.course, one.threshold, one.reached.total) for one in found]


def test_courses_are_added_up_day_by_day() -> None:
    one, other = a_series("a", 1, 2, 5), a_series("b", 10, first=DAY + timedelta(days=1))

    assert add_up([one, other], EVER) == (
        PortalPoint(DAY, 1, 1),
        PortalPoint(DAY + timedelta(days=1), 12, 2),
        PortalPoint(DAY + timedelta(days=2), 15, 2),
    )


def test_a_course_that_another_measure_took_over_is_no_longer_in_the_sum() -> None:
    moved = a_series("a", 7, measure=MEMBERS, first=DAY + timedelta(days=2), earlier=(a_series("a", 1, 2, 3, 4),))

    assert [point.total for point in add_up([moved], EVER)] == [1, 2]
    assert [point.total for point in add_up([moved], MEMBERS)] == [7]


def test_a_course_that_moves_with_its_measure_counts_once() -> None:
    moved = a_series("a", 7, 9, first=DAY + timedelta(days=2), earlier=(a_series("a", 100, 120, 130),))

    assert [point.total for point in add_up([moved], EVER)] == [100, 120, 7, 9]


def test_a_threshold_is_reached_by_the_point_that_passes_or_meets_it() -> None:
    before, after = [a_series("a", 900)], [a_series("a", 900, 1000)]

    assert reached(before, after, 1000, 5000) == [("", 1000, 1000), ("a", 1000, 1000)]
    assert reached(after, after, 1000, 5000) == []
    assert reached(after, [a_series("a", 900, 1000, 1200)], 1000, 5000) == []


def test_of_several_thresholds_at_once_the_highest_counts() -> None:
    assert reached([a_series("a", 900)], [a_series("a", 900, 6000)], 1000, 5000) == [
        ("", 5000, 6000),
        ("a", 5000, 6000),
    ]


def test_a_threshold_is_not_reached_again_after_a_fall_or_on_another_platform() -> None:
    assert reached([a_series("a", 1200, 900)], [a_series("a", 1200, 900, 1100)], 1000) == []

    old = a_series("a", 1200)
    moved = [a_series("a", *totals, first=DAY + timedelta(days=2), earlier=(old,)) for totals in ((900,), (900, 1100))]
    assert reached(moved[:1], moved[1:], 1000) == []


def test_what_is_counted_for_the_first_time_reaches_nothing() -> None:
    assert reached([], [a_series("a", 1200)], 1000) == []
    assert reached([a_series("b", 900)], [a_series("b", 900), a_series("a", 1200)], 1000) == []
    assert reached([a_series("b", 900)], [a_series("b", 900, 901), a_series("a", 500)], 1000) == []


def test_only_all_who_ever_enrolled_reach_milestones_and_no_samples() -> None:
    for facts in ({"measure": MEMBERS}, {"measure": NOW}, {"sample": True}):
        before, after = a_series("a", 900, **facts), a_series("a", 900, 1100, **facts)  # type: ignore[arg-type]
        assert reached([before], [after], 1000) == []


def test_the_portal_has_no_milestone_where_its_number_counts_something_else() -> None:
    others = [a_series(course, 5, measure=MEMBERS) for course in "bc"]

    assert reached([a_series("a", 900), *others], [a_series("a", 900, 1000), *others], 1000) == [("a", 1000, 1000)]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30), st.sets(st.integers(1, 1500), max_size=6))
def test_over_any_rising_totals_each_threshold_is_reached_at_most_once(steps: list[int], thresholds: set[int]) -> None:
    totals = [sum(steps[: index + 1]) for index in range(len(steps))]
    found = [
        one
        for end in range(1, len(totals))
        for one in reached([a_series("a", *totals[:end])], [a_series("a", *totals[: end + 1])], *thresholds)
    ]

    names = [(course, threshold) for course, threshold, _ in found]
    assert len(set(names)) == len(names)
    assert all(threshold <= total for _, threshold, total in found)
