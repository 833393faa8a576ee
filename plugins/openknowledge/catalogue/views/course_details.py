"""What is known of a course, row by row; what is not known has no row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openknowledge.model.course import Course, CourseWords
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from .base import Fact, NavLink
from .frame import record_link, record_links
from .labels import AUDIENCES, LEVELS, LICENSE_URLS, LICENSES

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site


def course_words(course: Course, site: Site, lang: Lang) -> CourseWords:
    words = site.words(course, lang).words
    assert isinstance(words, CourseWords)
    return words


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


def _linked(site: Site, label: str, kind: str, slugs: tuple[str, ...], lang: Lang) -> Iterator[Fact]:
    if slugs:
        yield Fact(label=site.language(lang).text(label), values=record_links(site, kind, slugs, lang))
