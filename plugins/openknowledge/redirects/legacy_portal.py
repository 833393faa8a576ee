"""The old portal's addresses of courses, from the keys and numbers that the courses themselves have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openknowledge.model.course import Course, CourseRun
from openknowledge.url_paths import slash_variants

__all__ = ["MOODLE", "LegacyRun", "legacy_paths", "legacy_runs", "run_path"]

MOODLE = "/course/view.php"
"""Where Moodle has all courses; the query says which."""
EDX_SUFFIXES = ("", "about/", "course/", "info/")
"""What Open edX has below the address of a run."""


@dataclass(frozen=True, slots=True)
class LegacyRun:
    """A run of a course as the old portal knew it; `lang` is that of the page to go to."""

    course: str
    lang: str
    key: str
    number: str


def legacy_runs(courses: Iterable[Course], langs: tuple[str, ...]) -> Iterator[LegacyRun]:
    """All runs in the order of the courses; a run goes to the page in its own language, where the site has that."""
    for course in courses:
        for run in course.runs:
            lang = run.lang if run.lang in langs else langs[0]
            number = "" if run.moodle_id is None else str(run.moodle_id)
            yield LegacyRun(course.slug, lang, run.key if _is_of_edx(run) else "", number)


def legacy_paths(run: LegacyRun) -> tuple[str, ...]:
    """Where Open edX had a run, with and without the final slash."""
    return (
        tuple(one for leaf in EDX_SUFFIXES for one in slash_variants(f"/courses/{run.key}/{leaf}")) if run.key else ()
    )


def run_path(address: str) -> str | None:
    """The address of the run itself, for one below it."""
    run, slash, leaf = address.rstrip("/").rpartition("/")
    return f"{run}/" if address.startswith("/courses/") and f"{leaf}{slash}" in EDX_SUFFIXES else None


def _is_of_edx(run: CourseRun) -> bool:
    """Keys that Moodle's runs have are nobody's address, and some are only names."""
    is_named = run.key.startswith("course-v1:") or run.key.count("/") == 2
    return is_named and not any(one in run.key for one in ("?", "#", "..", " ", "\\", "//"))
