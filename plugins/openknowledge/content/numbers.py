"""Figures and enrolment series: all numbers below the content folder."""

import fnmatch
import marshal
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import canonical_bytes, code_fingerprint, digest, digest_bytes
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Message, Problem, add_suggestion, find_near
from openknowledge.project_files import FileRefused, read_project_file

from .channel_numbers import CHANNEL_PATTERN, ChannelNumbers, fill_figure, read_channel_numbers
from .checks import find_other_languages
from .cpu_limit import read_within_limit
from .field_values import FieldReader
from .frontmatter import NUMBER_HINT, decode_text, describe_unknown_field, validate
from .located_yaml import FieldPath, LocatedFields, load_yaml, recover_fields
from .parse_cache import ParseCache
from .records import CORRUPT_ERRORS, unpickle_record
from .series import SeriesFile, join_series, read_series_file
from .snapshot_files import SERIES_FOLDER

__all__ = ["Numbers", "SeriesTable", "load_numbers", "read_figures", "read_numbers"]

FIGURES_FILE = "figures.yaml"


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
    channels = fnmatch.filter(tree.below("snapshots/"), CHANNEL_PATTERN)
    for path in (FIGURES_FILE, *channels, *tree.below(f"{SERIES_FOLDER}/")):
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
    files: list[SeriesFile] = []
    channels, problems = read_channel_numbers(root)
    figures_file = root / FIGURES_FILE
    for path in [*([figures_file] if figures_file.exists() else []), *sorted((root / SERIES_FOLDER).glob("*.csv"))]:
        shown_path = f"{root.name}/{path.relative_to(root).as_posix()}"
        if path != figures_file:
            problems.extend(_check_name(path.stem, shown_path, courses))
        result = _read_numbers_file(path, root, shown_path, langs, today, channels)
        if isinstance(result, Problem):
            problems.append(result)
            continue
        problems.extend(result[1])
        if isinstance(result[0], dict):
            figures = result[0]
        elif result[0] is not None:
            files.append(result[0])
    series, series_problems = join_series(files)
    return Numbers(figures, SeriesTable.of(series)), [*problems, *series_problems]


def _check_name(name: str, path: str, courses: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the name of a series' file: `COURSE` or `COURSE.SOURCE`."""
    course, dot, key = name.partition(".")
    if course not in courses:
        message = add_suggestion(Message('there is no course "%(stem)s"', stem=course), course, courses)
        yield Problem(path, 1, None, message, Message("Name the file after the folder of its course."))
    elif dot and not all(map(NAME.fullmatch, key.split("."))):
        hint = Message("Name it after the course and what counts: %(course)s.moodle.csv.", course=course)
        message = Message('"%(name)s.csv" cannot be the name of a series', name=name)
        yield Problem(path, 1, None, message, hint)


def _read_numbers_file(
    path: Path, root: Path, shown_path: str, langs: Sequence[Lang], today: date, channels: ChannelNumbers
) -> tuple[dict[str, Figure] | SeriesFile | None, list[Problem]] | Problem:
    """Return what a file has, all figures or one series, with its Problems; a Problem where it cannot be read."""
    try:
        text = decode_text(read_project_file(path, root), shown_path)
    except FileRefused as refusal:
        return Problem(shown_path, None, None, refusal.message, refusal.hint)
    if isinstance(text, Problem):
        return text
    if path == root / FIGURES_FILE:
        return read_within_limit(partial(read_figures, text, shown_path, langs, today, channels), shown_path, len(text))
    return read_within_limit(partial(read_series_file, text, shown_path, path.stem, today), shown_path, len(text))


# Figures

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NAME_HINT = Message("Use small letters, digits and single hyphens, for example youtube-views.")
NO_CHANNELS: ChannelNumbers = MappingProxyType({})
GROUP_FIELDS = ("title", "figures")
DERIVED_FIELDS = ("name", "group")


def read_figures(
    text: str, path: str, langs: Sequence[Lang], today: date, channels: ChannelNumbers = NO_CHANNELS
) -> tuple[dict[str, Figure], list[Problem]]:
    """Return the figures by name, in the order of the file, and what is wrong with them.

    A figure's name is its group's and its own: `pok.learners`. A figure whose fields can be read is there even with
    other problems, so that what names it is not wrong as well.
    """
    file = load_yaml(text, path)
    figures: dict[str, Figure] = {}
    problems: list[Problem] = []
    if isinstance(file, Problem):
        recovered = recover_fields(text, path, file)
        file, problems = recovered.fields, [*recovered.problems]
    for group, data in file.data.items():
        group_problems = list(_check_group(file, group, data, langs))
        problems.extend(group_problems)
        if group_problems:
            continue
        for name, fields in data["figures"].items():
            figure, wrong = _read_figure(file, (group, "figures", name), fields, data["title"], langs, today, channels)
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
    file: LocatedFields,
    path: FieldPath,
    written: Any,
    title: dict[Lang, str],
    langs: Sequence[Lang],
    today: date,
    channels: ChannelNumbers,
) -> tuple[Figure | None, list[Problem]]:
    """Return one figure as far as it can be read, and all that is wrong with it."""
    if not isinstance(written, dict):
        return None, [
            file.locate_problem(
                path, Message("this is not a group of fields"), Message("Write its fields below it, indented.")
            )
        ]
    fields = fill_figure(file, path, written, channels)
    if isinstance(fields, Problem):
        return None, [fields]
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
    # What the sync has written is of its day, which a build for an earlier one may well have.
    last_day = date.max if "snapshot" in written else today
    problems.extend(_check_figure(file, path, figure, last_day))
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
    yield from find_other_languages(file, path, by_lang, langs)
    for lang in langs:
        if not str(by_lang.get(lang) or "").strip():
            hint = Message(
                'Write it in every language of the site: "{%(words)s}".',
                words=", ".join(f"{code}: …" for code in langs),
            )
            yield file.locate_problem(path, Message('there are no words in "%(lang)s"', lang=lang), hint)
