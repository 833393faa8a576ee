"""Figures and enrolment series: all numbers below the content folder."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from openknowledge.engine.code_fingerprint import code_fingerprint
from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.file_stamps import FileTree
from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem, suggest_spelling

from ..frontmatter import read_text
from ..parse_cache import ParseCache
from ..records import CORRUPT_ERRORS, unpickle_record
from .figures import read_figures
from .series import read_series
from .series_table import SeriesTable

__all__ = ["FIGURES_FILE", "SERIES_FOLDER", "Numbers", "SeriesTable", "load_numbers", "read_numbers"]

FIGURES_FILE = "figures.yaml"
SERIES_FOLDER = "snapshots/enrollments"


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
            problems.append(_describe_unknown_course(path.stem, shown_path, courses))
        text = read_text(path, root, shown_path)
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


def _describe_unknown_course(course: str, path: str, courses: Iterable[str]) -> Problem:
    near = suggest_spelling(course, courses)
    message = f'there is no course "{course}"' + (f"; {near}" if near else "")
    return Problem(path, 1, None, message, "Name the file after the folder of its course.")
