"""The runs that platforms have, from snapshots, and the courses of which they are editions."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import canonical_bytes, code_fingerprint, digest, digest_bytes
from openknowledge.language_tags import spell_tag
from openknowledge.model.course import Course, CourseRun, PlatformRun
from openknowledge.model.values import Record
from openknowledge.problems import Message, Problem

from .frontmatter import validate
from .located_yaml import LocatedFields
from .parse_cache import ParseCache
from .records import CORRUPT_ERRORS, RecordStore, unpickle_record
from .sense import find_nonsense
from .snapshot_files import SYNC_HINT, read_json_lines

__all__ = [
    *("RUN_FACTS", "CourseIndex", "RunDifference", "find_differences", "join_records", "join_runs", "list_unassigned"),
    *("key_name", "load_runs", "name_course", "split_key"),
]

RUNS_FILE = re.compile(r"snapshots/[^/]+/runs\.jsonl")
RUN_DATES = ("starts", "ends", "enrollment_opens", "enrollment_closes")
RUN_FACTS = (*RUN_DATES, "pace", "lang", "url", "moodle_id")
"""What a run of a course gets from its platform, where its editor wrote nothing."""
KEY = re.compile(
    r"course-v1:(?P<org>[^+/\s]+)\+(?P<number>[^+/\s]+)\+(?P<run>[^+/\s]+)|([^+/:\s]+)/([^+/\s]+)/([^+/\s]+)"
)


def split_key(key: str) -> tuple[str, str, str] | None:
    """Return organisation, course number and run of an id of Open edX, also of an old one; None for other ids."""
    match = KEY.fullmatch(key)
    return None if match is None else (match[1] or match[4], match[2] or match[5], match[3] or match[6])


# Which course a run belongs to


def name_course(course: Course) -> tuple[str, ...]:
    """Return the names by which runs of platforms find a course: those of its runs, their course's number, its code."""
    names = [name for run in course.runs for name in _name_run(run.key, run.moodle_id)]
    return *dict.fromkeys(names), *([f"code:{course.code.casefold()}"] if course.code else ())


def key_name(key: str) -> str:
    """Return the name by which a run with this key finds its course."""
    return f"key:{key}"


def _name_run(key: str, moodle_id: int | None) -> Iterator[str]:
    yield key_name(key)
    if moodle_id is not None:
        yield key_name(f"moodle:{moodle_id}")
    parts = split_key(key)
    if parts is not None:
        yield f"number:{parts[0]}+{parts[1]}".casefold()


class CourseIndex:
    """Courses by the names that runs find them by."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._slugs: dict[str, set[str]] = {}
        for slug, own in names.items():
            for name in (f"slug:{slug}", *own):
                self._slugs.setdefault(name, set()).add(slug)

    def find_course(self, run: PlatformRun) -> str | None:
        """Return the slug of the course of a run; None where no course or more than one answers to its names.

        What an editor says of this very run comes before what operators say, and that before the course's number.
        """
        parts = split_key(run.id)
        codes = dict.fromkeys(code for code in (run.number, parts[1] if parts else None) if code)
        names = [key_name(run.id), *_name_run(run.key, run.moodle_id), *(f"code:{code.casefold()}" for code in codes)]
        if run.course is not None:
            names.insert(sum(name.startswith("key:") for name in names), f"slug:{run.course}")
        slugs = next((self._slugs[name] for name in names if name in self._slugs), set[str]())
        return next(iter(slugs)) if len(slugs) == 1 else None

    @property
    def by_code(self) -> dict[str, str]:
        """Return the slugs of courses by their code in small letters, without codes that several courses have."""
        codes = ((name.partition(":"), slugs) for name, slugs in self._slugs.items() if len(slugs) == 1)
        return {code: next(iter(slugs)) for (sort, _, code), slugs in codes if sort == "code"}

    def assign(self, runs: Iterable[PlatformRun]) -> dict[str, tuple[PlatformRun, ...]]:
        """Return the runs of each course that has any; those of no course are left out."""
        by_course: dict[str, tuple[PlatformRun, ...]] = {}
        for run in runs:
            slug = self.find_course(run)
            if slug is not None:
                by_course[slug] = (*by_course.get(slug, ()), run)
        return by_course


# What a course makes of its runs


def join_runs(course: Course, rows: Iterable[PlatformRun]) -> Course:
    """Return the course with what a platform knows of its runs, and with the runs that only the platform knows.

    Of these, one that the platform does not have any more stays if it was over by then. There is no link to it.
    """
    runs = [*course.runs]
    for row in rows:
        place = next((place for place, run in enumerate(runs) if _is_same(run, row)), None)
        if place is None:
            if row.gone_since is None or (row.ends is not None and row.ends < row.gone_since):
                runs.append(_fill(CourseRun(key=row.key, label=""), row))
        else:
            runs[place] = _fill(runs[place], row)
    return dataclasses.replace(course, runs=tuple(runs))


def _is_same(run: CourseRun, row: PlatformRun) -> bool:
    return run.key in (row.id, row.key) or (run.moodle_id is not None and run.moodle_id == row.moodle_id)


def _fill(run: CourseRun, row: PlatformRun) -> CourseRun:
    """Return the run with the facts that it lacks; without the platform's dates where all together make no sense."""
    facts: dict[str, Any] = {name: getattr(row, name) for name in RUN_FACTS if getattr(run, name) is None}
    if row.gone_since is not None:
        facts.pop("url", None)
    filled = dataclasses.replace(run, **facts)
    if next(find_nonsense(filled), None) is None:
        return filled
    return dataclasses.replace(run, **{name: value for name, value in facts.items() if name not in RUN_DATES})


def join_records(store: RecordStore, by_course: Mapping[str, Sequence[PlatformRun]]) -> RecordStore:
    """Return the store with the runs of its courses; the digest of a course changes with its own runs alone."""

    def change_of(rows: Sequence[PlatformRun]) -> tuple[bytes, Callable[[Any], Record]]:
        facts = [(row.id, row.key, row.gone_since, *(getattr(row, name) for name in RUN_FACTS)) for row in rows]
        return digest(facts), partial(join_runs, rows=rows)

    return store.overlay({f"course/{slug}": change_of(rows) for slug, rows in by_course.items()})


# What editors read of it


class RunDifference(NamedTuple):
    """A fact of a course's run, `place` in its list, which its editor and its platform give differently."""

    place: int
    name: str
    written: Any
    row: PlatformRun


def find_differences(course: Course, rows: Iterable[PlatformRun]) -> Iterator[RunDifference]:
    """Yield where the editor of a course, as it is written, and its platforms differ."""
    for row in rows:
        for place, run in enumerate(course.runs):
            if not _is_same(run, row):
                continue
            for name in RUN_FACTS:
                written, found = getattr(run, name), getattr(row, name)
                if None not in (written, found) and written != found:
                    yield RunDifference(place, name, written, row)


def list_unassigned(runs: Iterable[PlatformRun], index: CourseIndex) -> Iterator[Problem]:
    """Yield a remark on each file that has runs of no course."""
    by_file: dict[str, list[str]] = {}
    for run in runs:
        if run.gone_since is None and index.find_course(run) is None:
            title = next(iter(run.title.values()), "")
            by_file.setdefault(run.path, []).append(f"{run.id} ({title})" if title else run.id)
    for path, names in sorted(by_file.items()):
        message = Message("runs that belong to no course: %(keys)s", keys=", ".join(names))
        hint = Message("Write the key of a run, or its course's code, into the file of the course that it belongs to.")
        yield Problem(path, None, None, message, hint)


# From snapshots


def load_runs(tree: FileTree, cache: ParseCache) -> tuple[tuple[PlatformRun, ...], list[Problem]]:
    """Return the runs of all snapshots, by file and line, and what is wrong with the files."""
    runs: list[PlatformRun] = []
    problems: list[Problem] = []
    for path in filter(RUNS_FILE.fullmatch, tree.below("snapshots/")):
        key = digest_bytes(b"\0".join((b"runs", code_fingerprint(), path.encode(), tree.digest(path))))
        data = cache.read_blob(key, 0) if cache.find(key) is not None else None
        with suppress(*CORRUPT_ERRORS):
            if data is not None:
                runs += unpickle_record(data)
                continue
        found, wrong = _read_runs(tree.root, path)
        runs, problems = runs + found, problems + wrong
        if not wrong:
            cache.add(key, True, (canonical_bytes(found),))
    return tuple(runs), problems


def _read_runs(root: Path, path: str) -> tuple[list[PlatformRun], list[Problem]]:
    shown_path = f"{root.name}/{path}"
    runs: list[PlatformRun] = []
    problems: list[Problem] = []
    for line, data in read_json_lines(root / path, root, shown_path):
        if isinstance(data, Problem):
            problems.append(data)
            continue
        fields = LocatedFields(shown_path, data, {(): line})
        found = validate(PlatformRun, {**data, "path": shown_path, "line": line}, fields)
        if isinstance(found, tuple):
            problems += (dataclasses.replace(problem, hint=SYNC_HINT) for problem in found)
        elif any(spell_tag(lang) != lang for lang in (found.lang or "und", *found.title)):
            message = Message('"%(code)s" is not the code of a language', code=str(found.lang or [*found.title]))
            problems.append(Problem(shown_path, line, "lang", message, SYNC_HINT))
        else:
            runs.append(found)
    return runs, problems
