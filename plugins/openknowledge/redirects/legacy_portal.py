"""The old portal's URLs of courses, derived from the keys and numbers of their runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openknowledge.model.course import Course, CourseRun
from openknowledge.url_paths import slash_variants

__all__ = ["MOODLE", "LegacyRun", "legacy_paths", "legacy_runs", "run_path"]

MOODLE = "/course/view.php"
"""Moodle's path for all courses; the query names the course."""
EDX_SUFFIXES = ("", "about/", "course/", "info/")
"""What Open edX appends to the URL of a run."""


@dataclass(frozen=True, slots=True)
class LegacyRun:
    """A run of a course in the old portal; `lang` is the language of the page to redirect to."""

    course: str
    lang: str
    key: str
    number: str


def legacy_runs(courses: Iterable[Course], langs: tuple[str, ...]) -> Iterator[LegacyRun]:
    """Yield all runs in the order of the courses, each with its own language or else the site's first one."""
    for course in courses:
        for run in course.runs:
            lang = run.lang if run.lang in langs else langs[0]
            number = "" if run.moodle_id is None else str(run.moodle_id)
            yield LegacyRun(course.slug, lang, run.key if _is_of_edx(run) else "", number)


def legacy_paths(run: LegacyRun) -> tuple[str, ...]:
    """Return the paths of a run in Open edX, with and without the final slash."""
    if not run.key:
        return ()
    return tuple(path for suffix in EDX_SUFFIXES for path in slash_variants(f"/courses/{run.key}/{suffix}"))


def run_path(address: str) -> str | None:
    """Return the path of the run for a path below it; None for other paths."""
    run, slash, step = address.rstrip("/").rpartition("/")
    return f"{run}/" if address.startswith("/courses/") and f"{step}{slash}" in EDX_SUFFIXES else None


def _is_of_edx(run: CourseRun) -> bool:
    """Return whether a key was part of a URL: Moodle's keys were not, and some are only names."""
    is_named = run.key.startswith("course-v1:") or run.key.count("/") == 2
    return is_named and not any(text in run.key for text in ("?", "#", "..", " ", "\\", "//"))
