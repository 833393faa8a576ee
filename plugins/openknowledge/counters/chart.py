"""A series as a small line chart: SVG without a script or style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.model.values import Html

from .history import describe_series, find_milestones

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

WIDTH, HEIGHT = 640, 280
TOP, BOTTOM, SIDE = 40, 236, 4
FONT_SIZE = 24
MAX_POINTS = 72


def draw_chart(series: EnrollmentSeries, language: Language, thresholds: Sequence[int] = ()) -> Html:
    """Return the chart of a series, at most about 3 KB; colours come from the page (`currentColor`, classes `chart-…`).

    The chart has a line through at most 72 of the points, dots where a milestone was reached, two or three horizontal
    lines with their totals, and the first and last day below.
    """
    scale = _Scale(series)
    name = f"chart-{series.course}"
    title, text = escape(language.gettext("Enrolments over time")), escape(describe_series(series, language))
    line = "L".join(scale.point(point) for point in thin(series.points))
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

    def point(self, point: EnrollmentPoint) -> str:
        return f"{self.x(point)} {self.y(point.total)}"

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
    return (
        f'<circle class="chart-milestone" cx="{scale.x(point)}" cy="{scale.y(point.total)}" r="6" fill="currentColor"/>'
    )


def _day(point: EnrollmentPoint, x: int, anchor: str, language: Language) -> str:
    text = escape(language.short_date(point.day).text)
    return (
        f'<text class="chart-label" x="{x}" y="{HEIGHT - 10}" text-anchor="{anchor}" fill="currentColor">{text}</text>'
    )
