"""All figures and series below the content folder."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from openknowledge.engine.digest import canonical_bytes, digest, digest_bytes
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem

from ..frontmatter import read_text
from ..records import unpickle_record
from .figures import read_figures
from .series import read_series, report_unknown_courses

__all__ = ["FIGURES_FILE", "SERIES_FOLDER", "Numbers", "SeriesTable", "list_number_files", "read_numbers"]

FIGURES_FILE = "figures.yaml"
SERIES_FOLDER = "snapshots/enrollments"


class SeriesTable(Mapping[str, EnrollmentSeries]):
    """The enrolment series by course, in order; each is unpickled when it is first asked for.

    A series has a point for each month or so: to make all of a large site's takes longer than the rest of a small edit.
    """

    def __init__(self, pickled: Mapping[str, bytes]) -> None:
        self.pickled = dict(sorted(pickled.items()))
        self._series: dict[str, EnrollmentSeries] = {}

    @classmethod
    def of(cls, series: Mapping[str, EnrollmentSeries]) -> SeriesTable:
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

    def among(self, courses: Collection[str]) -> SeriesTable:
        """Return the series of those courses alone."""
        return SeriesTable({course: data for course, data in self.pickled.items() if course in courses})

    def digest_of(self, course: str) -> bytes:
        """Return the digest of a course's series, also where it has none."""
        return digest_bytes(self.pickled.get(course, b""))

    @cached_property
    def fingerprint(self) -> bytes:
        """Return the digest of all series."""
        return digest([(course, self.digest_of(course)) for course in self.pickled])


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures by name, and the series by course."""

    figures: dict[str, Figure]
    series: SeriesTable

    @classmethod
    def load(cls, data: bytes) -> Numbers:
        """Return the numbers that `dump` packed."""
        figures, series = marshal.loads(data)
        return cls(unpickle_record(figures), SeriesTable(series))

    def dump(self) -> bytes:
        return marshal.dumps((canonical_bytes(self.figures), self.series.pickled))


def list_number_files(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths from the content folder that hold numbers."""
    return tuple(path for path in paths if path == FIGURES_FILE or path.startswith(f"{SERIES_FOLDER}/"))


def read_numbers(
    root: Path, langs: Sequence[Lang], today: date, courses: Collection[str]
) -> tuple[Numbers, list[Problem]]:
    """All numbers, and what is wrong with their files.

    `root` is the content folder; `courses` are the slugs of all courses that it should have. Neither
    file nor folder needs to be there.
    """
    figures, problems = _figures(root, langs, today)
    series: dict[str, EnrollmentSeries] = {}
    paths = sorted((root / SERIES_FOLDER).glob("*.csv"))
    problems.extend(report_unknown_courses(((path.stem, _shown(path, root)) for path in paths), courses))
    for path in paths:
        text = read_text(path, _shown(path, root))
        if isinstance(text, Problem):
            problems.append(text)
            continue
        one, wrong = read_series(text, _shown(path, root), path.stem, today)
        problems.extend(wrong)
        if one is not None:
            series[one.course] = one
    return Numbers(figures, SeriesTable.of(series)), problems


def _figures(root: Path, langs: Sequence[Lang], today: date) -> tuple[dict[str, Figure], list[Problem]]:
    path = root / FIGURES_FILE
    if not path.exists():
        return {}, []
    text = read_text(path, _shown(path, root))
    return ({}, [text]) if isinstance(text, Problem) else read_figures(text, _shown(path, root), langs, today)


def _shown(path: Path, root: Path) -> str:
    """A path as editors know it: from the project's folder, with forward slashes."""
    return f"{root.name}/{path.relative_to(root).as_posix()}"
