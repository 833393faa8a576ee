"""Series of enrolments: what is read, and which problems are reported."""

from __future__ import annotations

import pickle
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import write

from openknowledge.content import series
from openknowledge.content.numbers import read_numbers
from openknowledge.content.series import read_series_file
from openknowledge.engine.digest import canonical_bytes
from openknowledge.model.numbers import CountingChange, EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries

TODAY = date(2026, 1, 1)
HEAD = "# source: the platform\n"


def series_of(rows: str, head: str = HEAD) -> EnrollmentSeries:
    file, problems = read_series_file(f"{head}day,total\n{rows}", "x.csv", "x", TODAY)
    assert problems == []
    assert file is not None
    return file.series


def messages(rows: str, head: str = HEAD, header: str = "day,total\n") -> list[str]:
    """Return the first line of each problem; the rows begin on line 3."""
    file, problems = read_series_file(head + header + rows, "x.csv", "x", TODAY)
    assert file is None
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
    assert series.corrections == (CountingChange(date(2020, 2, 1), {"": "test accounts removed"}),)


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

    file, problems = read_series_file(f"{HEAD}day,total\n{rows}", "x.csv", "x", day)

    assert problems == []
    assert file is not None
    assert file.series.points == tuple(points)


@given(st.text(max_size=200))
def test_any_text_gives_either_a_series_or_problems(text: str) -> None:
    file, problems = read_series_file(text, "x.csv", "x", TODAY)

    assert (file is None) == bool(problems)


@given(st.lists(st.tuples(st.dates(), st.integers(-5, 50)), min_size=1, max_size=8))
def test_an_accepted_series_ascends_in_day_and_total_and_has_no_future(rows: list[tuple[date, int]]) -> None:
    text = "".join(f"{day},{total}\n" for day, total in rows)
    file, _ = read_series_file(f"{HEAD}day,total\n{text}", "x.csv", "x", TODAY)

    if file is not None:
        days = [point.day for point in file.series.points]
        totals = [point.total for point in file.series.points]
        assert days == sorted(set(days))
        assert totals == sorted(totals)
        assert days[-1] <= TODAY
        assert totals[0] >= 0


SEAM = "# seam: 2022-07-01 the portal moved to Moodle\n"
MEMBERS = HEAD + "# measure: members\n"


def read(tmp_path: Path, **files: str) -> tuple[dict[str, EnrollmentSeries], list[str]]:
    """Return the series of the course `x` from files by name (`x_moodle` is x.moodle.csv), and their problems."""
    paths = {f"snapshots/enrollments/{name.replace('_', '.')}.csv": text for name, text in files.items()}
    numbers, problems = read_numbers(write(tmp_path, paths), ("it",), TODAY, ["x"])
    return dict(numbers.series), [str(problem).split("\n")[0].rpartition("/")[2] for problem in problems]


@pytest.mark.parametrize("measure", ["enrolled_now", "members"])
def test_a_measure_of_today_may_fall(measure: str) -> None:
    series = series_of("2020-01-01,9\n2020-02-01,4\n", f"{HEAD}# measure: {measure}\n")

    assert (series.measure, series.total) == (measure, 4)


def test_all_who_ever_enrolled_never_become_fewer() -> None:
    head = HEAD + "# measure: enrolled_ever\n"

    assert messages("2020-01-01,9\n2020-02-01,4\n", head) == ["x.csv:5: total: the total falls from 9 to 4"]


def test_a_series_from_before_there_were_measures_has_all_who_ever_enrolled() -> None:
    assert series_of("2020-01-01,9\n").measure is EnrollmentMeasure.ENROLLED_EVER


def test_a_misspelt_measure_is_one_problem_with_the_nearest_one() -> None:
    assert messages("2022-08-01,9\n", HEAD + SEAM + "# measure: member\n") == [
        'x.csv:3: measure: there is no measure "member"; did you mean "members"?'
    ]


def test_a_series_that_takes_over_says_what_it_counts(tmp_path: Path) -> None:
    assert messages("2022-08-01,9\n", HEAD + SEAM) == ["x.csv:1: measure: the series does not say what it counts"]

    _, problems = read(tmp_path, x_moodle=f"{HEAD}day,total\n2022-08-01,9\n")
    assert problems == ["x.moodle.csv:1: measure: the series does not say what it counts"]


@pytest.mark.parametrize(
    ("seam", "message"),
    [
        ("2022-07-01", "x.csv:3: seam: the seam has no reason"),
        ("July we moved", 'x.csv:3: seam: "July" is not a date'),
        ("2022-09-01 we moved", "x.csv:5: day: 2022-08-01 lies before the seam of 2022-09-01"),
    ],
)
def test_a_seam_has_a_day_and_a_reason_and_lies_before_all_points(seam: str, message: str) -> None:
    assert messages("2022-08-01,9\n", f"{MEMBERS}# seam: {seam}\n") == [message]


def test_the_reason_of_a_seam_may_be_written_in_each_language() -> None:
    series = series_of("2022-08-01,9\n", MEMBERS + "# seam: 2022-07-01 it: ora c'è Moodle | en: Moodle is here now\n")

    assert series.seam is not None
    assert series.seam.reason == {"it": "ora c'è Moodle", "en": "Moodle is here now"}


def test_a_reason_with_a_colon_or_a_bar_stays_one_text() -> None:
    for reason in ("moved: see the minutes", "it: a | the rest", "https://example.org/ | en: x"):
        series = series_of("2022-08-01,9\n", f"{MEMBERS}# seam: 2022-07-01 {reason}\n")
        assert series.seam is not None
        assert series.seam.reason == {"": reason}


def test_the_series_with_the_latest_seam_is_shown_and_has_the_others_before_it(tmp_path: Path) -> None:
    series, problems = read(
        tmp_path,
        x=f"{HEAD}day,total\n2020-01-01,500\n2023-01-01,510\n",
        x_aaa=f"{MEMBERS}# seam: 2024-01-01 moved again\nday,total\n2024-08-01,7\n",
        x_moodle=f"{MEMBERS}{SEAM}day,total\n2022-08-01,9\n",
    )

    assert problems == []
    assert [one.name for one in series["x"].stages] == ["x", "x.moodle", "x.aaa"]
    assert (series["x"].total, series["x"].measure) == (7, "members")


def test_two_series_of_a_course_say_which_came_first(tmp_path: Path) -> None:
    _, problems = read(
        tmp_path,
        x=f"{HEAD}day,total\n2020-01-01,500\n",
        x_moodle=f"{MEMBERS}day,total\n2022-08-01,9\n",
    )

    assert problems == [
        "x.moodle.csv:1: seam: the course has another series, and neither says which of the two came first"
    ]


def test_two_series_do_not_begin_on_one_day(tmp_path: Path) -> None:
    _, problems = read(
        tmp_path,
        x_a=f"{MEMBERS}{SEAM}day,total\n2022-08-01,9\n",
        x_b=f"{MEMBERS}{SEAM}day,total\n2022-08-01,9\n",
    )

    assert problems == ["x.b.csv:3: seam: x.a.csv begins on 2022-07-01, too"]


def test_a_sample_gives_way_to_a_real_series(tmp_path: Path) -> None:
    series, problems = read(
        tmp_path,
        x=f"{HEAD}# sample: true\nday,total\n2020-01-01,500\n",
        x_moodle=f"{MEMBERS}day,total\n2022-08-01,9\n",
    )

    assert problems == []
    assert (series["x"].total, series["x"].sample, series["x"].earlier) == (9, False, ())


def test_a_series_is_called_after_its_course_and_what_counts(tmp_path: Path) -> None:
    _, problems = read(tmp_path, **{"x_Moodle 2": f"{MEMBERS}day,total\n2022-08-01,9\n"})

    assert problems == ['x.Moodle 2.csv:1: "x.Moodle 2.csv" cannot be the name of a series']


ROWS = st.lists(
    st.tuples(st.sampled_from(("2025-12-05", "2025-12-06", "2026-02-30", "2099-01-01", "x")), st.integers(0, 3)),
    max_size=4,
)


@given(
    rows=ROWS,
    measure=st.sampled_from(("enrolled_ever", "enrolled_now")),
    seam=st.sampled_from(("", "# seam: 2025-12-06 moved\n")),
    corrected=st.sampled_from(("", "# corrected: 2025-12-06 twice\n")),
    ending=st.sampled_from(("", "\n", "\n\n", " \n")),
)
def test_rows_that_are_read_at_once_give_what_they_give_one_by_one(
    rows: list[tuple[str, int]], measure: str, seam: str, corrected: str, ending: str
) -> None:
    head = f"# source: x\n# measure: {measure}\n{seam}{corrected}day,total\n"
    text = head + "\n".join(f"{day},{total}" for day, total in rows) + ending

    at_once = read_series_file(text, "x.csv", "x", TODAY)
    with mock.patch.object(series._SeriesParser, "_add_plain_rows", lambda *_: False):
        one_by_one = read_series_file(text, "x.csv", "x", TODAY)

    assert at_once == one_by_one


def test_a_series_is_the_same_after_it_was_pickled() -> None:
    before, problems = read_series_file(
        "# source: x\n# measure: enrolled_ever\n# corrected: 2025-12-06 twice\n# seam: 2025-12-05 moved\n"
        "day,total\n2025-12-05,10\n2025-12-06,9\n",
        "x.csv",
        "x",
        TODAY,
    )

    assert problems == []
    assert before is not None and pickle.loads(canonical_bytes(before)) == before
