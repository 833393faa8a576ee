"""The pages that show how enrolments have grown: of a course, and of all courses together."""

from collections.abc import Iterator
from functools import partial

from openknowledge.model.course import Course
from openknowledge.model.values import Lang, Ref

from ..routes import Route
from ..site import Site
from .base import NavLink, Notice, Number
from .frame import page_fields
from .pages import HistoryPage
from .parts import record_link

__all__ = ["course_history", "course_history_keys", "course_history_route", "portal_history", "portal_history_keys"]


def course_history(site: Site, lang: Lang, course: str) -> HistoryPage:
    """Return the history of a course's enrolments; charts, tables and events are added by the counters."""
    language, stub = site.language(lang), site.stub("course", course)
    assert isinstance(stub, Course)
    translation = site.translation(stub, lang)
    heading, name = language.gettext("Enrolments over time"), site.settings.names[lang]
    title = translation.words.title
    page = page_fields(
        site,
        lang,
        partial(_route_in, site, course),
        template="history",
        heading=heading,
        description=language.gettext("How enrolments in “%(course)s” have grown, and what explains it.", course=title),
        section="course",
        crumbs=("course", record_link(site, stub, lang)),
        notices=_notices(site, site.number(f"counter:{stub.ref}", lang), lang),
    )
    return HistoryPage(
        **{**page, "title": f"{heading}: {title} · {name}"},
        course=course,
        kicker=title,
        kicker_lang=translation.lang_attr,
        number=site.number(f"counter:{stub.ref}", lang),
    )


def course_history_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield the courses that have a series, where the counters make their histories."""
    return ((slug,) for slug in (site.series_slugs() if site.settings.history_csv else ()))


def course_history_route(site: Site, lang: Lang, course: str) -> Route:
    """Return the route of a course's history."""
    parts = site.url_parts(Ref("course", course))
    assert parts is not None
    return site.routes.route("course_history", lang, slug=parts.slug_in(lang))


def _route_in(site: Site, course: str, lang: Lang) -> Route:
    """Return the same route; it depends on that course alone."""
    stub = site.stub("course", course)
    assert stub is not None
    return site.routes.route("course_history", lang, slug=site.slug_in(stub, lang))


def portal_history(site: Site, lang: Lang) -> HistoryPage:
    """Return the history of the enrolments in all courses."""
    language, number = site.language(lang), site.number("total:courses", lang)
    return HistoryPage(
        **page_fields(
            site,
            lang,
            "numbers_history",
            template="history",
            heading=language.gettext("Enrolments over time"),
            description=language.gettext("How enrolments in all courses have grown, and what explains it."),
            section="numbers",
            crumbs=(NavLink(text=language.gettext("Numbers and their sources"), url=site.route_url("numbers", lang)),),
            notices=_notices(site, number, lang),
        ),
        course="",
        kicker=language.gettext("All courses"),
        kicker_lang=None,
        number=number,
    )


def portal_history_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield the key of the page, where any course has a series and the counters make histories."""
    return iter([()] if site.settings.history_csv and site.series_slugs() else [])


def _notices(site: Site, number: Number | None, lang: Lang) -> tuple[Notice, ...]:
    if number is None or not number.is_sample:
        return ()
    text = site.language(lang).gettext("This is sample data: it only shows how the page works.")
    return (Notice(text=text, tone="sample"),)
