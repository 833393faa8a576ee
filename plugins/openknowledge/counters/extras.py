"""What counters add to a page: a course's enrolment history, and totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Html

from .chart import draw_chart
from .history import describe_series, growth_text, milestone_texts
from .settings import CountersSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site
    from openknowledge.catalogue.views.base import Number, PageView

__all__ = ["EnrolmentHistory", "page_extras"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentHistory(FastPickle):
    """The history of a course's enrolments; the number itself is `CoursePage.enrolment`.

    `summary` describes the chart in a sentence. `milestones` are lines of text. `growth` is one line, empty where the
    series is too short.
    """

    chart: Html
    summary: str
    milestones: tuple[str, ...]
    growth: str


def page_extras(generator: Any, view: PageView, site: Site, **_: Any) -> dict[str, Any]:
    """Return `enrolment` for a course with a series, `totals` for the home page, strands and initiatives."""
    if view.template != "home" and (view.ref or "").partition("/")[0] not in ("course", "strand", "initiative"):
        return {}
    kind, _slash, slug = (view.ref or "").partition("/")
    if kind == "course":
        history = enrolment_history(site, slug, view.lang, CountersSettings.from_pelican(generator.settings))
        return {"enrolment": history} if history else {}
    numbers = known_totals(site, kind, slug, view.lang)
    return {"totals": numbers} if numbers else {}


def enrolment_history(site: Site, course: str, lang: str, settings: CountersSettings) -> EnrolmentHistory | None:
    """Return the history of a course's enrolments; None without a series."""
    series = site.series_of(course)
    if series is None:
        return None
    language = site.language(lang)
    return EnrolmentHistory(
        chart=draw_chart(series, language, settings.milestones),
        summary=describe_series(series, language),
        milestones=milestone_texts(series, settings.milestones, language),
        growth=growth_text(series, language),
    )


def known_totals(site: Site, kind: str, slug: str, lang: str) -> tuple[Number, ...]:
    """Return the known totals of a page: of all courses, of a strand, or the figures of an initiative."""
    names: tuple[str, ...] = ("total:courses",)
    if kind == "strand":
        names = (f"total:strand/{slug}",)
    elif kind == "initiative":
        names = tuple(f"figure:{name}" for name in getattr(site.stub(kind, slug), "figures", ()))
    numbers = (site.number(name, lang) for name in names)
    return tuple(number for number in numbers if number is not None and number.is_known)
