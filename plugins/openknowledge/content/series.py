"""Enrolment series: the files of a course's totals, and which of them is the number that pages show."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from operator import le, lt
from typing import NamedTuple

from openknowledge.model.numbers import CountingChange, EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem, add_suggestion

from .frontmatter import DATE_HINT

__all__ = [
    "SeriesFile",
    "course_of_file",
    "join_series",
    "parse_reason",
    "read_series_file",
]

COLUMNS = ["day", "total"]
NOTES = ("source", "measure", "sample", "seam", "corrected", "note")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOTAL = re.compile(r"[0-9]{1,12}")
PLAIN_ROWS = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2},[0-9]{1,12}(?:\n|$))+")
"""Rows as a sync writes them."""
MEASURES = tuple(EnrollmentMeasure)
SAMPLE = {"true": True, "false": False}
MEASURE_HINT = Message(
    'Write "# measure: enrolled_ever" (all who ever enrolled), "enrolled_now" (who is enrolled today) or "members" '
    "(all members of the course's space)."
)
SEAM_HINT = Message('Write above the header since when it counts: "# seam: 2022-07-01 the portal moved to Moodle".')
LANG_REASON = re.compile(r"\s*([a-z]{2,3}(?:-[A-Za-z0-9]+)*):\s*(\S.*?)\s*")
ROW_HINT = Message("Write a day, a comma and a number without separators: 2026-10-01,1234.")


class SeriesFile(NamedTuple):
    """A series as it was read: the path that is shown, the line of its seam, and the series."""

    path: str
    seam_line: int
    series: EnrollmentSeries


def course_of_file(name: str) -> str:
    """Return the course of a series called `algebra` or, after what it counts with, `algebra.moodle`."""
    return name.partition(".")[0]


def parse_reason(text: str) -> dict[Lang, str]:
    """Return a reason by language: `it: … | en: …`, or one text in a language that is not said (`""`)."""
    parts = [LANG_REASON.fullmatch(part) for part in text.split("|")]
    if all(parts):
        return {part[1]: part[2] for part in parts if part}
    return {"": text.strip()}


def read_series_file(text: str, path: str, name: str, today: date) -> tuple[SeriesFile | None, list[Problem]]:
    """Return the series in the file called `name` with the line of its seam, or None with all that is wrong in it.

    Lines that begin with `#` say `source:`, `measure:`, `sample:`, `seam: DAY REASON`, `corrected: DAY REASON` or
    `note:`; then comes the header `day,total`, then a line for each day, the oldest first. A series that was there
    before there were measures has all who ever enrolled.
    """
    parser = _SeriesParser(path, name, today)
    parser.parse(text)
    if parser.problems:
        return None, parser.problems
    series = EnrollmentSeries(
        course=course_of_file(name),
        source=parser.source,
        sample=parser.sample,
        points=tuple(parser.points),
        corrections=tuple(parser.corrected[day].change for day in sorted(parser.corrected)),
        measure=parser.measure or EnrollmentMeasure.ENROLLED_EVER,
        name=name,
        seam=parser.seam.change if parser.seam else None,
    )
    return SeriesFile(path, parser.seam.line if parser.seam else 1, series), []


def join_series(files: Iterable[SeriesFile]) -> tuple[dict[str, EnrollmentSeries], list[Problem]]:
    """Return the newest series of each course, with those before it; and a Problem for each without its place in time.

    The newest is the one with the latest seam. Samples are left out where a course has real series.
    """
    by_course: dict[str, list[SeriesFile]] = {}
    for file in files:
        by_course.setdefault(file.series.course, []).append(file)
    joined: dict[str, EnrollmentSeries] = {}
    problems: list[Problem] = []
    for course, found in sorted(by_course.items()):
        ordered = sorted([file for file in found if not file.series.sample] or found, key=_find_place)
        problems += _check_order(ordered)
        *earlier, newest = (file.series for file in ordered)
        joined[course] = replace(newest, earlier=tuple(earlier))
    return joined, problems


def _find_place(file: SeriesFile) -> tuple[date, str]:
    """Return what a course's series are ordered by: a series without a seam is the first one."""
    return file.series.seam.day if file.series.seam else date.min, file.series.name


def _check_order(ordered: Sequence[SeriesFile]) -> Iterator[Problem]:
    """Yield a Problem for each series that does not say that it took over from the one before."""
    for before, file in pairwise(ordered):
        if file.series.seam is None:
            message = Message("the course has another series, and neither says which of the two came first")
            yield Problem(file.path, 1, "seam", message, SEAM_HINT)
        elif before.series.seam is not None and before.series.seam.day == file.series.seam.day:
            message = Message(
                "%(other)s begins on %(day)s, too", other=before.path.rpartition("/")[2], day=str(file.series.seam.day)
            )
            yield Problem(file.path, file.seam_line, "seam", message, Message("Give one of the two another day."))


class _LocatedChange(NamedTuple):
    line: int
    change: CountingChange


@dataclass(slots=True)
class _SeriesParser:
    """What has been read of a file so far."""

    path: str
    name: str
    today: date
    source: str = ""
    measure: EnrollmentMeasure | None = None
    sample: bool = False
    seam: _LocatedChange | None = None
    corrected: dict[date, _LocatedChange] = field(default_factory=dict)
    points: list[EnrollmentPoint] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def _report(self, line: int, name: str | None, message: Message, hint: Message) -> None:
        self.problems.append(Problem(self.path, line, name, message, hint))

    def parse(self, text: str) -> None:
        """Read a whole file."""
        rows = text.split("\n")
        is_data = (bool(row.strip()) and not row.lstrip().startswith("#") for row in rows)
        start = next((index for index, is_first in enumerate(is_data) if is_first), len(rows))
        for number, row in enumerate(rows[:start], start=1):
            if row.strip():
                self._read_note(number, row)
        if not self._add_plain_rows(rows[start:]):
            self._read_rows(rows[start:], start + 1)
        self._check_whole(start + 1)

    def _read_note(self, number: int, row: str) -> None:
        """Read a line such as `# sample: true`."""
        name, colon, value = (part.strip() for part in row.lstrip("# ").partition(":"))
        if not colon or name not in NOTES:
            hint = Message(
                "The lines before the header are: %(notes)s.", notes=", ".join(f"# {known}: …" for known in NOTES)
            )
            self._report(number, None, add_suggestion(Message('unknown note "%(name)s"', name=name), name, NOTES), hint)
        elif name == "source":
            self.source = value
        elif name == "sample":
            if value not in SAMPLE:
                self._report(
                    number,
                    "sample",
                    Message('"%(value)s" is neither true nor false', value=value),
                    Message("Write true or false."),
                )
            self.sample = SAMPLE.get(value, True)
        elif name == "measure":
            self._read_measure(number, value)
        elif name in ("seam", "corrected"):
            change = self._read_change(number, name, value)
            if change is not None and name == "seam":
                self.seam = _LocatedChange(number, change)
            elif change is not None:
                self.corrected[change.day] = _LocatedChange(number, change)

    def _read_measure(self, number: int, value: str) -> None:
        if value in MEASURES:
            self.measure = EnrollmentMeasure(value)
            return
        message = add_suggestion(Message('there is no measure "%(value)s"', value=value), value, MEASURES)
        self._report(number, "measure", message, MEASURE_HINT)

    def _read_change(self, number: int, name: str, value: str) -> CountingChange | None:
        """Return the day and the reason of a seam or a correction, if both are there."""
        text, _, reason = value.partition(" ")
        day = _parse_day(text)
        if day is None:
            self._report(number, name, Message('"%(text)s" is not a date', text=text), DATE_HINT)
        elif not reason.strip():
            message = Message("the correction has no reason")
            hint = Message('Write it after the day: "%(day)s counted twice".', day=str(day))
            if name == "seam":
                message = Message("the seam has no reason")
                hint = Message('Write it after the day: "%(day)s the portal moved to Moodle".', day=str(day))
            self._report(number, name, message, hint)
        else:
            return CountingChange(day, parse_reason(reason))
        return None

    def _add_plain_rows(self, rows: list[str]) -> bool:
        """Add all points at once, which is quick, if nothing is wrong with any of them; return whether that is so."""
        body = "\n".join(rows[1:])
        if rows[:1] != [",".join(COLUMNS)] or not PLAIN_ROWS.fullmatch(body):
            return False
        values = body.rstrip("\n").replace("\n", ",").split(",")
        try:
            days = [*map(date.fromisoformat, values[::2])]
        except ValueError:
            return False
        totals = [*map(int, values[1::2])]
        begins = self.seam.change.day if self.seam else days[0]
        is_in_order = begins <= days[0] and days[-1] <= self.today and all(map(lt, days, days[1:]))
        may_fall = self.measure is not None and self.measure.may_fall
        if is_in_order and (may_fall or all(map(le, totals, totals[1:]))):
            self.points = [*map(EnrollmentPoint, days, totals)]
        return bool(self.points)

    def _read_rows(self, rows: list[str], first: int) -> None:
        """Read the header and the rows after it, each by itself, so that a stray quote breaks only its own row."""
        for number, text in enumerate(rows, start=first):
            if not text.strip():
                continue
            try:
                row = [value.strip() for value in next(csv.reader([text], strict=True))]
            except csv.Error as error:
                self._report(
                    number,
                    None,
                    Message("this is not CSV: %(error)s", error=str(error)),
                    Message("Write a day, a comma and a number."),
                )
                continue
            if number > first:
                self._read_row(number, row)
            elif row != COLUMNS:
                self._report(
                    number, None, Message('the header is "%(text)s"', text=text.strip()), Message('Write "day,total".')
                )
                return

    def _read_row(self, number: int, row: list[str]) -> None:
        if len(row) != len(COLUMNS):
            message = Message("%(number)s columns where there should be %(right)s", number=len(row), right=len(COLUMNS))
            self._report(number, None, message, ROW_HINT)
            return
        day, total = _parse_day(row[0]), int(row[1]) if TOTAL.fullmatch(row[1]) else None
        if day is None:
            self._report(number, "day", Message('"%(value)s" is not a date', value=row[0]), DATE_HINT)
        if total is None:
            hint = Message("Write digits only, without separators: 1234.")
            self._report(number, "total", Message('"%(value)s" is not a whole number from 0 up', value=row[1]), hint)
        if day is None or total is None:
            return
        findings = list(self._check_point(EnrollmentPoint(day, total)))
        for finding in findings:
            self._report(number, *finding)
        if not findings:
            self.points.append(EnrollmentPoint(day, total))

    def _check_point(self, point: EnrollmentPoint) -> Iterator[tuple[str, Message, Message]]:
        """Yield what is wrong with a point in view of those before it."""
        if point.day > self.today:
            yield (
                "day",
                Message("%(day)s lies in the future", day=str(point.day)),
                Message("The site is built for %(today)s: correct the day.", today=str(self.today)),
            )
        if self.seam and point.day < self.seam.change.day:
            day = str(self.seam.change.day)
            yield (
                "day",
                Message("%(day)s lies before the seam of %(seam)s", day=str(point.day), seam=day),
                Message("A series counts from its seam on: correct the seam, or remove the line."),
            )
        if not self.points:
            return
        last = self.points[-1]
        if point.day == last.day:
            yield "day", Message("%(day)s is given twice", day=str(point.day)), Message("Keep one of the two lines.")
        elif point.day < last.day:
            yield (
                "day",
                Message("%(day)s comes after %(last)s", day=str(point.day), last=str(last.day)),
                Message("Put the lines in order, the oldest first."),
            )
        elif point.total < last.total and not self._may_fall_on(point.day):
            message = Message("the total falls from %(last)s to %(total)s", last=last.total, total=point.total)
            yield (
                "total",
                message,
                Message(
                    'Correct it, or declare it above the header: "# corrected: %(day)s reason".', day=str(point.day)
                ),
            )

    def _may_fall_on(self, day: date) -> bool:
        return day in self.corrected or (self.measure is not None and self.measure.may_fall)

    def _check_whole(self, header: int) -> None:
        """Report what only the whole file shows; most of it only where no row has a problem of its own."""
        rows_are_good = not self.problems
        if not self.source:
            self._report(
                1,
                "source",
                Message("the series has no source"),
                Message('Begin the file with "# source: who counted".'),
            )
        is_misspelt = any(problem.field == "measure" for problem in self.problems)
        if self.measure is None and not is_misspelt and ("." in self.name or self.seam):
            self._report(1, "measure", Message("the series does not say what it counts"), MEASURE_HINT)
        if rows_are_good and not self.points:
            hint = Message("Add a line such as 2026-10-01,1234, or delete the file.")
            self._report(header, None, Message("the series is empty"), hint)
        elif rows_are_good:
            days = {point.day for point in self.points}
            for day, (line, _) in self.corrected.items():
                if day not in days:
                    hint = Message("Give the day of the lower total.")
                    self._report(line, "corrected", Message("the series has no total for %(day)s", day=str(day)), hint)


def _parse_day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    return None
