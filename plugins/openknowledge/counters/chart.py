"""Charts of totals over time as SVG, drawn when the site is built; colours come from the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from openknowledge.model.numbers import EnrollmentPoint
from openknowledge.model.values import Html
from openknowledge.rendering.locale import Language

__all__ = ["Chart", "draw_chart", "thin", "ticks"]

WIDTH, HEIGHT = 640, 280
TOP, BOTTOM, SIDE = 40, 236, 4
FONT_SIZE = 24
MAX_POINTS = 72
Line = tuple[EnrollmentPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Totals of one measure over time: one axis, and lines that are never joined.

    `name` ends the id of its title; that and the summary say in words what it shows; the summary is empty where the
    text beside the chart says it. On the days of `seams` another line takes over; `events` are days with something
    else to know.
    """

    name: str
    title: str
    summary: str
    lines: tuple[Line, ...]
    milestones: tuple[EnrollmentPoint, ...] = ()
    seams: tuple[date, ...] = ()
    events: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of the axis."""
        days = [*self.seams, *(point.day for line in self.lines for point in (line[0], line[-1]))]
        return min(days), max(days)


def draw_chart(chart: Chart, language: Language) -> Html:
    """Return a chart, at most about 3 KB; colours come from the page (`currentColor`, classes `chart-…`).

    There is none of a single day. The chart has lines through at most 72 of the points, dots where a milestone was
    reached, dashed lines at seams, ticks at events, two or three horizontal lines with their totals, and the first and
    last day below.
    """
    scale = _Scale(chart)
    if scale.first == scale.last:
        return Html("")
    lines = [thin(line, MAX_POINTS // len(chart.lines)) for line in chart.lines]
    paths = ["L".join(f"{scale.x(point.day)} {scale.y(point.total)}" for point in line) for line in lines]
    area = "".join(
        f"M{scale.x(line[0].day)} {BOTTOM}L{path}L{scale.x(line[-1].day)} {BOTTOM}Z"
        for line, path in zip(lines, paths, strict=True)
    )
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
        f' aria-labelledby="title:{chart.name}" font-size="{FONT_SIZE}">',
        f'<title id="title:{chart.name}">{escape(chart.title)}</title>',
        f"<desc>{escape(chart.summary)}</desc>" if chart.summary else "",
        *(_grid(total, scale, language) for total in ticks(scale.most)),
        f'<path class="chart-area" fill="currentColor" fill-opacity=".1" d="{area}"/>',
        f'<path class="chart-line" fill="none" stroke="currentColor" stroke-width="4" stroke-linejoin="round"'
        f' d="{"".join(f"M{path}" for path in paths)}"/>',
        *(_dot("chart-point", line[0], 4, scale) for line in lines if len(line) == 1),
        *(_vertical("chart-seam", day, f"{TOP}V{BOTTOM}", scale) for day in chart.seams),
        *(_vertical("chart-event", day, f"{BOTTOM}v10", scale) for day in dict.fromkeys(chart.events)),
        *(_dot("chart-milestone", _find_point(chart, mark.day), 6, scale) for mark in chart.milestones),
        _day(scale.first, scale.left, "start", language),
        _day(scale.last, scale.right, "end", language),
    ]
    return Html("".join((*parts, "</svg>")))


def ticks(most: int) -> tuple[int, ...]:
    """Return round totals from 0 up to `most`: at most three beside 0, in steps of 1, 2 or 5 times a power of ten."""
    steps = (factor * 10**power for power in range(len(str(most))) for factor in (1, 2, 5))
    step = next(step for step in steps if most // step <= 3)
    return tuple(range(0, most + 1, step))


def thin(points: Sequence[EnrollmentPoint], most: int = MAX_POINTS) -> Line:
    """Return at most so many points, evenly chosen, with the first and the last."""
    if len(points) <= max(most, 2):
        return tuple(points)
    last, steps = len(points) - 1, max(most, 2) - 1
    return tuple(points[number * last // steps] for number in range(steps + 1))


class _Scale:
    """The positions of days and totals on the drawing."""

    def __init__(self, chart: Chart) -> None:
        self.left, self.right = SIDE, WIDTH - SIDE
        self.first, self.last = chart.days
        self.days = max((self.last - self.first).days, 1)
        self.most = max(1, *(point.total for line in chart.lines for point in line))

    def x(self, day: date) -> int:
        return self.left + (day - self.first).days * (self.right - self.left) // self.days

    def y(self, total: int) -> int:
        return BOTTOM - total * (BOTTOM - TOP) // self.most


def _find_point(chart: Chart, day: date) -> EnrollmentPoint:
    return next(point for line in chart.lines for point in line if point.day == day)


def _grid(total: int, scale: _Scale, language: Language) -> str:
    """Return a horizontal line with its total above it."""
    y = scale.y(total)
    line = f'<path class="chart-grid" stroke="currentColor" stroke-opacity=".25" d="M0 {y}H{WIDTH}"/>'
    if total == 0:
        return line
    return f'{line}<text class="chart-label" x="0" y="{y - 6}" fill="currentColor">{language.number(total)}</text>'


def _dot(name: str, point: EnrollmentPoint, radius: int, scale: _Scale) -> str:
    x, y = scale.x(point.day), scale.y(point.total)
    return f'<circle class="{name}" cx="{x}" cy="{y}" r="{radius}" fill="currentColor"/>'


def _vertical(name: str, day: date, path: str, scale: _Scale) -> str:
    """Return a vertical line at a day; nothing outside the drawing."""
    if not scale.first <= day <= scale.last:
        return ""
    dashes = ' stroke-dasharray="6 6"' if name == "chart-seam" else ""
    return f'<path class="{name}" stroke="currentColor" stroke-width="2"{dashes} d="M{scale.x(day)} {path}"/>'


def _day(day: date, x: int, anchor: str, language: Language) -> str:
    text = escape(language.short_date(day).text)
    place = f'x="{x}" y="{HEIGHT - 10}" text-anchor="{anchor}"'
    return f'<text class="chart-label" {place} fill="currentColor">{text}</text>'
