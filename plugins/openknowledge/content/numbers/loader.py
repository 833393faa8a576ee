"""All figures and series below the content folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openknowledge.model.numbers import EnrollmentSeries, Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem

from ..frontmatter import read_text
from .figures import read_figures
from .series import read_series, report_unknown_courses

__all__ = ["FIGURES_FILE", "SERIES_FOLDER", "Numbers", "list_number_files", "read_numbers"]

FIGURES_FILE = "figures.yaml"
SERIES_FOLDER = "snapshots/enrollments"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures by name, and the series by course."""

    figures: dict[str, Figure]
    series: dict[str, EnrollmentSeries]


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
    return Numbers(figures, series), problems


def _figures(root: Path, langs: Sequence[Lang], today: date) -> tuple[dict[str, Figure], list[Problem]]:
    path = root / FIGURES_FILE
    if not path.exists():
        return {}, []
    text = read_text(path, _shown(path, root))
    return ({}, [text]) if isinstance(text, Problem) else read_figures(text, _shown(path, root), langs, today)


def _shown(path: Path, root: Path) -> str:
    """A path as editors know it: from the project's folder, with forward slashes."""
    return f"{root.name}/{path.relative_to(root).as_posix()}"
