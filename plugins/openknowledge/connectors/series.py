"""Enrolments that a source counts become points of its series: at most one a day, and only where a total changed."""

from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openknowledge.content.checks import SLUG
from openknowledge.content.frontmatter import decode_text
from openknowledge.content.series import SeriesFile, course_of_file, join_series, read_series_file
from openknowledge.content.snapshot_files import SERIES_FOLDER
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentSeries
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import read_project_file

from .source import CONFIRMED_EVERY, EnrollmentCount, SyncFindings

__all__ = ["append_points", "read_before_and_after", "read_own_series"]

COURSE_FILES = "courses/{}/*.md"
NEW_PLATFORM = "it: da qui conta {title} | en: counted by {title} from here on"
NEW_MEASURE = "it: da qui {title} conta in un altro modo | en: {title} counts in another way from here on"
ACCEPTED_FALL = "it: correzione della piattaforma | en: corrected by the platform"


def append_points(
    content: Path,
    source: str,
    title: str,
    enrollments: Mapping[str, EnrollmentCount],
    findings: SyncFindings,
    accepted: Collection[str] = (),
) -> dict[str, bytes]:
    """Return the series that change, as bytes by path from the folder `content`.

    A series is only ever continued at its end. No point is added where the total is unknown or the same as the last
    one, unless that is a week old (`CONFIRMED_EVERY`), nor on a day that has one already or lies before it: the first
    count of a day stays. `title` is who counts, for readers. A fall of all who ever enrolled is
    written, as a declared correction, for the courses that are `accepted` only. `findings` gets what cannot be
    continued.
    """
    files: dict[str, bytes] = {}
    paths: dict[str, list[str]] = {}
    for path in _list_paths(content):
        paths.setdefault(course_of_file(_name_of(path)), []).append(path)
    for course, count in sorted(enrollments.items()):
        if count.total is None:
            continue
        if not SLUG.fullmatch(course) or not any(content.glob(COURSE_FILES.format(course))):
            message = f'{title} counts enrolments in "{course}", which is no course of the site'
            findings.warnings.append(operator_problem(f"{SERIES_FOLDER}/", None, None, message, None))
            continue
        known = _CourseFiles.read(content, course, paths.get(course, ()), findings)
        path, data = known.continue_with(source, title, count.total, count, course in accepted, findings)
        if data is not None:
            files[path] = data
    return files


def read_own_series(content: Path, source: str, findings: SyncFindings) -> dict[str, EnrollmentSeries]:
    """Return the series that a source continues by course; of several the one with the newest point."""
    own: dict[str, EnrollmentSeries] = {}
    for path in _list_paths(content):
        file = _read_file(content, path, findings) if _name_of(path).split(".")[1:2] == [source] else None
        if file is not None and not file.series.sample:
            known = own.get(file.series.course)
            own[file.series.course] = file.series if known is None or known.as_of < file.series.as_of else known
    return own


def read_before_and_after(
    content: Path, changed: Mapping[str, bytes], findings: SyncFindings
) -> tuple[dict[str, EnrollmentSeries], dict[str, EnrollmentSeries]]:
    """Return the newest series of each course, now and when some `changed` files (by path) have been written."""
    before = {path: _read_file(content, path, findings) for path in _list_paths(content)}
    after = before | {path: _read_file(content, path, findings, data) for path, data in changed.items()}
    old, new = ([file for file in files.values() if file is not None] for files in (before, after))
    return join_series(old)[0], join_series(new)[0]


def _list_paths(content: Path) -> list[str]:
    """Return the files of all series, from the folder `content`, sorted."""
    return sorted(f"{SERIES_FOLDER}/{path.name}" for path in (content / SERIES_FOLDER).glob("*.csv"))


def _name_of(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".csv")


def _read_file(content: Path, path: str, findings: SyncFindings, data: bytes | None = None) -> SeriesFile | None:
    """Return the series in a file, or in the `data` that it is to have; what is wrong with it is a finding."""
    shown = f"{content.name}/{path}"
    text = decode_text(read_project_file(content / path, content) if data is None else data, shown)
    if isinstance(text, Problem):
        findings.problems.append(text)
        return None
    # A sync continues series to the day of its platform, whatever the day of a build.
    file, problems = read_series_file(text, shown, _name_of(path), date.max)
    findings.problems.extend(problems)
    return file


@dataclass(frozen=True, slots=True)
class _CourseFiles:
    """The series of a course as they lie in the folder `content`."""

    content: Path
    course: str
    series: tuple[EnrollmentSeries, ...]

    @classmethod
    def read(cls, content: Path, course: str, paths: Iterable[str], findings: SyncFindings) -> "_CourseFiles":
        """Return the series of a course, out of its files."""
        files = (_read_file(content, path, findings) for path in paths)
        return cls(content, course, tuple(file.series for file in files if file is not None))

    def continue_with(
        self, source: str, title: str, total: int, count: EnrollmentCount, is_accepted: bool, findings: SyncFindings
    ) -> tuple[str, bytes | None]:
        """Return the path of the series that a count belongs to, and its bytes; None where they stay as they are."""
        name = self._find_name(source, count.measure)
        path = f"{SERIES_FOLDER}/{name}.csv"
        shown = f"{self.content.name}/{path}"
        series = next((one for one in self.series if one.name == name), None)
        if series is None:
            if (self.content / path).exists():
                return path, None  # Its problems are in `findings`.
            return path, self._begin(source, title, count, shown, findings)
        if series.sample:
            hint = "Remove the file: real numbers take its place."
            findings.warnings.append(operator_problem(shown, None, "sample", "a sample is not continued", hint))
        is_same = total == series.total and count.day - series.as_of < CONFIRMED_EVERY
        if series.sample or count.day <= series.as_of or is_same:
            return path, None
        data = read_project_file(self.content / path, self.content)
        if total < series.total and not series.measure.may_fall:
            if not is_accepted:
                message = f"the total would fall from {series.total} to {total}"
                findings.warnings.append(operator_problem(shown, None, "total", message, "It stays as it was."))
                return path, None
            data = _declare(data, f"# corrected: {count.day} {ACCEPTED_FALL}")
        return path, _append(data, f"{count.day},{total}")

    def _find_name(self, source: str, measure: EnrollmentMeasure) -> str:
        """Return the name of the series of a source; a second measure has one of its own."""
        name = f"{self.course}.{source}"
        if all(one.measure is measure for one in self.series if one.name == name):
            return name
        return f"{name}.{measure.replace('_', '-')}"

    def _begin(
        self, source: str, title: str, count: EnrollmentCount, shown: str, findings: SyncFindings
    ) -> bytes | None:
        """Return a new series, with a seam where the course has other ones; None on the day that one of these began."""
        others = [one for one in self.series if not one.sample]
        if any(one.seam is not None and one.seam.day == count.day for one in others):
            return None
        title = " ".join(title.replace("|", " ").split())
        lines = [f"# source: {title}", f"# measure: {count.measure}"]
        if others:
            same_source = any(one.name.split(".")[1:2] == [source] for one in others)
            reason = (NEW_MEASURE if same_source else NEW_PLATFORM).format(title=title)
            lines.append(f"# seam: {count.day} {reason}")
            message = f"{title} takes over from {others[-1].source} ({others[-1].name}.csv)"
            hint = "Read the line of the seam before you merge it."
            findings.warnings.append(operator_problem(shown, None, "seam", message, hint))
        return "\n".join((*lines, "day,total", f"{count.day},{count.total}", "")).encode()


def _append(data: bytes, row: str) -> bytes:
    """Return a file with a row more, which ends as the others do."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    return data + (b"" if data.endswith(b"\n") else end) + row.encode() + end


def _declare(data: bytes, note: str) -> bytes:
    """Return a file with a note more above its header."""
    lines = data.splitlines(keepends=True)
    rows = (line.removeprefix(BOM_UTF8).strip() for line in lines)
    header = next(index for index, row in enumerate(rows) if row and not row.startswith(b"#"))
    end = b"\r\n" if lines[header].endswith(b"\r\n") else b"\n"
    return b"".join((*lines[:header], note.encode() + end, *lines[header:]))
