"""Moodle: its visible courses, and how many members each has. What it says of persons is dropped unread."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openknowledge.language_tags import spell_tag
from openknowledge.model.course import CourseRun
from openknowledge.model.numbers import EnrollmentMeasure

from .multilang import names_by_lang
from .recording import Recording
from .run_facts import (
    FORBIDDEN,
    RunCount,
    RunReport,
    WrittenCourses,
    add_count,
    day_of_end,
    day_of_instant,
    list_forbidden,
)
from .source import RecordContext, Row, SourceFacts, SourceFailed, SyncFindings, UnsignedSource

__all__ = ["MoodleSource"]

SERVER = "webservice/rest/server.php"
SITE_INFO, COURSES = "core_webservice_get_site_info", "core_course_get_courses_by_field"
MEMBERSHIPS = "core_enrol_get_users_courses"
SITE_COURSE = 1
"""The site's front page, which is a course to Moodle."""
STORED_FIELDS = ("id", "fullname", "shortname", "format", "visible", "startdate", "enddate", "lang")
REASONS = {
    "accessexception": "the service lacks a function, or its account a right; docs/operators.md names both",
    "errorcoursecontextnotvalid": "the service's account may not see one of its courses; take it out of that course",
    "invalidparameter": "it does not understand the request; see whether its version is 4.1 or later",
    "invalidresponse": "it cannot express its own answer; its log says which course has a broken field",
    "invalidtoken": "the token is not valid; make a new one for the service's account",
    "requireloginerror": "the service's account may not see one of its courses; take it out of that course",
    "servicenotavailable": "its web services are off, or the external service is not enabled",
    "sitemaintenance": "it is being maintained; the next sync goes on",
}
"""What an operator has to know of an error, by Moodle's own code for it."""
ABOUT_COURSE = frozenset({"accessexception", "errorcoursecontextnotvalid", "requireloginerror"})
"""Errors that concern the one course that is asked for, because the list of all has been answered."""
Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodleSource(UnsignedSource):
    """The courses of one Moodle, each of which is a run.

    With `counts` the courses in which the service's account is enrolled are counted. `courses` has the slugs of
    courses by their short name or number in Moodle.
    """

    content: Path
    name: str
    url: str
    timezone: str
    counts: bool = False
    courses: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)
    tables: tuple[str, ...] = ("run",)

    def secrets(self) -> Iterable[str]:
        """Return the token."""
        return (self.token,)

    # Recording

    def record(self, context: RecordContext) -> None:
        """Record all courses, the known ones that are not among them, and the counts."""
        listed = self._call(context, "courses/all", COURSES, {}, _is_course_list, _clean_courses)
        seen = {str(item["id"]) for item in listed}
        known = (name for name, row in context.known.rows.get("run", {}).items() if "gone_since" not in row)
        absent = [name for name in known if name not in seen]
        for number, name in enumerate(absent, start=1):
            options: dict[str, str | int] = {"field": "id", "value": name}
            self._call(context, f"course/{name}", COURSES, options, _is_answer_about_course, _clean_course)
            context.show_progress(f"{self.name}: asking for courses", number, len(absent))
        context.show_progress(f"{self.name}: courses", len(seen), len(seen))
        if self.counts:
            user = self._call(context, "account/own", SITE_INFO, {}, _is_site_info, _clean_site_info)
            options = {"userid": user["userid"], "returnusercount": 1}
            self._call(context, "members/all", MEMBERSHIPS, options, _is_list, _clean_memberships)

    def _call(
        self,
        context: RecordContext,
        key: str,
        function: str,
        options: Mapping[str, str | int],
        is_valid: Callable[[Any], bool],
        clean: Callable[[Any], Any],
    ) -> Any:
        """Return what a function answers, as it is stored."""
        last: list[Any] = []

        def check(body: Any) -> bool:
            last[:] = [body]
            if isinstance(body, dict) and "exception" in body and not is_valid(body):
                raise SourceFailed(f"{function}: {_explain(body)}")
            return is_valid(body)

        form = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json", **options}
        try:
            page = context.client.fetch_page(context.recording, key, SERVER, form=form, is_valid=check, clean=clean)
        except SourceFailed as failure:
            if last != [""]:
                raise
            hint = "it could not write its answer as JSON, because the name of some course is no UTF-8"
            raise SourceFailed(f"{failure}; {hint}") from None
        assert page is not None
        return page.body

    # Reading

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the visible courses as runs, and the members of those that are counted."""
        report = RunReport(self.name, findings)
        items = {str(item["id"]): item for item in _items_of(recording)}
        rows = {name: row for name, item in sorted(items.items()) if (row := self._read_row(name, item, report))}
        courses = WrittenCourses(self.content, findings)
        courses.report_unassigned(rows.values(), f"{self.content.name}/snapshots/{self.name}/runs.jsonl", findings)
        runs = courses.list_runs(rows.values(), _id_of)
        forbidden = list_forbidden(recording, "course")
        for name in forbidden:
            report.leave_out(FORBIDDEN, name)
        counts = _read_members(recording, report)
        report.finish()
        return SourceFacts(
            rows={"run": rows},
            enrollments=courses.add_up(runs, counts, EnrollmentMeasure.MEMBERS),
            refused={"run": frozenset(known.rows.get("run", {}).keys() - rows.keys()).difference(forbidden)},
        )

    def _read_row(self, name: str, item: Item, report: RunReport) -> Row | None:
        if item["id"] == SITE_COURSE or item.get("format") == "site":
            return None
        if str(item.get("visible", 1)) not in ("1", "True"):
            report.leave_out("hidden courses are left out", name)
            return None
        zone = ZoneInfo(self.timezone)
        number = item.get("shortname") if isinstance(item.get("shortname"), str) else None
        lang = spell_tag(str(item["lang"]).replace("_", "-")) if item.get("lang") else None
        title = names_by_lang(item["fullname"]) if isinstance(item.get("fullname"), str) else {}
        return report.check_sense(
            {
                "id": name,
                "moodle_id": item["id"],
                "number": number,
                "course": self.courses.get(name) or self.courses.get(number or ""),
                "title": title,
                "lang": lang,
                "starts": report.read_day(name, "startdate", item.get("startdate"), day_of_instant, zone),
                "ends": report.read_day(name, "enddate", item.get("enddate"), day_of_end, zone),
                "url": f"{self.url.rstrip('/')}/course/view.php?id={name}",
            }
        )


def _explain(body: Item) -> str:
    """Return what an exception means. Moodle's own words for it may name persons and courses, so they are not shown."""
    code = str(body.get("errorcode"))
    code = code if re.fullmatch(r"[a-z0-9_/]{1,60}", code) else "unknown"
    return f'answered with the error "{code}": {REASONS.get(code, "look for it in the log of the platform")}'


# Answers: which ones are valid, and what is stored of them


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_list(body: Any) -> bool:
    return isinstance(body, list) and all(isinstance(item, dict) and _is_number(item.get("id")) for item in body)


def _is_course_list(body: Any) -> bool:
    return isinstance(body, dict) and _is_list(body.get("courses"))


def _is_answer_about_course(body: Any) -> bool:
    return _is_course_list(body) or (isinstance(body, dict) and str(body.get("errorcode")) in ABOUT_COURSE)


def _is_site_info(body: Any) -> bool:
    return isinstance(body, dict) and _is_number(body.get("userid"))


def _clean_courses(body: Any) -> Any:
    return [{name: item[name] for name in STORED_FIELDS if name in item} for item in body["courses"]]


def _clean_course(body: Any) -> Any:
    """Return the course that was asked for, if it is there; None where the account may not ask."""
    return _clean_courses(body) if "courses" in body else None


def _clean_site_info(body: Any) -> Any:
    return {"userid": body["userid"]}


def _clean_memberships(body: Any) -> Any:
    return [{"id": item["id"], "enrolledusercount": item.get("enrolledusercount")} for item in body]


# Facts


def _items_of(recording: Recording) -> Iterator[Item]:
    for list_name in ("courses", "course"):
        for page in recording.pages(list_name):
            yield from page.body or ()


def _read_members(recording: Recording, report: RunReport) -> dict[str, RunCount]:
    """Return the members of courses, without the service's account; a count that lacks even this is not known."""
    counts: dict[str, RunCount] = {}
    for page in recording.pages("members"):
        for item in page.body:
            count = item["enrolledusercount"]
            add_count(counts, str(item["id"]), count - 1 if _is_number(count) else None, page.day, report)
    return counts


def _id_of(run: CourseRun) -> str | None:
    return str(run.moodle_id) if run.moodle_id is not None else None
