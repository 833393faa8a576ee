"""Courses: their page, their card, and the catalogue with its filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from openknowledge.model.course import Course, CourseRun, CourseState, CourseWords, SyllabusUnit
from openknowledge.model.values import Lang, Record
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_

from ..routes import Route
from ..summary import Summary
from ..views.base import Card, CardGroup
from ..views.course_details import course_words, detail_rows, workload
from ..views.course_runs import main_action, run_row, state_badge
from ..views.credits import credit_lines
from ..views.frame import card_group, crumb, drop_empty, feed_links, list_notices, record_fields, record_link
from ..views.labels import AUDIENCES, STATES, SUBJECTS
from ..views.lists import Facet, list_page
from ..views.pages import CoursePage, ListPage, SyllabusRow
from ..views.summaries import summary_of
from .kind import Kind, ListRule

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site

RELATED_LIMIT = 3
LESSONS_LIMIT = 6
SOON = date.max


def course_page(course: Course, site: Site, lang: Lang) -> CoursePage:
    """What `course.html` shows. Current runs come soonest first, then past ones, newest first."""
    language = site.language(lang)
    words = course_words(course, site, lang)
    past = [run for run in course.runs if run.state_on(site.today) is CourseState.ARCHIVED]
    current = [run for run in course.runs if run not in past]
    return CoursePage(
        **record_fields(
            site,
            course,
            lang,
            template="course",
            section="course",
            crumbs=(crumb(site, lang, N_("Courses"), "courses"),),
            feeds=feed_links(site, lang, "kind:course", f"ref:strand/{course.strand}", "all"),
        ),
        abstract=words.abstract,
        picture=site.picture(course, lang),
        kicker=kicker(course, site, lang),
        state=state_badge(course.state_on(site.today), language),
        action=main_action(course, site, lang),
        details=tuple(detail_rows(course, site, lang)),
        enrolment=site.number(f"counter:{course.ref}", lang),
        outcomes=words.outcomes,
        body=site.body(course, lang),
        syllabus=tuple(syllabus_row(unit, language) for unit in words.syllabus),
        credits=credit_lines(site, course.credits, lang),
        runs=tuple(run_row(run, language, site.today) for run in sorted(current, key=_soonest)),
        past_runs=tuple(run_row(run, language, site.today) for run in sorted(past, key=_soonest, reverse=True)),
        videos=lessons(course, site, lang),
        related=drop_empty(
            card_group(site, related(course, site), lang, N_("In the same strand"), RELATED_LIMIT),
            card_group(site, site.referrers(course, "press"), lang, N_("In the press")),
        ),
    )


def syllabus_row(unit: SyllabusUnit, language: Language) -> SyllabusRow:
    weeks = language.plural("%(number)s week", "%(number)s weeks", unit.weeks) if unit.weeks else None
    return SyllabusRow(title=unit.title, weeks=weeks, text=unit.text)


def lessons(course: Course, site: Site, lang: Lang) -> CardGroup | None:
    """The first lessons in the order of the course's playlist, with a way to the rest; then single videos."""
    playlists = [one for one in site.referrers(course, "playlist") if isinstance(one, Playlist)]
    ordered = [site.stub("video", slug) for playlist in playlists for slug in playlist.videos]
    own = [one for one in site.referrers(course, "video") if isinstance(one, Video) and one.course == course.slug]
    singles = sorted(own, key=lambda one: (one.published, one.slug))
    videos = list({one.ref: one for one in [*ordered, *singles] if one is not None}.values())
    more = record_link(site, playlists[0], lang) if playlists else None
    shown = card_group(site, videos, lang, N_("Videos of the course"), LESSONS_LIMIT)
    return replace(shown, more=more) if shown else None


def kicker(course: Course, site: Site, lang: Lang) -> str:
    """The line above the title: `Course · MOOCs For Teachers`."""
    label = site.language(lang).gettext("Course")
    strand = site.stub("strand", course.strand)
    return f"{label} · {site.title(strand, lang)}" if strand else label


def related(course: Course, site: Site) -> list[Record]:
    """The other courses of the strand."""
    strand = site.stub("strand", course.strand)
    return [one for one in site.referrers(strand, "course") if one.ref != course.ref] if strand else []


def course_card(course: Course, site: Site, lang: Lang) -> Card:
    """A course in a list: languages, workload, state and enrolments."""
    language = site.language(lang)
    shown = site.translation(course, lang)
    state = course.state_on(site.today)
    languages = language.join_list([language.language_name(code) for code in course.teaching_langs])
    return Card(
        ref=str(course.ref),
        kind="course",
        kicker=kicker(course, site, lang),
        url=site.url(course, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(course, lang),
        badge=None if state is CourseState.UNKNOWN else state_badge(state, language),
        meta=tuple(part for part in (languages, workload(course, language)) if part),
        number=site.number(f"counter:{course.ref}", lang) if site.series_of(course.slug) else None,
        is_sample=course.sample,
    )


def course_summary(course: Course, site: Site, lang: Lang) -> Summary:
    people = [site.stub("person", credit.person) for credit in course.credits]
    return summary_of(
        site,
        course,
        lang,
        published=course.first_published,
        updated=course.updated,
        authors=[site.title(person, lang) for person in people if person],
        belongs_to=(f"strand/{course.strand}",) if course.strand else (),
    )


def course_list(site: Site, lang: Lang, name: str = "", value: str = "") -> ListPage:
    """All courses, or those with one value of one filter."""
    language = site.language(lang)
    facets = course_facets(site, lang)
    return list_page(
        site,
        lang,
        sorted(site.stubs_of(Course), key=lambda one: site.title(one, lang).casefold()),
        route="courses",
        section="course",
        heading=language.gettext("Courses"),
        description=language.gettext("All the open online courses of the catalogue, free for everyone."),
        total=lambda n: language.plural("%(number)s course", "%(number)s courses", n),
        facets=facets,
        chosen=next(((facet, value) for facet in facets if facet.name == name), None),
        feeds=feed_links(site, lang, "kind:course", "all"),
        notices=list_notices,
    )


def course_list_route(site: Site, lang: Lang, name: str = "", value: str = "") -> Route:
    """Where such a list lives."""
    if not name:
        return site.routes.route("courses", lang)
    return site.routes.route("courses_by", lang, facet=name, value=value)


def course_list_keys(site: Site, lang: Lang) -> Iterable[tuple[str, ...]]:
    """The whole list, and each value of each filter."""
    courses = site.stubs_of(Course)
    return (), *((facet.name, str(value)) for facet in course_facets(site, lang) for value in facet.values(courses))


def course_facets(site: Site, lang: Lang) -> tuple[Facet, ...]:
    """The filters of the catalogue, in the order in which they are shown."""
    language = site.language(lang)
    gettext = language.gettext
    order = list(CourseState)
    return (
        Facet(
            "state",
            gettext("State"),
            lambda one: (one.state_on(site.today).value,),
            lambda value: gettext(STATES[CourseState(value)]),
            order,
        ),
        Facet(
            "subject",
            gettext("Subject"),
            lambda one: (one.subject.value,) if one.subject else (),
            lambda v: gettext(_label(SUBJECTS, v)),
        ),
        Facet(
            "audience",
            gettext("For"),
            lambda one: tuple(a.value for a in one.audiences),
            lambda v: gettext(_label(AUDIENCES, v)),
        ),
        Facet("language", gettext("Taught in"), lambda one: one.teaching_langs, language.language_name),
    )


def _label(labels: Mapping[Any, str], value: str) -> str:
    return next(label for key, label in labels.items() if key.value == value)


def _soonest(run: CourseRun) -> tuple[date, str]:
    return (run.starts or SOON, run.label)


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
    summary=course_summary,
    lists=(ListRule("all", course_list, course_list_keys, course_list_route),),
    has_cover=True,
)
