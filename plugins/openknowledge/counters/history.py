"""What a series says beside its newest total: milestones, growth and a chart; and the totals of other pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import PageView
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.model.values import Html
from openknowledge.rendering.locale import Language

from .settings import CountersSettings

__all__ = [
    *("EnrolmentHistory", "draw_chart", "find_milestones", "growth_text", "measure_growth"),
    *("milestone_texts", "page_extras", "thin", "ticks"),
]

WIDTH, HEIGHT = 640, 280
TOP, BOTTOM, SIDE = 40, 236, 4
FONT_SIZE = 24
MAX_POINTS = 72
SPANS_DAYS = (30, 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentHistory(FastPickle):
    """The history of a course's enrolments; the number itself is `CoursePage.enrolment`.

    `summary` describes the chart in a sentence. `milestones` are lines of text. `growth` is one line, empty where the
    series is too short.
    """

    chart: Html
    summary: str
    milestones: tuple[str, ...]
    growth: str


def page_extras(generator: Any, view: PageView, site: Site, **_: Any) -> dict[str, Any]:
    """Return `enrolment` for a course with a series, `totals` for the home page, strands and initiatives."""
    kind, _slash, slug = (view.ref or "").partition("/")
    match kind:
        case "course":
            return _enrolment_extra(site, slug, view.lang, CountersSettings.from_pelican(generator.settings))
        case "strand":
            names = [f"total:strand/{slug}"]
        case "initiative":
            names = [f"figure:{name}" for name in getattr(site.stub(kind, slug), "figures", ())]
        case _:
            names = ["total:courses"] if view.template == "home" else []
    numbers = (site.number(name, view.lang) for name in names)
    known = tuple(number for number in numbers if number is not None and number.is_known)
    return {"totals": known} if known else {}


def _enrolment_extra(site: Site, course: str, lang: str, settings: CountersSettings) -> dict[str, EnrolmentHistory]:
    """Return the history of a course's enrolments, if it has a series."""
    series = site.series_of(course)
    if series is None:
        return {}
    language = site.language(lang)
    history = EnrolmentHistory(
        chart=draw_chart(series, language, settings.milestones),
        summary=describe_series(series, language),
        milestones=() if series.measure.may_fall else milestone_texts(series, settings.milestones, language),
        growth=growth_text(series, language),
    )
    return {"enrolment": history}


def find_milestones(series: EnrollmentSeries, thresholds: Sequence[int]) -> tuple[EnrollmentPoint, ...]:
    """Return the first point that reached each threshold, with the threshold as its total; the lowest first."""
    totals = sorted({*thresholds})
    reached = ((next((point.day for point in series.points if point.total >= total), None), total) for total in totals)
    return tuple(EnrollmentPoint(day, total) for day, total in reached if day is not None)


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


def draw_chart(series: EnrollmentSeries, language: Language, thresholds: Sequence[int] = ()) -> Html:
    """Return the chart of a series, at most about 3 KB; colours come from the page (`currentColor`, classes `chart-…`).

    The chart has a line through at most 72 of the points, dots where a milestone was reached, two or three horizontal
    lines with their totals, and the first and last day below.
    """
    scale = _Scale(series)
    name = f"chart-{series.course}"
    title, text = escape(language.gettext("Enrolments over time")), escape(describe_series(series, language))
    line = "L".join(f"{scale.x(point)} {scale.y(point.total)}" for point in thin(series.points))
    marks = find_milestones(series, thresholds)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
        f' aria-labelledby="{name}-title {name}-text" font-size="{FONT_SIZE}">',
        f'<title id="{name}-title">{title}</title><desc id="{name}-text">{text}</desc>',
        *(_grid(total, scale, language) for total in ticks(scale.most)),
        f'<path class="chart-area" fill="currentColor" fill-opacity=".1"'
        f' d="M{scale.left} {BOTTOM}L{line}L{scale.right} {BOTTOM}Z"/>',
        f'<path class="chart-line" fill="none" stroke="currentColor" stroke-width="4" stroke-linejoin="round"'
        f' d="M{line}"/>',
        *(_dot(mark.day, scale, series) for mark in marks),
        _day(series.points[0], scale.left, "start", language),
    ]
    if len(series.points) > 1:
        parts.append(_day(series.points[-1], scale.right, "end", language))
    return Html("".join((*parts, "</svg>")))


def ticks(most: int) -> tuple[int, ...]:
    """Return round totals from 0 up to `most`: at most three beside 0, in steps of 1, 2 or 5 times a power of ten."""
    steps = (factor * 10**power for power in range(len(str(most))) for factor in (1, 2, 5))
    step = next(step for step in steps if most // step <= 3)
    return tuple(range(0, most + 1, step))


def thin(points: Sequence[EnrollmentPoint]) -> tuple[EnrollmentPoint, ...]:
    """Return at most 72 points, evenly chosen, with the first and the last."""
    if len(points) <= MAX_POINTS:
        return tuple(points)
    last = len(points) - 1
    return tuple(points[number * last // (MAX_POINTS - 1)] for number in range(MAX_POINTS))


class _Scale:
    """The positions of days and totals on the drawing."""

    def __init__(self, series: EnrollmentSeries) -> None:
        self.left, self.right = SIDE, WIDTH - SIDE
        self.first = series.points[0].day
        self.days = max((series.as_of - self.first).days, 1)
        self.most = max(1, *(point.total for point in series.points))

    def x(self, point: EnrollmentPoint) -> int:
        return self.left + (point.day - self.first).days * (self.right - self.left) // self.days

    def y(self, total: int) -> int:
        return BOTTOM - total * (BOTTOM - TOP) // self.most


def _grid(total: int, scale: _Scale, language: Language) -> str:
    """Return a horizontal line with its total above it."""
    y = scale.y(total)
    line = f'<path class="chart-grid" stroke="currentColor" stroke-opacity=".25" d="M0 {y}H{WIDTH}"/>'
    if total == 0:
        return line
    return f'{line}<text class="chart-label" x="0" y="{y - 6}" fill="currentColor">{language.number(total)}</text>'


def _dot(day: date, scale: _Scale, series: EnrollmentSeries) -> str:
    """Return a milestone, on the line where its total was passed."""
    point = next(point for point in series.points if point.day == day)
    x, y = scale.x(point), scale.y(point.total)
    return f'<circle class="chart-milestone" cx="{x}" cy="{y}" r="6" fill="currentColor"/>'


def _day(point: EnrollmentPoint, x: int, anchor: str, language: Language) -> str:
    text = escape(language.short_date(point.day).text)
    place = f'x="{x}" y="{HEIGHT - 10}" text-anchor="{anchor}"'
    return f'<text class="chart-label" {place} fill="currentColor">{text}</text>'
