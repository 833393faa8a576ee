"""The details of a course; a detail that is unknown has no row."""

from collections.abc import Iterator

from openknowledge.model.course import Course, CourseWords
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_, Language

from ..site import Site
from .base import DetailRow, NavLink
from .frame import record_link, record_links
from .labels import AUDIENCES, LEVELS, LICENSE_URLS, LICENSES


def course_words(course: Course, site: Site, lang: Lang) -> CourseWords:
    """Return the words of a course, with its own fields."""
    words = site.translation(course, lang).words
    assert isinstance(words, CourseWords)
    return words


def detail_rows(course: Course, site: Site, lang: Lang) -> Iterator[DetailRow]:
    """Return the details of the course; a detail that is unknown has no row."""
    language = site.language(lang)
    gettext = language.gettext
    effort = workload(course, language)
    if effort:
        yield DetailRow(label=gettext("Workload"), values=(effort,))
    if course.teaching_langs:
        names = tuple(language.language_name(code) for code in course.teaching_langs)
        yield DetailRow(label=gettext("Taught in"), values=(language.join_list(names),))
    if course.subtitle_langs:
        names = tuple(language.language_name(code) for code in course.subtitle_langs)
        yield DetailRow(label=gettext("Subtitles"), values=(language.join_list(names),))
    if course.level:
        yield DetailRow(label=gettext("Level"), values=(gettext(LEVELS[course.level]),))
    if course.audiences:
        yield DetailRow(
            label=gettext("For"), values=(language.join_list([gettext(AUDIENCES[one]) for one in course.audiences]),)
        )
    if course.code:
        yield DetailRow(label=gettext("Code"), values=(course.code,))
    yield from relation_rows(course, site, lang)
    yield from term_rows(course, site, lang)


def relation_rows(course: Course, site: Site, lang: Lang) -> Iterator[DetailRow]:
    """Return what the course belongs to and builds on."""
    strand = site.stub("strand", course.strand)
    if strand:
        label = site.language(lang).gettext("Strand")
        yield DetailRow(label=label, values=(record_link(site, strand, lang),))
    yield from _linked(site, N_("Topics"), "topic", course.topics, lang)
    yield from _linked(site, N_("With"), "partner", course.partners, lang)
    yield from _linked(site, N_("Before this one"), "course", course.prerequisites, lang)


def term_rows(course: Course, site: Site, lang: Lang) -> Iterator[DetailRow]:
    """Return the effort and the certificate of the course."""
    gettext = site.language(lang).gettext
    requirements = course_words(course, site, lang).requirements
    if requirements:
        yield DetailRow(label=gettext("What you need"), values=(requirements,))
    yield DetailRow(label=gettext("Price"), values=(gettext("Free"),))
    if course.license:
        url = LICENSE_URLS[course.license]
        yield DetailRow(label=gettext("Licence"), values=(NavLink(text=gettext(LICENSES[course.license]), url=url),))
    certificate = course_words(course, site, lang).certificate
    if certificate:
        yield DetailRow(label=gettext("Certificate"), values=(certificate,))
    if course.badge:
        yield DetailRow(label=gettext("Badge"), values=(gettext("Open Badge"),))


def workload(course: Course, language: Language) -> str:
    """Return `5 hours a week × 6 weeks`, as far as it is known."""
    weekly = course.weekly_hours and language.plural(
        "%(number)s hour a week", "%(number)s hours a week", course.weekly_hours
    )
    weeks = course.weeks and language.plural("%(number)s week", "%(number)s weeks", course.weeks)
    total = course.total_hours and language.plural(
        "%(number)s hour in all", "%(number)s hours in all", course.total_hours
    )
    span = " × ".join(part for part in (weekly, weeks) if part)
    return ", ".join(part for part in (span, total) if part)


def _linked(site: Site, label: str, kind: str, slugs: tuple[str, ...], lang: Lang) -> Iterator[DetailRow]:
    if slugs:
        yield DetailRow(label=site.language(lang).gettext(label), values=record_links(site, kind, slugs, lang))
