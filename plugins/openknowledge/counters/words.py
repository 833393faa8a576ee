"""What series say in words: their milestones, how they grew, what their charts show."""

from collections.abc import Sequence
from datetime import date

from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries
from openknowledge.rendering.locale import N_, Language

from .chart import Chart
from .growth import Stretch, find_milestones

__all__ = [
    *("chart_stretch", "describe_points", "describe_stretch", "format_change", "growth_text", "measure_growth"),
    "milestone_texts",
]

SPANS_DAYS = (30, 365)
CHART_TITLES = {
    EnrollmentMeasure.ENROLLED_EVER: N_("Enrolments over time"),
    EnrollmentMeasure.ENROLLED_NOW: N_("Current enrolments over time"),
    EnrollmentMeasure.MEMBERS: N_("Members over time"),
}
Points = Sequence[EnrollmentPoint]


def measure_growth(points: Points) -> tuple[tuple[int, int], ...]:
    """Return pairs (days, change): how the total changed over about a month and about a year.

    The days are counted between two real points. A span without a point near its start is left out.
    """
    changes: dict[int, int] = {}
    for span in SPANS_DAYS:
        earlier = [point for point in points if (points[-1].day - point.day).days >= span]
        days = (points[-1].day - earlier[-1].day).days if earlier else 0
        if earlier and days <= span * 1.5:
            changes[days] = points[-1].total - earlier[-1].total
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


def growth_text(points: Points, language: Language) -> str:
    """Return the growth as text, `+280 in 30 days and +3,052 in 365 days`; empty where the series is too short."""
    return language.join_list(
        [
            language.plural(
                "%(change)s in %(number)s day",
                "%(change)s in %(number)s days",
                days,
                change=format_change(change, language),
            )
            for days, change in measure_growth(points)
        ]
    )


def format_change(change: int, language: Language) -> str:
    """Return a change with its sign: `+280`, `−12`, `0`."""
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return sign + language.number(abs(change))


def describe_points(points: Points, language: Language) -> str:
    """Return what happened between the first and the last point as a sentence."""
    if len(points) == 1:
        total, day = language.number(points[0].total), language.date(points[0].day).text
        return language.gettext("%(total)s on %(day)s.", total=total, day=day)
    return language.gettext(
        "From %(first)s on %(first_day)s to %(last)s on %(last_day)s.",
        first=language.number(points[0].total),
        first_day=language.date(points[0].day).text,
        last=language.number(points[-1].total),
        last_day=language.date(points[-1].day).text,
    )


def describe_stretch(stretch: Stretch, language: Language) -> str:
    """Return what the chart of a stretch shows, in words; lines behind a seam have a sentence each."""
    sentences = [describe_points(line, language) for line in stretch.lines]
    if stretch.seams:
        days = language.join_list([language.date(day).text for day in stretch.seams])
        sentences.append(language.gettext("Another count took over: %(days)s.", days=days))
    if stretch.is_sample:
        sentences.append(language.gettext("Sample data."))
    return " ".join(sentences)


def chart_stretch(
    stretch: Stretch,
    name: str,
    language: Language,
    milestones: Sequence[EnrollmentPoint] = (),
    events: Sequence[date] = (),
) -> Chart:
    """Return the chart of a stretch, with those milestones and events that lie in it."""
    days = {point.day for line in stretch.lines for point in line}
    return Chart(
        name=name,
        title=language.gettext(CHART_TITLES[stretch.measure]),
        summary=describe_stretch(stretch, language),
        lines=stretch.lines,
        milestones=() if stretch.measure.may_fall else tuple(point for point in milestones if point.day in days),
        seams=stretch.seams,
        events=tuple(events),
    )
