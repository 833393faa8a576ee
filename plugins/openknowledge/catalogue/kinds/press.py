"""Press releases: almost pure type."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from openknowledge.model.texts import PressContact, PressRelease, PressWords
from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..kind import Kind, ListRule
from ..routes import Route
from ..site import Site
from ..summary import Summary
from ..views.base import Card, CardGroup, FacetGroup, NavLink
from ..views.body import summarize, words_of
from ..views.frame import list_notices, list_page, record_page
from ..views.pages import ListPage, PressPage
from ..views.parts import card_group, drop_empty, facet_group, list_description, record_card, record_link

__all__ = ["PRESS"]


def press_page(release: PressRelease, site: Site, lang: Lang) -> PressPage:
    """Return what `press.html` shows, with the releases before and after it."""
    words = site.translation(release, lang).words
    assert isinstance(words, PressWords)
    newer, older = (site.stub("press", slug) for slug in site.query("adjacent", "press", release.slug))
    year, contact = release.published.year, release.contact
    return record_page(
        PressPage,
        release,
        site,
        lang,
        crumbs=("press", NavLink(text=str(year), url=site.route_url("press_year", lang, year=year))),
        feeds=("kind:press", "all"),
        standfirst=words_of(site, release, lang)(words.standfirst or words.abstract),
        place=words.place,
        date=site.language(lang).date(release.published),
        updated=site.language(lang).date(release.updated) if release.updated else None,
        contact_name=contact.name if contact else None,
        contact_lines=tuple(line for line in (contact.organisation, *contact.address) if line) if contact else (),
        contact_links=tuple(_contact_links(contact)) if contact else (),
        mentions=drop_empty(card_group(site, _mentioned(release, site), lang, N_("Named in this release"))),
        newer=record_link(site, newer, lang) if newer else None,
        older=record_link(site, older, lang) if older else None,
    )


def _mentioned(release: PressRelease, site: Site) -> list[Record]:
    """Return what a release mentions, in its order."""
    return [record for ref in release.mentions if (record := site.stub_by_ref(ref)) is not None]


def _contact_links(contact: PressContact) -> Iterable[NavLink]:
    """Yield telephones, mail and site, each as a link."""
    for prefix, number in (("T ", contact.phone), ("C. ", contact.mobile)):
        if number:
            yield NavLink(text=prefix + number, url="tel:" + number.replace(" ", ""))
    if contact.email:
        yield NavLink(text=contact.email, url=f"mailto:{contact.email}")
    if contact.url:
        yield NavLink(text=contact.url.split("//")[-1].rstrip("/"), url=contact.url, rel="external")


def press_card(release: PressRelease, site: Site, lang: Lang) -> Card:
    """Return a release in a list, with its date and without a picture."""
    return record_card(release, site, lang, picture=None, date=site.language(lang).date(release.published))


def _years(site: Site) -> list[str]:
    """Return the years of all releases, newest first."""
    return sorted({str(release.published.year) for release in site.stubs_of(PressRelease)}, reverse=True)


def press_list(site: Site, lang: Lang, year: str = "") -> ListPage:
    """Return all releases by year, newest first, or those of one year."""
    language = site.language(lang)
    releases = sorted(site.stubs_of(PressRelease), key=attrgetter("published", "slug"), reverse=True)
    if year:
        releases = [release for release in releases if str(release.published.year) == year]
    heading = language.gettext("Press %(year)s", year=int(year)) if year else language.gettext("Press")
    cards = site.cards(releases, lang)
    by_year = groupby(zip(releases, cards, strict=True), lambda pair: pair[0].published.year)
    description = language.gettext("Press releases about open knowledge at the university.")
    return list_page(
        site,
        lang,
        lambda other: press_route(site, other, year),
        heading=heading,
        description=list_description(heading, cards) if year else description,
        section="press",
        crumbs=("press",) if year else (),
        feeds=("kind:press", "all"),
        notices=list_notices(site, cards, lang),
        layout="type",
        total=language.plural("%(number)s release", "%(number)s releases", len(cards)),
        facets=_year_facets(site, lang, year),
        groups=tuple(_year_group(site, lang, each, [card for _, card in pairs], not year) for each, pairs in by_year),
        empty=language.gettext("There is no press release yet."),
    )


def press_route(site: Site, lang: Lang, year: str = "") -> Route:
    """Return the route of such a list."""
    return site.routes.route("press_year", lang, year=year) if year else site.routes.route("press_releases", lang)


def year_keys(site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return the whole list, then each year."""
    return (), *((year,) for year in _years(site))


def _year_group(site: Site, lang: Lang, year: int, cards: Sequence[Card], is_index: bool) -> CardGroup:
    """Return the releases of a year; where all years are shown, the newest of a long one and a link to the rest."""
    shown = cards[: site.settings.page_size] if is_index else cards
    more = None
    if len(shown) < len(cards):
        text = site.language(lang).plural(
            "All %(number)s releases of the year", "All %(number)s releases of the year", len(cards)
        )
        more = NavLink(text=text, url=site.route_url("press_year", lang, year=year))
    return CardGroup(title=str(year), cards=tuple(shown), more=more)


def _year_facets(site: Site, lang: Lang, current: str) -> tuple[FacetGroup, ...]:
    """Return links to all years, where there is more than one."""
    language, years = site.language(lang), _years(site)
    urls = [site.route_url("press_year", lang, year=year) for year in years]
    links = [NavLink(text=year, url=url, is_current=year == current) for year, url in zip(years, urls, strict=True)]
    label, url = language.gettext("Year"), site.route_url("press_releases", lang)
    return (facet_group(language, label, url, links),) if len(years) > 1 else ()


def release_summary(release: PressRelease, site: Site, lang: Lang) -> Summary:
    """Return a release as other plugins see it: an embargo that ends on its day says at what hour it appeared."""
    embargo, moment = release.embargo, None
    if isinstance(embargo, datetime):
        local = embargo.astimezone(site.language(site.default_lang).timezone)
        moment = local if local.date() == release.published else None
    return summarize(release, site, lang, published=moment)


PRESS = Kind(
    name="press",
    plural="press_releases",
    label=N_("Press release"),
    label_plural=N_("Press releases"),
    model=PressRelease,
    words=PressWords,
    source="press/*/*.md",
    page=press_page,
    card=press_card,
    summary=release_summary,
    lists=(ListRule("all", press_list, year_keys, press_route),),
    title=N_("Press"),
    member_rank=70,
    nav_rank=40,
    feed_rank=20,
)
