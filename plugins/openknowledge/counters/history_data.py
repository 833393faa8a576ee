"""The totals behind a page of history as CSV, with what they mean above the header."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.numbers import define_series, define_total
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.invisible_text import as_cell
from openknowledge.manifest import CacheClass
from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentSeries

from .growth import real_series, with_measure
from .history_page import PORTAL, sums_over_time
from .settings import CountersSettings

__all__ = ["history_rule"]

Row = tuple[object, ...]


def history_rule(settings: CountersSettings) -> Rule:
    """Return the rule for the data of all courses together, and of each course with a series."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        slugs = site.series_slugs()
        yield from ((slug,) for slug in ((PORTAL, *slugs) if slugs else ()))

    def plan(site: Site, slug: str) -> Action:
        series = site.series_of(slug)
        text = _portal_data(site) if series is None else _course_data(site, series)
        return static_action((settings.history_csv.format(slug=slug), text.encode()))

    words = {"history": Description("the data of the history of {slug}", ("slug",))}
    return Rule("history", "Writing histories", keys, plan, cache=CacheClass.COUNTERS, descriptions=words)


def _course_data(site: Site, series: EnrollmentSeries) -> str:
    """Return all points of all series of a course; each row names its series, because they are never joined."""
    notes = [_note("licence", site.settings.license_url)]
    for stage in series.stages:
        notes.append(_note("series", stage.name or stage.course))
        notes += _describe(stage.measure, [stage])
        notes += [_note(f"definition ({lang})", define_series(stage, site.language(lang))) for lang in site.langs]
        notes += [
            _note(name, f"{change.day} {' | '.join(filter(None, change.reason.values()))}")
            for name, changes in (("seam", (stage.seam,)), ("corrected", stage.corrections))
            for change in changes
            if change is not None
        ]
    rows = (
        (point.day, stage.name or stage.course, stage.measure, point.total)
        for stage in series.stages
        for point in stage.points
    )
    return _write(notes, ("day", "series", "measure", "total"), rows)


def _portal_data(site: Site) -> str:
    """Return the sums of the series of each measure."""
    series = real_series(site.series.values())
    notes, rows = [_note("licence", site.settings.license_url)], []
    for measure in EnrollmentMeasure:
        counted = with_measure(series, measure)
        if not counted:
            continue
        notes += _describe(measure, counted)
        for lang in site.langs:
            is_mixed, courses = len(counted) < len(series), len(site.slugs("course"))
            definition = define_total(site.language(lang), counted, is_mixed, courses)
            notes.append(_note(f"definition ({lang})", definition))
        rows += [(point.day, measure, point.courses, point.total) for point in sums_over_time(site, measure)]
    return _write(notes, ("day", "measure", "courses", "total"), rows)


def _describe(measure: EnrollmentMeasure, series: Sequence[EnrollmentSeries]) -> Iterator[str]:
    """Yield what some series have in common."""
    yield _note("measure", measure)
    yield _note("source", "; ".join(dict.fromkeys(one.source for one in series)))
    if any(one.sample for one in series):
        yield _note("sample", "true")


def _note(name: str, text: str) -> str:
    return as_cell(f"# {name}: {' '.join(text.split())}")


def _write(notes: Sequence[str], header: Row, rows: Iterable[Row]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows((header, *rows))
    return "\n".join((*notes, file.getvalue()))
