"""Answers of the YouTube Data API v3, whether they come from a recording or from a dump."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Self

from openknowledge.connectors.recording import RecordedPage, Recording
from openknowledge.connectors.source import SyncFindings
from openknowledge.problems import operator_problem

__all__ = ["RECORD_HINT", "YOUTUBE_ID", "Entry", "RecordedItem", "YouTubeAnswers", "read_pages", "read_recording"]

RECORD_HINT = "Record the answers of the API again; the snapshot stays as it was."
LISTS = ("channels", "playlists", "playlist", "playlistItems", "videos", "video")
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class RecordedItem(NamedTuple):
    """One item of a page. `place` is its position in the file; `day` is when the API said so, if that is known."""

    path: str
    place: str
    data: dict[str, Any]
    day: date | None
    findings: SyncFindings

    def get(self, *names: str) -> Any:
        """Return the value below `names`; None where any of them is missing."""
        value: Any = self.data
        try:
            for name in names:
                value = value[name]
        except (LookupError, TypeError):
            return None
        return value

    def get_text(self, *names: str) -> str:
        """Return the text below `names`; an empty one where there is none, or something else."""
        value = self.get(*names)
        return value if isinstance(value, str) else ""

    def report(self, names: tuple[str, ...], message: str) -> None:
        """Add a problem at a field of this item."""
        where = ".".join((self.place, *names))
        self.findings.problems.append(operator_problem(self.path, None, where, message, RECORD_HINT))

    def warn(self, names: tuple[str, ...], message: str) -> None:
        """Add a warning at a field of this item."""
        self.findings.warnings.append(operator_problem(self.path, None, ".".join((self.place, *names)), message, None))


class Entry(NamedTuple):
    """An item of a playlist: the playlist's id, the position in it, the answer, and the video's id or None."""

    playlist: str
    position: int
    item: RecordedItem
    video: str | None

    @classmethod
    def read(cls, playlist: str, position: int, item: RecordedItem) -> Self:
        """Return an entry of an item."""
        found = item.get("contentDetails", "videoId") or item.get("snippet", "resourceId", "videoId")
        video = found if isinstance(found, str) and YOUTUBE_ID.fullmatch(found) else None
        return cls(playlist, position, item, video)

    @property
    def is_refused(self) -> bool:
        """Return whether the API says in the entry that its video is deleted or private.

        The title alone does not say so, because any video may be called like that; nor does a missing day alone.
        """
        if self.item.get("contentDetails", "videoPublishedAt") is not None:
            return False
        status = self.item.get("status", "privacyStatus")
        return status in ("private", "privacyStatusUnspecified") or (
            status is None and self.item.get("snippet", "title") in ("Deleted video", "Private video")
        )


@dataclass(frozen=True, slots=True)
class YouTubeAnswers:
    """All items, in the order of the answers.

    `channel` is None where the answers do not say of which channel they are. `unread` are playlists whose entries
    could not be read to the end, or none of which is shown although the API counts some. `absent` are ids by table
    that the API was asked for one by one, to no avail.
    """

    channel: RecordedItem | None
    playlists: tuple[RecordedItem, ...]
    entries: tuple[Entry, ...]
    videos: tuple[RecordedItem, ...]
    unread: frozenset[str] = frozenset()
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read_recording(recording: Recording, findings: SyncFindings) -> YouTubeAnswers:
    """Return the items of a recording."""
    return read_pages((page for name in LISTS for page in recording.pages(name)), findings)


def read_pages(pages: Iterable[RecordedPage], findings: SyncFindings) -> YouTubeAnswers:
    """Return the items of pages, by the list that their keys begin with; pages of one list are in order.

    `playlist` and `video` have the answers about one id each. A list that ends with a page that names a next one was
    not read to its end.
    """
    by_list: dict[str, list[RecordedPage]] = {name: [] for name in LISTS}
    for page in pages:
        by_list[page.key.partition("/")[0]].append(page)
    items = {name: tuple(_items(found, findings)) for name, found in by_list.items() if name != "playlistItems"}
    entries: list[Entry] = []
    begun: dict[str, RecordedPage] = {}
    lengths: dict[str, int] = defaultdict(int)
    for page in by_list["playlistItems"]:
        playlist = page.key.split("/")[1]
        begun[playlist] = page
        for item in _items((page,), findings):
            entries.append(Entry.read(playlist, lengths[playlist], item))
            lengths[playlist] += 1
    playlists = (*items["playlists"], *items["playlist"])
    unread = {name for name, page in begun.items() if "nextPageToken" in page.body}
    unread.update(item.get_text("id") for item in playlists if _lacks_entries(item, begun, lengths))
    channel = next(iter(items["channels"]), None)
    if channel is not None and channel.get("statistics", "videoCount") != "0":
        unread |= {channel.get_text("contentDetails", "relatedPlaylists", "uploads")} - {"", *begun}
    return YouTubeAnswers(
        channel,
        playlists,
        tuple(entries),
        (*items["videos"], *items["video"]),
        frozenset(unread),
        {name: frozenset(_absent(by_list[name])) for name in ("playlist", "video")},
    )


def _lacks_entries(item: RecordedItem, begun: Mapping[str, RecordedPage], lengths: Mapping[str, int]) -> bool:
    """Return whether the entries of a playlist were not answered, or none of those that it counts."""
    name = item.get_text("id")
    return name not in begun or (item.get("contentDetails", "itemCount") not in (None, 0) and name not in lengths)


def _items(pages: Iterable[RecordedPage], findings: SyncFindings) -> Iterator[RecordedItem]:
    for page in pages:
        for index, item in enumerate(page.body.get("items") or ()):
            yield RecordedItem(page.key, f"items[{index}]", item, page.day, findings)


def _absent(pages: Iterable[RecordedPage]) -> Iterator[str]:
    """Yield the ids that were asked for alone and of which the answer has no item."""
    return (page.key.rpartition("/")[2] for page in pages if not page.body.get("items"))
