"""What a series says beside its newest total: milestones, growth and a chart; and the totals of other pages."""

from dataclasses import dataclass
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import PageView
from openknowledge.catalogue.views.pages import HistoryPage
from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Html

from .chart import draw_chart
from .growth import find_milestones, split_stretches
from .history_page import history_extra
from .settings import CountersSettings
from .words import chart_stretch, growth_text, milestone_texts

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
    """Return `enrolment` for a course with a series, `totals` for the home page, strands and initiatives.

    A page of history has `history`.
    """
    if isinstance(view, HistoryPage):
        settings = CountersSettings.from_pelican(generator.settings)
        return {"history": history_extra(site, view.course, view.lang, settings)}
    kind, _slash, slug = (view.ref or "").partition("/")
    match kind:
        case "course":
            return _enrolment_extra(site, slug, view.lang, CountersSettings.from_pelican(generator.settings))
        case "strand":
            names = [f"total:strand/{slug}"]
        case "initiative":
            names = [f"figure:{name}" for name in getattr(site.stub(kind, slug), "figures", ())]
        case _:
            names = ["total:courses"] if view.template == "home" else []
    numbers = (site.number(name, view.lang) for name in names)
    known = tuple(number for number in numbers if number is not None and number.is_known)
    return {"totals": known} if known else {}


def _enrolment_extra(site: Site, course: str, lang: str, settings: CountersSettings) -> dict[str, EnrolmentHistory]:
    """Return the history of a course's enrolments, if it has a series."""
    series = site.series_of(course)
    if series is None:
        return {}
    language, stretch = site.language(lang), split_stretches(series)[-1]
    chart = chart_stretch(stretch, f"chart-{course}", language, find_milestones(series, settings.milestones))
    history = EnrolmentHistory(
        chart=draw_chart(chart, language),
        summary=chart.summary,
        milestones=() if series.measure.may_fall else milestone_texts(series, settings.milestones, language),
        growth=growth_text(series.points, language),
    )
    return {"enrolment": history}
