"""The calendars: an iCalendar file (RFC 5545) for each course with dates and each session, in each language."""

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.calendar import CalendarEvent, calendar_path, record_events
from openknowledge.engine.rules import Action, Description, Files, Rule
from openknowledge.manifest import FileRole
from openknowledge.model.values import Lang, Ref

__all__ = ["calendars_rule", "render_calendar"]

PRODUCT = "-//openknowledge//catalogue//"
DESCRIPTIONS = {"calendar": Description("the calendar of {item} ({lang})", ("lang", "kind", "slug"))}


def calendars_rule() -> Rule:
    """Return the rule for the calendars of all items that have dates."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        return [(lang, kind, slug) for lang in site.langs for kind, slug in site.query("calendar-refs")]

    def plan(site: Site, lang: str, kind: str, slug: str) -> Action:
        record = site.record(Ref(kind, slug))
        path, title = calendar_path(site, lang, record.ref), site.title(record, lang)
        return Action(render_calendar, (path, title, lang, record_events(record, site, lang)))

    return Rule("calendar", "Writing calendars", keys, plan, role=FileRole.FEED, descriptions=DESCRIPTIONS)


def render_calendar(path: str, title: str, lang: Lang, events: tuple[CalendarEvent, ...]) -> Files:
    """Return a calendar as its file; workers call this.

    Moments are in UTC, so no rules of a time zone are needed: those that icalendar writes (`VTIMEZONE`) are an hour off
    on the day when summer time begins.
    """
    from icalendar import Calendar, Event

    calendar, title = Calendar(), " ".join(title.split())
    for name, value in (("prodid", f"{PRODUCT}{lang.upper()}"), ("version", "2.0"), ("name", title)):
        calendar.add(name, value)
    calendar.add("x-wr-calname", title)
    for event in events:
        entry = Event()
        entry.add("uid", event.uid)
        entry.add("dtstamp", event.revised)
        entry.add("dtstart", event.starts)
        entry.add("dtend", event.ends)
        entry.add("summary", event.title, parameters={"LANGUAGE": lang})
        entry.add("description", "\n\n".join(filter(None, (event.text, event.url))))
        entry.add("url", event.url)
        if event.place:
            entry.add("location", event.place)
        if event.is_day:
            entry.add("transp", "TRANSPARENT")
        if event.is_cancelled:
            entry.add("status", "CANCELLED")
        calendar.add_component(entry)
    return ((path, calendar.to_ical()),)
