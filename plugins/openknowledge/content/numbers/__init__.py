"""Figures and enrolment series: all numbers below the content folder."""

import marshal
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import canonical_bytes, code_fingerprint, digest, digest_bytes
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem, add_suggestion

from ..frontmatter import read_text
from ..parse_cache import ParseCache
from ..records import CORRUPT_ERRORS, unpickle_record
from .figures import read_figures
from .series import read_series

__all__ = ["Numbers", "SeriesTable", "load_numbers", "read_numbers"]

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
            message = add_suggestion(f'there is no course "{path.stem}"', path.stem, courses)
            hint = "Name the file after the folder of its course."
            problems.append(Problem(shown_path, 1, None, message, hint))
        text = read_text(path, shown_path)
        if isinstance(text, Problem):
            problems.append(text)
        elif path == figures_file:
            figures, wrong = read_figures(text, shown_path, langs, today)
            problems.extend(wrong)
        else:
            one, wrong = read_series(text, shown_path, path.stem, today)
            problems.extend(wrong)
            if one is not None:
                series[one.course] = one
    return Numbers(figures, SeriesTable.of(series)), problems
