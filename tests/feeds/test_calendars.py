"""The calendars of courses and sessions, read back by a library, and the links that put the next event into one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar
from tests.builders import a_course, a_run, a_site

from openknowledge.catalogue.kinds.course import course_page
from openknowledge.catalogue.views.calendar import calendar_links
from openknowledge.feeds.calendars import calendars_rule
from openknowledge.model.course import Course, CourseWords
from openknowledge.model.programme import HubFormat, HubItem, Initiative, Session
from openknowledge.model.values import PartialDate, Record, Words

RUN = a_run("2026-03-01", "2026-04-11", key="MAT1", label="Primavera 2026", enrollment_opens=date(2026, 2, 1))
ROME = timezone(timedelta(hours=1))
SESSION = Session(
    starts=datetime(2026, 1, 15, 18, tzinfo=ROME), ends=datetime(2026, 1, 15, 19, tzinfo=ROME), place="Aula Magna"
)
HUB = Initiative(slug="hub", words={"it": Words(title="Hub")}, starts=PartialDate(2026))


def a_talk(session: Session = SESSION) -> HubItem:
    words = {"it": Words(title="Dialogo, con tutti; oggi")}
    day = PartialDate(2026, 1, 2)
    return HubItem(slug="t", words=words, initiative="hub", published=day, format=HubFormat.TALK, session=session)


def files_of(*records: Record) -> dict[str, bytes]:
    """Return all calendars of a site."""
    site, rule = a_site(*records), calendars_rule()
    return dict(file for key in rule.keys(site.fork()) for file in rule.plan(site.fork(), *key).run())


def events_in(data: bytes) -> list[tuple[str, date, date]]:
    events = Calendar.from_ical(data).events
    return [(str(event["summary"]), event["dtstart"].dt, event["dtend"].dt) for event in events]


def test_a_course_has_a_calendar_of_the_days_that_are_known_in_each_language() -> None:
    files = files_of(a_course("algebra", runs=(RUN, a_run(key="undated"))), a_course("dateless"))

    assert sorted(files) == ["en/subscribe/course/algebra.ics", "subscribe/course/algebra.ics"]
    assert events_in(files["subscribe/course/algebra.ics"]) == [
        ("Algebra (Primavera 2026): it begins", date(2026, 3, 1), date(2026, 3, 2)),
        ("Algebra (Primavera 2026): enrolment opens", date(2026, 2, 1), date(2026, 2, 2)),
        ("Algebra (Primavera 2026): it ends", date(2026, 4, 11), date(2026, 4, 12)),
    ]


def test_events_of_two_editions_of_one_label_are_told_apart() -> None:
    runs = (a_run("2026-03-01", key="a", label="M7", lang="it"), a_run("2026-03-08", key="b", label="M7", lang="en"))

    events = events_in(files_of(a_course("c", runs=runs))["subscribe/course/c.ics"])

    assert [title for title, *_ in events] == ["C (M7, in italiano): it begins", "C (M7, in inglese): it begins"]


def test_a_session_is_told_in_universal_time_and_one_that_was_cancelled_says_so() -> None:
    data = files_of(a_talk(replace(SESSION, cancelled=True)), HUB)["subscribe/hub/t.ics"]

    event = Calendar.from_ical(data).events[0]
    assert event["dtstart"].dt == datetime(2026, 1, 15, 17, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2026, 1, 15, 18, tzinfo=UTC)
    assert (event["location"], event["status"]) == ("Aula Magna", "CANCELLED")
    assert b"DTSTART:20260115T170000Z\r\n" in data


def test_lines_are_folded_by_bytes_and_texts_come_back_as_they_were() -> None:
    title = "Perché «è» già così; 微積分の基礎, una \\ barra\u2028e 🎓 " * 5
    course = a_course("c", words={"it": CourseWords(title=title)}, runs=(RUN,))

    data = files_of(course)["subscribe/course/c.ics"]

    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(line.decode() is not None for line in lines)
    assert events_in(data)[0][0] == f"{title} (Primavera 2026): it begins"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_title_of_two_lines_is_one_line_of_a_calendar(end: str) -> None:
    course = a_course("c", words={"it": CourseWords(title=f"Uno{end}BEGIN:VALARM")}, runs=(RUN,))

    data = files_of(course)["subscribe/course/c.ics"]

    assert b"\r\nX-WR-CALNAME:Uno BEGIN:VALARM\r\n" in data
    assert not any(line.startswith(b"BEGIN:VALARM") or b"\n" in line for line in data.split(b"\r\n"))


def test_an_event_keeps_its_name_and_is_as_old_as_the_last_revision() -> None:
    course = a_course("algebra", runs=(RUN,), updated=date(2025, 12, 24))

    italian, english = (Calendar.from_ical(data).events[0] for data in files_of(course).values())
    renamed = Calendar.from_ical(files_of(replace(course, slug="x"))["subscribe/course/x.ics"]).events[0]

    assert italian["uid"] == english["uid"] == renamed["uid"] == "MAT1/starts@example.edu"
    assert italian["dtstamp"].dt == datetime(2025, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "day", "google", "outlook"),
    [
        (a_course(runs=(RUN,)), date(2026, 1, 1), "20260201/20260202", "2026-02-01"),
        (a_course(runs=(RUN,)), date(2026, 2, 2), "20260301/20260302", "2026-03-01"),
        (a_talk(), date(2026, 1, 15), "20260115T170000Z/20260115T180000Z", "2026-01-15T17:00:00Z"),
    ],
)
def test_links_put_the_next_event_into_a_calendar(
    record: Course | HubItem, day: date, google: str, outlook: str
) -> None:
    row = calendar_links(record, a_site(record, HUB, today=day), "it")

    assert row is not None
    file, *others = (getattr(value, "url", "") for value in row.values)
    fields = [parse_qs(urlsplit(url).query) for url in others]
    assert file == f"/subscribe/{record.ref}.ics"
    assert (fields[0]["dates"], fields[1]["startdt"]) == ([google], [outlook])


def test_where_nothing_is_ahead_the_page_has_no_links_and_the_calendar_stays() -> None:
    course, past = a_course("c", runs=(RUN,)), date(2026, 4, 12)

    page = course_page(course, a_site(course, today=past), "it")

    assert "Calendar" not in [row.label for row in page.details]
    cancelled = a_talk(replace(SESSION, cancelled=True))
    assert calendar_links(cancelled, a_site(cancelled, HUB), "it") is None
    assert "subscribe/course/c.ics" in files_of(course)
