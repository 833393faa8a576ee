"""Courses: their page, their card, and the catalogue with its filters."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from openknowledge.model.course import Audience, Course, CourseRun, CourseState, CourseWords, SyllabusUnit
from openknowledge.model.values import Lang, Record, Subject
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_, Language

from ..kind import HomeBand, Kind, ListRule
from ..routes import Route
from ..site import Site
from ..summary import Summary
from ..views.base import Card, CardGroup
from ..views.body import record_body
from ..views.course_details import course_words, detail_rows, workload
from ..views.course_runs import main_action, run_row, state_badge
from ..views.credits import credit_lines
from ..views.frame import card_group, crumb, drop_empty, feed_links, record_fields, record_link
from ..views.labels import AUDIENCES, STATES, SUBJECTS
from ..views.lists import Facet, faceted_list, kicker, record_card
from ..views.pages import CoursePage, ListPage, SyllabusRow
from ..views.summaries import summarize

__all__ = ["COURSE", "course_card", "course_page"]

RELATED_LIMIT = 3
LESSONS_LIMIT = 6


def course_page(course: Course, site: Site, lang: Lang) -> CoursePage:
    """Return what `course.html` shows. Current runs come soonest first, then past ones, newest first."""
    language = site.language(lang)
    words = course_words(course, site, lang)
    runs = sorted(course.runs, key=_soonest)
    past = [run for run in runs if run.state_on(site.today) is CourseState.ARCHIVED]
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
        kicker=kicker(site, lang, N_("Course"), site.stub("strand", course.strand)),
        state=state_badge(course.state_on(site.today), language),
        action=main_action(course, site, lang),
        details=tuple(detail_rows(course, site, lang)),
        enrolment=site.number(f"counter:{course.ref}", lang),
        outcomes=words.outcomes,
        body=record_body(site, course, lang),
        syllabus=tuple(_syllabus_row(unit, language) for unit in words.syllabus),
        credits=credit_lines(site, course.credits, lang),
        runs=tuple(run_row(run, language, site.today) for run in runs if run not in past),
        past_runs=tuple(run_row(run, language, site.today) for run in sorted(past, key=_soonest, reverse=True)),
        videos=_lessons(course, site, lang),
        related=drop_empty(
            card_group(site, _related(course, site), lang, N_("In the same strand")),
            card_group(site, site.referrers(course, "press"), lang, N_("In the press")),
        ),
    )


def _soonest(run: CourseRun) -> tuple[date, str]:
    return (run.starts or date.max, run.label)


def _syllabus_row(unit: SyllabusUnit, language: Language) -> SyllabusRow:
    weeks = language.plural("%(number)s week", "%(number)s weeks", unit.weeks) if unit.weeks else None
    return SyllabusRow(title=unit.title, weeks=weeks, text=unit.text)


def _lessons(course: Course, site: Site, lang: Lang) -> CardGroup | None:
    """Return the first lessons in the order of the course's playlists, with a link to the rest; then single videos."""
    playlists = [playlist for playlist in site.referrers(course, "playlist") if isinstance(playlist, Playlist)]
    ordered = [site.stub("video", slug) for playlist in playlists for slug in playlist.videos]
    videos = (video for video in site.referrers(course, "video") if isinstance(video, Video))
    singles = sorted((v for v in videos if v.course == course.slug), key=lambda video: (video.published, video.slug))
    every = {video.ref: video for video in [*ordered, *singles] if video is not None}
    more = record_link(site, playlists[0], lang) if playlists else None
    group = card_group(site, [*every.values()], lang, N_("Videos of the course"), LESSONS_LIMIT)
    return replace(group, more=more) if group else None


def _related(course: Course, site: Site) -> list[Record]:
    """Return the first other courses of the strand; the page depends on no more of them than it shows."""
    strand = site.stub("strand", course.strand)
    slugs = [slug for slug in site.referrer_slugs(strand, "course") if slug != course.slug] if strand else []
    return [other for slug in slugs[:RELATED_LIMIT] if (other := site.stub("course", slug)) is not None]


def course_card(course: Course, site: Site, lang: Lang) -> Card:
    """Return a course in a list: languages, workload, state and enrolments."""
    language = site.language(lang)
    state = course.state_on(site.today)
    languages = language.join_list([language.language_name(code) for code in course.teaching_langs])
    return record_card(
        course,
        site,
        lang,
        kicker=kicker(site, lang, N_("Course"), site.stub("strand", course.strand)),
        picture=site.picture(course, lang),
        badge=None if state is CourseState.UNKNOWN else state_badge(state, language),
        meta=tuple(part for part in (languages, workload(course, language)) if part),
        number=site.number(f"counter:{course.ref}", lang) if site.series_of(course.slug) else None,
    )


def course_summary(course: Course, site: Site, lang: Lang) -> Summary:
    """Return a course as other plugins see it."""
    belongs_to = (f"strand/{course.strand}",) if course.strand else ()
    return summarize(
        course, site, lang, published=course.first_published, updated=course.updated, belongs_to=belongs_to
    )


def course_list(site: Site, lang: Lang, name: str = "", value: str = "") -> ListPage:
    """Return all courses, or those with one value of one filter."""
    language = site.language(lang)
    facets = _facets(site, lang)
    return faceted_list(
        site,
        lang,
        sorted(site.stubs_of(Course), key=lambda course: site.title(course, lang).casefold()),
        route="courses",
        section="course",
        heading=language.gettext("Courses"),
        description=language.gettext("All the open online courses of the catalogue, free for everyone."),
        total=lambda n: language.plural("%(number)s course", "%(number)s courses", n),
        facets=facets,
        choice=next(((facet, value) for facet in facets if facet.name == name), None),
        feeds=feed_links(site, lang, "kind:course", "all"),
    )


def course_list_route(site: Site, lang: Lang, name: str = "", value: str = "") -> Route:
    """Return the route of such a list."""
    if not name:
        return site.routes.route("courses", lang)
    return site.routes.route("courses_by", lang, facet=name, value=value)


def course_list_keys(site: Site, lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return the whole list, and each value of each filter."""
    courses = site.stubs_of(Course)
    return (), *((facet.name, str(value)) for facet in _facets(site, lang) for value in facet.values(courses))


def _facets(site: Site, lang: Lang) -> tuple[Facet, ...]:
    """Return the filters of the catalogue, in the order in which they are shown."""
    language = site.language(lang)
    gettext = language.gettext
    return (
        Facet(
            "state",
            gettext("State"),
            lambda course: (course.state_on(site.today).value,),
            lambda value: gettext(STATES[CourseState(value)]),
            list(CourseState),
        ),
        Facet(
            "subject",
            gettext("Subject"),
            lambda course: (course.subject.value,) if course.subject else (),
            lambda value: gettext(SUBJECTS[Subject(value)]),
        ),
        Facet(
            "audience",
            gettext("For"),
            lambda course: tuple(audience.value for audience in course.audiences),
            lambda value: gettext(AUDIENCES[Audience(value)]),
        ),
        Facet("language", gettext("Taught in"), lambda course: course.teaching_langs, language.language_name),
    )


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
    summary=course_summary,
    lists=(ListRule("all", course_list, course_list_keys, course_list_route),),
    has_cover=True,
    member_rank=10,
    nav_rank=10,
    home=HomeBand(10, N_("Learn"), N_("All courses"), records=first_courses),
    feed_rank=10,
    search_weight=1.5,
)
