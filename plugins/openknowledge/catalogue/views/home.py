"""The home page: what there is to learn, watch and read, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.course import Course, Strand
from openknowledge.model.page import PlainPage
from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from .base import CardGroup, NavLink
from .frame import record_fields
from .pages import HomePage

if TYPE_CHECKING:
    from ..site import Site

BAND_LENGTH = 3
FIRST_COURSES = ("open", "running", "self-paced", "upcoming", "unknown", "archived")


def home_page(page: PlainPage, site: Site, lang: Lang) -> HomePage:
    """What `home.html` shows. The sentence is the body of `content/pages/home.md`."""
    language = site.language(lang)
    press = newest(site, "press")
    names = site.settings.home_figures
    fields = record_fields(site, page, lang, template="home", section="home")
    return HomePage(
        **{**fields, "crumbs": (), "title": f"{fields['heading']} · {site.settings.taglines[lang]}"},
        sentence=site.body(page, lang),
        figures=tuple(number for name in names if (number := site.number(name, lang))),
        bands=(
            band(site, lang, N_("Learn"), first_courses(site), N_("All courses"), "courses"),
            band(site, lang, N_("Watch"), newest(site, "video"), N_("All videos"), "videos"),
            read_band(site, lang),
        ),
        strands=tuple(
            NavLink(
                text=site.title(strand, lang),
                url=site.url(strand, lang),
                count=language.number(len(site.referrers(strand, "course"))),
            )
            for strand in sorted(site.stubs_of(Strand), key=lambda one: (one.order, one.slug))
        ),
        strands_url=site.route_url("strands", lang),
        newest_press=site.card(press[0], lang) if press else None,
        feeds_page=NavLink(text=language.gettext("Feeds"), url=site.route_url("subscribe", lang)),
    )


def band(site: Site, lang: Lang, title: str, records: list[Record], more: str, route: str) -> CardGroup:
    """A few items of a kind and a way to all of them; title and `more` are message ids."""
    gettext = site.language(lang).gettext
    return CardGroup(
        title=gettext(title),
        cards=site.cards(records[:BAND_LENGTH], lang),
        more=NavLink(text=gettext(more), url=site.route_url(route, lang)),
    )


def read_band(site: Site, lang: Lang) -> CardGroup:
    """The newest articles, then the learning hub and the programmes that they belong to."""
    gettext = site.language(lang).gettext
    records = [*newest(site, "hub"), *site.stubs("initiative"), *newest(site, "programme")]
    hub = site.stubs("initiative")
    more = NavLink(text=site.title(hub[0], lang), url=site.url(hub[0], lang)) if hub else None
    return CardGroup(title=gettext("Read"), cards=site.cards(records[:BAND_LENGTH], lang), more=more)


def newest(site: Site, kind: str) -> list[Record]:
    """The records of a kind, newest first; samples after real ones, those without a date last."""

    def day(record: Record) -> str:
        published = getattr(record, "published", None)
        return str(published)[:10] if published else ""

    records = sorted(site.stubs(kind), key=lambda one: one.slug)
    records.sort(key=day, reverse=True)
    return sorted(records, key=lambda one: one.sample)


def first_courses(site: Site) -> list[Record]:
    """Courses that one can take now first; then the most enrolled, then by slug."""

    def rank(course: Course) -> tuple[int, int, str]:
        series = site.series_of(course.slug)
        return FIRST_COURSES.index(course.state_on(site.today)), -(series.total if series else 0), course.slug

    return [*sorted(site.stubs_of(Course), key=rank)]
