"""Lists of videos: the index, and stable pages by year and by language.

A long list is cut from its oldest video on, so a new video changes only the newest page, whose address has no number.
Only that page and the index show counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, Self

from openknowledge.model.values import UNKNOWN_LANG, Lang, Ref
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_, Language, N_plural

from ..routes import Route
from ..site import Site
from .a_z import speaker_url, speakers_link
from .base import Badge, Card, CardGroup, FooterGroup, NavLink, Notice
from .facets import Facet, facet_groups, filter_source, group_facets, member_url, year_facet
from .frame import list_notices, list_page, list_part_page
from .pages import ListPage
from .paging import FIRST, ListPart
from .parts import language_names, record_link

NEWEST = 4
YEARS_SHOWN = 10
"""Of how many years the index shows the newest videos; its filters have all years."""
PLAYLISTS_NAMED = 12
GONE_VIDEO = N_(
    "This video is no longer public on YouTube: we noticed on %(day)s. Its page stays, so that links to it still lead "
    "somewhere."
)
GONE_PLAYLIST = N_(
    "This playlist is no longer public on YouTube: we noticed on %(day)s. Its page stays, so that links to it still "
    "lead somewhere."
)
COUNTED = N_plural("%(number)s video", "%(number)s videos")
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


def archive_list_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield the lists: the route of each, and its year or language."""
    for route, keys in zip((YEAR, LANGUAGE), site.query("video-archive-keys"), strict=True):
        yield from ((route, key) for key in keys)


def archive_years(site: Site, _lang: Lang) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the lists of all years, the newest first."""
    return (("archive", (YEAR, year)) for year in site.query("video-archive-keys")[0])


def archive_slugs(site: Site, _lang: Lang, route: str, key: str) -> tuple[str, ...]:
    """Return the slugs of a list, the newest video first."""
    years, codes = site.query("video-archives")
    return tuple(reversed(dict(years if route == YEAR else codes)[key]))


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

    def url(self, site: Site, lang: Lang) -> str:
        """Return the URL of the newest page."""
        return site.url_for_path(archive_route(site, lang, self.route, self.key).url)


def index_page(site: Site, lang: Lang) -> ListPage:
    """Return the index: the newest videos of each year, with filters and playlists beside them."""
    language = site.language(lang)
    years, _ = site.query("video-archives")
    shown = years[:YEARS_SHOWN]
    groups = tuple(_newest(site, lang, ArchiveList.of(language, YEAR, key), slugs) for key, slugs in shown)
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
        total=language.plural(*COUNTED, total),
        facets=facet_groups(site, "video", lang, with_counts=True),
        filters=filter_source(site, "video", lang),
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


def archive_page(site: Site, lang: Lang, route: str, key: str, *, part: ListPart) -> ListPage:
    """Return a page of a year or language, newest first."""
    language = site.language(lang)
    archive, chosen = ArchiveList.of(language, route, key), ("year" if route == YEAR else "language", key)
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: archive_route(site, other, route, key, page),
        _cards(site, part.slugs, lang),
        heading=archive.heading,
        description=archive.description,
        section="video",
        crumbs=("video",),
        feeds=("kind:video", "all"),
        layout="rows",
        counted=COUNTED,
        facets=facet_groups(site, "video", lang, with_counts=False, chosen=chosen),
        filters=filter_source(site, "video", lang, chosen=chosen),
    )


def archive_route(site: Site, lang: Lang, route: str, key: str, page: str = FIRST) -> Route:
    """Return the route of such a page: that of the newest one has no number."""
    parts: dict[str, Any] = {"year": int(key)} if route == YEAR else {"code": key}
    if page == FIRST:
        return site.routes.route(route, lang, **parts)
    return site.routes.route(f"{route}_page", lang, **parts, page=int(page))


def video_facets(site: Site, lang: Lang) -> tuple[Facet, ...]:
    """Return the filters of the videos: by year, by language, by topic and by who speaks."""
    language = site.language(lang)

    def url_in(route: str) -> Callable[[str], str]:
        return lambda key: ArchiveList.of(language, route, key).url(site, lang)

    topics, speakers = group_facets(site, lang, "video", language.gettext("Speakers"))
    speakers = replace(
        speakers,
        url_of=lambda name: member_url(site, lang, "person", name, "video") or speaker_url(site, lang, name),
        index=speakers_link(site, lang) or speakers.index,
    )
    languages = Facet(
        "language",
        language.gettext("Language"),
        lambda video: [primary_lang(video)],
        lambda code: language_names(language, [code]),
        url_in(LANGUAGE),
        site.query("video-archive-keys")[1],
    )
    years = year_facet(language, lambda video: published_day(video, language).year, url_in(YEAR))
    return years, languages, topics, speakers


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
