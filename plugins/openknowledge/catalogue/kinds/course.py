"""Courses: their page with its runs and details, their card, and the catalogue with its filters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from openknowledge.model.course import Course, CourseState, CourseWords
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import N_, Language, N_plural

from ..kind import FacetedList, HomeBand, Kind, ListRule
from ..routes import Route
from ..site import Site
from ..views.base import Card, CardGroup, DetailRow
from ..views.body import words_of
from ..views.calendar import calendar_links
from ..views.editions import Remains, course_action, edition_rows, state_badge
from ..views.facets import Facet, facet_groups, filter_source, group_facets, year_facet
from ..views.frame import list_part_page, record_page
from ..views.history import course_history, course_history_keys, course_history_route
from ..views.labels import AUDIENCES, COURSES_OF, LEVELS, OPEN_NOW, STATES, SUBJECTS, WORKLOADS
from ..views.pages import CoursePage, ListPage, SyllabusRow
from ..views.paging import ListPart, page_of
from ..views.parts import (
    card_group,
    detail,
    drop_empty,
    kicker,
    language_names,
    licence_links,
    linked,
    list_description,
    record_card,
    record_link,
    words_in,
)
from ..views.syllabus import course_videos, other_materials, syllabus_rows

__all__ = ["COURSE", "course_card", "course_page"]

RELATED_LIMIT = 3
COUNTED = N_plural("%(number)s course", "%(number)s courses")
HOURS = (10, 30, 60, float("inf"))
"""The most hours of each class of `WORKLOADS`."""
Of = Callable[[Course], Iterable[str]]


def course_page(course: Course, site: Site, lang: Lang) -> CoursePage:
    """Return what `course.html` shows."""
    language = site.language(lang)
    words = site.translation(course, lang).words
    assert isinstance(words, CourseWords)
    shown, videos = words_of(site, course, lang), course_videos(course, words, site, lang)
    syllabus = syllabus_rows(course, words, site, lang)
    changes = sorted(course.changes, key=lambda change: change.date.last_day, reverse=True)
    return record_page(
        CoursePage,
        course,
        site,
        lang,
        crumbs=("course",),
        feeds=("kind:course", f"ref:strand/{course.strand}", "all"),
        kicker=kicker(course, site, lang, site.stub("strand", course.strand)),
        state=state_badge(course.state_on(site.today), language),
        action=course_action(course, site, lang, _find_remains(course, videos, syllabus)),
        details=_details(course, words, site, lang),
        enrolment=site.number(f"counter:{course.ref}", lang),
        outcomes=tuple(map(shown, words.outcomes)),
        syllabus=syllabus,
        materials=other_materials(course, words, site, lang),
        **edition_rows(course, site, lang),
        changes=tuple(
            DetailRow(label=language.partial_date(change.date).text, values=(shown(words_in(change.text, lang)),))
            for change in changes
        ),
        videos=videos,
        related=drop_empty(
            card_group(site, _related(course, site), lang, N_("In the same strand"), has_kickers=False),
            card_group(site, site.referrers(course, "press"), lang, N_("In the press")),
        ),
    )


def _find_remains(course: Course, videos: CardGroup | None, syllabus: Sequence[SyllabusRow]) -> Remains:
    """Return where the page has videos and materials, which stay when the course is over."""
    has_lessons, has_sheets = any(part.lessons for part in syllabus), any(part.materials for part in syllabus)
    return Remains(
        videos="title:videos" if videos else "title:syllabus" if has_lessons else "",
        materials="title:syllabus" if has_sheets else "title:materials" if course.materials else "",
    )


def _details(course: Course, words: CourseWords, site: Site, lang: Lang) -> tuple[DetailRow, ...]:
    """Return the details of the course; a detail that is unknown has no row."""
    language = site.language(lang)
    gettext = language.gettext
    strand, shown = site.stub("strand", course.strand), words_of(site, course, lang)
    named = [gettext(AUDIENCES[one]) for one in course.audiences]
    audiences = language.join_list([*named[:1], *map(language.in_sentence, named[1:])])
    return drop_empty(
        detail(gettext("Workload"), [_workload(course, language)]),
        detail(gettext("Taught in"), [language_names(language, course.teaching_langs)]),
        detail(gettext("Subtitles"), [language_names(language, course.subtitle_langs)]),
        detail(gettext("Level"), [gettext(LEVELS[course.level]) if course.level else None]),
        detail(gettext("For"), [audiences]),
        detail(gettext("Code"), [course.code]),
        detail(gettext("Strand"), [record_link(site, strand, lang) if strand else None]),
        linked(site, lang, gettext("Topics"), "topic", course.topics),
        linked(site, lang, gettext("With"), "partner", course.partners),
        linked(site, lang, gettext("Before this one"), "course", course.prerequisites),
        detail(gettext("What you need"), [shown(words.requirements or "")]),
        detail(gettext("Price"), [gettext("Free")]),
        detail(gettext("Licence"), licence_links(language, course.license)),
        detail(gettext("Certificate"), [shown(words.certificate or "") or _certificate_rule(course, site, lang)]),
        detail(gettext("Badge"), [gettext("Open Badge")] if course.badge else []),
        calendar_links(course, site, lang),
        detail(gettext("Entry revised"), [language.date(course.updated).text if course.updated else None]),
    )


def _certificate_rule(course: Course, site: Site, lang: Lang) -> str:
    """Return what the portal asks for a certificate, unless all that is known is that this course gives none."""
    known = {run.certificate for run in course.runs}
    return "" if False in known and True not in known else site.settings.certificate_rule.get(lang, "")


def _workload(course: Course, language: Language) -> str:
    """Return `5 hours a week × 6 weeks`, as far as it is known."""
    plural = language.plural
    weekly = course.weekly_hours and plural("%(number)s hour a week", "%(number)s hours a week", course.weekly_hours)
    weeks = course.weeks and plural("%(number)s week", "%(number)s weeks", course.weeks)
    total = course.total_hours and plural("%(number)s hour in all", "%(number)s hours in all", course.total_hours)
    span = " × ".join(part for part in (weekly, weeks) if part)
    return ", ".join(part for part in (span, total) if part)


def _related(course: Course, site: Site) -> list[Record]:
    """Return the first other courses of the strand; the page depends on no more of them than it shows."""
    strand = site.stub("strand", course.strand)
    slugs = [slug for slug in site.referrer_slugs(strand, "course") if slug != course.slug] if strand else []
    return [other for slug in slugs[:RELATED_LIMIT] if (other := site.stub("course", slug)) is not None]


def course_card(course: Course, site: Site, lang: Lang) -> Card:
    """Return a course in a list: languages, workload, state and enrolments."""
    language = site.language(lang)
    state = course.state_on(site.today)
    return record_card(
        course,
        site,
        lang,
        parent=site.stub("strand", course.strand),
        badge=None if state is CourseState.UNKNOWN else state_badge(state, language),
        meta=tuple(filter(None, (language_names(language, course.teaching_langs), _workload(course, language)))),
        number=site.number(f"counter:{course.ref}", lang) if site.series_of(course.slug) else None,
    )


def course_facets(site: Site, lang: Lang) -> tuple[Facet, ...]:
    """Return the filters of the catalogue, in the order in which they are shown."""
    language = site.language(lang)
    gettext = language.gettext

    def facet(name: str, label: str, labels: Mapping[Any, str], of: Of, *, list_name: str = "", **more: Any) -> Facet:
        list_name = list_name or name
        return Facet(
            name,
            label,
            of,
            more.pop("label_of", lambda value: gettext(labels[value])),
            lambda value: site.url_for_path(course_list_route(site, lang, list_name, value).url),
            list_name=list_name,
            **{"order": [*labels], "heading_of": lambda value: gettext(COURSES_OF[value]), **more},
        )

    names = language.language_name
    in_language: dict[str, Any] = {
        "label_of": lambda code: language_names(language, [code]),
        "heading_of": lambda code: gettext("Courses in %(language)s", language=names(code)),
    }
    topics, teachers = group_facets(site, lang, "course", gettext("Teachers"))
    return (
        facet("open", gettext("State"), OPEN_NOW | STATES, lambda one: _states(one, site), list_name="state"),
        facet("subject", gettext("Subject"), SUBJECTS, lambda one: filter(None, [one.subject]), order=None),
        topics,
        facet("level", gettext("Level"), LEVELS, lambda one: filter(None, [one.level])),
        facet("audience", gettext("For"), AUDIENCES, lambda one: one.audiences, order=None),
        facet("language", gettext("Taught in"), {}, lambda one: one.teaching_langs, order=None, **in_language),
        facet("workload", gettext("Workload"), WORKLOADS, _workload_class),
        teachers,
        year_facet(
            language,
            lambda one: one.first_published and one.first_published.year,
            lambda year: site.url_for_path(course_list_route(site, lang, "year", year).url),
            list_name="year",
            heading_of=lambda year: gettext("Courses of %(year)s", year=year),
        ),
    )


def _states(course: Course, site: Site) -> list[str]:
    """Return the state of a course, and before it `now` where one can begin it today."""
    state = course.state_on(site.today)
    return [*(OPEN_NOW if course.is_open_on(site.today) else ()), state]


def _workload_class(course: Course) -> list[str]:
    """Return into which class the hours of a course fall, as far as they are known."""
    hours = course.total_hours or (course.weekly_hours or 0) * (course.weeks or 0)
    return [next(name for name, most in zip(WORKLOADS, HOURS, strict=True) if hours <= most)] if hours else []


def course_slugs(site: Site, lang: Lang, name: str = "", value: str = "") -> list[str]:
    """Return the slugs of all courses, or of those with one value of one filter, by title."""
    language = site.language(lang)
    facet = next((facet for facet in course_facets(site, lang) if name and facet.list_name == name), None)
    courses = sorted(site.stubs_of(Course), key=lambda course: language.sort_key(site.title(course, lang)))
    return [course.slug for course in courses if facet is None or value in facet.values_of(course)]


def course_list(site: Site, lang: Lang, name: str = "", value: str = "", *, part: ListPart) -> ListPage:
    """Return a page of all courses, or of those with one value of one filter."""
    language, facets = site.language(lang), course_facets(site, lang)
    chosen = next((facet for facet in facets if name and facet.list_name == name), None)
    current = (chosen.name, value) if chosen is not None else None
    heading = chosen.heading_of(value) if chosen is not None else language.gettext("Courses")
    description = language.gettext("All the open online courses of the catalogue, free for everyone.")
    cards = site.cards([Ref("course", slug) for slug in part.slugs], lang)
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: page_of(site, other, course_list_route(site, other, name, value), page),
        cards,
        section="course",
        heading=heading,
        description=list_description(heading, cards) if chosen else description,
        crumbs=("course",) if chosen else (),
        feeds=("kind:course", "all"),
        counted=COUNTED,
        facets=facet_groups(site, "course", lang, with_counts=part.is_first, chosen=current),
        filters=filter_source(site, "course", lang, chosen=current),
    )


def course_list_route(site: Site, lang: Lang, name: str = "", value: str = "") -> Route:
    """Return the route of such a list: `/corsi/stato/aperti/`."""
    if not name:
        return site.routes.route("courses", lang)
    return site.routes.route("courses_by", lang, facet=name, value=value)


def course_list_keys(site: Site, lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return the whole list, and each value of each filter that has more than one."""
    counts = site.query("facet-counts", "course", lang)
    facets = zip(course_facets(site, lang), counts, strict=True)
    shown = ((facet, rows) for facet, rows in facets if facet.list_name and len(rows) > 1)
    return (), *((facet.list_name, value) for facet, rows in shown for value, _ in rows)


def first_courses(site: Site) -> list[Record]:
    """Return the courses that one can take now, then the others; each by enrolments, then by slug."""

    def rank(course: Course) -> tuple[int, int, str]:
        series = site.series_of(course.slug)
        return [*CourseState].index(course.state_on(site.today)), -(series.total if series else 0), course.slug

    return [*sorted(site.stubs_of(Course), key=rank)]


COURSE = Kind(
    name="course",
    plural="courses",
    label=N_("Course"),
    label_plural=N_("Courses"),
    model=Course,
    words=CourseWords,
    source="courses/*/*.md",
    page=course_page,
    card=course_card,
    dates=("first_published", "updated"),
    parents=("strand",),
    lists=(
        ListRule("all", course_list, course_list_keys, course_list_route, members=course_slugs),
        ListRule("history", course_history, course_history_keys, course_history_route),
    ),
    has_cover=True,
    member_rank=10,
    nav_rank=10,
    home=HomeBand(10, N_("Learn"), N_("All courses"), records=first_courses),
    feed_rank=10,
    search_weight=1.5,
    faceted=FacetedList(course_facets, lambda _site, _lang: [("all", ())], course_list_route, COUNTED),
)
