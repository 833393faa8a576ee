"""A course's enrolments over time: a CSV file as an EnrollmentSeries, or as Problems."""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries
from openknowledge.problems import Problem, add_suggestion

from ..parse import DATE_HINT

__all__ = ["read_series"]

COLUMNS = ["day", "total"]
NOTES = ("source", "sample", "corrected", "note")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOTAL = re.compile(r"[0-9]{1,12}")
SAMPLE = {"true": True, "false": False}
ROW_HINT = "Write a day, a comma and a number without separators: 2026-10-01,1234."


def read_series(text: str, path: str, course: str, today: date) -> tuple[EnrollmentSeries | None, list[Problem]]:
    """Return the series of `course`, or None with all that is wrong in its file.

    Lines that begin with `#` say `source:`, `sample:`, `corrected: DAY REASON` or `note:`; then comes the
    header `day,total`, then a line for each day, the oldest first.
    """
    parser = _SeriesParser(path, today)
    parser.parse(text)
    if parser.problems:
        return None, parser.problems
    points, corrections = tuple(parser.points), tuple(sorted(parser.corrected))
    series = EnrollmentSeries(
        course=course, source=parser.source, sample=parser.sample, points=points, corrections=corrections
    )
    return series, []


@dataclass(slots=True)
class _SeriesParser:
    """What has been read of a file so far; `corrected` has the line of each declared correction."""

    path: str
    today: date
    source: str = ""
    sample: bool = False
    corrected: dict[date, int] = field(default_factory=dict)
    points: list[EnrollmentPoint] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def _report(self, line: int, name: str | None, message: str, hint: str) -> None:
        self.problems.append(Problem(self.path, line, name, message, hint))

    def parse(self, text: str) -> None:
        """Read a whole file."""
        rows = text.split("\n")
        is_data = (bool(row.strip()) and not row.lstrip().startswith("#") for row in rows)
        start = next((index for index, is_first in enumerate(is_data) if is_first), len(rows))
        for number, row in enumerate(rows[:start], start=1):
            if row.strip():
                self._read_note(number, row)
        self._read_rows(rows[start:], start + 1)
        self._check_whole(start + 1)

    def _read_note(self, number: int, row: str) -> None:
        """Read a line such as `# sample: true`."""
        name, colon, value = (part.strip() for part in row.lstrip("# ").partition(":"))
        if not colon or name not in NOTES:
            hint = f"The lines before the header are: {', '.join(f'# {known}: …' for known in NOTES)}."
            self._report(number, None, add_suggestion(f'unknown note "{name}"', name, NOTES), hint)
        elif name == "source":
            self.source = value
        elif name == "sample":
            if value not in SAMPLE:
                self._report(number, "sample", f'"{value}" is neither true nor false', "Write true or false.")
            self.sample = SAMPLE.get(value, True)
        elif name == "corrected":
            text, _, reason = value.partition(" ")
            day = _parse_day(text)
            if day is None:
                self._report(number, "corrected", f'"{text}" is not a date', DATE_HINT)
            elif not reason.strip():
                hint = f'Write it after the day: "{day} counted twice".'
                self._report(number, "corrected", "the correction has no reason", hint)
            else:
                self.corrected[day] = number

    def _read_rows(self, rows: list[str], first: int) -> None:
        """Read the header and the rows after it, each by itself, so that a stray quote breaks only its own row."""
        for number, text in enumerate(rows, start=first):
            if not text.strip():
                continue
            try:
                row = [value.strip() for value in next(csv.reader([text], strict=True))]
            except csv.Error as error:
                self._report(number, None, f"this is not CSV: {error}", "Write a day, a comma and a number.")
                continue
            if number > first:
                self._read_row(number, row)
            elif row != COLUMNS:
                self._report(number, None, f'the header is "{text.strip()}"', 'Write "day,total".')
                return

    def _read_row(self, number: int, row: list[str]) -> None:
        """Add a point, if nothing is wrong with it."""
        if len(row) != len(COLUMNS):
            message = f"{len(row)} columns where there should be {len(COLUMNS)}"
            self._report(number, None, message, ROW_HINT)
            return
        day, total = _parse_day(row[0]), int(row[1]) if TOTAL.fullmatch(row[1]) else None
        if day is None:
            self._report(number, "day", f'"{row[0]}" is not a date', DATE_HINT)
        if total is None:
            hint = "Write digits only, without separators: 1234."
            self._report(number, "total", f'"{row[1]}" is not a whole number from 0 up', hint)
        if day is None or total is None:
            return
        findings = list(self._check_point(EnrollmentPoint(day, total)))
        for finding in findings:
            self._report(number, *finding)
        if not findings:
            self.points.append(EnrollmentPoint(day, total))

    def _check_point(self, point: EnrollmentPoint) -> Iterator[tuple[str, str, str]]:
        """Yield what is wrong with a point in view of those before it."""
        if point.day > self.today:
            yield "day", f"{point.day} lies in the future", f"The site is built for {self.today}: correct the day."
        if not self.points:
            return
        last = self.points[-1]
        if point.day == last.day:
            yield "day", f"{point.day} is given twice", "Keep one of the two lines."
        elif point.day < last.day:
            yield "day", f"{point.day} comes after {last.day}", "Put the lines in order, the oldest first."
        elif point.total < last.total and point.day not in self.corrected:
            message = f"the total falls from {last.total} to {point.total}"
            yield "total", message, f'Correct it, or declare it above the header: "# corrected: {point.day} reason".'

    def _check_whole(self, header: int) -> None:
        """Report what only the whole file shows; most of it only where no row has a problem of its own."""
        rows_are_good = not self.problems
        if not self.source:
            self._report(1, "source", "the series has no source", 'Begin the file with "# source: who counted".')
        if rows_are_good and not self.points:
            hint = "Add a line such as 2026-10-01,1234, or delete the file."
            self._report(header, None, "the series is empty", hint)
        elif rows_are_good:
            days = {point.day for point in self.points}
            for day, line in self.corrected.items():
                if day not in days:
                    hint = "Give the day of the lower total."
                    self._report(line, "corrected", f"the series has no total for {day}", hint)


def _parse_day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    return None
