"""What a series says beside its newest total: milestones, growth, and the chart in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

SPANS_DAYS = (30, 365)


def find_milestones(series: EnrollmentSeries, thresholds: Sequence[int]) -> tuple[EnrollmentPoint, ...]:
    """Return the first point that reached each threshold, with the threshold as its total; the lowest first."""
    milestones = []
    for threshold in sorted(set(thresholds)):
        day = next((point.day for point in series.points if point.total >= threshold), None)
        if day is not None:
            milestones.append(EnrollmentPoint(day, threshold))
    return tuple(milestones)


def measure_growth(series: EnrollmentSeries) -> tuple[tuple[int, int], ...]:
    """Return pairs (days, change): how the total changed over about a month and about a year.

    The days are counted between two real points. A span without a point near its start is left out.
    """
    changes: dict[int, int] = {}
    for span in SPANS_DAYS:
        earlier = [point for point in series.points if (series.as_of - point.day).days >= span]
        days = (series.as_of - earlier[-1].day).days if earlier else 0
        if earlier and days <= span * 1.5:
            changes[days] = series.total - earlier[-1].total
    return tuple(changes.items())


def milestone_texts(series: EnrollmentSeries, thresholds: Sequence[int], language: Language) -> tuple[str, ...]:
    """Return the milestones as text, `1,000 enrolments: 1 March 2015`."""
    return tuple(
        language.plural(
            "%(number)s enrolment: %(date)s",
            "%(number)s enrolments: %(date)s",
            point.total,
            date=language.date(point.day).text,
        )
        for point in find_milestones(series, thresholds)
    )


def growth_text(series: EnrollmentSeries, language: Language) -> str:
    """Return the growth as text, `+280 in 30 days and +3,052 in 365 days`; empty where the series is too short."""
    return language.join_list(
        [
            language.plural(
                "%(change)s in %(number)s day",
                "%(change)s in %(number)s days",
                days,
                change=format_change(change, language),
            )
            for days, change in measure_growth(series)
        ]
    )


def format_change(change: int, language: Language) -> str:
    """Return a change with its sign: `+280`, `−12`, `0`."""
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return sign + language.number(abs(change))


def describe_series(series: EnrollmentSeries, language: Language) -> str:
    """Return the content of the chart as a sentence."""
    first, last = series.points[0], series.points[-1]
    text = language.gettext(
        "From %(first)s on %(first_day)s to %(last)s on %(last_day)s.",
        first=language.number(first.total),
        first_day=language.date(first.day).text,
        last=language.number(last.total),
        last_day=language.date(last.day).text,
    )
    sample = language.gettext("Sample data.")
    return f"{text} {sample}" if series.sample else text
