"""Videos and playlists, as synced from the channel or written by an editor."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from .addresses import PlaylistId, VideoId
from .numbers import Views
from .people import Credit
from .values import CourseSlug, DayOrMoment, Lang, License, Record, Value, VideoSlug


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter(Value):
    """A titled place in a video."""

    start_s: int
    title: str


class DerivedFrom(StrEnum):
    """Where a rule of the editors found a topic or a speaker of a video of the channel."""

    TITLE = "title"
    DESCRIPTION = "description"
    PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(Record):
    """A video. Its words are in its own language (or `und`), so `words` often has one entry.

    `youtube_id` is absent for a sample entry; `duration_s` and `lang` where they are not known.
    `description` is the channel's plain text: never markup. `credits` are people of the catalogue, `speakers` names of
    people who have no page in it. `topics_from` and `speakers_from` (which means credits, too) say where rules found
    them; they are empty where an editor wrote them. `updated` is the day on which an editor last changed the entry,
    `gone_since` that since which the platform does not show the video.
    """

    kind: ClassVar[str] = "video"
    details: ClassVar[tuple[str, ...]] = (
        *("sources", "description", "chapters", "tags", "views", "caption_langs", "topics_from", "speakers_from"),
    )

    youtube_id: VideoId | None = None
    published: datetime
    updated: DayOrMoment | None = None
    description: str = ""
    duration_s: int | None = None
    lang: Lang | None = None
    caption_langs: tuple[Lang, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    course: CourseSlug | None = None
    credits: tuple[Credit, ...] = ()
    speakers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    embeddable: bool = True
    license: License | None = None
    views: Views | None = None
    gone_since: date | None = None
    topics_from: tuple[DerivedFrom, ...] = ()
    speakers_from: tuple[DerivedFrom, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist(Record):
    """A playlist; `videos` are slugs in the playlist's own order. `gone_since` is as that of a video."""

    kind: ClassVar[str] = "playlist"
    details: ClassVar[tuple[str, ...]] = ("sources", "description")

    youtube_id: PlaylistId | None = None
    published: datetime | None = None
    description: str = ""
    videos: tuple[VideoSlug, ...] = ()
    course: CourseSlug | None = None
    gone_since: date | None = None
