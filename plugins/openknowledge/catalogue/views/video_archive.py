"""Lists of videos: the index, and stable pages by year and by language.

A long list is split from its oldest video on, so a new video changes only the newest page, which has no number. Only
that page and the index show counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Self

from openknowledge.model.values import UNKNOWN_LANG, Lang, Ref
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_, Language

from ..routes import Route
from ..site import Site
from .base import Badge, Card, CardGroup, FacetGroup, FooterGroup, NavLink, Notice, Pager
from .frame import list_notices, list_page
from .pages import ListPage
from .parts import facet_group, list_link, record_link

NEWEST = 4
PLAYLISTS_NAMED = 12
NEAR = 2
GONE_VIDEO = N_(
    "This video is no longer public on YouTube: we noticed on %(day)s. Its page stays, so that links to it still lead "
    "somewhere."
)
GONE_PLAYLIST = N_(
    "This playlist is no longer public on YouTube: we noticed on %(day)s. Its page stays, so that links to it still "
    "lead somewhere."
)
YEAR, LANGUAGE = "videos_year", "videos_language"
"""The routes of the two types of lists."""

ArchiveMembers = tuple[tuple[str, tuple[str, ...]], ...]
"""The lists of one type: the key of each (a year or a language's code), and the slugs of its videos, oldest first."""


def published_day(video: Video, language: Language) -> date:
    """Return the day of publication in the university's time zone."""
    return video.published.astimezone(language.timezone).date()


def primary_lang(video: Video) -> Lang:
    """Return the language without its region (`en` for `en-GB`, `zh-Hant` for `zh-Hant-TW`); `und` if it is unknown."""
    language, *others = (video.lang or UNKNOWN_LANG).split("-")
    return "-".join((language, *(part for part in others[:1] if len(part) == 4)))


def gone_notices(record: Video | Playlist, site: Site, lang: Lang) -> Sequence[Notice]:
    """Return the notice of what its platform does not show any more."""
    if record.gone_since is None:
        return ()
    language = site.language(lang)
    text = GONE_VIDEO if isinstance(record, Video) else GONE_PLAYLIST
    return (Notice(text=language.gettext(text, day=language.date(record.gone_since).text), tone="archive"),)


def gone_badge(record: Video | Playlist, site: Site, lang: Lang) -> Badge | None:
    """Return the badge that lists show of what its platform does not show any more."""
    text = N_("No longer on YouTube")
    return Badge(text=site.language(lang).gettext(text), tone="archived") if record.gone_since else None


def archive_lists(site: Site) -> tuple[ArchiveMembers, ArchiveMembers]:
    """Return all videos twice: by year, the newest year first, and by language, the most videos first."""
    language = site.language(site.default_lang)
    years: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, list[str]] = defaultdict(list)
    for video in sorted(site.stubs_of(Video), key=lambda video: (video.published, video.slug)):
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
    pages = _split_pages(slugs, site.settings.page_size)
    is_newest = int(number) == len(pages)
    return pages[int(number) - 1], len(pages), len(slugs) if is_newest else 0


def _split_pages(slugs: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Return pages of `size` from the oldest on; the last is the newest, and holds less than twice as many."""
    last = max(0, len(slugs) // size - 1) * size
    return [*(slugs[start : start + size] for start in range(0, last, size)), slugs[last:]]


def archive_page_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield each page of each year and language: the list's route and key, and the page's number from the oldest on."""
    for route, members in zip((YEAR, LANGUAGE), site.query("video-archives"), strict=True):
        for key, slugs in members:
            for number in range(1, len(_split_pages(slugs, site.settings.page_size)) + 1):
                yield route, key, str(number)


@dataclass(frozen=True, slots=True)
class ArchiveList:
    """The list of a year or a language. `key` is the year or the language's code."""

    route: str
    key: str
    name: str
    heading: str
    description: str

    @classmethod
    def of(cls, language: Language, route: str, key: str) -> Self:
        """Return a list in the words of a language of the interface."""
        gettext = language.gettext
        if route == YEAR:
            description = gettext("The videos published in %(year)s, newest first.", year=key)
            return cls(route, key, key, gettext("Videos from %(year)s", year=key), description)
        name = language.language_name(key)
        heading = gettext("Videos in %(language)s", language=name)
        if key == UNKNOWN_LANG:
            heading = gettext("Videos whose language is not stated")
        return cls(route, key, name, heading, gettext("%(heading)s, newest first.", heading=heading))

    def url(self, site: Site, lang: Lang, number: int | None = None) -> str:
        """Return the URL of a numbered page, or of the newest one."""
        return site.url_for_path(_page_route(site, lang, self.route, self.key, number).url)


def _page_route(site: Site, lang: Lang, route: str, key: str, number: int | None = None) -> Route:
    parts: dict[str, Any] = {"year": int(key)} if route == YEAR else {"code": key}
    if number is None:
        return site.routes.route(route, lang, **parts)
    return site.routes.route(f"{route}_page", lang, **parts, page=number)


def index_page(site: Site, lang: Lang) -> ListPage:
    """Return the index: the newest videos of each year, with filters and playlists beside them."""
    language = site.language(lang)
    years, codes = site.query("video-archives")
    groups = tuple(_newest(site, lang, ArchiveList.of(language, YEAR, key), slugs) for key, slugs in years)
    counts = {(YEAR, key): len(slugs) for key, slugs in years} | {(LANGUAGE, key): len(slugs) for key, slugs in codes}
    total = sum(len(slugs) for _, slugs in years)
    return list_page(
        site,
        lang,
        "videos",
        heading=language.gettext("Videos"),
        description=language.gettext("All the videos of the catalogue, by year, language and playlist."),
        section="video",
        feeds=("kind:video", "all"),
        notices=list_notices(site, [card for group in groups for card in group.cards], lang),
        layout="rows",
        total=language.plural("%(number)s video", "%(number)s videos", total),
        facets=tuple(_facets(site, lang, counts=counts)),
        groups=groups,
        index=_playlists(site, lang),
        empty=language.gettext("There are no videos yet."),
    )


def _newest(site: Site, lang: Lang, archive: ArchiveList, slugs: tuple[str, ...]) -> CardGroup:
    text = site.language(lang).plural(
        "%(number)s video from %(year)s", "%(number)s videos from %(year)s", len(slugs), year=archive.name
    )
    more = NavLink(text=text, url=archive.url(site, lang))
    stubs = (site.stub("video", slug) for slug in reversed(slugs))
    shown = (stub.slug for stub in stubs if isinstance(stub, Video) and stub.gone_since is None)
    cards = _cards(site, islice(shown, NEWEST), lang)
    return CardGroup(title=archive.name, cards=cards, more=more, anchor=f"y{archive.name}")


def _cards(site: Site, slugs: Iterable[str], lang: Lang) -> tuple[Card, ...]:
    return site.cards([Ref("video", slug) for slug in slugs], lang)


def archive_page(site: Site, lang: Lang, route: str, key: str, page: str) -> ListPage:
    """Return a page of a year or language, newest first; the last page has no number."""
    language = site.language(lang)
    archive = ArchiveList.of(language, route, key)
    slugs, count, videos = site.query("video-archive-page", route, key, page)
    number, is_newest = int(page), int(page) == count
    heading = archive.heading
    crumbs = [list_link(site, lang, "video")]
    if not is_newest:
        crumbs.append(NavLink(text=heading, url=archive.url(site, lang)))
        heading = language.gettext("%(heading)s, page %(number)s", heading=heading, number=language.number(number))
    return list_page(
        site,
        lang,
        lambda other: archive_route(site, other, route, key, page),
        _cards(site, reversed(slugs), lang),
        heading=heading,
        description=archive.description,
        section="video",
        crumbs=crumbs,
        feeds=("kind:video", "all"),
        layout="rows",
        total=language.plural("%(number)s video", "%(number)s videos", videos) if is_newest else "",
        facets=tuple(_facets(site, lang, archive)),
        pager=_pager(site, lang, archive, number, count) if count > 1 else None,
    )


def archive_route(site: Site, lang: Lang, route: str, key: str, page: str) -> Route:
    """Return the route of such a page."""
    _, count, _ = site.query("video-archive-page", route, key, page)
    return _page_route(site, lang, route, key, None if int(page) == count else int(page))


def _facets(
    site: Site, lang: Lang, current: ArchiveList | None = None, counts: Mapping[tuple[str, str], int] | None = None
) -> Iterator[FacetGroup]:
    """Yield links to the other lists; with counts only on the index, which every new video changes anyway."""
    language = site.language(lang)
    gettext = language.gettext
    years, codes = site.query("video-archive-keys")
    for label, route, keys in ((gettext("Year"), YEAR, years), (gettext("Language"), LANGUAGE, codes)):
        archives = [ArchiveList.of(language, route, key) for key in keys]
        links = [
            NavLink(
                text=archive.name,
                url=archive.url(site, lang),
                is_current=archive == current,
                count=language.number(counts[route, archive.key]) if counts else None,
            )
            for archive in archives
        ]
        if links:
            yield facet_group(language, label, site.route_url("videos", lang), links)


def _playlists(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    """Return the newest playlists, and the link to all of them."""
    language = site.language(lang)
    playlists = newest_playlists(site)
    if not playlists:
        return ()
    shown = [playlist for playlist in playlists if playlist.gone_since is None]
    links = [record_link(site, playlist, lang) for playlist in shown[:PLAYLISTS_NAMED]]
    count = language.number(len(playlists))
    everything = NavLink(text=language.gettext("All playlists"), url=site.route_url("playlists", lang), count=count)
    return (FooterGroup(title=language.gettext("Playlists"), links=(*links, everything)),)


def newest_playlists(site: Site) -> list[Playlist]:
    """Return all playlists, newest first; those without a date come last."""

    def published(playlist: Playlist) -> float:
        return playlist.published.timestamp() if playlist.published else 0.0

    return sorted(site.stubs_of(Playlist), key=published, reverse=True)


def _pager(site: Site, lang: Lang, archive: ArchiveList, number: int, count: int) -> Pager:
    """Return links to the near pages, newest first. All pages are linked only on the newest one."""
    language = site.language(lang)
    gettext = language.gettext

    def link(page: int, text: str | None = None) -> NavLink:
        is_newest = page == count
        text = text or (gettext("Newest") if is_newest else language.number(page))
        return NavLink(text=text, url=archive.url(site, lang, None if is_newest else page), is_current=page == number)

    near = [page for page in range(count, 0, -1) if page == count or number == count or abs(page - number) <= NEAR]
    return Pager(
        label=gettext("Pages of this list"),
        newer=link(number + 1, gettext("Newer videos")) if number < count else None,
        older=link(number - 1, gettext("Older videos")) if number > 1 else None,
        pages=tuple(map(link, near)),
    )
