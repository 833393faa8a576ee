"""Playlists: their videos in their own order, long ones in parts."""

from collections.abc import Iterator, Sequence

from openknowledge.content.plain_text import excerpt
from openknowledge.model.values import Lang, Ref
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_, Language, N_plural

from ..kind import Kind, ListRule
from ..routes import Route
from ..site import Site
from ..summary import Media, Summary
from ..views.base import Card, DetailRow, NavLink, Pager
from ..views.body import absolute_html, plain_text, record_body, summarize
from ..views.frame import list_part_page, page_fields, record_page
from ..views.pages import ListPage, PlaylistPage
from ..views.paging import PAGE, ListPart, make_pager, near_pages, page_of
from ..views.parts import (
    card_group,
    detail,
    drop_empty,
    language_names,
    list_description,
    list_link,
    record_card,
    record_link,
    without_kickers,
)
from ..views.sequences import count_parts, split_pages
from ..views.video_archive import gone_badge, gone_notices, newest_playlists, primary_lang, published_day
from .video import CARD_TEXT, channel_text, divided_text

__all__ = ["PLAYLIST", "playlist_page", "playlist_summary"]


def playlist_page(playlist: Playlist, site: Site, lang: Lang) -> PlaylistPage:
    """Return what `playlist.html` shows: a long playlist has its first part here, and further pages."""
    language = site.language(lang)
    translation = site.translation(playlist, lang)
    videos = _videos_of(playlist, site)
    course = site.stub("course", playlist.course)
    total = _video_count(videos, language)
    parts = split_pages(tuple(video.slug for video in videos), site.settings.page_size)
    return record_page(
        PlaylistPage,
        playlist,
        site,
        lang,
        section="video",
        description=plain_text(site, translation.words.abstract, lang) or f"{language.gettext('Playlist')}, {total}",
        crumbs=("video", "playlist"),
        feeds=(f"ref:{playlist.ref}", "kind:video", "all"),
        **divided_text(playlist, translation.lang),
        details=_details(playlist, videos, site, lang),
        total=total,
        rows=tuple(enumerate(_cards(site, parts[0], lang), start=1)),
        pager=_pager(playlist.slug, site, lang, 1, len(parts)),
        related=drop_empty(card_group(site, [course] if course else [], lang, N_("The course of this playlist"))),
        watch_url=_watch_url(playlist),
        notices=gone_notices(playlist, site, lang),
    )


def part_page(site: Site, lang: Lang, slug: str, part: str) -> PlaylistPage:
    """Return a further page of a long playlist. Only the last one says how many there are."""
    language = site.language(lang)
    playlist: NavLink = site.query("named-link", "playlist", slug, lang)
    slugs, count = site.query("playlist-part", slug, part)
    number = int(part)
    heading = language.gettext("%(heading)s, part %(number)s", heading=playlist.text, number=language.number(number))
    cards = _cards(site, slugs, lang)
    return PlaylistPage(
        **page_fields(
            site,
            lang,
            lambda other: part_route(site, other, slug, part),
            template="playlist",
            heading=heading,
            description=list_description(heading, cards),
            section="video",
            crumbs=(*(list_link(site, lang, kind) for kind in ("video", "playlist")), playlist),
            feeds=(f"ref:playlist/{slug}", "kind:video", "all"),
        ),
        content_lang=playlist.lang,
        picture=None,
        text=(),
        notes=(),
        details=(),
        total="",
        rows=tuple(enumerate(cards, start=(number - 1) * site.settings.page_size + 1)),
        pager=_pager(slug, site, lang, number, count),
        related=(),
        watch_url=None,
    )


def part_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield the slug of each long playlist with the numbers of its pages after the first."""
    for slug in site.slugs("playlist"):
        for number in range(2, count_parts(site, slug) + 1):
            yield slug, str(number)


def part_route(site: Site, lang: Lang, slug: str, part: str) -> Route:
    """Return the route of such a page, below that of the playlist."""
    return site.routes.below(site.route_of(Ref("playlist", slug), lang), lang, PAGE, part)


def _cards(site: Site, slugs: Sequence[str], lang: Lang) -> tuple[Card, ...]:
    return without_kickers(site.cards([Ref("video", slug) for slug in slugs], lang))


def _pager(slug: str, site: Site, lang: Lang, number: int, count: int) -> Pager | None:
    """Return the links between the parts of a long playlist, the first one at its beginning."""

    def url_of(part: str) -> str:
        route = site.route_of(Ref("playlist", slug), lang) if part == "1" else part_route(site, lang, slug, part)
        return site.url_for_path(route.url)

    near = tuple((part, str(part)) for part in near_pages(number, count))
    return make_pager(ListPart(str(number), (), number, count, 0, near), site.language(lang), url_of)


def _videos_of(playlist: Playlist, site: Site) -> list[Video]:
    """Return the playlist's videos that the site has, in the playlist's order."""
    stubs = (site.stub("video", slug) for slug in playlist.videos)
    return [stub for stub in stubs if isinstance(stub, Video)]


def _watch_url(playlist: Playlist) -> str | None:
    is_there = playlist.youtube_id and playlist.gone_since is None
    return f"https://www.youtube.com/playlist?list={playlist.youtube_id}" if is_there else None


def _video_count(videos: list[Video], language: Language) -> str:
    return language.plural("%(number)s video", "%(number)s videos", len(videos))


def _details(playlist: Playlist, videos: list[Video], site: Site, lang: Lang) -> tuple[DetailRow, ...]:
    """Return the course, and what can be said of all the videos together."""
    language = site.language(lang)
    gettext, plural = language.gettext, language.plural
    course = site.stub("course", playlist.course)
    lengths = [video.duration_s for video in videos if video.duration_s]
    unknown = len(videos) - len(lengths)
    note = plural("and %(number)s video of unknown length", "and %(number)s videos of unknown length", unknown)
    names = [language_names(language, [code]) for code in dict.fromkeys(map(primary_lang, videos))]
    years = sorted({published_day(video, language).year for video in videos})
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years))
    return drop_empty(
        detail(gettext("Course"), [record_link(site, course, lang) if course else None]),
        detail(
            gettext("Total length"), [language.duration(sum(lengths)) if lengths else None], note if unknown else None
        ),
        detail(plural("Language", "Languages", len(names)), names),
        detail(gettext("Published"), [span]),
    )


def playlist_card(playlist: Playlist, site: Site, lang: Lang) -> Card:
    """Return a playlist in a list, with how many videos it has."""
    return record_card(
        playlist,
        site,
        lang,
        parent=site.stub("course", playlist.course),
        abstract=excerpt(plain_text(site, site.translation(playlist, lang).words.abstract, lang), CARD_TEXT),
        meta=(_video_count(_videos_of(playlist, site), site.language(lang)),),
        badge=gone_badge(playlist, site, lang),
    )


def playlist_summary(playlist: Playlist, site: Site, lang: Lang) -> Summary:
    """Return a playlist as other plugins see it; its content is the editor's notes and then the channel's text."""
    body = (*record_body(site, playlist, lang), *channel_text(playlist, site.translation(playlist, lang).lang))
    content, url = absolute_html(site, body, lang, site.url(playlist, lang)), _watch_url(playlist)
    return summarize(playlist, site, lang, content=content, media=Media(url=url) if url else None)


def playlist_slugs(site: Site, _lang: Lang) -> list[str]:
    """Return the slugs of all playlists, newest first."""
    return [playlist.slug for playlist in newest_playlists(site)]


def playlist_list(site: Site, lang: Lang, *, part: ListPart) -> ListPage:
    """Return a page of the list of all playlists, newest first."""
    language = site.language(lang)
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: page_of(site, other, site.routes.route("playlists", other), page),
        site.cards([Ref("playlist", slug) for slug in part.slugs], lang),
        heading=language.gettext("Playlists"),
        description=language.gettext("Videos that belong together, in the order in which to watch them."),
        section="video",
        crumbs=("video",),
        feeds=("kind:video", "all"),
        layout="rows",
        counted=N_plural("%(number)s playlist", "%(number)s playlists"),
        empty=language.gettext("There are no playlists yet."),
    )


PLAYLIST = Kind(
    name="playlist",
    plural="playlists",
    label=N_("Playlist"),
    label_plural=N_("Playlists"),
    model=Playlist,
    source="playlists/*.md",
    page=playlist_page,
    card=playlist_card,
    summary=playlist_summary,
    lists=(
        ListRule("all", playlist_list, route="playlists", members=playlist_slugs),
        ListRule("parts", part_page, part_keys, part_route),
    ),
    has_cover=True,
    warns_of_language=False,
    member_rank=20,
    item_feed_rank=40,
    in_site_feed=False,
    search_weight=1.0,
)
