"""Series of enrolments: what is read, and which problems are reported."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import write

from openknowledge.content.numbers import read_numbers, read_series
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries

TODAY = date(2026, 1, 1)
HEAD = "# source: the platform\n"


def series_of(rows: str, head: str = HEAD) -> EnrollmentSeries:
    series, problems = read_series(f"{head}day,total\n{rows}", "x.csv", "x", TODAY)
    assert problems == []
    assert series is not None
    return series


def messages(rows: str, head: str = HEAD, header: str = "day,total\n") -> list[str]:
    """Return the first line of each problem; the rows begin on line 3."""
    series, problems = read_series(head + header + rows, "x.csv", "x", TODAY)
    assert series is None
    return [str(problem).split("\n")[0] for problem in problems]


def test_a_series_has_its_source_and_its_points() -> None:
    series = series_of("2020-01-01,0\n2020-02-01,12\n2020-03-01,12\n")

    assert (series.course, series.source, series.sample) == ("x", "the platform", False)
    assert (series.total, series.as_of) == (12, date(2020, 3, 1))


def test_a_series_may_be_a_sample() -> None:
    assert series_of("2020-01-01,0\n", "# source: made up\n# sample: true\n# note: only a trial\n").sample


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    rows = b"\xef\xbb\xbf# source: the platform\r\nday,total\r\n2020-01-01,5\r\n"
    content = write(tmp_path, {"snapshots/enrollments/x.csv": rows})

    numbers, problems = read_numbers(content, ("it",), TODAY, ["x"])

    assert problems == []
    assert numbers.series["x"].total == 5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2020-01-01,5\n2020-02-01,4\n", "x.csv:4: total: the total falls from 5 to 4"),
        ("2020-01-01,5\n2020-01-01,5\n", "x.csv:4: day: 2020-01-01 is given twice"),
        ("2020-01-02,5\n2020-01-01,6\n", "x.csv:4: day: 2020-01-01 comes after 2020-01-02"),
        ("2026-01-02,5\n", "x.csv:3: day: 2026-01-02 lies in the future"),
        ("2020-01-01,-5\n", 'x.csv:3: total: "-5" is not a whole number from 0 up'),
        ("2020-01-01,1.234\n", 'x.csv:3: total: "1.234" is not a whole number from 0 up'),
        ("2020-01-01,\n", 'x.csv:3: total: "" is not a whole number from 0 up'),
        ("2020-01-01,٥\n", 'x.csv:3: total: "٥" is not a whole number from 0 up'),
        ("2020-02-30,5\n", 'x.csv:3: day: "2020-02-30" is not a date'),
        ("20200201,5\n", 'x.csv:3: day: "20200201" is not a date'),
        ("2020-01-01,1,234\n", "x.csv:3: 3 columns where there should be 2"),
        ("2020-01-01,5\n# sample: true\n", "x.csv:4: 1 columns where there should be 2"),
        ('2020-01-01,"5\n', "x.csv:3: this is not CSV: unexpected end of data"),
        ("", "x.csv:2: the series is empty"),
    ],
)
def test_a_wrong_line_is_reported_with_its_number(rows: str, message: str) -> None:
    assert messages(rows) == [message]


def test_a_series_needs_a_source() -> None:
    assert messages("2020-01-01,5\n", head="\n") == ["x.csv:1: source: the series has no source"]


def test_a_series_needs_its_header() -> None:
    assert messages("2020-01-01,5\n", header="") == ['x.csv:2: the header is "2020-01-01,5"']


def test_a_misspelt_note_is_reported_with_the_nearest_note() -> None:
    assert messages("2020-01-01,5\n", HEAD + "# sampel: true\n") == [
        'x.csv:2: unknown note "sampel"; did you mean "sample"?'
    ]


def test_a_sample_flag_is_true_or_false() -> None:
    assert messages("2020-01-01,5\n", HEAD + "# sample: yes\n") == ['x.csv:2: sample: "yes" is neither true nor false']


def test_a_total_may_fall_on_the_day_of_a_declared_correction() -> None:
    series = series_of("2020-01-01,9\n2020-02-01,4\n", HEAD + "# corrected: 2020-02-01 test accounts removed\n")

    assert series.total == 4
    assert series.corrections == (date(2020, 2, 1),)


def test_a_correction_needs_a_reason_and_a_day_of_the_series() -> None:
    assert messages("2020-01-01,9\n", HEAD + "# corrected: 2020-01-01\n") == [
        "x.csv:2: corrected: the correction has no reason"
    ]
    assert messages("2020-01-01,9\n", HEAD + "# corrected: 2020-01-02 why\n") == [
        "x.csv:2: corrected: the series has no total for 2020-01-02"
    ]


def test_all_mistakes_of_a_file_are_reported_at_once() -> None:
    assert len(messages("2020-01-01,5\nsoon,x\n2019-01-01,4\n", head="\n")) == 4


def test_a_series_of_an_unknown_course_is_reported_with_the_nearest_course(tmp_path: Path) -> None:
    content = write(tmp_path, {"snapshots/enrollments/algebar.csv": HEAD + "day,total\n2020-01-01,5\n"})

    _, problems = read_numbers(content, ("it",), TODAY, ["algebra"])

    first = str(problems[0]).split("\n")[0]
    path = "content/snapshots/enrollments/algebar.csv"
    assert first == f'{path}:1: there is no course "algebar"; did you mean "algebra"?'


def test_a_file_that_is_not_text_is_a_problem(tmp_path: Path) -> None:
    content = write(tmp_path, {"snapshots/enrollments/x.csv": b"# source: \xe0\n", "figures.yaml": b"\x00\xff"})

    _, problems = read_numbers(content, ("it",), TODAY, ["x"])

    assert [problem.message for problem in problems] == ["the file is not UTF-8 text"] * 2


POINTS = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 10**6)), min_size=1, max_size=30)


@given(POINTS)
def test_every_rising_series_is_read_as_it_was_written(steps: list[tuple[int, int]]) -> None:
    day, total, points = date(1990, 1, 1), 0, []
    for days, more in steps:
        day, total = day + timedelta(days=days), total + more
        points.append(EnrollmentPoint(day, total))
    rows = "".join(f"{point.day},{point.total}\n" for point in points)

    series, problems = read_series(f"{HEAD}day,total\n{rows}", "x.csv", "x", day)

    assert problems == []
    assert series is not None
    assert series.points == tuple(points)


@given(st.text(max_size=200))
def test_any_text_gives_either_a_series_or_problems(text: str) -> None:
    series, problems = read_series(text, "x.csv", "x", TODAY)

    assert (series is None) == bool(problems)


@given(st.lists(st.tuples(st.dates(), st.integers(-5, 50)), min_size=1, max_size=8))
def test_an_accepted_series_ascends_in_day_and_total_and_has_no_future(rows: list[tuple[date, int]]) -> None:
    text = "".join(f"{day},{total}\n" for day, total in rows)
    series, _ = read_series(f"{HEAD}day,total\n{text}", "x.csv", "x", TODAY)

    if series is not None:
        days = [point.day for point in series.points]
        totals = [point.total for point in series.points]
        assert days == sorted(set(days))
        assert totals == sorted(totals)
        assert days[-1] <= TODAY
        assert totals[0] >= 0
