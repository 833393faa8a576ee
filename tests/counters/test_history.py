"""Milestones, growth and the chart of a series."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_language

from openknowledge.counters import chart
from openknowledge.counters.chart import thin, ticks
from openknowledge.counters.growth import find_milestones, split_stretches
from openknowledge.counters.words import chart_stretch, describe_points, growth_text, measure_growth, milestone_texts
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.rendering.locale import Language

SVG = "{http://www.w3.org/2000/svg}"


def a_series(*points: tuple[str, int], sample: bool = False) -> EnrollmentSeries:
    series_points = tuple(EnrollmentPoint(date.fromisoformat(day), total) for day, total in points)
    return EnrollmentSeries(course="algebra", source="the platform", sample=sample, points=series_points)


def monthly(*totals: int) -> EnrollmentSeries:
    """Return a series with a point every 30 days from 1 January 2020."""
    days = (date(2020, 1, 1) + timedelta(days=30 * number) for number in range(len(totals)))
    return a_series(*((str(day), total) for day, total in zip(days, totals, strict=True)))


def draw_chart(series: EnrollmentSeries, language: Language, thresholds: tuple[int, ...] = ()) -> str:
    """Return the chart of the newest series."""
    stretch = split_stretches(series)[-1]
    milestones = find_milestones(series, thresholds)
    return chart.draw_chart(chart_stretch(stretch, f"chart-{series.course}", language, milestones), language)


def test_a_milestone_is_the_first_day_on_which_the_total_was_reached() -> None:
    series = monthly(0, 999, 1000, 6000)

    assert find_milestones(series, (5000, 1000, 10000)) == (
        EnrollmentPoint(date(2020, 3, 1), 1000),
        EnrollmentPoint(date(2020, 3, 31), 5000),
    )


def test_a_milestone_stays_reached_after_a_correction() -> None:
    assert find_milestones(monthly(0, 1200, 900), (1000,)) == (EnrollmentPoint(date(2020, 1, 31), 1000),)


def test_a_milestone_is_written_in_the_language_of_the_page() -> None:
    series = monthly(0, 1200)

    assert milestone_texts(series, (1000,), a_language("it")) == ("1.000 enrolments: 31 gennaio 2020",)


def test_growth_counts_the_days_between_two_real_points() -> None:
    assert measure_growth(a_series(("2020-01-01", 100), ("2020-02-05", 160)).points) == ((35, 60),)


def test_growth_is_left_out_where_no_point_lies_near_the_start_of_the_span() -> None:
    assert measure_growth(a_series(("2020-01-01", 100), ("2020-04-01", 160)).points) == ()
    assert growth_text(a_series(("2020-01-01", 100)).points, a_language("en")) == ""


def test_growth_has_a_sign() -> None:
    language = a_language("en")

    assert growth_text(monthly(100, 1300).points, language) == "+1,200 in 30 days"
    assert growth_text(monthly(100, 100).points, language) == "0 in 30 days"
    assert growth_text(monthly(100, 88).points, language) == "−12 in 30 days"


def test_a_chart_is_a_picture_with_a_name_and_a_description() -> None:
    root = ElementTree.fromstring(as_xml(draw_chart(monthly(0, 1200), a_language("en"), (1000,))))

    title, description = (root.iter(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc"))
    assert root.get("role") == "img"
    assert [(one.get("id"), one.text) for one in title][:1] == [(root.get("aria-labelledby"), "Enrolments over time")]
    assert [one.text for one in description] == ["From 0 on January 1, 2020 to 1,200 on January 31, 2020."]


def test_a_chart_of_samples_says_so() -> None:
    assert "Sample data." in draw_chart(a_series(("2020-01-01", 5), ("2020-02-01", 6), sample=True), a_language("en"))


def test_a_single_day_is_told_in_words_and_has_no_chart() -> None:
    series = a_series(("2026-11-29", 1403))

    assert draw_chart(series, a_language("en")) == ""
    assert describe_points(series.points, a_language("en")) == "1,403 on November 29, 2026."


def test_a_chart_has_no_style_and_no_script() -> None:
    markup = draw_chart(monthly(0, 1200), a_language("en"), (1000,))

    assert "style" not in markup
    assert "script" not in markup


def test_a_chart_looks_as_it_did(golden: Callable[[str, bytes], None]) -> None:
    series = monthly(0, 120, 480, 1020, 2300, 3100, 3900, 5200, 5150, 6800)

    golden("counters/chart.svg", as_xml(draw_chart(series, a_language("it"), (1000, 5000, 10000))).encode() + b"\n")


STEPS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 10**5)), min_size=2, max_size=200)


@given(STEPS)
def test_every_chart_is_well_formed_small_and_inside_its_frame(steps: list[tuple[int, int]]) -> None:
    day, total, points = date(1980, 1, 1), 0, []
    for days, more in steps:
        day, total = day + timedelta(days=days), total + more
        points.append((str(day), total))

    markup = draw_chart(a_series(*points), a_language("it"), (1000, 5000, 10000, 50000, 100000))

    root = ElementTree.fromstring(as_xml(markup))
    line = next(part for part in root.iter(f"{SVG}path") if part.get("class") == "chart-line")
    coordinates = [point.split() for point in (line.get("d") or "").lstrip("M").split("L")]
    assert all(0 <= int(x) <= 640 and 0 <= int(y) <= 280 for x, y in coordinates)
    assert len(markup.encode()) <= 3072


@given(st.integers(min_value=1, max_value=10**9))
def test_a_chart_has_one_to_three_round_lines_below_its_highest_total(most: int) -> None:
    totals = ticks(most)

    assert 2 <= len(totals) <= 4
    assert totals[0] == 0
    assert totals[-1] <= most
    assert all(str(total).rstrip("0")[:1] in "123456789" for total in totals[1:])


@given(st.integers(min_value=1, max_value=500))
def test_a_long_series_is_thinned_but_keeps_its_ends(length: int) -> None:
    points = [EnrollmentPoint(date(2000, 1, 1) + timedelta(days=number), number) for number in range(length)]

    thinned = thin(points)

    assert len(thinned) <= 72
    assert (thinned[0], thinned[-1]) == (points[0], points[-1])
    assert len(set(thinned)) == len(thinned)


def as_xml(markup: str) -> str:
    """Return the SVG as a file of its own, which needs a namespace."""
    return markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
