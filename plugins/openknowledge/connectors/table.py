"""The source of kind `table`: enrolments from CSV or JSON, in a file or at a URL, as the settings describe it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openknowledge.content.text_encodings import find_byte_order
from openknowledge.model.numbers import EnrollmentMeasure
from openknowledge.problems import operator_problem

from .recording import RecordedPage, Recording
from .run_facts import WrittenCourses
from .source import EnrollmentCount, RecordContext, SourceFacts, SourceFailed, SyncFindings, UnsignedSource
from .table_rows import TableFormat, TableReader, TableTotal

__all__ = ["TableSource", "create_table"]

PAGE = "table/0000"
WEB_PAGE = re.compile(r"\s*<(?:!|\?|[a-z])", re.IGNORECASE)
"""How HTML and XML begin; no table and no JSON does."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheet programs begin."""
SIZE_LIMIT_B = 64 * 1024**2


@dataclass(slots=True, kw_only=True)
class TableSource(UnsignedSource):
    """Enrolments of courses from a table, which is at `url` or, where that is empty, in the file at `path`.

    `courses` gives the course of an id by its slug; other ids are codes of courses, which `courses_by_code` has in
    small letters. The source fills no table of rows.
    """

    name: str
    measure: EnrollmentMeasure
    format: TableFormat
    url: str = ""
    path: Path | None = None
    encoding: str = "utf-8"
    courses: Mapping[str, str] = field(default_factory=dict)
    courses_by_code: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    @property
    def shown_path(self) -> str:
        """Return what messages call the table: its file, or its URL without what may be a secret."""
        if not self.url:
            return str(self.path)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{parts.path}"

    def record(self, context: RecordContext) -> None:
        """Store the table as one page: a character for each byte, because its encoding is a matter of reading."""
        recording = context.recording
        if self.path is None:
            context.client.fetch_page(recording, PAGE, "", encoding="latin-1", is_valid=self._is_table)
        else:
            body = self._read_file().decode("latin-1")
            self._is_table(body)
            recording.store(RecordedPage(PAGE, body, recording.day))
        context.show_progress("Reading", 1, 1)

    def _is_table(self, body: Any) -> bool:
        """Return whether an answer is a table. Raises `SourceFailed` where it is not, as it will be the next time."""
        return self._decode(str(body).encode("latin-1")) is not None

    def _read_file(self) -> bytes:
        assert self.path is not None
        try:
            with self.path.open("rb") as file:
                data = file.read(SIZE_LIMIT_B + 1)
        except OSError as error:
            raise SourceFailed(f"{self.shown_path}: cannot be read: {error.strerror}") from None
        if len(data) > SIZE_LIMIT_B:
            raise SourceFailed(f"{self.shown_path}: has more than {SIZE_LIMIT_B // 1024**2} MB")
        return data

    def _decode(self, data: bytes) -> Any:
        """Return the text of a table, or its JSON. Raises `SourceFailed` where it is neither."""
        if data.startswith(WORKBOOKS):
            raise SourceFailed(f"{self.shown_path}: this is a file of a spreadsheet program: save it as CSV")
        try:
            text = data.decode(find_byte_order(data) or self.encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            hint = "set encoding, for example to cp1252"
            raise SourceFailed(f"{self.shown_path}:{line}: the text is not {self.encoding}: {hint}") from None
        if not text.strip("\0 \t\r\n"):
            raise SourceFailed(f"{self.shown_path}: the table is empty")
        if WEB_PAGE.match(text):
            raise SourceFailed(f"{self.shown_path}: this is no table but a web page, perhaps one that asks to sign in")
        if self.format.json_path is None:
            return text
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SourceFailed(f"{self.shown_path}: this is not JSON: {error}") from None

    def read(self, recording: Recording, _known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the enrolments by course; each mistake of the table becomes a problem with its line and column."""
        page = recording.find_current(PAGE)
        if page is None:
            raise SourceFailed(f"{self.shown_path}: the table was not recorded")
        body = self._decode(str(page.body).encode("latin-1"))
        totals = TableReader(self.format, self.shown_path, page.day, findings).read(body)
        if not totals and not findings.problems:
            raise SourceFailed(f"{self.shown_path}: the table has no rows")
        return SourceFacts(enrollments=self._by_course(totals, findings))

    def _by_course(self, totals: Mapping[str, TableTotal], findings: SyncFindings) -> dict[str, EnrollmentCount]:
        """Return the totals by course, several ids of one added up; an id of no course is a warning.

        Where one of them is not known, neither is the sum.
        """
        counts: dict[str, EnrollmentCount] = {}
        for name, total in totals.items():
            course = self.courses.get(name) or self.courses_by_code.get(name.casefold())
            if course is None:
                shown = f'"{name}" ({total.title})' if total.title else f'"{name}"'
                message = f"no course, or more than one, has the code {shown}: the row is left out"
                hint = "Write the code into the course, or name the course under courses in the settings."
                findings.warnings.append(operator_problem(self.shown_path, total.line, total.field, message, hint))
                continue
            other = counts.get(course, EnrollmentCount(0, self.measure, total.day))
            is_known = total.total is not None and other.total is not None
            whole = (total.total or 0) + (other.total or 0) if is_known else None
            counts[course] = EnrollmentCount(whole, self.measure, max(total.day, other.day))
        return counts


def create_table(content: Path, **options: Any) -> TableSource:
    """Return the source of some options. Raises `SourceFailed` unless they say where the table is."""
    if ("path" in options) == ("url" in options):
        raise SourceFailed(f"{options['name']}: write either path or url in SOURCES")
    names = {one.name for one in fields(TableFormat)}
    written = TableFormat(**{name: value for name, value in options.items() if name in names})
    others = {name: value for name, value in options.items() if name not in names}
    # A file of a course that cannot be read is the build's to report.
    courses = WrittenCourses(content, SyncFindings()).index
    return TableSource(**others, format=written, courses_by_code=courses.by_code)
