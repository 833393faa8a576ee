"""Videos: their page and their card; `views.video_archive` has their lists."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from openknowledge.content.plain_text import excerpt, render_description, split_text
from openknowledge.language_tags import language_attributes
from openknowledge.model.values import UNKNOWN_LANG, Html, Lang, Record
from openknowledge.model.video import DerivedFrom, Playlist, Video
from openknowledge.rendering.locale import N_, Language

from ..kind import FacetedList, HomeBand, Kind, ListRule
from ..site import Site
from ..summary import Media, Summary
from ..video_covers import SMALL_FORM
from ..views.a_z import letter_list, speaker_links
from ..views.base import Body, Card, DetailRow, NavLink, Segment
from ..views.body import absolute_html, plain_text, record_body, summarize
from ..views.frame import record_page
from ..views.pages import ChapterRow, VideoPage
from ..views.paging import cut_by_age
from ..views.parts import (
    card_group,
    detail,
    drop_empty,
    language_names,
    licence_links,
    newest,
    record_card,
    record_link,
    record_links,
)
from ..views.sequences import find_places, near_videos, show_place
from ..views.transcripts import iso_duration, show_transcripts
from ..views.video_archive import (
    COUNTED,
    archive_list_keys,
    archive_page,
    archive_route,
    archive_slugs,
    archive_years,
    gone_badge,
    gone_notices,
    index_page,
    primary_lang,
    published_day,
    video_facets,
)

__all__ = [
    "CARD_TEXT",
    "VIDEO",
    "channel_text",
    "divided_text",
    "iso_duration",
    "video_page",
    "video_summary",
]

TAGS_SHOWN = 12
AROUND = 3
"""Of how many playlists a page shows the videos around its own."""
CARD_TEXT = 100
"""How many characters of a description a dense row has room for."""
SOURCES = {
    DerivedFrom.TITLE: N_("title"),
    DerivedFrom.DESCRIPTION: N_("description"),
    DerivedFrom.PLAYLIST: N_("playlist"),
}
NO_TRACKING = "https://www.youtube-nocookie.com/embed/"


def video_page(video: Video, site: Site, lang: Lang) -> VideoPage:
    """Return what `video.html` shows. Each playlist shows the videos around this one, in its own order."""
    language = site.language(lang)
    translation = site.translation(video, lang)
    places = tuple(find_places(site, video.slug, lang))
    playlists = site.referrer_slugs(video, "playlist")
    return record_page(
        VideoPage,
        video,
        site,
        lang,
        description=plain_text(site, translation.words.abstract, lang) or _one_line_description(video, site, lang),
        crumbs=("video",),
        feeds=(*(f"ref:playlist/{slug}" for slug in playlists), "kind:video", "all"),
        date=language.date(published_day(video, language)),
        duration=language.duration(video.duration_s),
        duration_iso=iso_duration(video.duration_s),
        language=language_names(language, [video.lang]),
        watch_url=_watch_url(video),
        embed_url=f"{NO_TRACKING}{video.youtube_id}" if _watch_url(video) and video.embeddable else None,
        is_gone=video.gone_since is not None,
        notices=gone_notices(video, site, lang),
        details=_details(video, playlists, site, lang),
        **divided_text(video, translation.lang),
        origin="" if video.description else _describe_origin(video, site, lang),
        chapters=_chapters(video, language),
        transcripts=show_transcripts(video, site, lang),
        places=tuple(show_place(site, link, place, lang) for _, link, place in places),
        playlists=tuple(
            near_videos(site, link, place, lang)
            for link, place in islice(((link, place) for kind, link, place in places if kind == Playlist.kind), AROUND)
        ),
        related=drop_empty(
            card_group(site, _courses_of(video, site), lang, N_("The course of this video")),
            card_group(site, site.referrers(video, "hub"), lang, N_("In the learning hub")),
            card_group(site, site.referrers(video, "press"), lang, N_("In the press")),
        ),
    )


def _playlists_of(video: Video, site: Site) -> tuple[Playlist, ...]:
    """Return the playlists that hold the video, by slug."""
    return tuple(playlist for playlist in site.referrers(video, "playlist") if isinstance(playlist, Playlist))


def _courses_of(video: Video, site: Site) -> list[Record]:
    """Return the video's own course, then those whose trailer it is."""
    own = site.stub("course", video.course)
    others = [course for course in site.referrers(video, "course") if own is None or course.ref != own.ref]
    return [own, *others] if own else others


def _watch_url(video: Video) -> str | None:
    """Return where the film is; None for a sample entry and for a film that is gone."""
    is_there = video.youtube_id and video.gone_since is None
    return f"https://www.youtube.com/watch?v={video.youtube_id}" if is_there else None


def channel_text(video: Video | Playlist, page_lang: Lang) -> Body:
    """Return the channel's text, marked with its language where an editor's words are shown in another one.

    Its language is that of the only words, else the one that is spoken.
    """
    return _show_text(video, video.description, page_lang)


def divided_text(video: Video | Playlist, page_lang: Lang) -> dict[str, Any]:
    """Return the channel's text as pages have it: its beginning, and the `rest` that readers ask for."""
    text, rest = split_text(video.description)
    return {"text": _show_text(video, text, page_lang), "rest": _show_text(video, rest, page_lang)}


def _show_text(video: Video | Playlist, text: str, page_lang: Lang) -> Body:
    html = render_description(text)
    spoken: Lang = getattr(video, "lang", None) or UNKNOWN_LANG
    own = next(iter(video.words)) if len(video.words) == 1 else spoken
    if html and own != page_lang:
        html = Html(f"<div{language_attributes('' if own == UNKNOWN_LANG else own)}>{html}</div>")
    return (Segment(html=html),) if html else ()


def _details(video: Video, playlists: Sequence[str], site: Site, lang: Lang) -> tuple[DetailRow, ...]:
    """Return what is known of the video, row by row, beyond the date and length under its title."""
    language = site.language(lang)
    gettext, views = language.gettext, video.views
    name = language_names(language, [video.lang]) if video.lang else gettext("Not stated")
    archive = NavLink(text=name, url=site.route_url("videos_language", lang, code=primary_lang(video)))
    course = site.stub("course", video.course)
    links = [site.query("named-link", "playlist", slug, lang) for slug in playlists]
    note = gettext("on %(day)s", day=language.date(views.as_of).text) if views else None
    return drop_empty(
        detail(gettext("Language"), [archive]),
        detail(gettext("Subtitles"), [language_names(language, _caption_langs(video, site))]),
        detail(
            gettext("With"),
            speaker_links(site, video, lang),
            _derived_note(video.speakers_from, language),
        ),
        detail(gettext("Course"), [record_link(site, course, lang) if course else None]),
        detail(language.plural("Playlist", "Playlists", len(playlists)), links),
        detail(
            gettext("Topics"),
            record_links(site, "topic", video.topics, lang),
            _derived_note(video.topics_from, language),
        ),
        detail(gettext("Licence"), licence_links(language, video.license)),
        detail(gettext("Views"), [language.number(views.total) if views else None], note),
        detail(gettext("Tags"), video.tags[:TAGS_SHOWN]),
        detail(gettext("Entry revised"), [language.date(video.updated).text if video.updated else None]),
    )


def _derived_note(sources: tuple[DerivedFrom, ...], language: Language) -> str | None:
    """Return where a rule found something: `derived from title and playlist`; None where an editor wrote it."""
    if not sources:
        return None
    names = language.join_list([language.gettext(SOURCES[source]) for source in sources])
    return language.gettext("derived from %(sources)s", sources=names)


def _caption_langs(video: Video, site: Site) -> tuple[Lang, ...]:
    """Return the languages in which there are captions, on the channel or here."""
    return tuple(dict.fromkeys((*video.caption_langs, *(one.lang for one in site.transcripts_of(video.youtube_id)))))


def _chapters(video: Video, language: Language) -> tuple[ChapterRow, ...]:
    """Return the chapters with links to their places; none where there is no film."""
    url = _watch_url(video)
    return tuple(
        ChapterRow(
            start_s=chapter.start_s,
            time=language.duration(chapter.start_s),
            time_iso=iso_duration(chapter.start_s) or "PT0S",
            title=chapter.title,
            url=f"{url}&t={chapter.start_s}s",
        )
        for chapter in (video.chapters if url else ())
    )


def _describe_origin(video: Video, site: Site, lang: Lang) -> str:
    """Return where a video comes from and when: what is known of one without a description."""
    language, year = site.language(lang), published_day(video, site.language(lang)).year
    playlists = (site.query("named-link", "playlist", slug, lang) for slug in site.referrer_slugs(video, "playlist"))
    names = [language.gettext("“%(title)s”", title=link.text) for link in playlists if link is not None]
    if not names:
        return language.gettext("A video of the channel, published in %(year)s.", year=str(year))
    return language.plural(
        "A video from the playlist %(names)s, published in %(year)s.",
        "A video from the playlists %(names)s, published in %(year)s.",
        len(names),
        names=language.join_list(names),
        year=str(year),
    )


def _one_line_description(video: Video, site: Site, lang: Lang) -> str:
    """Return the description of a video without a text: where it comes from, its length and its language."""
    language = site.language(lang)
    facts = [language.duration(video.duration_s), language.language_name(video.lang)]
    return f"{_describe_origin(video, site, lang)} {', '.join(facts)}"


def video_card(video: Video, site: Site, lang: Lang) -> Card:
    """Return a video in a list: its course or playlist above the title, its length on the poster.

    What is not known is said in words.
    """
    language = site.language(lang)
    series = site.stub("course", video.course) or next(iter(_playlists_of(video, site)), None)
    unknown = () if video.duration_s else (language.duration(None),)
    picture = site.picture(video, lang)
    if picture.is_drawn:
        picture = replace(picture, url=f"{picture.url}{SMALL_FORM}")
    return record_card(
        video,
        site,
        lang,
        parent=series,
        picture=picture,
        abstract=excerpt(plain_text(site, site.translation(video, lang).words.abstract, lang), CARD_TEXT),
        meta=(*unknown, language_names(language, [video.lang])),
        date=language.short_date(published_day(video, language)),
        duration=language.duration(video.duration_s) if video.duration_s else None,
        badge=gone_badge(video, site, lang),
    )


def video_summary(video: Video, site: Site, lang: Lang) -> Summary:
    """Return a video as other plugins see it; its content is the editor's notes and then the channel's text."""
    body = (*record_body(site, video, lang), *channel_text(video, site.translation(video, lang).lang))
    url = _watch_url(video)
    return summarize(
        video,
        site,
        lang,
        belongs_to=tuple(str(playlist.ref) for playlist in _playlists_of(video, site)),
        content=absolute_html(site, body, lang, site.url(video, lang)),
        media=Media(url=url, duration_s=video.duration_s) if url else None,
    )


def present_videos(site: Site) -> list[Record]:
    """Return the videos that can be watched, newest first."""
    return [video for video in newest(site, "video") if isinstance(video, Video) and video.gone_since is None]


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
        ListRule("all", index_page, route="videos"),
        ListRule(
            "archive", archive_page, archive_list_keys, members=archive_slugs, cut=cut_by_age, page_route=archive_route
        ),
        letter_list("speakers"),
    ),
    has_cover=True,
    warns_of_language=False,
    member_rank=30,
    nav_rank=20,
    home=HomeBand(20, N_("Watch"), N_("All videos"), records=present_videos),
    feed_rank=30,
    search_weight=1.0,
    faceted=FacetedList(video_facets, archive_years, lambda site, lang: site.routes.route("videos", lang), COUNTED),
)
