"""Numbers as views, and the page that lists them all."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from openknowledge.model.numbers import CountingChange, EnrollmentMeasure, EnrollmentSeries, Figure, Measure, Qualifier
from openknowledge.model.values import Lang, PartialDate, Record
from openknowledge.rendering.locale import N_, Language, N_plural, exact_text, short_text

from ..site import Site
from .base import Number
from .frame import page_fields
from .pages import NumberGroup, NumbersPage
from .parts import named, sort_stubs, words_in

__all__ = [
    *("choose_measure", "define_series", "define_total", "document_path", "index_piece", "index_pieces"),
    *("measure_label", "measure_title"),
    *("number_names", "numbers_are_cut", "numbers_page", "reason_in", "show_number"),
]

ONCE_PER_COURSE = N_("Someone who takes several courses counts once for each, so this is not a number of people.")
COURSE_DEFINITIONS = {
    EnrollmentMeasure.ENROLLED_EVER: N_("Enrolments in this course, in all its editions."),
    EnrollmentMeasure.ENROLLED_NOW: N_(
        "Current enrolments in this course: those of people who have left do not count, so the number may fall."
    ),
    EnrollmentMeasure.MEMBERS: N_(
        "All members of the course's space on the platform, teachers and staff included; the number may fall."
    ),
}
"""What the number of a course counts, by its measure."""
COURSES = "counters"
"""The anchor of the numbers of courses on the page of all numbers."""
LISTED_COURSES = 100
"""How many courses the page of all numbers has; of more it has those with the highest numbers."""
TOTAL_DEFINITIONS = {
    EnrollmentMeasure.ENROLLED_NOW: N_(
        "Current enrolments in %(counted)s of %(all)s courses: those of people who have left do not count, so the "
        "number may fall."
    ),
    EnrollmentMeasure.MEMBERS: N_(
        "All members of the spaces of %(counted)s of %(all)s courses on the platform, teachers and staff included; the "
        "number may fall."
    ),
}
"""What a sum counts that is not one of all who ever enrolled."""
ENROLMENTS_OF = N_plural("Enrolments in %(number)s course of %(all)s.", "Enrolments in %(number)s of %(all)s courses.")
KNOWN_ENROLMENTS = N_plural(
    "Enrolments in %(number)s course of %(all)s; no figures are available for the rest.",
    "Enrolments in %(number)s of %(all)s courses; no figures are available for the rest.",
)
"""What other sums count, where the rest of the courses have another measure, and where they have none."""


MEASURE_TITLES = {
    EnrollmentMeasure.ENROLLED_EVER: N_("Enrolments"),
    EnrollmentMeasure.ENROLLED_NOW: N_("Current enrolments"),
    EnrollmentMeasure.MEMBERS: N_("Members"),
}


def measure_label(language: Language, measure: EnrollmentMeasure, value: int) -> str:
    """Return the noun beside a number of enrolments."""
    if measure is EnrollmentMeasure.ENROLLED_NOW:
        return language.plural("current enrolment", "current enrolments", value)
    if measure is EnrollmentMeasure.MEMBERS:
        return language.plural("member", "members", value)
    return language.plural("enrolment", "enrolments", value)


def measure_title(language: Language, measure: EnrollmentMeasure) -> str:
    """Return a heading over numbers of a measure."""
    return language.gettext(MEASURE_TITLES[measure])


def show_number(site: Site, name: str, lang: Lang) -> Number | None:
    """Return the number called `figure:NAME`, `counter:course/SLUG`, `total:courses` or `total:strand/SLUG`.

    None where there is no such figure or strand; `number_names` lists the existing ones. The number of a course that
    does not appear yet is not known.
    """
    sort, _, rest = name.partition(":")
    kind, _, slug = rest.partition("/")
    if sort == "figure" and rest in site.figures:
        return _figure(site, site.figures[rest], lang)
    if sort == "counter" and kind == "course":
        return _counter(site, slug, lang)
    if sort == "total" and rest == "courses":
        return _total(site, name, site.slugs("course"), lang)
    strand = site.stub("strand", slug) if sort == "total" and kind == "strand" else None
    return _total(site, name, site.referrer_slugs(strand, "course"), lang) if strand else None


def number_names(site: Site) -> tuple[str, ...]:
    """Return every name that `show_number` answers, sorted."""
    figures = [f"figure:{name}" for name in site.figures]
    counters = [f"counter:course/{slug}" for slug in site.slugs("course")]
    totals = ["total:courses", *(f"total:strand/{slug}" for slug in site.slugs("strand"))]
    return tuple(sorted((*figures, *counters, *totals)))


def document_path(site: Site, name: str) -> str:
    """Return the file of the JSON document with a number; empty where no plugin writes any.

    A course has a document of its own, so have the total and each strand, and all figures of a group share one: a page
    asks for what it shows and little more.
    """
    if name in index_pieces():
        return site.settings.counter_json.format(slug=name)
    sort, _, rest = name.partition(":")
    groups = {"counter": rest.removeprefix("course/"), "figure": f"figure/{rest.partition('.')[0]}"}
    return site.settings.counter_json.format(slug=groups.get(sort, f"{sort}/{rest}"))


def index_piece(slug: str) -> str:
    """Return in which piece of the index a course is: its slug's digest says it, so no other course moves it."""
    return f"courses/{hashlib.sha256(slug.encode()).hexdigest()[0]}"


@cache
def index_pieces() -> tuple[str, ...]:
    """Return the names of all pieces; their number never changes, so none is ever missing."""
    return tuple(f"courses/{digit}" for digit in "0123456789abcdef")


def numbers_page(site: Site, lang: Lang) -> NumbersPage:
    """Return the page `numbers.html`: totals, figures under their headings, then courses."""
    language = site.language(lang)
    groups = tuple(_described_once(group, language) for group in _groups(site, lang) if group.numbers)
    numbers = [number for group in groups for number in group.numbers]
    notes = (
        (any(number.is_sample for number in numbers), N_("Sample data only show how this page works.")),
        (any(number.is_stale for number in numbers), N_("Nobody has updated a number marked as not recent lately.")),
    )
    return NumbersPage(
        **page_fields(
            site,
            lang,
            "numbers",
            template="numbers",
            heading=language.gettext("Numbers and their sources"),
            description=language.gettext(
                "Each number with what it counts, where it comes from and the day for which it holds."
            ),
        ),
        explanation=language.gettext(
            "Learners and enrolments are different measures: someone who takes three courses is one learner with "
            "three enrolments. The two are never added or compared. Where sources disagree, both numbers stand here."
        ),
        notes=tuple(language.gettext(note) for is_due, note in notes if is_due),
        groups=groups,
    )


def _described_once(group: NumberGroup, language: Language) -> NumberGroup:
    """Return a group without what the page's explanation says of all, and with what its numbers share said once."""
    known = " " + language.gettext(ONCE_PER_COURSE)
    numbers = tuple(replace(one, definition=one.definition.replace(known, "")) for one in group.numbers)
    if len(numbers) == 1:
        return replace(group, numbers=numbers)
    if len({(one.as_of, one.source, one.source_url) for one in numbers}) == 1:
        group = replace(group, origin=numbers[0])
    shared = {number.definition for number in numbers}
    if len(shared) > 1:
        return replace(group, numbers=numbers)
    definition = f"{shared.pop()} {group.definition}".strip()
    return replace(group, numbers=tuple(replace(one, definition="") for one in numbers), definition=definition)


def _groups(site: Site, lang: Lang) -> Iterator[NumberGroup]:
    language = site.language(lang)
    totals = [(None, "total:courses"), *((one, f"total:{one.ref}") for one in sort_stubs(site, lang, "strand"))]
    yield NumberGroup(
        title=language.gettext("Enrolments in all courses and by strand"),
        anchor="totals",
        numbers=_known(site, totals, language.gettext("All courses"), lang),
    )
    for group in dict.fromkeys(name.partition(".")[0] for name in site.figures):
        figures = [figure for name, figure in site.figures.items() if name.partition(".")[0] == group]
        yield NumberGroup(
            title=words_in(figures[0].group, lang) or group,
            anchor=f"figures-{group}",
            numbers=tuple(_figure(site, figure, lang) for figure in figures),
        )
    yield _course_group(site, lang)


def _course_group(site: Site, lang: Lang) -> NumberGroup:
    """Return the numbers of courses by title; of too many the highest ones."""
    language, series = site.language(lang), site.series
    courses = [course for course in sort_stubs(site, lang, "course") if course.slug in series]
    note = ""
    if site.query("numbers-are-cut"):
        highest = sorted(courses, key=lambda course: -series[course.slug].total)
        listed = {course.slug for course in highest[:LISTED_COURSES]}
        courses = [course for course in courses if course.slug in listed]
        note = language.gettext(
            "Here are the %(number)s courses with the highest numbers; every course has its own on its page.",
            number=language.number(LISTED_COURSES),
        )
    return NumberGroup(
        title=language.gettext("Enrolments by course"),
        anchor=COURSES,
        numbers=_known(site, [(course, f"counter:{course.ref}") for course in courses], "", lang),
        definition=note,
    )


def numbers_are_cut(site: Site) -> bool:
    """Return whether there are more courses with a number than the page of all numbers has."""
    return len(site.series) > LISTED_COURSES


def _known(site: Site, records: Sequence[tuple[Record | None, str]], label: str, lang: Lang) -> tuple[Number, ...]:
    """Return the known numbers, each labelled with the title of its record."""
    found = ((record, site.number(name, lang)) for record, name in records)
    return tuple(
        replace(number, label=label if record is None else named(site, record, lang))
        for record, number in found
        if number is not None and number.is_known
    )


def _figure(site: Site, figure: Figure, lang: Lang) -> Number:
    source, text = figure.source, figure.source.title
    if source.date is not None:
        text = f"{text}, {site.language(lang).partial_date(source.date).text}"
    return _number(
        site,
        lang,
        f"figure:{figure.name}",
        figure.value,
        figure.as_of,
        label=words_in(figure.label, lang),
        definition=words_in(figure.definition, lang),
        source=text,
        source_url=figure.source.url,
        qualifier=figure.qualifier,
        measure=figure.measure,
        is_sample=figure.sample,
        is_final=figure.final,
        may_fall=figure.measure.may_fall,
        is_live=not figure.final,
    )


def _counter(site: Site, course: str, lang: Lang) -> Number:
    series = site.series_of(course)
    definition = define_series(series, site.language(lang))
    number = _enrolments(site, lang, f"counter:course/{course}", [series] if series else [], definition)
    stub = site.stub("course", course) if series and site.settings.history_csv else None
    if stub is None:
        return number
    return replace(number, history_url=site.route_url("course_history", lang, slug=site.slug_in(stub, lang)))


def define_series(series: EnrollmentSeries | None, language: Language) -> str:
    """Return what the number of a course counts, and since when where another series came before."""
    measure = series.measure if series else EnrollmentMeasure.ENROLLED_EVER
    parts = [language.gettext(COURSE_DEFINITIONS[measure]), language.gettext(ONCE_PER_COURSE)]
    if series is not None and series.seam is not None:
        parts.append(describe_seam(series.seam, language))
    return " ".join(parts)


def describe_seam(seam: CountingChange, language: Language) -> str:
    """Return since when a series counts, and why."""
    return language.gettext(
        "Counted since %(day)s (%(reason)s); what was counted before is another number, and is not added.",
        day=language.date(seam.day).text,
        reason=reason_in(seam, language.code),
    )


def reason_in(change: CountingChange, lang: Lang) -> str:
    """Return a reason in a language; in another one where it is not written in that."""
    return change.reason.get(lang) or next(iter(change.reason.values()), "")


def _total(site: Site, name: str, courses: Sequence[str], lang: Lang) -> Number:
    """Return a sum of enrolments: of real series where there are any, else of samples, never of both."""
    all_series = site.series
    found = [all_series[slug] for slug in courses if slug in all_series]
    found = [one for one in found if not one.sample] or found
    series = choose_measure(found)
    definition = define_total(site.language(lang), series, len(series) < len(found), len(courses))
    number = _enrolments(site, lang, name, series, definition)
    if name != "total:courses" or not series or not site.settings.history_csv:
        return number
    return replace(number, history_url=site.route_url("numbers_history", lang))


def choose_measure(series: Sequence[EnrollmentSeries]) -> list[EnrollmentSeries]:
    """Return the series of the measure that most of them have; of all who ever enrolled where as many have others."""
    counts = Counter(one.measure for one in series)
    most = max(EnrollmentMeasure, key=lambda measure: counts[measure])
    return [one for one in series if one.measure is most]


def _enrolments(site: Site, lang: Lang, name: str, series: Sequence[EnrollmentSeries], definition: str) -> Number:
    """Return the sum of some series of one measure, which holds for the oldest of their days; unknown without any."""
    value = sum(one.total for one in series) if series else None
    measure = series[0].measure if series else EnrollmentMeasure.ENROLLED_EVER
    return _number(
        site,
        lang,
        name,
        value,
        min((PartialDate(one.as_of.year, one.as_of.month, one.as_of.day) for one in series), default=None),
        label=measure_label(site.language(lang), measure, value or 0),
        definition=definition,
        source="; ".join(dict.fromkeys(one.source for one in series)) or None,
        is_sample=any(one.sample for one in series),
        may_fall=measure.may_fall,
        is_live=True,
    )


def define_total(language: Language, series: Sequence[EnrollmentSeries], is_mixed: bool, courses: int) -> str:
    """Return the definition of a total: what it counts, and in how many courses of how many.

    `is_mixed` is whether others of the courses have series of another measure.
    """
    if not series:
        return language.gettext("No enrolment figures are available for these courses.")
    measure, counts = series[0].measure, {"counted": language.number(len(series)), "all": language.number(courses)}
    if measure is not EnrollmentMeasure.ENROLLED_EVER:
        first = language.gettext(TOTAL_DEFINITIONS[measure], **counts)
    elif len(series) == courses:
        first = language.plural("Enrolments in the only course.", "Enrolments in all %(number)s courses.", courses)
    else:
        first = language.plural(*(ENROLMENTS_OF if is_mixed else KNOWN_ENROLMENTS), len(series), **counts)
    others = language.gettext("The rest counts something else, which is never added, or has no figures.")
    return " ".join((first, *([others] if is_mixed else []), language.gettext(ONCE_PER_COURSE)))


def _number(
    site: Site,
    lang: Lang,
    name: str,
    value: int | None,
    as_of: PartialDate | None,
    *,
    qualifier: Qualifier = Qualifier.EXACT,
    measure: Measure = Measure.ENROLMENTS,
    is_final: bool = False,
    is_live: bool = False,
    **more: Any,
) -> Number:
    """Return a number with the fields that all numbers share.

    It is stale where the latest day that `as_of` may mean is older than the site's limit.
    """
    language = site.language(lang)
    is_known = value is not None
    limit = timedelta(days=site.settings.stale_after_days)
    is_listed = is_known or name.startswith("figure:")
    is_left_out = name.startswith("counter:") and site.query("numbers-are-cut")
    json_path = document_path(site, name) if is_live and is_known else ""
    return Number(
        name=name,
        text=exact_text(language, value, qualifier, measure),
        short=short_text(language, value, qualifier, measure),
        is_known=is_known,
        value=value,
        as_of=language.partial_date(as_of) if as_of else None,
        is_stale=is_known and not is_final and as_of is not None and as_of.last_day + limit < site.today,
        page_url=f"{site.route_url('numbers', lang)}#{COURSES if is_left_out else name}" if is_listed else None,
        json_url=site.url_for_path(json_path) if json_path else None,
        anchor=name,
        **more,
    )
