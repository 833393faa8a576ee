"""What all platforms of courses have in common: days, rows of runs, and which course each run belongs to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openknowledge.content.course_runs import CourseIndex, list_unassigned, name_course
from openknowledge.content.field_values import FieldReader
from openknowledge.content.frontmatter import build, parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.sense import find_nonsense
from openknowledge.content.snapshot_files import read_json_lines
from openknowledge.model.addresses import is_web_url
from openknowledge.model.course import Course, CourseRun, PlatformRun
from openknowledge.model.numbers import EnrollmentMeasure
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import is_project_file, read_project_file

from .recording import Recording
from .source import MOST_COUNTED, EnrollmentCount, Row, SyncFindings

__all__ = [
    *(
        "FORBIDDEN",
        "RunCount",
        "RunReport",
        "WrittenCourses",
        "add_count",
        "day_of_end",
        "day_of_instant",
        "read_instant",
    ),
    *("list_forbidden", "read_rows"),
]

FORBIDDEN = "the list lacks a run that the account may not ask for, so it may still be there"
DATES = ("starts", "ends", "enrollment_opens", "enrollment_closes")


def read_instant(value: Any) -> datetime | None:
    """Return the moment that a text of ISO 8601 or a number of seconds since 1970 means; 0 and less mean none.

    Raises `ValueError` for text that is no date, and `TypeError` for what is neither text nor a number.
    """
    if value in (None, ""):
        return None
    if isinstance(value, str) and not value.isdecimal():
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(value)
    try:
        return datetime.fromtimestamp(int(value), UTC) if int(value) > 0 else None
    except (OverflowError, OSError):
        raise ValueError(value) from None


def day_of_instant(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Return the day, where the university is, on which something begins."""
    return moment.astimezone(zone).date().isoformat() if moment else None


def day_of_end(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Return the last day of what is over at a moment: what ends at midnight ends with the day before."""
    return day_of_instant(moment - timedelta(microseconds=1) if moment else None, zone)


class RunReport:
    """Collects what a source leaves out, and reports each reason once, with all ids."""

    def __init__(self, source: str, findings: SyncFindings) -> None:
        self.source, self.findings = source, findings
        self._left_out: dict[str, dict[str, None]] = {}

    def leave_out(self, reason: str, name: str) -> None:
        """Note that something of an id is left out."""
        self._left_out.setdefault(reason, {})[name] = None

    def fail(self, name: str, message: str) -> None:
        """Note something that forbids to write the snapshot."""
        self.findings.problems.append(operator_problem(self.source, None, name, message, None))

    def finish(self) -> None:
        """Report all that was left out."""
        for reason, names in sorted(self._left_out.items()):
            message = f"{reason}: {len(names)} ({', '.join(sorted(names))})"
            self.findings.warnings.append(operator_problem(self.source, None, None, message, None))

    def read_day(
        self,
        name: str,
        field: str,
        value: Any,
        day_of: Callable[[datetime | None, ZoneInfo], str | None],
        zone: ZoneInfo,
    ) -> str | None:
        """Return a day of a run; one that cannot be read is not known."""
        try:
            return day_of(read_instant(value), zone)
        except (ValueError, OverflowError):
            self.leave_out(f"{field} is not a date, so it counts as not known", name)
        except TypeError:
            self.fail(name, f"{field} is of another type than it was: {value!r:.80}")
        return None

    def check_sense(self, row: Row) -> Row:
        """Return a row without the facts that cannot be, such as an end before the start."""
        row = {name: value for name, value in row.items() if value not in (None, "", {})}
        if not is_web_url(row.get("url", "https://example.edu/")):
            self.leave_out("url is no address, so it counts as not known", row["id"])
            del row["url"]
        while True:
            days: dict[str, Any] = {name: date.fromisoformat(row[name]) for name in DATES if name in row}
            finding = next(find_nonsense(CourseRun(key=row["id"], label="", **days)), None)
            if finding is None:
                return row
            self.leave_out(f"{finding[0][0]} cannot be right, so it counts as not known", row["id"])
            row = {name: value for name, value in row.items() if name != finding[0][0]}


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many people a platform counts in one run on a day; None where it does not say."""

    total: int | None
    day: date


def add_count(counts: dict[str, RunCount], name: str, total: int | None, day: date, report: RunReport) -> None:
    """Add the count of a run; it is not known where there are two, or more people than there can be."""
    if total is not None and total >= MOST_COUNTED:
        report.leave_out("more are counted than there can be, so the number is not known", name)
        total = None
    if name in counts and counts[name].total != total:
        report.leave_out("is counted twice with different numbers, so neither is known", name)
        total = None
    counts[name] = RunCount(total, day)


class WrittenCourses:
    """The courses that editors wrote below content/, as far as runs find them by it."""

    def __init__(self, content: Path, findings: SyncFindings) -> None:
        self.findings = findings
        self.runs: dict[str, tuple[CourseRun, ...]] = {}
        names: dict[str, tuple[str, ...]] = {}
        for path in sorted(content.glob("courses/*/*.md")):
            shown = path.relative_to(content).as_posix()
            if not is_project_file(shown, content):
                continue
            fields = parse_front_matter(read_project_file(path, content), f"{content.name}/{shown}")
            if not isinstance(fields, LocatedFields):
                findings.warnings.append(fields)
                continue
            course = _read_course(path.parent.name if path.name.startswith("index.") else path.stem, fields)
            if course.runs or course.code:  # The file with the facts; translations have none.
                names[course.slug], self.runs[course.slug] = name_course(course), course.runs
            names.setdefault(course.slug, ())
        self.index = CourseIndex(names)

    def report_unassigned(self, rows: Iterable[Row], path: str, findings: SyncFindings) -> None:
        """Warn of the runs that belong to no course."""
        runs = (PlatformRun(id=row["id"], title=row.get("title", {}), **_names_of(row), path=path) for row in rows)
        findings.warnings.extend(list_unassigned(runs, self.index))

    def list_runs(self, rows: Iterable[Row], id_of: Callable[[CourseRun], str | None]) -> dict[str, tuple[str, ...]]:
        """Return the ids of all runs of each course on a platform: those of rows, and those that editors wrote.

        `id_of` is the platform's id for a run of a course, if it is there.
        """
        ids: dict[str, dict[str, None]] = {}
        for slug, runs in self.runs.items():
            ids[slug] = {name: None for run in runs if (name := id_of(run)) is not None}
        for row in rows:
            found = self.index.find_course(PlatformRun(id=row["id"], **_names_of(row)))
            if found is not None:
                ids.setdefault(found, {})[row["id"]] = None
        return {slug: tuple(names) for slug, names in ids.items() if names}

    def add_up(
        self, runs: Mapping[str, Iterable[str]], counts: Mapping[str, RunCount], measure: EnrollmentMeasure
    ) -> dict[str, EnrollmentCount]:
        """Return how many are enrolled in each course of which a run is counted; unknown where one is not."""
        enrollments = {}
        for slug, names in runs.items():
            known = [counts[name] for name in names if name in counts]
            if not known:
                continue
            uncounted = [name for name in names if name not in counts or counts[name].total is None]
            total = None if uncounted else sum(counts[name].total or 0 for name in names)
            if uncounted:
                message = f"the total of {slug} is not known, because runs of it are not counted"
                self.findings.warnings.append(
                    operator_problem(f"courses/{slug}", None, "runs", f"{message}: {', '.join(uncounted)}", None)
                )
            enrollments[slug] = EnrollmentCount(total, measure, min(count.day for count in known))
        return enrollments


def list_forbidden(recording: Recording, list_name: str) -> list[str]:
    """Return the ids of runs that the account may not see: their pages have nothing."""
    return [page.key.partition("/")[2] for page in recording.pages(list_name) if page.body is None]


def read_rows(content: Path) -> dict[str, Row]:
    """Return the runs that all sources have written; what is broken is the build's to report."""
    rows = {}
    for path in sorted(content.glob("snapshots/*/runs.jsonl")):
        for _, row in read_json_lines(path, content, str(path)):
            if not isinstance(row, Problem) and isinstance(row.get("id"), str):
                rows[row["id"]] = row
    return rows


def _names_of(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("number", "course", "moodle_id") if name in row}


def _read_course(slug: str, fields: LocatedFields) -> Course:
    """Return a course with what runs find it by; what is wrong in its file is the build's to report."""
    data = FieldReader(fields).read(Course, fields.data, {"code", "runs"})
    code, runs = data.get("code"), data.get("runs")
    found = []
    for run in runs if isinstance(runs, list) else ():
        names = {name: run[name] for name in ("key", "moodle_id") if name in run} if isinstance(run, dict) else {}
        one, _ = build(CourseRun, {"label": "", **names})
        found += [one] if one is not None else []
    return Course(slug=slug, words={}, code=code if isinstance(code, str) else None, runs=tuple(found))
