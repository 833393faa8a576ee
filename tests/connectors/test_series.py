"""Counts of platforms become points of series."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import COURSE, write

from openknowledge.connectors.series import append_points, read_before_and_after, read_own_series
from openknowledge.connectors.source import EnrollmentCount, SyncFindings
from openknowledge.content.numbers import read_numbers
from openknowledge.model.numbers import EnrollmentMeasure

EVER, NOW, MEMBERS = EnrollmentMeasure
FOLDER = "snapshots/enrollments/"
POK = FOLDER + "algebra.pok.csv"
HEAD = "# source: the platform\n# measure: enrolled_ever\nday,total\n"


def on(day: str, total: int | None, measure: EnrollmentMeasure = EVER) -> EnrollmentCount:
    return EnrollmentCount(total, measure, date.fromisoformat(day))


def content_with(root: Path, **series: str | bytes) -> Path:
    """A folder with one course and its series by name (`algebra_pok` is algebra.pok.csv)."""
    files = {f"{FOLDER}{name.replace('_', '.')}.csv": text for name, text in series.items()}
    return write(root, {"courses/algebra/index.md": COURSE, **files})


def sync(
    content: Path, count: EnrollmentCount, source: str = "pok", accepted: tuple[str, ...] = ()
) -> tuple[dict[str, str], list[str]]:
    """Append one count, write what changes, and return it with the first line of each finding."""
    findings = SyncFindings()
    files = append_points(content, source, source.upper(), {"algebra": count}, findings, accepted)
    for path, data in files.items():
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_bytes(data)
    messages = [str(one).split("\n")[0] for one in (*findings.problems, *findings.warnings)]
    return {path: data.decode() for path, data in files.items()}, messages


def problems_of(content: Path) -> list[str]:
    return [str(problem) for problem in read_numbers(content, ("it",), date(2027, 1, 1), ["algebra"])[1]]


def test_the_first_count_begins_a_series_that_says_what_it_counts(tmp_path: Path) -> None:
    content = content_with(tmp_path)

    files, messages = sync(content, on("2026-10-01", 12))

    assert files == {POK: "# source: POK\n# measure: enrolled_ever\nday,total\n2026-10-01,12\n"}
    assert (messages, problems_of(content)) == ([], [])


def test_a_count_of_a_later_day_is_one_line_more(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "2026-10-01,12\n")

    assert sync(content, on("2026-10-02", 15))[0] == {POK: HEAD + "2026-10-01,12\n2026-10-02,15\n"}


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(on("2026-10-02", None), id="unknown"),
        pytest.param(on("2026-10-02", 12), id="the same total"),
        pytest.param(on("2026-10-07", 12), id="the same total for less than a week"),
        pytest.param(on("2026-10-01", 15), id="a second count of the day"),
        pytest.param(on("2026-09-30", 15), id="an earlier day"),
    ],
)
def test_nothing_is_written_for(count: EnrollmentCount, tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "2026-10-01,12\n")

    assert sync(content, count) == ({}, [])


def test_a_total_that_stays_the_same_is_confirmed_each_week(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "2026-10-01,12\n")

    assert sync(content, on("2026-10-08", 12))[0] == {POK: HEAD + "2026-10-01,12\n2026-10-08,12\n"}
    assert sync(content, on("2026-10-09", 12)) == ({}, [])
    assert problems_of(content) == []


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b""], ids=["with a byte order mark", "without"])
def test_the_lines_of_a_file_stay_as_they_are(data: bytes, tmp_path: Path) -> None:
    old = data + HEAD.replace("\n", "\r\n").encode() + b"2026-10-01,12"
    content = content_with(tmp_path, algebra_pok=old)

    sync(content, on("2026-10-02", 15))
    sync(content, on("2026-10-03", 9), accepted=("algebra",))

    lines = (content / POK).read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\r\n") for line in lines)
    assert (
        b"".join(line for line in lines if b"corrected" not in line) == old + b"\r\n2026-10-02,15\r\n2026-10-03,9\r\n"
    )
    assert problems_of(content) == []


def test_a_fall_of_all_who_ever_enrolled_is_only_written_where_it_is_accepted(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "2026-10-01,12\n")

    files, messages = sync(content, on("2026-10-02", 9))
    assert (files, len(messages)) == ({}, 1)

    sync(content, on("2026-10-02", 9), accepted=("algebra",))
    series = read_before_and_after(content, {}, SyncFindings())[0]["algebra"]
    assert (series.total, series.corrections[0].day) == (9, date(2026, 10, 2))
    assert series.corrections[0].reason["en"] == "corrected by the platform"


def test_a_measure_of_today_falls_without_a_word(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD.replace("enrolled_ever", "members") + "2026-10-01,12\n")

    assert sync(content, on("2026-10-02", 9, MEMBERS))[1] == []
    assert read_own_series(content, "pok", SyncFindings())["algebra"].total == 9


def test_another_platform_begins_a_series_of_its_own_behind_a_seam(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra=HEAD + "2020-10-01,500\n")

    files, messages = sync(content, on("2026-10-02", 9, MEMBERS), source="moodle")

    assert (
        "# seam: 2026-10-02 it: da qui conta MOODLE | en: counted by MOODLE from here on\n"
        in files[FOLDER + "algebra.moodle.csv"]
    )
    assert [line.rpartition(": ")[2] for line in messages] == ["MOODLE takes over from the platform (algebra.csv)"]
    assert problems_of(content) == []
    assert [one.total for one in read_before_and_after(content, {}, SyncFindings())[0]["algebra"].stages] == [500, 9]


def test_a_platform_that_counts_something_else_begins_a_second_series(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "2020-10-01,500\n")

    files, _ = sync(content, on("2026-10-02", 9, NOW))
    later, _ = sync(content, on("2026-10-03", 8, NOW))

    assert [*files] == [*later] == [FOLDER + "algebra.pok.enrolled-now.csv"]
    assert problems_of(content) == []
    assert read_own_series(content, "pok", SyncFindings())["algebra"].total == 8


def test_two_platforms_do_not_begin_a_series_of_one_course_on_one_day(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra=HEAD + "2020-10-01,500\n")
    sync(content, on("2026-10-02", 9), source="moodle")

    assert sync(content, on("2026-10-02", 9), source="pok")[0] == {}
    assert len(sync(content, on("2026-10-03", 9), source="pok")[0]) == 1
    assert problems_of(content) == []


def test_a_sample_is_never_continued_and_gives_way(tmp_path: Path) -> None:
    sample = HEAD.replace("day,", "# sample: true\nday,") + "2020-10-01,500\n"
    content = content_with(tmp_path, algebra=sample)

    files, messages = sync(content, on("2026-10-02", 9))

    assert (content / FOLDER / "algebra.csv").read_text() == sample
    assert "seam" not in files[POK]
    assert (messages, problems_of(content)) == ([], [])

    content = content_with(tmp_path, algebra_pok=sample)
    assert sync(content, on("2026-10-02", 900))[0] == {}


def test_a_course_that_the_site_has_not_is_told_and_left_out(tmp_path: Path) -> None:
    for course in ("latin", "../algebra", "*", ""):
        findings = SyncFindings()
        assert append_points(content_with(tmp_path), "pok", "POK", {course: on("2026-10-01", 5)}, findings) == {}
        assert len(findings.warnings) == 1


def test_a_series_that_cannot_be_read_stops_the_sync_of_its_source(tmp_path: Path) -> None:
    content = content_with(tmp_path, algebra_pok=HEAD + "soon,12\n")

    files, messages = sync(content, on("2026-10-02", 15))

    assert files == {}
    assert messages[0].endswith('algebra.pok.csv:4: day: "soon" is not a date')


def test_who_counts_cannot_break_the_file(tmp_path: Path) -> None:
    findings = SyncFindings()
    counts = {"algebra": on("2026-10-02", 9)}

    files = append_points(
        content_with(tmp_path, algebra=HEAD + "2020-10-01,5\n"), "pok", "A | en: b\nday", counts, findings
    )

    assert b"# source: A en: b day\n" in files[POK]
    assert b"# seam: 2026-10-02 it: da qui conta A en: b day | en: counted by A en: b day from here on\n" in files[POK]


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.none() | st.integers(0, 50), st.sampled_from(EnrollmentMeasure), st.booleans()),
    max_size=12,
)


@given(STEPS)
def test_after_any_syncs_each_old_line_is_there_and_the_site_can_be_built(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int | None, EnrollmentMeasure, bool]]
) -> None:
    content, day = content_with(tmp_path_factory.mktemp("sync")), date(2026, 1, 1)
    for days, total, measure, is_accepted in steps:
        day += timedelta(days=days)
        before = {path: path.read_text().split("\n") for path in content.glob(FOLDER + "*")}
        sync(content, EnrollmentCount(total, measure, day), accepted=("algebra",) if is_accepted else ())

        assert problems_of(content) == []
        for path, lines in before.items():
            rows = iter(path.read_text().split("\n"))
            assert all(line in rows for line in lines)
