"""What a page of history shows: charts and tables of totals, the events that explain them, and the data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import NavLink
from openknowledge.catalogue.views.numbers import define_series, define_total, measure_title, reason_in
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.course import Course
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentPoint, EnrollmentSeries
from openknowledge.model.texts import PressRelease
from openknowledge.model.values import Html, Lang, PartialDate
from openknowledge.rendering.locale import N_, DateText, Language

from .chart import Chart, draw_chart
from .growth import (
    PortalPoint,
    Stretch,
    add_up,
    find_milestones,
    in_force,
    real_series,
    split_stretches,
    split_sums,
    with_measure,
)
from .settings import CountersSettings
from .words import chart_stretch, format_change, growth_text

__all__ = ["HistoryEvent", "HistoryExtra", "HistoryPart", "HistoryRow", "history_extra"]

PORTAL = "total/courses"
"""What the data of all courses together are called among those of courses."""
MONTHS_LIMIT = 24
"""The number of months, or of days with events, from which on each year has a row."""
NAMED_COURSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow(FastPickle):
    """The last total of a year or a month, and how it changed since the row before. `courses` are those counted."""

    day: DateText
    total: str
    change: str
    courses: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPart(FastPickle):
    """Totals of one measure. `summary` says what the chart shows; `has_courses` is whether rows count courses."""

    anchor: str
    title: str
    definition: str
    source: str
    chart: Html
    summary: str
    growth: str
    legend: str
    rows: tuple[HistoryRow, ...]
    has_courses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent(FastPickle):
    """Something that explains a total; `lang` is set where the text is in another language than the page."""

    date: DateText
    text: str
    url: str | None = None
    lang: Lang | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryExtra(FastPickle):
    """All that a page of history shows; events come in the order of their days."""

    parts: tuple[HistoryPart, ...]
    events: tuple[HistoryEvent, ...]
    data: NavLink


Event = tuple[date, HistoryEvent]


def history_extra(site: Site, course: str, lang: Lang, settings: CountersSettings) -> HistoryExtra:
    """Return the history of a course, or (`""`) of all courses together."""
    language = site.language(lang)
    series = site.series_of(course) if course else None
    if series is not None:
        events = sorted(_course_events(site, series, lang, settings), key=lambda event: event[0])
        stretches = split_stretches(series)
        days = [day for day, _ in events]
        milestones = find_milestones(series, settings.milestones)
        parts = [
            _part(stretch, define_series(stretch.stages[-1], language), language, milestones, days)
            for stretch in stretches
        ]
    else:
        found = real_series(site.series.values())
        events = sorted(_portal_events(site, found, lang), key=lambda event: event[0])
        days = [day for day, _ in events]
        parts = [
            _portal_part(site, found, measure, len(site.slugs("course")), language, days)
            for measure in EnrollmentMeasure
            if with_measure(found, measure)
        ]
    url = site.url_for_path(settings.history_csv.format(slug=course or PORTAL))
    text = language.gettext("All totals as a table (CSV)")
    return HistoryExtra(
        parts=tuple(parts), events=tuple(event for _, event in events), data=NavLink(text=text, url=url)
    )


def _part(
    stretch: Stretch,
    definition: str,
    language: Language,
    milestones: Sequence[EnrollmentPoint],
    days: Sequence[date],
    sums: Sequence[Sequence[PortalPoint]] = (),
) -> HistoryPart:
    anchor = stretch.measure.replace("_", "-")
    if stretch.stages[0].seam is not None:
        anchor = f"{anchor}-{stretch.stages[0].seam.day}"
    chart = chart_stretch(stretch, f"chart-{anchor}", language, milestones, days)
    drawing = draw_chart(replace(chart, summary=""), language)
    lines: Sequence[Sequence[EnrollmentPoint | PortalPoint]] = sums or stretch.lines
    return HistoryPart(
        anchor=anchor,
        title=measure_title(language, stretch.measure),
        definition=definition,
        source=language.join_list([*dict.fromkeys(stage.source for stage in stretch.stages)]),
        chart=drawing,
        summary=chart.summary,
        growth=growth_text(stretch.lines[-1], language),
        legend=_legend(chart, language),
        rows=tuple(row for line in lines for row in _rows(line, language)),
        has_courses=bool(sums),
    )


def _legend(chart: Chart, language: Language) -> str:
    """Return what the signs of a chart mean that it has."""
    first, last = chart.days
    signs = (
        (chart.milestones, N_("Dots: milestones.")),
        (chart.seams, N_("Dashed lines: another count took over.")),
        (
            [day for day in chart.events if first <= day <= last],
            N_("Marks below the axis: what is listed on this page."),
        ),
    )
    return " ".join(language.gettext(text) for days, text in signs if days)


def sums_over_time(site: Site, measure: EnrollmentMeasure) -> tuple[PortalPoint, ...]:
    """Return the sum of all courses by one measure, which is added up once a build."""
    return site.compute_once(("sums", measure), lambda fork: add_up(real_series(fork.series.values()), measure))


def _portal_part(
    site: Site,
    series: Sequence[EnrollmentSeries],
    measure: EnrollmentMeasure,
    courses: int,
    language: Language,
    days: Sequence[date],
) -> HistoryPart:
    """Return the sum of the series of one measure."""
    sums, seams = split_sums(sums_over_time(site, measure), series)
    counted = with_measure(series, measure)
    lines = tuple(tuple(EnrollmentPoint(point.day, point.total) for point in line) for line in sums)
    definition = define_total(language, counted, len(counted) < len(series), courses)
    stages = tuple(stage for one in series for stage in one.stages if stage.measure is measure)
    return _part(Stretch(measure, stages, lines, seams), definition, language, (), days, sums)


def _rows(points: Sequence[EnrollmentPoint | PortalPoint], language: Language) -> Iterator[HistoryRow]:
    """Yield a row for each year, or each month of a short series, with the last total in it."""
    months = {(point.day.year, point.day.month) for point in points}
    by_year = len(months) > MONTHS_LIMIT
    rows = {(point.day.year, 0 if by_year else point.day.month): point for point in points}
    before: int | None = None
    for point in rows.values():
        yield HistoryRow(
            day=language.date(point.day),
            total=language.number(point.total),
            change=format_change(point.total - before, language) if before is not None else "",
            courses=language.number(point.courses) if isinstance(point, PortalPoint) else "",
        )
        before = point.total


def _course_events(site: Site, series: EnrollmentSeries, lang: Lang, settings: CountersSettings) -> Iterator[Event]:
    """Yield what explains the enrolments of a course: editions, other counts, corrections, milestones, releases."""
    language = site.language(lang)
    course, newest = site.stub("course", series.course), max(stage.as_of for stage in series.stages)
    if isinstance(course, Course):
        for run in course.runs:
            if run.starts is not None and run.starts <= newest:
                text = language.gettext("Edition “%(label)s” begins", label=run.label)
                yield _event(run.starts, language, text if run.label else language.gettext("An edition begins"))
        for release in site.referrers(course, "press"):
            if isinstance(release, PressRelease):
                translation = site.translation(release, lang)
                yield _event(
                    release.published,
                    language,
                    translation.words.title,
                    url=site.url(release, lang),
                    lang=translation.lang_attr,
                )
    yield from _count_events(series, language)
    for point in find_milestones(series, settings.milestones):
        text = language.plural("%(number)s enrolment reached", "%(number)s enrolments reached", point.total)
        yield _event(point.day, language, text)


def _count_events(series: EnrollmentSeries, language: Language) -> Iterator[Event]:
    """Yield the seams of a course's series, and the corrections of what was its number then."""
    for stage, end in in_force(series):
        if stage.seam is not None:
            reason = reason_in(stage.seam, language.code)
            yield _event(stage.seam.day, language, language.gettext("Another count begins: %(reason)s", reason=reason))
        for change in (change for change in stage.corrections if change.day < end):
            reason = reason_in(change, language.code)
            yield _event(change.day, language, language.gettext("Correction of the count: %(reason)s", reason=reason))


def _portal_events(site: Site, series: Sequence[EnrollmentSeries], lang: Lang) -> Iterator[Event]:
    """Yield what explains the sum: courses that are counted from some day on, other counts and corrections."""
    language = site.language(lang)
    firsts = ((one.stages[0].points[0].day, one.course) for one in series)
    for day, when, courses in _by_time(firsts, language):
        if len(courses) > NAMED_COURSES:
            text = language.plural(
                "%(number)s course is counted for the first time",
                "%(number)s courses are counted for the first time",
                len(courses),
            )
            yield day, HistoryEvent(date=when, text=text)
            continue
        for course in courses:
            title, own = _title(site, course, lang)
            text = language.gettext("Counted for the first time: %(course)s", course=title)
            yield day, HistoryEvent(date=when, text=text, url=own)
    changes = ((day, event.text) for one in series for day, event in _count_events(one, language))
    for day, when, texts in _by_time(changes, language):
        counts = Counter(texts)
        if len(counts) > NAMED_COURSES:
            text = language.plural("%(number)s change of a count", "%(number)s changes of counts", len(texts))
            yield day, HistoryEvent(date=when, text=text)
            continue
        for text, number in counts.items():
            courses_text = language.plural("%(number)s course", "%(number)s courses", number)
            yield day, HistoryEvent(date=when, text=f"{text} ({courses_text})")


def _by_time(found: Iterable[tuple[date, str]], language: Language) -> Iterator[tuple[date, DateText, list[str]]]:
    """Yield the days with what is of each, in their order; of many days the years, so that the list does not grow."""
    pairs = sorted(found)
    is_long = len({day for day, _ in pairs}) > MONTHS_LIMIT
    for _, group in groupby(pairs, lambda pair: pair[0].year if is_long else pair[0].toordinal()):
        days, texts = zip(*group, strict=True)
        when = language.partial_date(PartialDate(days[0].year)) if is_long else language.date(days[0])
        yield days[0], when, [*texts]


def _title(site: Site, course: str, lang: Lang) -> tuple[str, str]:
    """Return the title of a course, and the address of its history."""
    stub = site.stub("course", course)
    assert stub is not None
    return site.title(stub, lang), site.route_url("course_history", lang, slug=site.slug_in(stub, lang))


def _event(day: date, language: Language, text: str, url: str | None = None, lang: Lang | None = None) -> Event:
    return day, HistoryEvent(date=language.date(day), text=text, url=url, lang=lang)
