"""Lists of videos: the index, and pages by year and by language that stay as they are.

A long list is cut from its oldest video on, so a new one changes only the first page that readers
see, which has no number and holds the newest. Only that page and the index count anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from openknowledge.model.values import UNKNOWN_LANG, Lang, Ref
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_

from ..routes import Route
from .base import Card, CardGroup, FacetGroup, FooterGroup, NavLink, Pager
from .frame import crumb, feed_links, frame, list_notices, record_link
from .pages import ListPage

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site

NEWEST = 4
PLAYLISTS_NAMED = 12
NEAR = 2


def published_day(video: Video, language: Language) -> date:
    """The day of publication where the university is."""
    return video.published.astimezone(language.timezone).date()


def primary_lang(video: Video) -> Lang:
    """The language without its region (`en` for `en-GB`); `und` where nobody knows."""
    return (video.lang or UNKNOWN_LANG).split("-")[0]


YEAR, LANGUAGE = "videos_year", "videos_language"
"""The routes of the two sorts of shelves."""

Members = tuple[tuple[str, tuple[str, ...]], ...]
"""What stands on each shelf of a sort: its key, and the slugs of its videos, oldest first."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The list of a year or a language, and where it lives. `key` is the year or the language's code."""

    route: str
    key: str
    name: str
    heading: str
    description: str

    def url(self, site: Site, lang: Lang, number: int | None = None) -> str:
        """The address of a numbered page, or of the newest one."""
        if number is None:
            return site.route(self.route, lang, **self.parts)
        return site.route(f"{self.route}_page", lang, **self.parts, page=number)

    @property
    def parts(self) -> dict[str, Any]:
        return _parts(self.route, self.key)


def shelves(site: Site) -> tuple[Members, Members]:
    """All videos twice: by year, the newest year first, and by language, the most videos first."""
    language = site.language(site.default_lang)
    videos = sorted(site.of(Video), key=lambda one: (one.published, one.slug))
    years: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, list[str]] = defaultdict(list)
    for video in videos:
        years[str(published_day(video, language).year)].append(video.slug)
        codes[primary_lang(video)].append(video.slug)
    by_year = tuple((year, tuple(years[year])) for year in sorted(years, reverse=True))
    by_code = tuple((code, tuple(codes[code])) for code in sorted(codes, key=lambda c: (-len(codes[c]), c)))
    return by_year, by_code


def shelf_keys(site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of all years and of all languages, in their order."""
    years, codes = site.ask("shelves")
    return tuple(key for key, _ in years), tuple(key for key, _ in codes)


def shelf_part(site: Site, route: str, key: str, number: str) -> tuple[tuple[str, ...], int, int]:
    """The slugs on one page of a shelf, oldest first; how many pages it has; and, on its last page, how many videos."""
    years, codes = site.ask("shelves")
    slugs = dict(years if route == YEAR else codes)[key]
    pages = paged(slugs, site.settings.page_size)
    is_newest = int(number) == len(pages)
    return pages[int(number) - 1], len(pages), len(slugs) if is_newest else 0


def paged(slugs: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Pages of `size` from the oldest on; the last is the newest, and holds less than twice as many."""
    last = max(0, len(slugs) // size - 1) * size
    return [*(slugs[start : start + size] for start in range(0, last, size)), slugs[last:]]


def each_shelf_page(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Each page of each year and language: the route and key of its shelf, and its number from the oldest on."""
    for route, members in zip((YEAR, LANGUAGE), site.ask("shelves"), strict=True):
        for key, slugs in members:
            for number in range(1, len(paged(slugs, site.settings.page_size)) + 1):
                yield route, key, str(number)


def index_page(site: Site, lang: Lang) -> ListPage:
    """The way in: the newest videos of each year, with filters and playlists beside them."""
    language = site.language(lang)
    text = language.text
    years, codes = site.ask("shelves")
    parts = tuple(_newest(site, lang, _year(language, key), slugs) for key, slugs in years)
    count = sum(len(slugs) for _, slugs in years)
    counts = {
        **{(YEAR, key): len(slugs) for key, slugs in years},
        **{(LANGUAGE, key): len(slugs) for key, slugs in codes},
    }
    cards = [card for part in parts for card in part.cards]
    return ListPage(
        **frame(
            site,
            lang,
            lambda other: site.routes.route("videos", other),
            template="list",
            heading=text("Videos"),
            description=text("All the videos of the catalogue, by year, language and playlist."),
            section="video",
            feeds=feed_links(site, lang, "kind:video", "all"),
            notices=list_notices(site, cards, lang),
        ),
        layout="rows",
        total=language.counted("%(number)s video", "%(number)s videos", count),
        facets=_facets(site, lang, counts=counts),
        groups=parts,
        index=_playlists(site, lang),
        empty=text("There are no videos yet."),
    )


def shelf_page(site: Site, lang: Lang, route: str, key: str, of: str) -> ListPage:
    """A page of a year or language, newest first; the last one is the one without a number."""
    language = site.language(lang)
    shelf = _shelf(language, route, key)
    slugs, count, videos = site.ask("shelf-part", route, key, of)
    number, is_newest = int(of), int(of) == count
    heading = shelf.heading
    above = [crumb(site, lang, N_("Videos"), "videos")]
    if not is_newest:
        above.append(NavLink(text=heading, url=shelf.url(site, lang)))
        heading = language.text("%(heading)s, page %(number)s", heading=heading, number=language.number(number))
    cards = _cards(site, reversed(slugs), lang)
    total = language.counted("%(number)s video", "%(number)s videos", videos)
    return ListPage(
        **frame(
            site,
            lang,
            lambda other: shelf_route(site, other, route, key, of),
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


def shelf_route(site: Site, lang: Lang, route: str, key: str, of: str) -> Route:
    """Where such a page lives."""
    parts = _parts(route, key)
    _, count, _ = site.ask("shelf-part", route, key, of)
    if int(of) == count:
        return site.routes.route(route, lang, **parts)
    return site.routes.route(f"{route}_page", lang, **parts, page=int(of))


def _parts(route: str, key: str) -> dict[str, Any]:
    return {"year": int(key)} if route == YEAR else {"code": key}


def _shelf(language: Language, route: str, key: str) -> Shelf:
    return _year(language, key) if route == YEAR else _language(language, key)


def _cards(site: Site, slugs: Iterable[str], lang: Lang) -> tuple[Card, ...]:
    return tuple(site.card(Ref("video", slug), lang) for slug in slugs)


def _year(language: Language, year: str) -> Shelf:
    heading = language.text("Videos of %(year)s", year=year)
    description = language.text("The videos published in %(year)s, newest first.", year=year)
    return Shelf(YEAR, year, year, heading, description)


def _language(language: Language, code: Lang) -> Shelf:
    name = language.language_name(code)
    if code == UNKNOWN_LANG:
        heading = language.text("Videos whose language is not known")
    else:
        heading = language.text("Videos in %(language)s", language=name)
    description = language.text("%(heading)s, newest first.", heading=heading)
    return Shelf(LANGUAGE, code, name, heading, description)


def _newest(site: Site, lang: Lang, shelf: Shelf, slugs: tuple[str, ...]) -> CardGroup:
    language = site.language(lang)
    count = len(slugs)
    whole = NavLink(
        text=language.counted("%(number)s video of %(year)s", "%(number)s videos of %(year)s", count, year=shelf.name),
        url=shelf.url(site, lang),
    )
    cards = _cards(site, slugs[: -NEWEST - 1 : -1], lang)
    return CardGroup(title=shelf.name, cards=cards, more=whole, anchor=f"y{shelf.name}")


def _facets(
    site: Site, lang: Lang, current: Shelf | None = None, counts: Mapping[tuple[str, str], int] | None = None
) -> tuple[FacetGroup, ...]:
    """Ways to the other lists; with counts only on the index, which every new video changes anyway."""
    language = site.language(lang)
    text = language.text
    found = []
    years, codes = site.ask("shelf-keys")
    for label, route, keys in ((text("Year"), YEAR, years), (text("Language"), LANGUAGE, codes)):
        group = [_shelf(language, route, key) for key in keys]
        everything = NavLink(text=text("All"), url=site.route("videos", lang), is_current=current not in group)
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
    """The newest playlists, and the way to all of them."""
    language = site.language(lang)
    playlists = newest_playlists(site)
    if not playlists:
        return ()
    links = [record_link(site, one, lang) for one in playlists[:PLAYLISTS_NAMED]]
    count = language.number(len(playlists))
    everything = NavLink(text=language.text("All playlists"), url=site.route("playlists", lang), count=count)
    return (FooterGroup(title=language.text("Playlists"), links=(*links, everything)),)


def newest_playlists(site: Site) -> list[Playlist]:
    """All playlists, newest first; those without a date come last."""
    found = [one for one in site.all("playlist") if isinstance(one, Playlist)]
    return sorted(found, key=lambda one: one.published.timestamp() if one.published else 0.0, reverse=True)


def _pager(site: Site, lang: Lang, shelf: Shelf, number: int, count: int) -> Pager | None:
    """Ways to the near pages, newest first. All pages are named only on the newest one."""
    if count == 1:
        return None
    language = site.language(lang)
    text = language.text

    def link(page: int, words: str | None = None) -> NavLink:
        is_newest = page == count
        name = words or (text("Newest") if is_newest else language.number(page))
        url = shelf.url(site, lang, None if is_newest else page)
        return NavLink(text=name, url=url, is_current=page == number)

    shown = [page for page in range(count, 0, -1) if page == count or number == count or abs(page - number) <= NEAR]
    return Pager(
        label=text("Pages of this list"),
        newer=link(number + 1, text("Newer videos")) if number < count else None,
        older=link(number - 1, text("Older videos")) if number > 1 else None,
        pages=tuple(link(page) for page in shown),
    )
