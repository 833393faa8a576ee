"""Videos in an order: the parts of long playlists, and what comes before and after a video in a playlist or course.

A sequence is split from its beginning, so a video that is added at the end changes the page of the last part alone; the
pages of videos say how many there are only where they are few.
"""

from collections.abc import Iterator
from typing import NamedTuple

from openknowledge.model.values import Lang, Record, Ref
from openknowledge.model.video import Playlist, Video

from ..site import Site
from .base import CardGroup, NavLink
from .pages import SequencePlace
from .parts import published_day, record_link, without_kickers

__all__ = [
    *("VideoPlace", "count_parts", "find_places", "named_link", "near_videos", "playlist_part", "show_place"),
    *("split_pages", "video_place", "video_sequence", "video_sequences"),
]

NEIGHBOURS = 8
"""How many other videos of a playlist a video's page shows; the playlist's page has them all."""
LONGEST_COUNTED = 100
"""Up to how many videos each page says how many there are: a new one changes the pages of all others."""


def split_pages(slugs: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Return pages of `size` from the first on; the last holds less than twice as many."""
    last = max(0, len(slugs) // size - 1) * size
    return [*(slugs[start : start + size] for start in range(0, last, size)), slugs[last:]]


# Queries


def video_sequence(site: Site, kind: str, slug: str) -> tuple[str, ...]:
    """Return the slugs of the videos of a playlist or a course that the site has, in their order.

    Those of a course are those of its playlists, and then the others by their day.
    """
    known = set(site.slugs("video"))
    if kind == Playlist.kind:
        playlist = site.stub(kind, slug)
        return tuple(one for one in playlist.videos if one in known) if isinstance(playlist, Playlist) else ()
    playlists = sorted(site.referrers(Ref(kind, slug), "playlist"), key=published_day)
    own = sorted(site.referrers(Ref(kind, slug), "video"), key=published_day)
    # A course points at its trailer, and no video at a course that it does not belong to.
    others = (video.slug for video in own if isinstance(video, Video))
    members = (one for playlist in playlists for one in site.query("video-sequence", playlist.kind, playlist.slug))
    return tuple(dict.fromkeys((*members, *others)))


def video_sequences(site: Site, slug: str) -> tuple[tuple[str, str], ...]:
    """Return kind and slug of the playlists of a video, and of its course where that has other videos than they."""
    playlists = site.referrers(Ref("video", slug), "playlist")
    own: list[Record | None] = [site.stub("video", slug), *playlists]
    courses = dict.fromkeys(course for record in own if (course := getattr(record, "course", None)))
    shown = [(playlist.kind, playlist.slug) for playlist in playlists]
    sequences = {site.query("video-sequence", *name) for name in shown}
    for course in courses:
        if site.stub("course", course) and site.query("video-sequence", "course", course) not in sequences:
            shown.append(("course", course))
    return tuple(shown)


class VideoPlace(NamedTuple):
    """Where a video stands in a sequence, from 1 on; `total` is 0 in a sequence that is too long to count."""

    number: int
    total: int
    part: int
    before: str | None
    after: str | None
    near: tuple[str, ...]


def video_place(site: Site, kind: str, slug: str, video: str) -> VideoPlace | None:
    """Return the place of a video in a sequence; None where it is the only one, or not in it."""
    slugs = site.query("video-sequence", kind, slug)
    if video not in slugs or len(slugs) < 2:
        return None
    index, parts = slugs.index(video), split_pages(slugs, site.settings.page_size)
    first = max(0, min(index - NEIGHBOURS // 2, len(slugs) - NEIGHBOURS - 1))
    part = min(index // site.settings.page_size + 1, len(parts))
    return VideoPlace(
        number=index + 1,
        total=len(slugs) if len(slugs) <= LONGEST_COUNTED else 0,
        part=part,
        before=slugs[index - 1] if index else None,
        after=slugs[index + 1] if index + 1 < len(slugs) else None,
        near=tuple(one for one in slugs[first : first + NEIGHBOURS + 1] if one != video),
    )


def playlist_part(site: Site, slug: str, part: str) -> tuple[tuple[str, ...], int]:
    """Return the slugs on a page of a playlist, and the number of its pages."""
    pages = split_pages(site.query("video-sequence", "playlist", slug), site.settings.page_size)
    return pages[int(part) - 1], len(pages)


def count_parts(site: Site, slug: str) -> int:
    """Return how many pages a playlist has."""
    return len(split_pages(site.query("video-sequence", "playlist", slug), site.settings.page_size))


def named_link(site: Site, kind: str, slug: str, lang: Lang) -> NavLink | None:
    """Return a link to a record by its title; who asks depends on no other fact of it."""
    stub = site.stub(kind, slug)
    return record_link(site, stub, lang) if stub is not None else None


# What a video's page shows


def find_places(site: Site, slug: str, lang: Lang) -> Iterator[tuple[str, NavLink, VideoPlace]]:
    """Yield kind and link of each sequence of a video in which there are others, and where it stands."""
    for name in site.query("video-sequences", slug):
        place, link = site.query("video-place", *name, slug), site.query("named-link", *name, lang)
        if place is not None and link is not None:
            yield name[0], link, VideoPlace._make(place)


def show_place(site: Site, sequence: NavLink, place: VideoPlace, lang: Lang) -> SequencePlace:
    """Return the position of a video, and the ways to those before and after it."""
    language = site.language(lang)
    number, total = language.number(place.number), language.number(place.total)
    position = language.gettext("%(number)s of %(total)s", number=number, total=total)
    if not place.total:
        position = language.gettext("No. %(number)s, part %(part)s", number=number, part=language.number(place.part))
    before, after = (
        site.query("named-link", "video", slug, lang) if slug else None for slug in (place.before, place.after)
    )
    return SequencePlace(sequence=sequence, position=position, before=before, after=after)


def near_videos(site: Site, playlist: NavLink, place: VideoPlace, lang: Lang) -> CardGroup:
    """Return the videos around one in a playlist, in order; their cards need not name the playlist again."""
    everything = NavLink(text=site.language(lang).gettext("The whole playlist"), url=playlist.url)
    cards = without_kickers(site.cards([Ref("video", slug) for slug in place.near], lang))
    return CardGroup(title=playlist.text, lang=playlist.lang, cards=cards, more=everything)
