"""Press releases: almost pure type."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from openknowledge.model.texts import PressContact, PressRelease, PressWords
from openknowledge.model.values import Lang, Record, Ref, TimedDay, as_moment
from openknowledge.rendering.locale import N_, Language, N_plural

from ..kind import Kind, ListRule
from ..press_kit import kit_path
from ..routes import Route
from ..site import Site
from ..summary import Summary
from ..views.base import Card, CardGroup, FacetGroup, NavLink
from ..views.body import summarize, words_of
from ..views.frame import list_part_page, record_page
from ..views.pages import Contact, ListPage, PressPage
from ..views.paging import ListPart, page_of
from ..views.parts import card_group, drop_empty, facet_group, list_description, newest, record_card, record_link

__all__ = ["PRESS", "find_appearance"]


def press_page(release: PressRelease, site: Site, lang: Lang) -> PressPage:
    """Return what `press.html` shows, with the releases before and after it."""
    words = site.translation(release, lang).words
    assert isinstance(words, PressWords)
    newer, older = (site.stub("press", slug) for slug in site.query("adjacent", "press", release.slug))
    year = release.published.year
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
        contact=_contact(release.contact, site.language(lang)),
        kit_url=site.url_for_path(kit_path(site, release.slug, lang)),
        updated=site.language(lang).date(release.updated) if release.updated else None,
        mentions=drop_empty(card_group(site, _mentioned(release, site), lang, N_("Named in this release"))),
        newer=record_link(site, newer, lang) if newer else None,
        older=record_link(site, older, lang) if older else None,
    )


def _mentioned(release: PressRelease, site: Site) -> list[Record]:
    """Return what a release mentions, in its order."""
    return [record for ref in release.mentions if (record := site.stub_by_ref(ref)) is not None]


def _contact(contact: PressContact | None, language: Language) -> Contact | None:
    if contact is None:
        return None
    lines = tuple(line for line in (contact.organisation, *contact.address) if line)
    return Contact(name=contact.name, lines=lines, links=tuple(_contact_links(contact, language)))


def _contact_links(contact: PressContact, language: Language) -> Iterable[NavLink]:
    """Yield telephones, mail and site, each as a link."""
    for message, number in ((N_("Tel. %(number)s"), contact.phone), (N_("Mobile %(number)s"), contact.mobile)):
        if number:
            yield NavLink(text=language.gettext(message, number=number), url="tel:" + number.replace(" ", ""))
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


def press_slugs(site: Site, _lang: Lang, year: str = "") -> list[str]:
    """Return the slugs of all releases, or of those of one year, newest first."""
    releases = sorted(site.stubs_of(PressRelease), key=attrgetter("published", "slug"), reverse=True)
    return [release.slug for release in releases if year in ("", str(release.published.year))]


def press_list(site: Site, lang: Lang, year: str = "", *, part: ListPart) -> ListPage:
    """Return a page of all releases by year, newest first, or of those of one year."""
    language = site.language(lang)
    heading = language.gettext("Press %(year)s", year=int(year)) if year else language.gettext("Press")
    cards = site.cards([Ref("press", slug) for slug in part.slugs], lang)
    by_year = groupby(cards, lambda card: card.date.iso[:4] if card.date else "")
    description = language.gettext("Press releases about open knowledge at the university.")
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: page_of(site, other, press_route(site, other, year), page),
        cards,
        heading=heading,
        description=list_description(heading, cards) if year else description,
        section="press",
        crumbs=("press",) if year else (),
        feeds=("kind:press", "all"),
        layout="type",
        counted=N_plural("%(number)s release", "%(number)s releases"),
        facets=_year_facets(site, lang, year),
        groups=tuple(CardGroup(title=year, cards=tuple(cards)) for year, cards in by_year),
        contact=_newest_contact(site, lang),
        empty=language.gettext("There is no press release yet."),
    )


def _newest_contact(site: Site, lang: Lang) -> Contact | None:
    """Return whom to ask now: the contact of the newest release that names one."""
    contacts = (release.contact for release in newest(site, "press") if isinstance(release, PressRelease))
    return _contact(next((contact for contact in contacts if contact), None), site.language(lang))


def press_route(site: Site, lang: Lang, year: str = "") -> Route:
    """Return the route of such a list."""
    return site.routes.route("press_year", lang, year=year) if year else site.routes.route("press_releases", lang)


def year_keys(site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return the whole list, then each year."""
    return (), *((year,) for year in _years(site))


def _year_facets(site: Site, lang: Lang, current: str) -> tuple[FacetGroup, ...]:
    """Return links to all years, where there is more than one."""
    language, years = site.language(lang), _years(site)
    urls = [site.route_url("press_year", lang, year=year) for year in years]
    links = [NavLink(text=year, url=url, is_current=year == current) for year, url in zip(years, urls, strict=True)]
    label, url = language.gettext("Year"), site.route_url("press_releases", lang)
    return (facet_group(language, "year", label, url, links),) if len(years) > 1 else ()


def release_summary(release: PressRelease, site: Site, lang: Lang) -> Summary:
    """Return a release as other plugins see it, with the hour at which it appeared where one is known."""
    return summarize(release, site, lang, published=find_appearance(release, site))


def find_appearance(release: PressRelease, site: Site) -> date:
    """Return when a release appeared: an embargo that ended on its day says at what hour, where its date does not."""
    moment, published = as_moment(release.embargo), release.published
    if not isinstance(moment, datetime) or isinstance(published, TimedDay):
        return published
    local = moment.astimezone(site.language(site.default_lang).timezone)
    return local if local.date() == published else published


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
    lists=(ListRule("all", press_list, year_keys, press_route, members=press_slugs),),
    title=N_("Press"),
    member_rank=70,
    nav_rank=40,
    feed_rank=20,
)
