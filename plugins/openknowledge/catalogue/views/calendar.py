"""When a course or a session takes place: events of a calendar, and links that put the next one into a reader's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode, urlsplit

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.course import Course, CourseRun
from openknowledge.model.programme import HubItem
from openknowledge.model.values import Lang, PartialDate, Record, Ref
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import DetailRow, NavLink
from .body import plain_text
from .editions import edition_labels
from .parts import detail

__all__ = ["CalendarEvent", "calendar_links", "calendar_path", "calendar_refs", "record_events"]

RUN_DAYS = {
    "starts": N_("%(title)s: it begins"),
    "enrollment_opens": N_("%(title)s: enrolment opens"),
    "enrollment_closes": N_("%(title)s: last day to enrol"),
    "ends": N_("%(title)s: it ends"),
}
"""The days of a run that are events, and what each is called."""
GOOGLE = "https://calendar.google.com/calendar/render?"
OUTLOOK = "https://outlook.office.com/calendar/0/deeplink/compose?"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent(FastPickle):
    """A day, or a span from a moment to another (UTC). `revised` is when what is known of it was last changed."""

    uid: str
    title: str
    starts: date
    ends: date
    revised: datetime
    text: str
    url: str
    place: str = ""
    is_cancelled: bool = False

    @property
    def is_day(self) -> bool:
        """Return whether the event is a whole day; `ends` is the day after."""
        return not isinstance(self.starts, datetime)


def calendar_path(site: Site, lang: Lang, ref: Ref) -> str:
    """Return the file of an item's calendar below output/, beside that of its feeds."""
    return f"{site.routes.route('subscribe', lang).url}{ref}.ics"


def calendar_refs(site: Site) -> tuple[tuple[str, str], ...]:
    """Return the kinds and slugs of all items with dates for a calendar; past ones stay, as their addresses do."""
    courses = (course for course in site.stubs_of(Course) if any(map(_has_days, course.runs)))
    sessions = (item for item in site.stubs_of(HubItem) if item.session is not None)
    return tuple((record.kind, record.slug) for records in (courses, sessions) for record in records)


def _has_days(run: CourseRun) -> bool:
    return any(getattr(run, name) is not None for name in RUN_DAYS)


def record_events(record: Record, site: Site, lang: Lang) -> tuple[CalendarEvent, ...]:
    """Return the events of a course or of an item of the learning hub; none of other kinds."""
    if isinstance(record, Course):
        labels = edition_labels(record, site.language(lang))
        return tuple(event for run in record.runs for event in _run_events(record, run, labels[run.key], site, lang))
    return tuple(_session_events(record, site, lang)) if isinstance(record, HubItem) else ()


def _run_events(course: Course, run: CourseRun, label: str, site: Site, lang: Lang) -> Iterator[CalendarEvent]:
    title = f"{site.title(course, lang)} ({label})"
    for name, message in RUN_DAYS.items():
        day: date | None = getattr(run, name)
        if day is not None:
            words = site.language(lang).gettext(message, title=title)
            yield _event(course, site, lang, f"{run.key}/{name}", words, day, day + timedelta(days=1))


def _session_events(item: HubItem, site: Site, lang: Lang) -> Iterator[CalendarEvent]:
    session, title = item.session, site.title(item, lang)
    if session is not None:
        starts, ends = session.starts.astimezone(UTC), session.ends.astimezone(UTC)
        event = _event(item, site, lang, str(item.ref), title, starts, ends)
        yield replace(event, place=session.place or "", is_cancelled=session.cancelled)


def _event(
    record: Course | HubItem, site: Site, lang: Lang, name: str, title: str, starts: date, ends: date
) -> CalendarEvent:
    published = record.first_published if isinstance(record, Course) else record.published
    day = published.first_day if isinstance(published, PartialDate) else published
    return CalendarEvent(
        uid=f"{name}@{urlsplit(site.settings.base_url).hostname}",
        title=title,
        starts=starts,
        ends=ends,
        revised=datetime.combine(record.updated or day or starts, time(), UTC),
        text=plain_text(site, site.translation(record, lang).words.abstract, lang),
        url=site.absolute_url(site.url(record, lang)),
    )


def calendar_links(record: Record, site: Site, lang: Lang) -> DetailRow | None:
    """Return the links that put what is ahead into a calendar: a file with all dates, and the next event for two more.

    None where nothing is ahead. The links lead to other sites only when a reader follows them.
    """
    ahead = [one for one in record_events(record, site, lang) if _day_of(one) >= site.today and not one.is_cancelled]
    if not ahead:
        return None
    event = min(ahead, key=lambda one: (_day_of(one), one.uid))
    gettext, url = site.language(lang).gettext, site.url_for_path(calendar_path(site, lang, record.ref))
    links = (("Google", _google_url(event)), ("Outlook", _outlook_url(event)))
    others = (NavLink(text=name, url=url, rel="external nofollow") for name, url in links)
    return detail(gettext("Calendar"), (NavLink(text=gettext("File (.ics)"), url=url), *others))


def _day_of(event: CalendarEvent) -> date:
    return event.starts.date() if isinstance(event.starts, datetime) else event.starts


def _google_url(event: CalendarEvent) -> str:
    form = "%Y%m%d" if event.is_day else "%Y%m%dT%H%M%SZ"
    dates = f"{event.starts:{form}}/{event.ends:{form}}"
    fields = {"text": event.title, "dates": dates, "details": event.url, "location": event.place}
    return GOOGLE + urlencode({"action": "TEMPLATE", **{name: value for name, value in fields.items() if value}})


def _outlook_url(event: CalendarEvent) -> str:
    form = "%Y-%m-%d" if event.is_day else "%Y-%m-%dT%H:%M:%SZ"
    fields = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": event.title,
        "startdt": f"{event.starts:{form}}",
        "enddt": f"{event.ends:{form}}",
        "allday": "true" if event.is_day else "",
        "body": event.url,
        "location": event.place,
    }
    return OUTLOOK + urlencode({name: value for name, value in fields.items() if value})
