"""Figures and enrolment series: all numbers below the content folder."""

import csv
import marshal
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import canonical_bytes, code_fingerprint, digest, digest_bytes
from openknowledge.model.numbers import EnrollmentPoint, EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem, add_suggestion, find_near
from openknowledge.project_files import FileRefused, read_project_file

from .cpu_limit import read_within_limit
from .field_values import FieldReader
from .frontmatter import DATE_HINT, NUMBER_HINT, decode_text, describe_unknown_field, validate
from .located_yaml import FieldPath, LocatedFields, load_yaml
from .parse_cache import ParseCache
from .records import CORRUPT_ERRORS, unpickle_record

__all__ = ["Numbers", "SeriesTable", "load_numbers", "read_figures", "read_numbers", "read_series"]

FIGURES_FILE = "figures.yaml"
SERIES_FOLDER = "snapshots/enrollments"


class SeriesTable(Mapping[str, EnrollmentSeries]):
    """The series by course, in order; `pickled` has the bytes of each, whose digest is the series' own.

    A series has a point for each month or so: to unpickle all of a large site's takes longer than the rest of a small
    edit.
    """

    def __init__(self, pickled: Mapping[str, bytes]) -> None:
        self.pickled = dict(sorted(pickled.items()))
        self._series: dict[str, EnrollmentSeries] = {}

    @classmethod
    def of(cls, series: Mapping[str, EnrollmentSeries]) -> Self:
        """Return a table of those series."""
        return cls({course: canonical_bytes(one) for course, one in series.items()})

    def __getitem__(self, course: str) -> EnrollmentSeries:
        series = self._series.get(course)
        if series is None:
            series = self._series[course] = unpickle_record(self.pickled[course])
        return series

    def __contains__(self, course: object) -> bool:
        return course in self.pickled

    def __iter__(self) -> Iterator[str]:
        return iter(self.pickled)

    def __len__(self) -> int:
        return len(self.pickled)

    def among(self, courses: Collection[str]) -> Self:
        """Return the table of those courses alone."""
        known = set(courses)
        return type(self)({course: data for course, data in self.pickled.items() if course in known})

    def digest_of(self, course: str) -> bytes:
        """Return the digest of a course's series, also where it has none."""
        return digest_bytes(self.pickled.get(course, b""))

    @cached_property
    def fingerprint(self) -> bytes:
        """Return the digest of all series."""
        return digest([(course, self.digest_of(course)) for course in self.pickled])


class Numbers(NamedTuple):
    """The figures by name, and the series by course."""

    figures: dict[str, Figure]
    series: SeriesTable


def load_numbers(
    tree: FileTree, cache: ParseCache, langs: Sequence[Lang], today: date, courses: Collection[str]
) -> tuple[Numbers, list[Problem]]:
    """Return all numbers from the cache, if none of their files has changed; else from the files."""
    parts = ["numbers", code_fingerprint().hex(), str(today), ",".join(langs), ",".join(sorted(courses))]
    for path in (FIGURES_FILE, *tree.below(f"{SERIES_FOLDER}/")):
        parts += (path, tree.digest(path).hex())
    key = digest_bytes("\0".join(parts).encode())
    data = cache.read_blob(key, 0) if cache.find(key) is not None else None
    with suppress(*CORRUPT_ERRORS):
        if data is not None:
            figures, series = marshal.loads(data)
            return Numbers(unpickle_record(figures), SeriesTable(series)), []
    numbers, problems = read_numbers(tree.root, langs, today, courses)
    if not problems:
        cache.add(key, True, (marshal.dumps((canonical_bytes(numbers.figures), numbers.series.pickled)),))
    return numbers, problems


def read_numbers(
    root: Path, langs: Sequence[Lang], today: date, courses: Collection[str]
) -> tuple[Numbers, list[Problem]]:
    """Return all numbers, and what is wrong with their files; none of the files needs to exist.

    `root` is the content folder; `courses` are the slugs of all courses that it should have.
    """
    figures: dict[str, Figure] = {}
    series: dict[str, EnrollmentSeries] = {}
    problems: list[Problem] = []
    figures_file = root / FIGURES_FILE
    for path in [*([figures_file] if figures_file.exists() else []), *sorted((root / SERIES_FOLDER).glob("*.csv"))]:
        shown_path = f"{root.name}/{path.relative_to(root).as_posix()}"
        if path != figures_file and path.stem not in courses:
            message = add_suggestion(Message('there is no course "%(stem)s"', stem=path.stem), path.stem, courses)
            hint = Message("Name the file after the folder of its course.")
            problems.append(Problem(shown_path, 1, None, message, hint))
        result = _read_numbers_file(path, root, shown_path, langs, today)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        problems.extend(result[1])
        if isinstance(result[0], dict):
            figures = result[0]
        elif result[0] is not None:
            series[result[0].course] = result[0]
    return Numbers(figures, SeriesTable.of(series)), problems


def _read_numbers_file(
    path: Path, root: Path, shown_path: str, langs: Sequence[Lang], today: date
) -> tuple[dict[str, Figure] | EnrollmentSeries | None, list[Problem]] | Problem:
    """Return what a file has, all figures or one series, with its Problems; a Problem where it cannot be read."""
    try:
        text = decode_text(read_project_file(path, root), shown_path)
    except FileRefused as refusal:
        return Problem(shown_path, None, None, refusal.message, refusal.hint)
    if isinstance(text, Problem):
        return text
    if path == root / FIGURES_FILE:
        return read_within_limit(partial(read_figures, text, shown_path, langs, today), shown_path, len(text))
    return read_within_limit(partial(read_series, text, shown_path, path.stem, today), shown_path, len(text))


# Figures

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NAME_HINT = Message("Use small letters, digits and single hyphens, for example youtube-views.")
GROUP_FIELDS = ("title", "figures")
DERIVED_FIELDS = ("name", "group")


def read_figures(text: str, path: str, langs: Sequence[Lang], today: date) -> tuple[dict[str, Figure], list[Problem]]:
    """Return the figures by name, in the order of the file, and what is wrong with them.

    A figure's name is its group's and its own: `pok.learners`. A figure whose fields can be read is there even with
    other problems, so that what names it is not wrong as well.
    """
    file = load_yaml(text, path)
    if isinstance(file, Problem):
        return {}, [file]
    figures: dict[str, Figure] = {}
    problems: list[Problem] = []
    for group, data in file.data.items():
        group_problems = list(_check_group(file, group, data, langs))
        problems.extend(group_problems)
        if group_problems:
            continue
        for name, fields in data["figures"].items():
            figure, wrong = _read_figure(file, (group, "figures", name), fields, data["title"], langs, today)
            problems.extend(wrong)
            if figure is not None:
                figures[figure.name] = figure
    return figures, problems


def _check_group(file: LocatedFields, group: str, data: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    """Yield what prevents a group from being read at all."""
    if not NAME.fullmatch(group):
        yield file.locate_problem(
            (group,), Message('"%(group)s" cannot be the name of a group', group=group), NAME_HINT
        )
    if not isinstance(data, dict):
        yield file.locate_problem(
            (group,), Message("this is not a group of figures"), Message('Give it a "title" and "figures".')
        )
        return
    for name in data:
        if name not in GROUP_FIELDS:
            located = LocatedFields(file.path, data, {(name,): file.find_line((group, name)) or 1})
            yield describe_unknown_field(name, GROUP_FIELDS, located)
    misspelt = {find_near(name, GROUP_FIELDS) for name in data if name not in GROUP_FIELDS}
    if not isinstance(data.get("figures"), dict) and "figures" not in misspelt:
        yield file.locate_problem(
            (group, "figures"), Message("the group has no figures"), Message("Write them below it, indented.")
        )
    yield from _find_missing_langs(file, (group, "title"), data.get("title"), langs)
    reader = FieldReader(file)
    reader.read_value(dict[Lang, str], data.get("title") or {}, (group, "title"))
    yield from reader.problems


def _read_figure(
    file: LocatedFields, path: FieldPath, fields: Any, title: dict[Lang, str], langs: Sequence[Lang], today: date
) -> tuple[Figure | None, list[Problem]]:
    """Return one figure as far as it can be read, and all that is wrong with it."""
    if not isinstance(fields, dict):
        return None, [
            file.locate_problem(
                path, Message("this is not a group of fields"), Message("Write its fields below it, indented.")
            )
        ]
    group, _, name = path
    problems = list(_check_raw(file, path, fields, langs))
    located = file.below(path, fields)
    reader = FieldReader(located)
    # The value of an unknown figure is empty.
    values = reader.read(Figure, {key: value for key, value in fields.items() if key != "value" or value is not None})
    problems += reader.problems
    figure = validate(Figure, {"value": None, **values, "name": f"{group}.{name}", "group": title}, located)
    if not isinstance(figure, Figure):
        reported = {problem.line for problem in problems}
        return None, problems + [problem for problem in figure if problem.line not in reported]
    problems.extend(_check_figure(file, path, figure, today))
    return figure, problems


def _check_raw(
    file: LocatedFields, path: FieldPath, fields: dict[str, Any], langs: Sequence[Lang]
) -> Iterator[Problem]:
    """Yield what must be checked before the types, such as a value that a conversion would change."""
    if not NAME.fullmatch(str(path[-1])):
        yield file.locate_problem(path, Message('"%(name)s" cannot be the name of a figure', name=path[-1]), NAME_HINT)
    for name in DERIVED_FIELDS:
        if name in fields:
            hint = Message("Remove it: the name and the heading come from where the figure stands in the file.")
            yield file.locate_problem((*path, name), Message('"%(name)s" is not written here', name=name), hint)
    if "value" not in fields:
        hint = Message('Write "value: 1234", or "value:" and nothing after it where nobody knows it.')
        yield file.locate_problem((*path, "value"), Message("this field is missing"), hint)
    value = fields.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        yield file.locate_problem(
            (*path, "value"), Message('"%(value)s" is not a whole number', value=str(value)), NUMBER_HINT
        )
    for name in ("label", "definition"):
        yield from _find_missing_langs(file, (*path, name), fields.get(name), langs)


def _check_figure(file: LocatedFields, path: FieldPath, figure: Figure, today: date) -> Iterator[Problem]:
    """Yield what the types of a figure cannot say."""
    if figure.value is not None and figure.value < 0:
        hint = Message("Nothing that is counted is less than 0.")
        yield file.locate_problem((*path, "value"), Message('"%(value)s" is negative', value=str(figure.value)), hint)
    if figure.as_of is not None and figure.as_of.first_day > today:
        hint = Message("The site is built for %(today)s: correct the date.", today=str(today))
        yield file.locate_problem(
            (*path, "as_of"), Message('"%(as_of)s" lies in the future', as_of=str(figure.as_of)), hint
        )
    if not figure.source.title.strip():
        yield file.locate_problem(
            (*path, "source", "title"), Message("the source is empty"), Message("Say where the figure was read.")
        )


def _find_missing_langs(file: LocatedFields, path: FieldPath, words: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    by_lang = words if isinstance(words, dict) else {}
    for lang in langs:
        if not str(by_lang.get(lang) or "").strip():
            hint = Message(
                'Write it in every language of the site: "{%(words)s}".',
                words=", ".join(f"{code}: …" for code in langs),
            )
            yield file.locate_problem(path, Message('there are no words in "%(lang)s"', lang=lang), hint)


# Series

COLUMNS = ["day", "total"]
NOTES = ("source", "sample", "corrected", "note")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOTAL = re.compile(r"[0-9]{1,12}")
SAMPLE = {"true": True, "false": False}
ROW_HINT = Message("Write a day, a comma and a number without separators: 2026-10-01,1234.")


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
        elif name == "corrected":
            text, _, reason = value.partition(" ")
            day = _parse_day(text)
            if day is None:
                self._report(number, "corrected", Message('"%(text)s" is not a date', text=text), DATE_HINT)
            elif not reason.strip():
                hint = Message('Write it after the day: "%(day)s counted twice".', day=str(day))
                self._report(number, "corrected", Message("the correction has no reason"), hint)
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
        elif point.total < last.total and point.day not in self.corrected:
            message = Message("the total falls from %(last)s to %(total)s", last=last.total, total=point.total)
            yield (
                "total",
                message,
                Message(
                    'Correct it, or declare it above the header: "# corrected: %(day)s reason".', day=str(point.day)
                ),
            )

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
        if rows_are_good and not self.points:
            hint = Message("Add a line such as 2026-10-01,1234, or delete the file.")
            self._report(header, None, Message("the series is empty"), hint)
        elif rows_are_good:
            days = {point.day for point in self.points}
            for day, line in self.corrected.items():
                if day not in days:
                    hint = Message("Give the day of the lower total.")
                    self._report(line, "corrected", Message("the series has no total for %(day)s", day=str(day)), hint)


def _parse_day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    return None
