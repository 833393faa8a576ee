"""Press releases: almost pure type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from openknowledge.model.press import PressContact, PressRelease, PressWords
from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..routes import Route
from ..summary import Summary
from ..views.base import Card, CardGroup, FacetGroup, NavLink
from ..views.frame import (
    card_group,
    crumb,
    drop_empty,
    feed_links,
    list_description,
    list_notices,
    page_fields,
    record_fields,
    record_link,
)
from ..views.pages import ListPage, PressPage
from ..views.summaries import summary_of
from .kind import Kind, ListRule

if TYPE_CHECKING:
    from ..site import Site


def press_page(release: PressRelease, site: Site, lang: Lang) -> PressPage:
    """What `press.html` shows, with the releases before and after it."""
    words = site.translation(release, lang).words
    assert isinstance(words, PressWords)
    language = site.language(lang)
    newer, older = (site.stub("press", slug) for slug in site.query("adjacent", "press", release.slug))
    contact = release.contact
    return PressPage(
        **record_fields(
            site,
            release,
            lang,
            template="press",
            section="press",
            crumbs=(
                crumb(site, lang, N_("Press"), "press_releases"),
                NavLink(
                    text=str(release.published.year),
                    url=site.route_url("press_year", lang, year=release.published.year),
                ),
            ),
            feeds=feed_links(site, lang, "kind:press", "all"),
        ),
        standfirst=words.standfirst or words.abstract,
        place=words.place,
        date=language.date(release.published),
        body=site.body(release, lang),
        figures=tuple(number for name in release.figures if (number := site.number(f"figure:{name}", lang))),
        contact_name=contact.name if contact else None,
        contact_lines=contact_lines(contact),
        contact_links=contact_links(contact),
        mentions=drop_empty(card_group(site, mentioned(release, site), lang, N_("Named in this release"))),
        newer=record_link(site, newer, lang) if newer else None,
        older=record_link(site, older, lang) if older else None,
    )


def releases(site: Site) -> list[PressRelease]:
    """The releases that may be shown, newest first; those of a day by slug, the last one first."""
    by_slug = reversed(site.stubs_of(PressRelease))
    return sorted(by_slug, key=attrgetter("published"), reverse=True)


def mentioned(release: PressRelease, site: Site) -> list[Record]:
    """What a release mentions, in its order."""
    return [record for ref in release.mentions if (record := site.stub_by_ref(ref)) is not None]


def contact_lines(contact: PressContact | None) -> tuple[str, ...]:
    """Organisation and address as they were printed."""
    if contact is None:
        return ()
    return tuple(line for line in (contact.organisation, *contact.address) if line)


def contact_links(contact: PressContact | None) -> tuple[NavLink, ...]:
    """Telephones, mail and site, each as something to click."""
    if contact is None:
        return ()
    links = []
    for prefix, number in (("T ", contact.phone), ("C. ", contact.mobile)):
        if number:
            links.append(NavLink(text=prefix + number, url="tel:" + number.replace(" ", "")))
    if contact.email:
        links.append(NavLink(text=contact.email, url=f"mailto:{contact.email}"))
    if contact.url:
        links.append(NavLink(text=contact.url.split("//")[-1].rstrip("/"), url=contact.url, rel="external"))
    return tuple(links)


def press_card(release: PressRelease, site: Site, lang: Lang) -> Card:
    shown = site.translation(release, lang)
    language = site.language(lang)
    return Card(
        ref=str(release.ref),
        kind="press",
        kicker=language.gettext("Press release"),
        url=site.url(release, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        date=language.date(release.published),
        is_sample=release.sample,
    )


def press_summary(release: PressRelease, site: Site, lang: Lang) -> Summary:
    return summary_of(site, release, lang, published=release.published, updated=release.updated)


def press_list(site: Site, lang: Lang, chosen: str = "") -> ListPage:
    """All releases by year, or those of one year."""
    gettext = site.language(lang).gettext
    found = releases(site)
    years = sorted({one.published.year for one in found}, reverse=True)
    if not chosen:
        return _list(site, lang, gettext("Press"), found, years)
    year = int(chosen)
    of_year = [one for one in found if one.published.year == year]
    return _list(site, lang, gettext("Press %(year)s", year=year), of_year, years, year)


def press_route(site: Site, lang: Lang, year: str = "") -> Route:
    """Where such a list lives."""
    return site.routes.route("press_year", lang, year=year) if year else site.routes.route("press_releases", lang)


def year_keys(site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """The whole list, then each year, newest first."""
    years = sorted({one.published.year for one in site.stubs_of(PressRelease)}, reverse=True)
    return (), *((str(year),) for year in years)


def _list(
    site: Site,
    lang: Lang,
    heading: str,
    shown: Sequence[PressRelease],
    years: Sequence[int],
    year: int | None = None,
) -> ListPage:
    language = site.language(lang)
    cards = site.cards(shown, lang)
    by_year = _by_year(shown, cards)
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: press_route(site, other, str(year or "")),
            template="list",
            heading=heading,
            description=list_description(heading, cards)
            if year
            else language.gettext("Press releases about open knowledge at the university."),
            section="press",
            crumbs=(crumb(site, lang, N_("Press"), "press_releases"),) if year else (),
            feeds=feed_links(site, lang, "kind:press", "all"),
            notices=list_notices(site, cards, lang),
        ),
        layout="type",
        total=language.plural("%(number)s release", "%(number)s releases", len(shown)),
        facets=_years(site, lang, years, year),
        groups=tuple(_of_year(site, lang, one, by_year[one], year is None) for one in years if one in by_year),
        empty=language.gettext("There is no press release yet."),
    )


def _by_year(releases: Sequence[PressRelease], cards: Sequence[Card]) -> dict[int, list[Card]]:
    """The cards of releases by year, in their order."""
    found: dict[int, list[Card]] = {}
    for release, card in zip(releases, cards, strict=True):
        found.setdefault(release.published.year, []).append(card)
    return found


def _of_year(site: Site, lang: Lang, year: int, found: Sequence[Card], is_index: bool) -> CardGroup:
    """The releases of a year; where all years are shown, only the newest of a long one and the way to the rest."""
    shown = found[: site.settings.page_size] if is_index else found
    more = None
    if len(shown) < len(found):
        text = site.language(lang).plural(
            "All %(number)s releases of the year", "All %(number)s releases of the year", len(found)
        )
        more = NavLink(text=text, url=site.route_url("press_year", lang, year=year))
    return CardGroup(title=str(year), cards=tuple(shown), more=more)


def _years(site: Site, lang: Lang, years: Sequence[int], current: int | None) -> tuple[FacetGroup, ...]:
    gettext = site.language(lang).gettext
    every = NavLink(text=gettext("All"), url=site.route_url("press_releases", lang), is_current=current is None)
    links = (
        NavLink(text=str(year), url=site.route_url("press_year", lang, year=year), is_current=year == current)
        for year in years
    )
    return (FacetGroup(label=gettext("Year"), options=(every, *links)),) if len(years) > 1 else ()


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
    summary=press_summary,
    lists=(ListRule("all", press_list, year_keys, press_route),),
)
