"""Videos: their page and their card; views/video_lists.py has the lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from openknowledge.content.plain_text import excerpt, render_description
from openknowledge.model.values import UNKNOWN_LANG, Html, Lang, Record
from openknowledge.model.video import Playlist, Video
from openknowledge.rendering.locale import N_

from ..summary import Media, Summary
from ..views.base import Body, Card, CardGroup, DetailRow, NavLink, Segment
from ..views.credits import credit_lines
from ..views.frame import card_group, crumb, drop_empty, feed_links, record_fields, record_link, record_links
from ..views.labels import LICENSE_URLS, LICENSES
from ..views.pages import VideoPage
from ..views.summaries import absolute_html, summary_of
from ..views.video_archive import (
    archive_page,
    archive_page_keys,
    archive_route,
    index_page,
    primary_lang,
    published_day,
)
from .kind import Kind, ListRule, single_page, static_route

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site

NEIGHBOURS = 8
"""How many other videos of a playlist a video's page shows; the playlist's page has them all."""
TAGS_SHOWN = 12
CARD_TEXT = 100
"""How many characters of a description a dense row has room for."""
NO_TRACKING = "https://www.youtube-nocookie.com/embed/"


def video_page(video: Video, site: Site, lang: Lang) -> VideoPage:
    """What `video.html` shows. Each playlist shows the videos around this one, in its own order."""
    language = site.language(lang)
    shown = site.translation(video, lang)
    playlists = playlists_of(video, site)
    feeds = [f"ref:{playlist.ref}" for playlist in playlists]
    return VideoPage(
        **record_fields(
            site,
            video,
            lang,
            template="video",
            section="video",
            description=shown.words.abstract or describe_in_one_line(video, language),
            crumbs=(crumb(site, lang, N_("Videos"), "videos"),),
            feeds=feed_links(site, lang, *feeds, "kind:video", "all"),
        ),
        picture=site.picture(video, lang),
        date=language.date(published_day(video, language)),
        duration=language.duration(video.duration_s),
        duration_iso=iso_duration(video.duration_s),
        language=language.language_name(video.lang),
        watch_url=watch_url(video),
        embed_url=f"{NO_TRACKING}{video.youtube_id}" if video.youtube_id and video.embeddable else None,
        details=tuple(video_details(video, playlists, site, lang)),
        text=channel_text(video, shown.lang),
        notes=site.body(video, lang),
        chapters=chapters(video, language),
        playlists=drop_empty(*(nearby_videos(video, playlist, site, lang) for playlist in playlists)),
        related=drop_empty(
            card_group(site, courses_of(video, site), lang, N_("The course of this video")),
            card_group(site, site.referrers(video, "hub"), lang, N_("In the learning hub")),
            card_group(site, site.referrers(video, "press"), lang, N_("In the press")),
        ),
    )


def playlists_of(video: Video, site: Site) -> tuple[Playlist, ...]:
    """The playlists that hold the video, by slug."""
    return tuple(one for one in site.referrers(video, "playlist") if isinstance(one, Playlist))


def courses_of(video: Video, site: Site) -> list[Record]:
    """The video's own course, then those whose trailer it is."""
    own = site.stub("course", video.course)
    others = [one for one in site.referrers(video, "course") if own is None or one.ref != own.ref]
    return [own, *others] if own else others


def watch_url(video: Video) -> str | None:
    return f"https://www.youtube.com/watch?v={video.youtube_id}" if video.youtube_id else None


def iso_duration(seconds: int | None) -> str | None:
    """A length as machines read it: `PT27M1S`.

    >>> iso_duration(1621), iso_duration(3600), iso_duration(None)
    ('PT27M1S', 'PT1H', None)
    """
    if not seconds:
        return None
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def channel_text(video: Video | Playlist, shown_lang: Lang) -> Body:
    """The channel's text; marked with its language where an editor's words are shown in another one."""
    html = render_description(video.description)
    own = text_lang(video)
    if html and own != shown_lang:
        html = Html(f'<div lang="{"" if own == UNKNOWN_LANG else own}">{html}</div>')
    return (Segment(html=html),) if html else ()


def text_lang(video: Video | Playlist) -> Lang:
    """The language of the channel's text: that of the only words, else the one that is spoken."""
    if len(video.words) == 1:
        return next(iter(video.words))
    return getattr(video, "lang", None) or UNKNOWN_LANG


def video_details(video: Video, playlists: tuple[Playlist, ...], site: Site, lang: Lang) -> Iterator[DetailRow]:
    """What is known of the video, row by row, beyond the date and length that stand under its title."""
    language = site.language(lang)
    gettext = language.gettext
    yield DetailRow(label=gettext("Language"), values=(_language_link(video, site, lang),))
    if video.caption_langs:
        names = [language.language_name(code) for code in video.caption_langs]
        yield DetailRow(label=gettext("Subtitles"), values=(language.join_list(names),))
    people = credit_lines(site, video.credits, lang)
    if people:
        yield DetailRow(label=gettext("With"), values=tuple(_person_link(one.name, one.url) for one in people))
    course = site.stub("course", video.course)
    if course:
        yield DetailRow(label=gettext("Course"), values=(record_link(site, course, lang),))
    if playlists:
        label = language.plural("Playlist", "Playlists", len(playlists))
        yield DetailRow(label=label, values=tuple(record_link(site, one, lang) for one in playlists))
    if video.topics:
        yield DetailRow(label=gettext("Topics"), values=record_links(site, "topic", video.topics, lang))
    if video.license:
        licence = NavLink(text=gettext(LICENSES[video.license]), url=LICENSE_URLS[video.license])
        yield DetailRow(label=gettext("Licence"), values=(licence,))
    if video.views:
        note = gettext("on %(day)s", day=language.date(video.views.as_of).text)
        yield DetailRow(label=gettext("Views"), values=(language.number(video.views.total),), note=note)
    if video.tags:
        yield DetailRow(label=gettext("Tags"), values=video.tags[:TAGS_SHOWN])


def chapters(video: Video, language: Language) -> tuple[NavLink, ...]:
    """A link to the place of each chapter; none for a sample entry, which has no film."""
    url = watch_url(video)
    if url is None:
        return ()
    return tuple(
        NavLink(text=f"{language.duration(one.start_s)} {one.title}", url=f"{url}&t={one.start_s}s")
        for one in video.chapters
    )


def nearby_videos(video: Video, playlist: Playlist, site: Site, lang: Lang) -> CardGroup | None:
    """The videos around this one in a playlist, in order; None where it is the only one."""
    place = playlist.videos.index(video.slug)
    first = max(0, min(place - NEIGHBOURS // 2, len(playlist.videos) - NEIGHBOURS - 1))
    near = playlist.videos[first : first + NEIGHBOURS + 1]
    others = [one for slug in near if slug != video.slug and (one := site.stub("video", slug))]
    if not others:
        return None
    shown = site.translation(playlist, lang)
    everything = NavLink(text=site.language(lang).gettext("The whole playlist"), url=site.url(playlist, lang))
    return CardGroup(
        title=shown.words.title, lang=shown.lang_attr, cards=without_series(site.cards(others, lang)), more=everything
    )


def describe_in_one_line(video: Video, language: Language) -> str:
    """What is said of a video without a description: `Video, 24 maggio 2014, 27:01, italiano`."""
    day = language.date(published_day(video, language)).text
    parts = [language.gettext("Video"), day, language.duration(video.duration_s), language.language_name(video.lang)]
    return ", ".join(parts)


def video_card(video: Video, site: Site, lang: Lang) -> Card:
    """A video in a list: its course or playlist above the title, its length on the poster.

    What is not known is said in words.
    """
    language = site.language(lang)
    shown = site.translation(video, lang)
    series = site.stub("course", video.course) or next(iter(playlists_of(video, site)), None)
    label = language.gettext("Video")
    unknown = () if video.duration_s else (language.duration(None),)
    return Card(
        ref=str(video.ref),
        kind="video",
        kicker=f"{label} · {site.title(series, lang)}" if series else label,
        url=site.url(video, lang),
        title=shown.words.title,
        abstract=excerpt(shown.words.abstract, CARD_TEXT),
        lang=shown.lang_attr,
        picture=site.picture(video, lang),
        meta=(*unknown, language.language_name(video.lang)),
        date=language.short_date(published_day(video, language)),
        duration=language.duration(video.duration_s) if video.duration_s else None,
        is_sample=video.sample,
    )


def without_series(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """Cards under the title of their series, which each of them need not name again."""
    return tuple(replace(card, kicker="") for card in cards)


def video_summary(video: Video, site: Site, lang: Lang) -> Summary:
    """The video for other plugins; its content is the editor's notes and then the channel's text."""
    people = [site.stub("person", credit.person) for credit in video.credits]
    described_as = absolute_html(
        site, (*site.body(video, lang), *channel_text(video, site.translation(video, lang).lang)), lang
    )
    url = watch_url(video)
    return summary_of(
        site,
        video,
        lang,
        published=video.published,
        authors=[site.title(person, lang) for person in people if person],
        belongs_to=tuple(str(playlist.ref) for playlist in playlists_of(video, site)),
        content=described_as,
        media=Media(url=url, duration_s=video.duration_s) if url else None,
    )


def _language_link(video: Video, site: Site, lang: Lang) -> NavLink:
    code = primary_lang(video)
    language = site.language(lang)
    name = language.language_name(video.lang) if video.lang else language.gettext("not known")
    return NavLink(text=name, url=site.route_url("videos_language", lang, code=code))


def _person_link(name: str, url: str | None) -> NavLink | str:
    return NavLink(text=name, url=url) if url else name


VIDEO = Kind(
    name="video",
    plural="videos",
    label=N_("Video"),
    label_plural=N_("Videos"),
    model=Video,
    source="videos/*.md",
    page=video_page,
    card=video_card,
    summary=video_summary,
    lists=(
        ListRule("all", index_page, single_page, static_route("videos")),
        ListRule("archive", archive_page, archive_page_keys, archive_route),
    ),
    has_cover=True,
)
