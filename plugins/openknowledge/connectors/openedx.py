"""Open edX: the runs of its public catalogue, and how many are enrolled. No endpoint that sends persons is asked."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

import httpx
from httpx_auth import HeaderApiKey

from openknowledge.content.course_runs import split_key
from openknowledge.content.plain_text import normalize_line
from openknowledge.language_tags import spell_tag
from openknowledge.model.numbers import EnrollmentMeasure
from openknowledge.model.values import UNKNOWN_LANG

from .http_client import PlatformAnswer
from .recording import RecordedPage, Recording
from .run_facts import (
    FORBIDDEN,
    RunCount,
    RunReport,
    WrittenCourses,
    add_count,
    day_of_end,
    day_of_instant,
    list_forbidden,
    read_rows,
)
from .source import RecordContext, Row, SourceFacts, SourceFailed, SyncFindings
from .token_auth import TokenAuth

__all__ = ["OpenEdxSource"]

COURSES, DISCOVERY = "api/courses/v1/courses/", "api/v1/courses/"
INSTRUCTOR, SUMMARIES = "api/instructor/v2/courses/", "api/v1/course_summaries/"
TOKEN = "oauth2/access_token"
SUMMARY_FIELDS = ("course_id", "count", "cumulative_count", "created")
PAGE_SIZE = 100
MOST_DIGITS = 100
UNKNOWN_START = datetime(2030, 1, 1, tzinfo=UTC)
"""What Open edX gives as the start of a course that has none."""
PACES = {"instructor": "instructor", "instructor_paced": "instructor", "self": "self", "self_paced": "self"}
STORED_FIELDS = (
    *(
        "id",
        "course_id",
        "name",
        "number",
        "start",
        "end",
        "start_type",
        "enrollment_start",
        "enrollment_end",
        "pacing",
    ),
    *("hidden", "invitation_only"),
)
Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEdxSource:
    """The runs of one Open edX.

    `catalogue` is `courses` (the platform's own list), `discovery` (that of the catalogue service) or `none` (only
    counts are asked for, of the runs that other sources have). `counts` is `instructor` (active enrolments, run by
    run), `course_summaries` (all that there ever were, of the analytics API below `url`) or `none`; the discovery
    catalogue has counts of its own. `username` is the account whose view of the catalogue is asked for. `courses` has
    slugs by course number or by id of a run. The analytics API knows a `token`, the platform a client.
    """

    content: Path
    name: str
    url: str
    timezone: str
    catalogue: Literal["courses", "discovery", "none"] = "courses"
    counts: Literal["instructor", "course_summaries", "none"] = "none"
    username: str = ""
    courses: Mapping[str, str] = field(default_factory=dict)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    requests_a_minute: int | None = 20

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables that it fills."""
        return () if self.catalogue == "none" else ("run",)

    def create_auth(self) -> httpx.Auth | None:
        """Return what signs requests, if there is a token or a client; the catalogue needs none."""
        if self.token:
            return HeaderApiKey(f"Token {self.token}", "Authorization")
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        form = {**client, "grant_type": "client_credentials", "token_type": "jwt"}
        return TokenAuth(f"{self.url.rstrip('/')}/{TOKEN}", form, "JWT") if self.client_id else None

    def secrets(self) -> Iterable[str]:
        """Return the client's id and secret, and the token."""
        return tuple(filter(None, (self.client_id, self.client_secret, self.token)))

    # Recording

    def record(self, context: RecordContext) -> None:
        """Record the catalogue, the known runs that it lacks, and the counts that are configured."""
        seen = self._record_list(context) if self.tables else set[str]()
        absent = [name for name, row in context.known.rows.get("run", {}).items() if "gone_since" not in row]
        absent = [name for name in absent if name not in seen]
        if self.catalogue == "courses":
            self._record_each(context, absent, "course", COURSES, self._view(), _is_course, _clean_course)
        if self.counts == "course_summaries":
            params = {"fields": ",".join(SUMMARY_FIELDS)}
            _fetch(context, "summaries/all", SUMMARIES, params, _is_list, _clean_summaries, is_required=True)
        elif self.counts == "instructor":
            self._record_active(context)

    def _record_list(self, context: RecordContext) -> set[str]:
        """Record the pages of the catalogue to the last one, and return the ids that they have."""
        is_own = self.catalogue == "courses"
        path, is_valid, clean = (COURSES, _is_page, _clean_page) if is_own else DISCOVERED
        seen: set[str] = set()
        params: dict[str, str | int] = {"page_size": PAGE_SIZE, **self._view()}
        for number in range(1, 10**6):
            key = f"courses/{number:04}"
            page = _fetch(context, key, path, params, is_valid, clean, is_required=number == 1)
            if page is None:  # The number of pages was an estimate.
                return seen
            ids = {str(item["id"]) for item in page["items"]}
            if page["next"] and ids <= seen:
                raise SourceFailed(f"{path}: page {number} has no run that the pages before it do not have")
            seen |= ids
            context.show_progress(f"{self.name}: runs", len(seen), max(len(seen), page["count"]))
            if not page["next"]:
                return seen
            params = {**dict(parse_qsl(urlsplit(page["next"]).query)), **self._view()}
        raise AssertionError

    def _record_active(self, context: RecordContext) -> None:
        report = RunReport(self.name, SyncFindings())
        courses = WrittenCourses(self.content, SyncFindings())
        rows = self._read_rows(context.recording, report) if self.tables else read_rows(self.content)
        names = sorted({name for names in courses.list_runs(rows.values(), _id_of).values() for name in names})
        self._record_each(context, names, "active", INSTRUCTOR, {}, _is_mapping, _clean_active)

    def _record_each(
        self,
        context: RecordContext,
        names: Sequence[str],
        key: str,
        path: str,
        params: Mapping[str, str | int],
        is_valid: Callable[[Any], bool],
        clean: Callable[[Any], Any],
    ) -> None:
        """Record what the platform says of runs, one by one; a run that the account may not see concerns that run.

        Raises `SourceFailed` where the account may see the enrolments of no run.
        """
        forbidden: list[str] = []

        def handle(answer: PlatformAnswer) -> bool:
            if answer.status == httpx.codes.FORBIDDEN:
                forbidden.append(path)
                return False
            return _handle_error(path, answer, is_required=False)

        for number, name in enumerate(names, start=1):
            count, page_key = len(forbidden), f"{key}/{name}"
            context.client.fetch_page(
                context.recording,
                page_key,
                f"{path}{_quote(name)}",
                params,
                is_valid=is_valid,
                clean=clean,
                handle_error=handle,
            )
            if len(forbidden) > count:
                context.recording.store(RecordedPage(page_key, None, context.recording.day))
            context.show_progress(f"{self.name}: asking for runs", number, len(names))
        if key == "active" and forbidden and len(forbidden) == len(names):
            raise SourceFailed(f"{path}: answered 403: {_explain(403)}")

    def _view(self) -> dict[str, str | int]:
        return {"username": self.username} if self.username else {}

    # Reading

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the public runs, the enrolments of courses, and which known runs are public no more."""
        report = RunReport(self.name, findings)
        courses = WrittenCourses(self.content, findings)
        measure, counts = self._read_counts(recording, report)
        if not self.tables:
            runs = courses.list_runs(read_rows(self.content).values(), _id_of)
            report.finish()
            return SourceFacts(enrollments=courses.add_up(runs, counts, measure))
        rows = self._read_rows(recording, report)
        courses.report_unassigned(rows.values(), f"{self.content.name}/snapshots/{self.name}/runs.jsonl", findings)
        known_rows = known.rows.get("run", {})
        # Who enrolled in a run that is gone has been enrolled all the same.
        counted = {**known_rows, **rows} if measure is EnrollmentMeasure.ENROLLED_EVER else rows
        runs = courses.list_runs(counted.values(), _id_of)
        for name in list_forbidden(recording, "course"):
            report.leave_out(FORBIDDEN, name)
        report.finish()
        return SourceFacts(
            rows={"run": rows},
            enrollments=courses.add_up(runs, counts, measure),
            refused={"run": self._list_asked(recording, known_rows) - rows.keys()},
        )

    def _list_asked(self, recording: Recording, known_rows: Mapping[str, Row]) -> frozenset[str]:
        """Return the known runs that the platform has named, or was asked for by their ids and may tell."""
        if self.catalogue == "courses":
            return frozenset(known_rows).difference(list_forbidden(recording, "course"))
        return frozenset(known_rows) & {str(item["id"]) for item in _items_of(recording)}

    def _read_rows(self, recording: Recording, report: RunReport) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for item in _items_of(recording):
            row = self._read_row(item, report)
            if row is not None and rows.setdefault(row["id"], row) != row:
                report.leave_out("is there twice with different facts; the first ones are taken", row["id"])
        return dict(sorted(rows.items()))

    def _read_row(self, item: Item, report: RunReport) -> Row | None:
        """Return the facts of a run; None, with the reason noted, where it is not one for the public."""
        name, title = str(item["id"]), item.get("name")
        words = normalize_line(html.unescape(title)) if isinstance(title, str) else ""
        reason = _find_reason(name, words, item)
        if reason is not None:
            report.leave_out(reason, name)
            return None
        zone, parts = ZoneInfo(self.timezone), split_key(name)
        assert parts is not None
        number = item.get("number") if isinstance(item.get("number"), str) else parts[1]
        pace = str(item.get("pacing") or "").strip(" ,.;").lower()
        if pace and pace not in PACES:
            report.leave_out("the pacing is unknown", name)
        lang = spell_tag(str(item["lang"]).replace("_", "-")) if item.get("lang") else None
        return report.check_sense(
            {
                "id": name,
                "number": number if number != parts[1] else None,
                "course": self.courses.get(name) or self.courses.get(parts[1]),
                "title": {lang or UNKNOWN_LANG: words} if words else None,
                "lang": lang,
                "starts": report.read_day(name, "start", _read_start(item), _day_of_start, zone),
                "ends": report.read_day(name, "end", item.get("end"), day_of_end, zone),
                "enrollment_opens": report.read_day(
                    name, "enrollment_start", item.get("enrollment_start"), day_of_instant, zone
                ),
                "enrollment_closes": report.read_day(
                    name, "enrollment_end", item.get("enrollment_end"), day_of_end, zone
                ),
                "pace": PACES.get(pace),
                # Only invited learners can enrol there.
                "url": None if _is_true(item.get("invitation_only")) else self._url_of(item, name),
            }
        )

    def _url_of(self, item: Item, name: str) -> str:
        return item.get("url") or f"{self.url.rstrip('/')}/courses/{_quote(name)}/about"

    def _read_counts(self, recording: Recording, report: RunReport) -> tuple[EnrollmentMeasure, dict[str, RunCount]]:
        counts: dict[str, RunCount] = {}
        if self.counts == "instructor":
            for page in recording.pages("active"):
                total = _read_number(page.body["total_enrollment"]) if page.body else None
                add_count(counts, page.key.partition("/")[2], total, page.day, report)
            for name in list_forbidden(recording, "active"):
                report.leave_out("the account may not see how many are enrolled (403), so that is not known", name)
            return EnrollmentMeasure.ENROLLED_NOW, counts
        for page in recording.pages("summaries" if self.counts == "course_summaries" else "courses"):
            for item in page.body if self.counts == "course_summaries" else page.body["items"]:
                if "cumulative_count" not in item:
                    continue
                name, total, now = str(item["id"]), *map(_read_number, (item["cumulative_count"], item.get("count")))
                if total is not None and now is not None and now > total:
                    report.leave_out("more are enrolled than ever were, so neither is known", name)
                    total = None
                add_count(counts, name, total, page.day, report)
        return EnrollmentMeasure.ENROLLED_EVER, counts


def _fetch(
    context: RecordContext,
    key: str,
    path: str,
    params: Mapping[str, str | int],
    is_valid: Callable[[Any], bool],
    clean: Callable[[Any], Any],
    *,
    is_required: bool = False,
) -> Any:
    """Return the body of a page; None where the platform has nothing there, unless it is required."""
    handle = partial(_handle_error, path, is_required=is_required)
    page = context.client.fetch_page(
        context.recording, key, path, params, is_valid=is_valid, clean=clean, handle_error=handle
    )
    return page.body if page is not None else None


def _handle_error(path: str, answer: PlatformAnswer, *, is_required: bool) -> bool:
    """Return that no second try helps where there is nothing. Raises `SourceFailed` for any other answer."""
    if answer.status == httpx.codes.NOT_FOUND and not is_required:
        return False
    raise SourceFailed(f"{path}: answered {answer.status}: {_explain(answer.status)}")


def _explain(status: int) -> str:
    """Return what an operator has to do."""
    reasons = {
        400: 'the request is not understood; with a client, "username" has to name an account of the platform',
        401: "it does not take a new token either; see whether the client is still a confidential one with this scope",
        403: "the client's account may not do this; it needs the rights that docs/operators.md names",
        404: "there is no such list; see whether the address of the source is that of the platform",
    }
    return reasons.get(status, "the platform is in trouble")


# Answers: which ones are valid, and what is stored of them


def _is_mapping(body: Any) -> bool:
    return isinstance(body, dict)


def _is_list(body: Any) -> bool:
    return isinstance(body, list) and all(isinstance(item, dict) and "course_id" in item for item in body)


def _is_course(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("id") or body.get("course_id"), str)


def _is_page(body: Any) -> bool:
    items = body.get("results") if isinstance(body, dict) else None
    return isinstance(items, list) and all(map(_is_course, items)) and _says_what_follows(body)


def _says_what_follows(body: Item) -> bool:
    """Return whether a page names the next one, or says that there is none: otherwise the list could be cut."""
    pages = _pages_of(body)
    return "next" in pages and (pages["next"] is None or isinstance(pages["next"], str))


def _pages_of(body: Item) -> Item:
    pages = body.get("pagination")
    return pages if isinstance(pages, dict) else body


def _is_discovery_page(body: Any) -> bool:
    items = body.get("results") if isinstance(body, dict) else None
    lists = [item.get("course_runs") if isinstance(item, dict) else None for item in items or ()]
    return isinstance(items, list) and all(isinstance(runs, list) for runs in lists) and _says_what_follows(body)


def _clean_page(body: Any) -> Any:
    pages = _pages_of(body)
    items = [_clean_course(item) for item in body["results"]]
    return {"items": items, "next": pages["next"], "count": _read_number(pages.get("count")) or 0}


def _clean_course(item: Any) -> Any:
    return {**{name: item[name] for name in STORED_FIELDS if name in item}, "id": item.get("id") or item["course_id"]}


def _clean_discovery(body: Any) -> Any:
    """Return a page of the catalogue service as one of the platform's own: each run of each course."""
    runs = ((course, run) for course in body["results"] for run in course["course_runs"])
    items = [_clean_discovered(course, run) for course, run in runs if isinstance(run.get("key"), str)]
    return {"items": items, "next": body["next"], "count": 0}


DISCOVERED = (DISCOVERY, _is_discovery_page, _clean_discovery)


def _clean_discovered(course: Item, run: Item) -> Item:
    item = {name: run.get(name) for name in ("start", "end", "enrollment_start", "enrollment_end")}
    item |= {"id": run["key"], "name": run.get("title") or course.get("title"), "pacing": run.get("pacing_type")}
    item |= {"lang": run.get("content_language"), "hidden": run.get("hidden"), "url": run.get("marketing_url")}
    item["hidden"] = run.get("hidden") or run.get("status") not in (None, "published")
    return {**item, "cumulative_count": run["enrollment_count"]} if "enrollment_count" in run else item


def _clean_summaries(body: Any) -> Any:
    """Return the counts of runs; those that were never computed are none."""
    return [
        {
            "id": item["course_id"],
            "count": item.get("count") if item.get("created", True) else None,
            "cumulative_count": item.get("cumulative_count") if item.get("created", True) else None,
        }
        for item in body
    ]


def _clean_active(body: Any) -> Any:
    return {"total_enrollment": body.get("total_enrollment")}


# Facts


def _items_of(recording: Recording) -> Iterator[Item]:
    for page in recording.pages("courses"):
        yield from page.body["items"]
    for page in recording.pages("course"):
        if page.body is not None:
            yield page.body


def _find_reason(name: str, title: str, item: Item) -> str | None:
    """Return why a run is none for the public."""
    if name.startswith("ccx-"):
        return "courses inside a course (CCX) are left out"
    if split_key(name) is None:
        return "what has no id of a run is left out"
    if not name.startswith("course-v1:"):
        return "runs with ids of the old kind are left out"
    if re.search(r"\[delete\]", title, re.IGNORECASE):
        return "runs that are marked to be deleted are left out"
    return "hidden runs are left out" if _is_true(item.get("hidden")) else None


def _is_true(value: Any) -> bool:
    """Return whether a value is not a form of false: what changes its type does not become public by that."""
    return value not in (None, False, 0, "", "false", "False")


def _read_start(item: Item) -> Any:
    """Return when a run starts; the date beside other words for it stands for none."""
    return item.get("start") if item.get("start_type") in (None, "timestamp") else None


def _day_of_start(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment == UNKNOWN_START else day_of_instant(moment, zone)


def _read_number(value: Any) -> int | None:
    """Return a count, also where it is text; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value) if len(value) < MOST_DIGITS else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _id_of(run: Any) -> str | None:
    return run.key if split_key(run.key) is not None else None


def _quote(name: str) -> str:
    return quote(name, safe=":+@/")
