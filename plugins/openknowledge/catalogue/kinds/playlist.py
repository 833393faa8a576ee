"""Playlists: their videos in their own order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openknowledge.content.plain_text import excerpt
from openknowledge.model.values import Lang
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_

from ..summary import Media, Summary
from ..views.base import Card, DetailRow
from ..views.frame import (
    card_group,
    crumb,
    drop_empty,
    feed_links,
    list_notices,
    page_fields,
    record_fields,
    record_link,
)
from ..views.pages import ListPage, PlaylistPage
from ..views.summaries import absolute_html, summary_of
from ..views.video_archive import newest_playlists, primary_lang, published_day
from .kind import Kind, ListRule, single_page, static_route
from .video import CARD_TEXT, channel_text, without_series

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site


def playlist_page(playlist: Playlist, site: Site, lang: Lang) -> PlaylistPage:
    """What `playlist.html` shows."""
    language = site.language(lang)
    shown = site.translation(playlist, lang)
    videos = videos_of(playlist, site)
    course = site.stub("course", playlist.course)
    total = video_count(videos, language)
    return PlaylistPage(
        **record_fields(
            site,
            playlist,
            lang,
            template="playlist",
            section="video",
            description=shown.words.abstract or f"{language.gettext('Playlist')}, {total}",
            crumbs=(crumb(site, lang, N_("Videos"), "videos"), crumb(site, lang, N_("Playlists"), "playlists")),
            feeds=feed_links(site, lang, f"ref:{playlist.ref}", "kind:video", "all"),
        ),
        picture=site.picture(playlist, lang),
        text=channel_text(playlist, shown.lang),
        notes=site.body(playlist, lang),
        details=tuple(playlist_details(playlist, videos, site, lang)),
        total=total,
        cards=without_series(site.cards(videos, lang)),
        related=drop_empty(card_group(site, [course] if course else [], lang, N_("The course of this playlist"))),
        watch_url=watch_url(playlist),
    )


def videos_of(playlist: Playlist, site: Site) -> list[Video]:
    """The playlist's videos that the site has, in the playlist's order."""
    found = (site.stub("video", slug) for slug in playlist.videos)
    return [one for one in found if isinstance(one, Video)]


def watch_url(playlist: Playlist) -> str | None:
    return f"https://www.youtube.com/playlist?list={playlist.youtube_id}" if playlist.youtube_id else None


def video_count(videos: list[Video], language: Language) -> str:
    return language.plural("%(number)s video", "%(number)s videos", len(videos))


def playlist_details(playlist: Playlist, videos: list[Video], site: Site, lang: Lang) -> Iterator[DetailRow]:
    """The course, and what can be said of all the videos together."""
    language = site.language(lang)
    gettext = language.gettext
    course = site.stub("course", playlist.course)
    if course:
        yield DetailRow(label=gettext("Course"), values=(record_link(site, course, lang),))
    known = [video.duration_s for video in videos if video.duration_s]
    if known:
        unknown = len(videos) - len(known)
        note = language.plural(
            "and %(number)s video of unknown length", "and %(number)s videos of unknown length", unknown
        )
        yield DetailRow(
            label=gettext("Total length"), values=(language.duration(sum(known)),), note=note if unknown else None
        )
    codes = dict.fromkeys(primary_lang(video) for video in videos)
    names = [language.language_name(code) for code in codes]
    if names:
        yield DetailRow(label=language.plural("Language", "Languages", len(names)), values=tuple(names))
    days = sorted(published_day(video, language).year for video in videos)
    if days:
        span = str(days[0]) if days[0] == days[-1] else f"{days[0]}–{days[-1]}"
        yield DetailRow(label=gettext("Published"), values=(span,))


def playlist_card(playlist: Playlist, site: Site, lang: Lang) -> Card:
    """A playlist in a list, with how many videos it has."""
    language = site.language(lang)
    shown = site.translation(playlist, lang)
    course = site.stub("course", playlist.course)
    label = language.gettext("Playlist")
    return Card(
        ref=str(playlist.ref),
        kind="playlist",
        kicker=f"{label} · {site.title(course, lang)}" if course else label,
        url=site.url(playlist, lang),
        title=shown.words.title,
        abstract=excerpt(shown.words.abstract, CARD_TEXT),
        lang=shown.lang_attr,
        picture=site.picture(playlist, lang),
        meta=(video_count(videos_of(playlist, site), language),),
        is_sample=playlist.sample,
    )


def playlist_summary(playlist: Playlist, site: Site, lang: Lang) -> Summary:
    shown = site.translation(playlist, lang)
    url = watch_url(playlist)
    return summary_of(
        site,
        playlist,
        lang,
        published=playlist.published,
        content=absolute_html(site, (*site.body(playlist, lang), *channel_text(playlist, shown.lang)), lang),
        media=Media(url=url) if url else None,
    )


def playlist_list(site: Site, lang: Lang) -> ListPage:
    """All playlists on one page, newest first."""
    language = site.language(lang)
    gettext = language.gettext
    playlists = newest_playlists(site)
    cards = site.cards(playlists, lang)
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: site.routes.route("playlists", other),
            template="list",
            heading=gettext("Playlists"),
            description=gettext("Videos that belong together, in the order in which to watch them."),
            section="video",
            crumbs=(crumb(site, lang, N_("Videos"), "videos"),),
            feeds=feed_links(site, lang, "kind:video", "all"),
            notices=list_notices(site, cards, lang),
        ),
        layout="rows",
        total=language.plural("%(number)s playlist", "%(number)s playlists", len(playlists)),
        cards=cards,
        empty=gettext("There are no playlists yet."),
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
    lists=(ListRule("all", playlist_list, single_page, static_route("playlists")),),
    has_cover=True,
    in_site_feed=False,
)
