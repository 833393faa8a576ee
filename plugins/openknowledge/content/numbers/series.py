"""A course's enrolments over time: a CSV file as an EnrollmentSeries, or as Problems."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.problems import Problem, suggest_spelling

from ..parse import DATE_HINT

__all__ = ["read_series"]

COLUMNS = ["day", "total"]
NOTES = ("source", "sample", "corrected", "note")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOTAL = re.compile(r"[0-9]{1,12}")
SAMPLE = {"true": True, "false": False}


@dataclass(slots=True)
class _Draft:
    """What has been read of a file so far; `corrected` holds the line of each declared correction."""

    path: str
    today: date
    source: str = ""
    sample: bool = False
    corrected: dict[date, int] = field(default_factory=dict)
    points: list[EnrollmentPoint] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, name: str | None, message: str, hint: str) -> None:
        self.problems.append(Problem(self.path, line, name, message, hint))


def read_series(text: str, path: str, course: str, today: date) -> tuple[EnrollmentSeries | None, list[Problem]]:
    """The series of `course`, or None with all that is wrong in its file.

    Lines that begin with `#` say `source:`, `sample:`, `corrected: DAY REASON` or `note:`; then comes the
    header `day,total`, then a line for each day, the oldest first.
    """
    draft = _Draft(path, today)
    lines = text.split("\n")
    start = next((index for index, line in enumerate(lines) if _is_data(line)), len(lines))
    for number, line in enumerate(lines[:start], start=1):
        if line.strip():
            _read_note(draft, number, line)
    _read_rows(draft, lines[start:], start)
    _check_whole(draft, start + 1)
    if draft.problems:
        return None, draft.problems
    points, corrections = tuple(draft.points), tuple(sorted(draft.corrected))
    series = EnrollmentSeries(
        course=course, source=draft.source, sample=draft.sample, points=points, corrections=corrections
    )
    return series, []


def _check_whole(draft: _Draft, header_line: int) -> None:
    """What only the whole file shows; the rest is told only where no line has a problem of its own."""
    rows_are_good = not draft.problems
    if not draft.source:
        draft.report(1, "source", "the series has no source", 'Begin the file with "# source: who counted".')
    if not rows_are_good:
        return
    if not draft.points:
        draft.report(
            header_line, None, "the series is empty", "Add a line such as 2026-10-01,1234, or delete the file."
        )
        return
    known = {point.day for point in draft.points}
    for day, line in draft.corrected.items():
        if day not in known:
            draft.report(line, "corrected", f"the series has no total for {day}", "Give the day of the lower total.")


def _is_data(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _read_note(draft: _Draft, number: int, line: str) -> None:
    """A line such as `# sample: true`."""
    name, colon, value = (part.strip() for part in line.lstrip("# ").partition(":"))
    if not colon or name not in NOTES:
        near = suggest_spelling(name, NOTES)
        hint = f"The lines before the header are: {', '.join(f'# {known}: …' for known in NOTES)}."
        draft.report(number, None, f'unknown note "{name}"' + (f"; {near}" if near else ""), hint)
    elif name == "source":
        draft.source = value
    elif name == "sample":
        if value not in SAMPLE:
            draft.report(number, "sample", f'"{value}" is neither true nor false', "Write true or false.")
        draft.sample = SAMPLE.get(value, True)
    elif name == "corrected":
        _read_correction(draft, number, value)


def _read_correction(draft: _Draft, number: int, value: str) -> None:
    text, _, reason = value.partition(" ")
    day = _day(text)
    if day is None:
        draft.report(number, "corrected", f'"{text}" is not a date', DATE_HINT)
    elif not reason.strip():
        hint = f'Write it after the day: "{day} counted twice".'
        draft.report(number, "corrected", "the correction has no reason", hint)
    else:
        draft.corrected[day] = number


def _read_rows(draft: _Draft, lines: list[str], start: int) -> None:
    """The header and the lines after it; each line is read by itself, so that a stray quote costs only its own."""
    for number, line in enumerate(lines, start=start + 1):
        if not line.strip():
            continue
        try:
            row = next(csv.reader([line], strict=True))
        except csv.Error as error:
            draft.report(number, None, f"this is not CSV: {error}", "Write a day, a comma and a number.")
            continue
        if number > start + 1:
            _read_row(draft, number, row)
        elif [name.strip() for name in row] != COLUMNS:
            draft.report(number, None, f'the header is "{line.strip()}"', 'Write "day,total".')
            return


def _read_row(draft: _Draft, line: int, row: list[str]) -> None:
    """A point, if nothing is wrong with it."""
    if len(row) != len(COLUMNS):
        hint = "Write a day, a comma and a number without separators: 2026-10-01,1234."
        draft.report(line, None, f"{len(row)} columns where there should be {len(COLUMNS)}", hint)
        return
    day, total = _day(row[0].strip()), _total(row[1].strip())
    if day is None:
        draft.report(line, "day", f'"{row[0].strip()}" is not a date', DATE_HINT)
    if total is None:
        hint = "Write digits only, without separators: 1234."
        draft.report(line, "total", f'"{row[1].strip()}" is not a whole number from 0 up', hint)
    if day is None or total is None:
        return
    wrong = list(_point_problems(draft, EnrollmentPoint(day, total)))
    for name, message, hint in wrong:
        draft.report(line, name, message, hint)
    if not wrong:
        draft.points.append(EnrollmentPoint(day, total))


def _point_problems(draft: _Draft, point: EnrollmentPoint) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a point beside those before it."""
    if point.day > draft.today:
        yield "day", f"{point.day} lies in the future", f"The site is built for {draft.today}: correct the day."
    if not draft.points:
        return
    last = draft.points[-1]
    if point.day == last.day:
        yield "day", f"{point.day} is given twice", "Keep one of the two lines."
    elif point.day < last.day:
        yield "day", f"{point.day} comes after {last.day}", "Put the lines in order, the oldest first."
    if point.total < last.total and point.day > last.day and point.day not in draft.corrected:
        message = f"the total falls from {last.total} to {point.total}"
        yield "total", message, f'Correct it, or declare it above the header: "# corrected: {point.day} reason".'


def _day(text: str) -> date | None:
    if not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _total(text: str) -> int | None:
    return int(text) if TOTAL.fullmatch(text) else None


def report_unknown_courses(found: Iterable[tuple[str, str]], courses: Iterable[str]) -> Iterator[Problem]:
    """Problems for (course, path) pairs whose course does not exist."""
    known = sorted(courses)
    for course, path in found:
        if course not in known:
            near = suggest_spelling(course, known)
            message = f'there is no course "{course}"' + (f"; {near}" if near else "")
            yield Problem(path, 1, None, message, "Name the file after the folder of its course.")
