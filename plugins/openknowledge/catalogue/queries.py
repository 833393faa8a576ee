"""The catalogue's own queries: what many pages need, answered once.

A query is a function of a site and of text arguments. What it reads and asks through that site is recorded.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from openknowledge.model.values import Lang, Ref
from openknowledge.model.video import Video

from .covers import draw_cover
from .site import Site
from .summary import Summary
from .video_covers import draw_playlist_cover, draw_video_cover
from .views.a_z import letter_entry, letter_pages, letters, speaker_place, speakers
from .views.base import Card
from .views.body import plain_text, summarize
from .views.calendar import calendar_refs
from .views.facets import facet_counts, facet_values
from .views.feeds import feed_keys, feed_link, feed_list
from .views.frame import chrome
from .views.numbers import number_names, numbers_are_cut, show_number
from .views.paging import list_pages, list_part
from .views.sequences import named_link, playlist_part, video_place, video_sequence, video_sequences
from .views.video_archive import archive_keys, archive_lists

__all__ = ["PERSISTED", "QUERIES", "ask_ahead", "cover_file"]

PERSISTED = frozenset(
    {
        *(
            "adjacency",
            "adjacent",
            "calendar-refs",
            "caption-files",
            "cover",
            "feed-entry",
            "letter-entry",
            "letter-pages",
            "lists",
            "referrers",
        ),
        *("shown-stills", "speakers", "url", "url-of-file", "video-archives"),
    }
)
"""Queries whose answers are plain values and worth loading in the next build, because they read many records."""

FeedEntry = tuple[str, str, str | None, str | None, tuple[str, ...]]
"""An item's ref and kind, when it appeared and was last changed (ISO 8601), and the refs whose lists have it."""


def abstract(site: Site, kind: str, slug: str, lang: Lang) -> str:
    """Return a record's abstract in a language."""
    return plain_text(site, site.translation(site.record(Ref(kind, slug)), lang).words.abstract, lang)


def card(site: Site, kind: str, slug: str, lang: Lang) -> Card:
    """Return a record as an item of a list."""
    return site.kind(kind).card(site.record(Ref(kind, slug)), site, lang)


def summary(site: Site, kind: str, slug: str, lang: Lang) -> Summary:
    """Return a record as other plugins see it."""
    return (site.kind(kind).summary or summarize)(site.record(Ref(kind, slug)), site, lang)


def feed_entry(site: Site, kind: str, slug: str, lang: Lang) -> FeedEntry:
    """Return what decides which feeds an item is in, and where."""
    item = site.summary(Ref(kind, slug), lang)
    ask_ahead(site, "feed-entry", kind, slug, lang)
    moments = [moment.isoformat() if moment else None for moment in (item.published, item.updated)]
    return item.ref, item.kind, moments[0], moments[1], item.belongs_to


def ask_ahead(site: Site, name: str, kind: str, slug: str, lang: Lang) -> None:
    """Answer a query of an item for the other languages, which are asked for next, while its record is at hand.

    The answers are no dependency of the site. Only the first language asks, so that no query asks for itself.
    """
    if lang == site.default_lang:
        fork = site.fork()
        for other in site.langs[1:]:
            fork.query(name, kind, slug, other)


def url(site: Site, kind: str, slug: str, lang: Lang) -> str:
    """Return the root-relative URL of a record's page."""
    record = site.stub(kind, slug)
    assert record is not None
    return site.url_for_path(site.record_route(record, lang).url)


def url_of_file(site: Site, path: str, lang: Lang) -> str | None:
    """Return the URL of the item of a Markdown file."""
    record = site.stub_of_file(path)
    return site.url(record, lang) if record is not None else None


def referrers(site: Site, kind: str, slug: str, source_kind: str) -> tuple[str, ...]:
    """Return the slugs of the records of a kind that point at a record."""
    return tuple(ref.slug for ref in site.all_referrers().get(f"{kind}/{slug}", ()) if ref.kind == source_kind)


def cover(site: Site, kind: str, slug: str) -> str:
    """Return where the drawn cover of a record is published."""
    return cover_file(site, kind, slug)[0]


def cover_file(site: Site, kind: str, slug: str) -> tuple[str, str]:
    """Return the drawn cover of a record: its path below output/, whose name changes with its bytes, and the SVG."""

    def draw(site: Site) -> tuple[str, str]:
        drawing = _draw(site, kind, slug)
        return f"covers/{kind}/{slug}.{hashlib.sha256(drawing.encode()).hexdigest()[:8]}.svg", drawing

    return site.compute_once(("cover", kind, slug), draw)


def _draw(site: Site, kind: str, slug: str) -> str:
    record = site.stub(kind, slug)
    subject = getattr(record, "subject", None)
    if isinstance(record, Video):
        title = site.translation(record, site.default_lang)
        playlist = next(iter(site.referrer_slugs(record, "playlist")), None)
        return draw_video_cover(title.words.title, title.lang, record.duration_s, subject, slug, playlist)
    return draw_playlist_cover(subject, slug) if kind == "playlist" else draw_cover(subject, f"{kind}/{slug}", kind)


def list_keys(site: Site, kind: str, lang: Lang) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the pages of a kind's lists: the name of each list and the key of the page in it."""
    return tuple((rule.name, key) for rule in site.kind(kind).lists for key in rule.page_keys(site, lang, kind))


def adjacency(site: Site, kind: str) -> dict[str, tuple[str | None, str | None]]:
    """Return for each record of a kind with a date the slugs of the next newer one and of the next older one."""
    dates = ((getattr(stub, "published", None), stub.slug) for stub in site.stubs(kind))
    newest_first = [slug for _, slug in sorted(((str(date), slug) for date, slug in dates if date), reverse=True)]
    slugs = [None, *newest_first, None]
    return {slug: (slugs[at], slugs[at + 2]) for at, slug in enumerate(newest_first)}


def adjacent(site: Site, kind: str, slug: str) -> tuple[str | None, str | None]:
    """Return the slugs before and after a record in the order of time."""
    pair: tuple[str | None, str | None] = site.query("adjacency", kind).get(slug, (None, None))
    return pair


def caption_files(site: Site) -> list[str]:
    """Return the caption files of videos that are shown, sorted."""
    files = site.caption_files()
    if not files:
        return []
    return sorted(path for video in site.stubs_of(Video) for path in files.get(video.youtube_id or "", ()))


def shown_stills(site: Site) -> dict[str, str]:
    """Return the stills of videos that are shown and have no picture of their own, by the video's slug."""
    stills = site.stills()
    if not stills:
        return {}
    shown = ((video.slug, site.still_shown(video)) for video in site.stubs_of(Video))
    return {slug: path for slug, path in shown if path}


QUERIES: dict[str, Callable[..., Any]] = {
    "abstract": abstract,
    "adjacency": adjacency,
    "calendar-refs": calendar_refs,
    "adjacent": adjacent,
    "caption-files": caption_files,
    "card": card,
    "chrome": chrome,
    "cover": cover,
    "facet-counts": facet_counts,
    "facet-values": facet_values,
    "feed-entry": feed_entry,
    "feed-keys": feed_keys,
    "feed-link": feed_link,
    "feed-list": feed_list,
    "list-pages": list_pages,
    "list-part": list_part,
    "letter-entry": letter_entry,
    "letter-pages": letter_pages,
    "letters": letters,
    "lists": list_keys,
    "number": show_number,
    "number-names": number_names,
    "numbers-are-cut": numbers_are_cut,
    "playlist-part": playlist_part,
    "referrers": referrers,
    "shown-stills": shown_stills,
    "speaker-place": speaker_place,
    "speakers": speakers,
    "summary": summary,
    "url": url,
    "url-of-file": url_of_file,
    "named-link": named_link,
    "video-archive-keys": archive_keys,
    "video-archives": archive_lists,
    "video-place": video_place,
    "video-sequence": video_sequence,
    "video-sequences": video_sequences,
}
