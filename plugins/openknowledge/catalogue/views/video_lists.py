"""Lists of videos: the index, and pages by year and by language that stay as they are.

A long list is cut from its oldest video on, so a new one changes only the first page that readers
see, which has no number and holds the newest. Only that page and the index count anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..language import N_
from ..model.values import UNKNOWN_LANG, Lang
from ..model.video import Playlist, Video
from .base import CardGroup, FacetGroup, FooterGroup, NavLink, Pager
from .build import crumb, feed_links, frame, list_notices, record_link
from .pages import ListPage

if TYPE_CHECKING:
    from ..language import Language
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


@dataclass(frozen=True, slots=True)
class Shelf:
    """The videos of a year or a language, oldest first, and where their list lives."""

    route: str
    parts: dict[str, Any]
    name: str
    heading: str
    description: str
    videos: tuple[Video, ...]

    def pages(self, size: int) -> list[tuple[Video, ...]]:
        """Pages of `size` from the oldest on; the last is the newest, and holds less than twice as many."""
        last = max(0, len(self.videos) // size - 1) * size
        return [*(self.videos[start : start + size] for start in range(0, last, size)), self.videos[last:]]

    def url(self, site: Site, lang: Lang, number: int | None = None) -> str:
        """The address of a numbered page, or of the newest one."""
        if number is None:
            return site.route(self.route, lang, **self.parts)
        return site.route(f"{self.route}_page", lang, **self.parts, page=number)


@dataclass(frozen=True, slots=True)
class Shelves:
    """All videos twice: by year, newest year first, and by language, the most videos first."""

    years: tuple[Shelf, ...]
    languages: tuple[Shelf, ...]


def video_lists(site: Site, lang: Lang) -> Iterator[ListPage]:
    """The index, then a list for each year and each language."""
    shelves = shelved(site, lang)
    yield index_page(site, lang, shelves)
    for shelf in (*shelves.years, *shelves.languages):
        pages = shelf.pages(site.settings.page_size)
        for number, videos in enumerate(pages, start=1):
            yield shelf_page(site, lang, shelves, shelf, videos, number, len(pages))


def shelved(site: Site, lang: Lang) -> Shelves:
    """The videos of the site by year and language."""
    language = site.language(lang)
    videos = sorted(
        (one for one in site.all("video") if isinstance(one, Video)), key=lambda one: (one.published, one.slug)
    )
    by_year = grouped(videos, lambda video: published_day(video, language).year)
    by_lang = grouped(videos, primary_lang)
    return Shelves(
        years=tuple(_year(language, year, by_year[year]) for year in sorted(by_year, reverse=True)),
        languages=tuple(
            _language(language, code, by_lang[code]) for code in sorted(by_lang, key=lambda c: (-len(by_lang[c]), c))
        ),
    )


def grouped(videos: Sequence[Video], key: Callable[[Video], Any]) -> dict[Any, tuple[Video, ...]]:
    found: dict[Any, list[Video]] = defaultdict(list)
    for video in videos:
        found[key(video)].append(video)
    return {name: tuple(members) for name, members in found.items()}


def index_page(site: Site, lang: Lang, shelves: Shelves) -> ListPage:
    """The way in: the newest videos of each year, with filters and playlists beside them."""
    language = site.language(lang)
    text = language.text
    parts = tuple(_newest(site, lang, shelf) for shelf in shelves.years)
    count = sum(len(shelf.videos) for shelf in shelves.years)
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
        facets=_facets(site, lang, shelves, counted=True),
        groups=parts,
        index=_playlists(site, lang),
        empty=text("There are no videos yet."),
    )


def shelf_page(
    site: Site, lang: Lang, shelves: Shelves, shelf: Shelf, videos: Sequence[Video], number: int, count: int
) -> ListPage:
    """A page of a year or language, newest first; the last of `count` is the one without a number."""
    language = site.language(lang)
    is_newest = number == count
    heading = shelf.heading
    above = [crumb(site, lang, N_("Videos"), "videos")]
    if not is_newest:
        above.append(NavLink(text=heading, url=shelf.url(site, lang)))
        heading = language.text("%(heading)s, page %(number)s", heading=heading, number=language.number(number))
    cards = site.cards(tuple(reversed(videos)), lang)
    route = shelf.route if is_newest else f"{shelf.route}_page"
    parts = shelf.parts if is_newest else {**shelf.parts, "page": number}
    total = language.counted("%(number)s video", "%(number)s videos", len(shelf.videos))
    return ListPage(
        **frame(
            site,
            lang,
            lambda other: site.routes.route(route, other, **parts),
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
        facets=_facets(site, lang, shelves, shelf),
        cards=cards,
        pager=_pager(site, lang, shelf, number, count),
    )


def _year(language: Language, year: int, videos: tuple[Video, ...]) -> Shelf:
    heading = language.text("Videos of %(year)s", year=year)
    description = language.text("The videos published in %(year)s, newest first.", year=year)
    return Shelf("videos_year", {"year": year}, str(year), heading, description, videos)


def _language(language: Language, code: Lang, videos: tuple[Video, ...]) -> Shelf:
    name = language.language_name(code)
    if code == UNKNOWN_LANG:
        heading = language.text("Videos whose language is not known")
    else:
        heading = language.text("Videos in %(language)s", language=name)
    description = language.text("%(heading)s, newest first.", heading=heading)
    return Shelf("videos_language", {"code": code}, name, heading, description, videos)


def _newest(site: Site, lang: Lang, shelf: Shelf) -> CardGroup:
    language = site.language(lang)
    count = len(shelf.videos)
    whole = NavLink(
        text=language.counted("%(number)s video of %(year)s", "%(number)s videos of %(year)s", count, year=shelf.name),
        url=shelf.url(site, lang),
    )
    cards = site.cards(tuple(reversed(shelf.videos))[:NEWEST], lang)
    return CardGroup(title=shelf.name, cards=cards, more=whole, anchor=f"y{shelf.name}")


def _facets(
    site: Site, lang: Lang, shelves: Shelves, current: Shelf | None = None, counted: bool = False
) -> tuple[FacetGroup, ...]:
    """Ways to the other lists; with counts only on the index, which every new video changes anyway."""
    language = site.language(lang)
    text = language.text
    found = []
    for label, group in ((text("Year"), shelves.years), (text("Language"), shelves.languages)):
        everything = NavLink(text=text("All"), url=site.route("videos", lang), is_current=current not in group)
        options = [
            NavLink(
                text=shelf.name,
                url=shelf.url(site, lang),
                is_current=shelf is current,
                count=language.number(len(shelf.videos)) if counted else None,
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
