"""Plain pages, the home page, and the pages about the site itself: feeds, numbers and search."""

from dataclasses import replace

from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import HomeBand, Kind, ListRule, single_page
from ..site import Site
from ..views.a_z import letter_links, letter_list, speakers_link
from ..views.base import Card, CardGroup, NavLink, PageView
from ..views.body import record_body
from ..views.feeds import feeds_keys, feeds_members, feeds_page, feeds_route
from ..views.frame import fallback_links, page_fields, record_page
from ..views.history import portal_history, portal_history_keys
from ..views.numbers import numbers_page
from ..views.pages import HomePage, SearchPage, TextPage
from ..views.parts import drop_empty, newest, record_card, record_link, sort_stubs

__all__ = ["PAGE"]

BAND_LENGTH = 3
NOT_FOUND = "404"
"""The slug of the page that stands for all that are missing."""
SEARCH_FALLBACKS = (
    (N_("All courses"), "courses"),
    (N_("Videos by year, language and playlist"), "videos"),
    (N_("Topics from A to Z"), "topics"),
    (N_("Press releases by year"), "press_releases"),
)
SEARCH_SCRIPT = "search/page.js"


def plain_page(page: PlainPage, site: Site, lang: Lang) -> PageView:
    """Return what `page.html` shows; the page called home is the home page, the 404 page leads to the large lists."""
    if page.slug == "home":
        return home_page(page, site, lang)
    is_404 = page.slug == NOT_FOUND
    return record_page(
        TextPage,
        page,
        site,
        lang,
        template="404" if is_404 else "page",
        robots="noindex" if is_404 else None,
        updated=site.language(lang).date(page.updated) if page.updated else None,
        fallback_links=fallback_links(site, lang) if is_404 else (),
    )


def home_page(page: PlainPage, site: Site, lang: Lang) -> HomePage:
    """Return what `home.html` shows. The sentence is the body of `content/pages/home.md`."""
    language = site.language(lang)
    press = newest(site, "press")
    bands = sorted(((kind.home, kind) for kind in site.kinds if kind.home), key=lambda pair: pair[0].rank)
    view = record_page(
        HomePage,
        page,
        site,
        lang,
        template="home",
        section="home",
        sentence=record_body(site, page, lang),
        figures=tuple(number for name in site.settings.home_figures if (number := site.number(name, lang))),
        bands=tuple(_band(site, lang, band, kind) for band, kind in bands),
        strands=tuple(
            replace(
                record_link(site, strand, lang),
                count=language.number(len(site.referrer_slugs(strand, "course"))),
            )
            for strand in sort_stubs(site, lang, "strand")
        ),
        strands_url=site.route_url("strands", lang),
        newest_press=site.card(press[0], lang) if press else None,
        feeds_page=NavLink(text=language.gettext("Feeds"), url=site.route_url("subscribe", lang)),
    )
    return replace(view, crumbs=(), title=f"{view.heading} · {site.settings.taglines[lang]}")


def _band(site: Site, lang: Lang, band: HomeBand, kind: Kind) -> CardGroup:
    """Return a few items of a kind and a link to all of them."""
    gettext = site.language(lang).gettext
    records = band.records(site) if band.records is not None else newest(site, kind.name)
    if band.link is not None:
        more = band.link(site, lang)
    else:
        more = NavLink(text=gettext(band.more), url=site.route_url(kind.plural, lang))
    return CardGroup(title=gettext(band.title), cards=site.cards(records[:BAND_LENGTH], lang), more=more)


def page_card(page: PlainPage, site: Site, lang: Lang) -> Card:
    """Return a page in a list; it has no picture."""
    return record_card(page, site, lang, kicker=site.language(lang).gettext("This site"), picture=None, is_sample=False)


def search_page(site: Site, lang: Lang) -> SearchPage:
    """Return what `search.html` shows; the browser adds the results."""
    language = site.language(lang)
    gettext = language.gettext
    explanation = gettext("Courses, videos, people and all else, by every word of their pages and of what videos say.")
    links = ((gettext(words), site.route_url(route, lang)) for words, route in SEARCH_FALLBACKS)
    return SearchPage(
        **page_fields(
            site,
            lang,
            "search",
            template="search",
            heading=gettext("Search"),
            description=explanation,
            section="search",
            robots="noindex",
        ),
        explanation=explanation,
        data_url=site.url_for_path(site.settings.search_json.format(lang=lang)),
        script_url=site.asset(SEARCH_SCRIPT),
        locale=str(language.locale).replace("_", "-"),
        counts=language.plural_forms("%(number)s result for “%(query)s”", "%(number)s results for “%(query)s”"),
        remarks={
            "nothing": gettext(
                "Nothing was found for “%(query)s”. Try fewer or other words, or one of the ways below."
            ),
            "slip": gettext("Nothing has “%(typed)s”: these have “%(read)s”."),
            "partial": gettext("None has all of these words."),
            "moment": gettext("said at %(time)s"),
        },
        letters=letter_links(site, lang, "everything"),
        fallback_links=drop_empty(*(NavLink(text=text, url=url) for text, url in links), speakers_link(site, lang)),
    )


def search_keys(site: Site, lang: Lang) -> tuple[tuple[str, ...], ...]:
    """Return the key of the page of search, where the site has one."""
    return tuple(single_page(site, lang)) if site.settings.search_is_on else ()


PAGE = Kind(
    name="page",
    plural="pages",
    label=N_("Page"),
    label_plural=N_("Pages"),
    model=PlainPage,
    source="pages/*.md",
    page=plain_page,
    card=page_card,
    dates=(),
    unindexed=(NOT_FOUND,),
    lists=(
        ListRule("feeds", feeds_page, feeds_keys, feeds_route, members=feeds_members),
        ListRule("numbers", numbers_page, route="numbers"),
        ListRule("history", portal_history, portal_history_keys, "numbers_history"),
        ListRule("search", search_page, search_keys, "search", is_indexed=False),
        letter_list("everything", lambda site: site.settings.search_is_on),
    ),
    member_rank=None,
    in_site_feed=False,
)
