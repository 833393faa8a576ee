"""Lists of videos: the index, and stable pages by year and by language.

A long list is split from its oldest video on, so a new video changes only the newest page, which has no number. Only
that page and the index show counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openknowledge.model.values import UNKNOWN_LANG, Lang, Ref
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_, Language

from ..routes import Route
from ..site import Site
from .base import Card, CardGroup, FacetGroup, FooterGroup, NavLink, Pager
from .frame import crumb, feed_links, list_notices, page_fields, record_link
from .pages import ListPage

NEWEST = 4
PLAYLISTS_NAMED = 12
NEAR = 2


def published_day(video: Video, language: Language) -> date:
    """Return the day of publication in the university's time zone."""
    return video.published.astimezone(language.timezone).date()


def primary_lang(video: Video) -> Lang:
    """Return the language without its region (`en` for `en-GB`); `und` where it is unknown."""
    return (video.lang or UNKNOWN_LANG).split("-")[0]


YEAR, LANGUAGE = "videos_year", "videos_language"
"""The routes of the two sorts of shelves."""

ArchiveMembers = tuple[tuple[str, tuple[str, ...]], ...]
"""What stands on each shelf of a sort: its key, and the slugs of its videos, oldest first."""


@dataclass(frozen=True, slots=True)
class ArchiveList:
    """The list of a year or a language, and its route. `key` is the year or the language's code."""

    route: str
    key: str
    name: str
    heading: str
    description: str

    def url(self, site: Site, lang: Lang, number: int | None = None) -> str:
        """Return the address of a numbered page, or of the newest one."""
        if number is None:
            return site.route_url(self.route, lang, **self.parts)
        return site.route_url(f"{self.route}_page", lang, **self.parts, page=number)

    @property
    def parts(self) -> dict[str, Any]:
        return _parts(self.route, self.key)


def archive_lists(site: Site) -> tuple[ArchiveMembers, ArchiveMembers]:
    """Return all videos twice: by year, the newest year first, and by language, the most videos first."""
    language = site.language(site.default_lang)
    videos = sorted(site.stubs_of(Video), key=lambda one: (one.published, one.slug))
    years: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, list[str]] = defaultdict(list)
    for video in videos:
        years[str(published_day(video, language).year)].append(video.slug)
        codes[primary_lang(video)].append(video.slug)
    by_year = tuple((year, tuple(years[year])) for year in sorted(years, reverse=True))
    by_code = tuple((code, tuple(codes[code])) for code in sorted(codes, key=lambda c: (-len(codes[c]), c)))
    return by_year, by_code


def archive_keys(site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of all years and of all languages, in their order."""
    years, codes = site.query("video-archives")
    return tuple(key for key, _ in years), tuple(key for key, _ in codes)


def archive_page_slugs(site: Site, route: str, key: str, number: str) -> tuple[tuple[str, ...], int, int]:
    """Return the slugs on one page of a list, oldest first, the number of pages, and the count of videos.

    The count is zero on all pages but the last.
    """
    years, codes = site.query("video-archives")
    slugs = dict(years if route == YEAR else codes)[key]
    pages = split_pages(slugs, site.settings.page_size)
    is_newest = int(number) == len(pages)
    return pages[int(number) - 1], len(pages), len(slugs) if is_newest else 0


def split_pages(slugs: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Return pages of `size` from the oldest on; the last is the newest, and holds less than twice as many."""
    last = max(0, len(slugs) // size - 1) * size
    return [*(slugs[start : start + size] for start in range(0, last, size)), slugs[last:]]


def archive_page_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield each page of each year and language: the list's route and key, and the page's number from the oldest on."""
    for route, members in zip((YEAR, LANGUAGE), site.query("video-archives"), strict=True):
        for key, slugs in members:
            for number in range(1, len(split_pages(slugs, site.settings.page_size)) + 1):
                yield route, key, str(number)


def index_page(site: Site, lang: Lang) -> ListPage:
    """Return the index: the newest videos of each year, with filters and playlists beside them."""
    language = site.language(lang)
    gettext = language.gettext
    years, codes = site.query("video-archives")
    parts = tuple(_newest(site, lang, _year(language, key), slugs) for key, slugs in years)
    count = sum(len(slugs) for _, slugs in years)
    counts = {
        **{(YEAR, key): len(slugs) for key, slugs in years},
        **{(LANGUAGE, key): len(slugs) for key, slugs in codes},
    }
    cards = [card for part in parts for card in part.cards]
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: site.routes.route("videos", other),
            template="list",
            heading=gettext("Videos"),
            description=gettext("All the videos of the catalogue, by year, language and playlist."),
            section="video",
            feeds=feed_links(site, lang, "kind:video", "all"),
            notices=list_notices(site, cards, lang),
        ),
        layout="rows",
        total=language.plural("%(number)s video", "%(number)s videos", count),
        facets=_facets(site, lang, counts=counts),
        groups=parts,
        index=_playlists(site, lang),
        empty=gettext("There are no videos yet."),
    )


def archive_page(site: Site, lang: Lang, route: str, key: str, of: str) -> ListPage:
    """Return a page of a year or language, newest first; the last page has no number."""
    language = site.language(lang)
    shelf = _archive_list(language, route, key)
    slugs, count, videos = site.query("video-archive-page", route, key, of)
    number, is_newest = int(of), int(of) == count
    heading = shelf.heading
    above = [crumb(site, lang, N_("Videos"), "videos")]
    if not is_newest:
        above.append(NavLink(text=heading, url=shelf.url(site, lang)))
        heading = language.gettext("%(heading)s, page %(number)s", heading=heading, number=language.number(number))
    cards = _cards(site, reversed(slugs), lang)
    total = language.plural("%(number)s video", "%(number)s videos", videos)
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: archive_route(site, other, route, key, of),
            template="list",
            heading=heading,
            description=shelf.description,
            section="video",
            crumbs=above,
            feeds=feed_links(site, lang, "kind:video", "all"),
            notices=list_notices(site, cards, lang),
        ),
        layout="rows",
        total=total if is_newest else "",
        facets=_facets(site, lang, shelf),
        cards=cards,
        pager=_pager(site, lang, shelf, number, count),
    )


def archive_route(site: Site, lang: Lang, route: str, key: str, of: str) -> Route:
    """Return the route of such a page."""
    parts = _parts(route, key)
    _, count, _ = site.query("video-archive-page", route, key, of)
    if int(of) == count:
        return site.routes.route(route, lang, **parts)
    return site.routes.route(f"{route}_page", lang, **parts, page=int(of))


def _parts(route: str, key: str) -> dict[str, Any]:
    return {"year": int(key)} if route == YEAR else {"code": key}


def _archive_list(language: Language, route: str, key: str) -> ArchiveList:
    return _year(language, key) if route == YEAR else _language(language, key)


def _cards(site: Site, slugs: Iterable[str], lang: Lang) -> tuple[Card, ...]:
    return tuple(site.card(Ref("video", slug), lang) for slug in slugs)


def _year(language: Language, year: str) -> ArchiveList:
    heading = language.gettext("Videos of %(year)s", year=year)
    description = language.gettext("The videos published in %(year)s, newest first.", year=year)
    return ArchiveList(YEAR, year, year, heading, description)


def _language(language: Language, code: Lang) -> ArchiveList:
    name = language.language_name(code)
    if code == UNKNOWN_LANG:
        heading = language.gettext("Videos whose language is not known")
    else:
        heading = language.gettext("Videos in %(language)s", language=name)
    description = language.gettext("%(heading)s, newest first.", heading=heading)
    return ArchiveList(LANGUAGE, code, name, heading, description)


def _newest(site: Site, lang: Lang, shelf: ArchiveList, slugs: tuple[str, ...]) -> CardGroup:
    language = site.language(lang)
    count = len(slugs)
    whole = NavLink(
        text=language.plural("%(number)s video of %(year)s", "%(number)s videos of %(year)s", count, year=shelf.name),
        url=shelf.url(site, lang),
    )
    cards = _cards(site, slugs[: -NEWEST - 1 : -1], lang)
    return CardGroup(title=shelf.name, cards=cards, more=whole, anchor=f"y{shelf.name}")


def _facets(
    site: Site, lang: Lang, current: ArchiveList | None = None, counts: Mapping[tuple[str, str], int] | None = None
) -> tuple[FacetGroup, ...]:
    """Return links to the other lists; with counts only on the index, which every new video changes anyway."""
    language = site.language(lang)
    gettext = language.gettext
    found = []
    years, codes = site.query("video-archive-keys")
    for label, route, keys in ((gettext("Year"), YEAR, years), (gettext("Language"), LANGUAGE, codes)):
        group = [_archive_list(language, route, key) for key in keys]
        everything = NavLink(text=gettext("All"), url=site.route_url("videos", lang), is_current=current not in group)
        options = [
            NavLink(
                text=shelf.name,
                url=shelf.url(site, lang),
                is_current=shelf == current,
                count=language.number(counts[shelf.route, shelf.key]) if counts else None,
            )
            for shelf in group
        ]
        if options:
            found.append(FacetGroup(label=label, options=(everything, *options)))
    return tuple(found)


def _playlists(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    """Return the newest playlists, and the link to all of them."""
    language = site.language(lang)
    playlists = newest_playlists(site)
    if not playlists:
        return ()
    links = [record_link(site, one, lang) for one in playlists[:PLAYLISTS_NAMED]]
    count = language.number(len(playlists))
    everything = NavLink(text=language.gettext("All playlists"), url=site.route_url("playlists", lang), count=count)
    return (FooterGroup(title=language.gettext("Playlists"), links=(*links, everything)),)


def newest_playlists(site: Site) -> list[Playlist]:
    """Return all playlists, newest first; those without a date come last."""
    found = [one for one in site.stubs("playlist") if isinstance(one, Playlist)]
    return sorted(found, key=lambda one: one.published.timestamp() if one.published else 0.0, reverse=True)


def _pager(site: Site, lang: Lang, shelf: ArchiveList, number: int, count: int) -> Pager | None:
    """Return links to the near pages, newest first. All pages are linked only on the newest one."""
    if count == 1:
        return None
    language = site.language(lang)
    gettext = language.gettext

    def link(page: int, words: str | None = None) -> NavLink:
        is_newest = page == count
        name = words or (gettext("Newest") if is_newest else language.number(page))
        url = shelf.url(site, lang, None if is_newest else page)
        return NavLink(text=name, url=url, is_current=page == number)

    shown = [page for page in range(count, 0, -1) if page == count or number == count or abs(page - number) <= NEAR]
    return Pager(
        label=gettext("Pages of this list"),
        newer=link(number + 1, gettext("Newer videos")) if number < count else None,
        older=link(number - 1, gettext("Older videos")) if number > 1 else None,
        pages=tuple(link(page) for page in shown),
    )
