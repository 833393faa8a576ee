"""The home page: what there is to learn, watch and read, at a glance."""

from openknowledge.model.course import Strand
from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang, Record

from ..kind import HomeBand, Kind
from ..site import Site
from .base import CardGroup, NavLink
from .body import record_body
from .frame import record_fields
from .pages import HomePage

__all__ = ["home_page", "newest"]

BAND_LENGTH = 3


def home_page(page: PlainPage, site: Site, lang: Lang) -> HomePage:
    """Return what `home.html` shows. The sentence is the body of `content/pages/home.md`."""
    language = site.language(lang)
    press = newest(site, "press")
    fields = record_fields(site, page, lang, template="home", section="home")
    bands = sorted(((kind.home, kind) for kind in site.kinds if kind.home), key=lambda pair: pair[0].rank)
    return HomePage(
        **{**fields, "crumbs": (), "title": f"{fields['heading']} · {site.settings.taglines[lang]}"},
        sentence=record_body(site, page, lang),
        figures=tuple(number for name in site.settings.home_figures if (number := site.number(name, lang))),
        bands=tuple(_band(site, lang, band, kind) for band, kind in bands),
        strands=tuple(
            NavLink(
                text=site.title(strand, lang),
                url=site.url(strand, lang),
                count=language.number(len(site.referrer_slugs(strand, "course"))),
            )
            for strand in sorted(site.stubs_of(Strand), key=lambda strand: (strand.order, strand.slug))
        ),
        strands_url=site.route_url("strands", lang),
        newest_press=site.card(press[0], lang) if press else None,
        feeds_page=NavLink(text=language.gettext("Feeds"), url=site.route_url("subscribe", lang)),
    )


def _band(site: Site, lang: Lang, band: HomeBand, kind: Kind) -> CardGroup:
    """Return a few items of a kind and a link to all of them."""
    gettext = site.language(lang).gettext
    records = band.records(site) if band.records is not None else newest(site, kind.name)
    if band.link is not None:
        more = band.link(site, lang)
    else:
        more = NavLink(text=gettext(band.more), url=site.route_url(kind.plural, lang))
    return CardGroup(title=gettext(band.title), cards=site.cards(records[:BAND_LENGTH], lang), more=more)


def newest(site: Site, kind: str) -> list[Record]:
    """Return the stubs of a kind, newest first; samples after real ones, those without a date last."""

    def published_day(record: Record) -> str:
        published = getattr(record, "published", None)
        return str(published)[:10] if published else ""

    stubs = sorted(site.stubs(kind), key=published_day, reverse=True)
    return sorted(stubs, key=lambda stub: stub.sample)
