"""Courses: their page, their card, and the catalogue with its filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from ..language import N_
from ..model.course import Course, CourseRun, CourseWords, State
from ..model.values import Lang, Record
from ..model.video import Playlist, Video
from ..summary import Summary
from ..views.base import Badge, Card, CardGroup, Fact, NavLink
from ..views.build import crumb, feed_links, group, groups, list_notices, record_frame, record_link, record_links
from ..views.credits import credit_lines
from ..views.lists import Facet, list_page
from ..views.pages import CoursePage, ListPage, RunRow, SyllabusRow
from ..views.summarise import summary_of
from .kind import Kind
from .labels import AUDIENCES, LEVELS, LICENSE_URLS, LICENSES, PACES, STATES, SUBJECTS

if TYPE_CHECKING:
    from ..language import Language
    from ..site import Site

RELATED_LIMIT = 3
LESSONS_LIMIT = 6
SOON = date.max


def course_page(course: Course, site: Site, lang: Lang) -> CoursePage:
    """What `course.html` shows. Current runs come soonest first, then past ones, newest first."""
    language = site.language(lang)
    words = course_words(course, site, lang)
    past = [run for run in course.runs if run.status(site.today) is State.ARCHIVED]
    current = [run for run in course.runs if run not in past]
    return CoursePage(
        **record_frame(
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
        state=state_badge(course.state(site.today), language),
        action=action(course, site, lang),
        facts=tuple(facts(course, site, lang)),
        enrolment=site.number(f"counter:{course.ref}", lang),
        outcomes=words.outcomes,
        body=site.body(course, lang),
        syllabus=tuple(
            SyllabusRow(
                title=unit.title,
                weeks=language.counted("%(number)s week", "%(number)s weeks", unit.weeks) if unit.weeks else None,
                text=unit.text,
            )
            for unit in words.syllabus
        ),
        credits=credit_lines(site, course.credits, lang),
        runs=tuple(run_row(run, language, site.today) for run in sorted(current, key=_soonest)),
        past_runs=tuple(run_row(run, language, site.today) for run in sorted(past, key=_soonest, reverse=True)),
        videos=lessons(course, site, lang),
        related=groups(
            group(site, related(course, site), lang, N_("In the same strand"), RELATED_LIMIT),
            group(site, site.referring(course, "press"), lang, N_("In the press")),
        ),
    )


def lessons(course: Course, site: Site, lang: Lang) -> CardGroup | None:
    """The first lessons in the order of the course's playlist, with a way to the rest; then single videos."""
    playlists = [one for one in site.of(Playlist) if one.course == course.slug]
    ordered = [site.get("video", slug) for playlist in playlists for slug in playlist.videos]
    own = [one for one in site.of(Video) if one.course == course.slug]
    singles = sorted(own, key=lambda one: (one.published, one.slug))
    videos = list({one.ref: one for one in [*ordered, *singles] if one is not None}.values())
    more = record_link(site, playlists[0], lang) if playlists else None
    shown = group(site, videos, lang, N_("Videos of the course"), LESSONS_LIMIT)
    return replace(shown, more=more) if shown else None


def course_words(course: Course, site: Site, lang: Lang) -> CourseWords:
    words = site.words(course, lang).words
    assert isinstance(words, CourseWords)
    return words


def kicker(course: Course, site: Site, lang: Lang) -> str:
    """The line above the title: `Course · MOOCs For Teachers`."""
    label = site.language(lang).text("Course")
    strand = site.get("strand", course.strand)
    return f"{label} · {site.title(strand, lang)}" if strand else label


def state_badge(state: State, language: Language) -> Badge:
    return Badge(text=language.text(STATES[state]), tone=state.value)


def action(course: Course, site: Site, lang: Lang) -> NavLink | None:
    """The one thing to do now: the address of the first run that is not over and has one."""
    text = site.language(lang).text
    labels = {
        State.OPEN: N_("Enrol for free"),
        State.RUNNING: N_("Join for free"),
        State.SELF_PACED: N_("Begin for free"),
    }
    for state in (State.OPEN, State.RUNNING, State.SELF_PACED, State.UPCOMING, State.UNKNOWN):
        for run in course.runs:
            if run.url and run.status(site.today) is state:
                return NavLink(text=text(labels.get(state, N_("See it on the portal"))), url=run.url, rel="external")
    return None


def facts(course: Course, site: Site, lang: Lang) -> Iterator[Fact]:
    """What is known of the course, row by row; what is not known has no row."""
    language = site.language(lang)
    text = language.text
    effort = workload(course, language)
    if effort:
        yield Fact(label=text("Workload"), values=(effort,))
    if course.teaching_langs:
        names = tuple(language.language_name(code) for code in course.teaching_langs)
        yield Fact(label=text("Taught in"), values=(language.joined(names),))
    if course.subtitle_langs:
        names = tuple(language.language_name(code) for code in course.subtitle_langs)
        yield Fact(label=text("Subtitles"), values=(language.joined(names),))
    if course.level:
        yield Fact(label=text("Level"), values=(text(LEVELS[course.level]),))
    if course.audiences:
        yield Fact(label=text("For"), values=(language.joined([text(AUDIENCES[one]) for one in course.audiences]),))
    if course.code:
        yield Fact(label=text("Code"), values=(course.code,))
    yield from relations(course, site, lang)
    yield from terms(course, site, lang)


def relations(course: Course, site: Site, lang: Lang) -> Iterator[Fact]:
    """What the course belongs to and builds on."""
    strand = site.get("strand", course.strand)
    if strand:
        label = site.language(lang).text("Strand")
        yield Fact(label=label, values=(record_link(site, strand, lang),))
    yield from _linked(site, N_("Topics"), "topic", course.topics, lang)
    yield from _linked(site, N_("With"), "partner", course.partners, lang)
    yield from _linked(site, N_("Before this one"), "course", course.prerequisites, lang)


def terms(course: Course, site: Site, lang: Lang) -> Iterator[Fact]:
    """What it takes and what one gets."""
    text = site.language(lang).text
    requirements = course_words(course, site, lang).requirements
    if requirements:
        yield Fact(label=text("What you need"), values=(requirements,))
    yield Fact(label=text("Price"), values=(text("Free"),))
    if course.license:
        url = LICENSE_URLS[course.license]
        yield Fact(label=text("Licence"), values=(NavLink(text=text(LICENSES[course.license]), url=url),))
    certificate = course_words(course, site, lang).certificate
    if certificate:
        yield Fact(label=text("Certificate"), values=(certificate,))
    if course.badge:
        yield Fact(label=text("Badge"), values=(text("Open Badge"),))


def workload(course: Course, language: Language) -> str:
    """`5 hours a week × 6 weeks`, as far as it is known."""
    weekly = course.weekly_hours and language.counted(
        "%(number)s hour a week", "%(number)s hours a week", course.weekly_hours
    )
    weeks = course.weeks and language.counted("%(number)s week", "%(number)s weeks", course.weeks)
    total = course.total_hours and language.counted(
        "%(number)s hour in all", "%(number)s hours in all", course.total_hours
    )
    span = " × ".join(part for part in (weekly, weeks) if part)
    return ", ".join(part for part in (span, total) if part)


def run_row(run: CourseRun, language: Language, today: date) -> RunRow:
    """A run with its dates in words; dates that are not public are said not to be."""
    state = run.status(today)
    details = [language.text(PACES[run.pace])] if run.pace else []
    if run.lang:
        details.append(language.language_name(run.lang))
    if run.certificate:
        details.append(language.text("With a certificate"))
    if run.enrollment_closes and run.is_enrolling(today):
        day = language.date(run.enrollment_closes).text
        details.append(language.text("Enrol by %(day)s", day=day))
    return RunRow(
        label=run.label,
        dates=run_dates(run, language),
        badge=None if state is State.UNKNOWN else state_badge(state, language),
        details=tuple(details),
        url=run.url,
        key=run.key,
    )


def run_dates(run: CourseRun, language: Language) -> str:
    if run.starts and run.ends:
        first, last = language.date(run.starts).text, language.date(run.ends).text
        return language.text("from %(first)s to %(last)s", first=first, last=last)
    if run.starts:
        return language.text("from %(first)s", first=language.date(run.starts).text)
    if run.ends:
        return language.text("until %(last)s", last=language.date(run.ends).text)
    return language.text("Dates not known")


def related(course: Course, site: Site) -> list[Record]:
    """The other courses of the strand."""
    strand = site.get("strand", course.strand)
    return [one for one in site.referring(strand, "course") if one.ref != course.ref] if strand else []


def course_card(course: Course, site: Site, lang: Lang) -> Card:
    """A course in a list: languages, workload, state and enrolments."""
    language = site.language(lang)
    shown = site.words(course, lang)
    state = course.state(site.today)
    languages = language.joined([language.language_name(code) for code in course.teaching_langs])
    return Card(
        ref=str(course.ref),
        kind="course",
        kicker=kicker(course, site, lang),
        url=site.url(course, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(course, lang),
        badge=None if state is State.UNKNOWN else state_badge(state, language),
        meta=tuple(part for part in (languages, workload(course, language)) if part),
        number=site.number(f"counter:{course.ref}", lang) if course.slug in site.series else None,
        is_sample=course.sample,
    )


def course_summary(course: Course, site: Site, lang: Lang) -> Summary:
    people = [site.get("person", credit.person) for credit in course.credits]
    return summary_of(
        site,
        course,
        lang,
        published=course.first_published,
        updated=course.updated,
        authors=[site.title(person, lang) for person in people if person],
        belongs_to=(f"strand/{course.strand}",) if course.strand else (),
    )


def course_lists(site: Site, lang: Lang) -> Iterator[ListPage]:
    """All courses, and one page for each value of each filter."""
    language = site.language(lang)
    courses = sorted(site.of(Course), key=lambda one: site.title(one, lang).casefold())
    facets = course_facets(site, lang)
    for chosen in (None, *((facet, value) for facet in facets for value in facet.values(courses))):
        yield list_page(
            site,
            lang,
            courses,
            route="courses",
            section="course",
            heading=language.text("Courses"),
            description=language.text("All the open online courses of the catalogue, free for everyone."),
            total=lambda n: language.counted("%(number)s course", "%(number)s courses", n),
            facets=facets,
            chosen=chosen,
            feeds=feed_links(site, lang, "kind:course", "all"),
            notices=list_notices,
        )


def course_facets(site: Site, lang: Lang) -> tuple[Facet, ...]:
    """The filters of the catalogue, in the order in which they are shown."""
    language = site.language(lang)
    text = language.text
    order = list(State)
    return (
        Facet(
            "state",
            text("State"),
            lambda one: (one.state(site.today).value,),
            lambda value: text(STATES[State(value)]),
            order,
        ),
        Facet(
            "subject",
            text("Subject"),
            lambda one: (one.subject.value,) if one.subject else (),
            lambda v: text(_label(SUBJECTS, v)),
        ),
        Facet(
            "audience",
            text("For"),
            lambda one: tuple(a.value for a in one.audiences),
            lambda v: text(_label(AUDIENCES, v)),
        ),
        Facet("language", text("Taught in"), lambda one: one.teaching_langs, language.language_name),
    )


def _label(labels: Mapping[Any, str], value: str) -> str:
    return next(label for key, label in labels.items() if key.value == value)


def _soonest(run: CourseRun) -> tuple[date, str]:
    return (run.starts or SOON, run.label)


def _linked(site: Site, label: str, kind: str, slugs: tuple[str, ...], lang: Lang) -> Iterator[Fact]:
    if slugs:
        yield Fact(label=site.language(lang).text(label), values=record_links(site, kind, slugs, lang))


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
    lists=course_lists,
)
