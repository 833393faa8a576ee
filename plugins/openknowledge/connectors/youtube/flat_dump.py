"""The source of kind `yt-dlp`: what `yt-dlp --flat-playlist -J` printed about a channel, without a key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openknowledge.connectors.recording import RecordedPage, Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SourceFailed, SyncFindings, UnsignedSource

from .answers import YOUTUBE_ID, RecordedItem
from .rows import FIRST_YEAR, read_rows, video_facts

__all__ = ["FlatDumpSource"]

KEY = "dump"
TO_COME = ("is_upcoming", "is_live", "post_live")
LONGEST = 10**7
"""No video lasts for as many seconds."""
REFUSED = ("[Deleted video]", "[Private video]")


@dataclass(slots=True, kw_only=True)
class FlatDumpSource(UnsignedSource):
    """A file that yt-dlp wrote: of the tab of a channel, of a channel's root with its tabs, or of a playlist.

    It only adds. A flat dump seldom has dates: a video without one becomes no row, but its id is listed, for a source
    that can ask. Its views are rounded for readers ("2.3K"), so they are left out.
    """

    name: str
    path: Path
    url: str = "https://www.youtube.com"
    tables: tuple[str, ...] = ("video",)

    def record(self, context: RecordContext) -> None:
        """Take the file over as it is."""
        try:
            dump = json.loads(self.path.read_bytes())
        except OSError as error:
            raise SourceFailed(f"{self.path}: the file cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise SourceFailed(f"{self.path}: this is not JSON: {error}") from None
        if not isinstance(dump, dict) or not isinstance(dump.get("entries"), list):
            raise SourceFailed(f"{self.path}: this is no playlist; write it with yt-dlp --flat-playlist -J ADDRESS")
        context.recording.store(RecordedPage(KEY, dump, _read_day(dump) or context.recording.day))

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return rows of videos that are not known yet and have a date, the ids of the others, and what is refused."""
        before = known.rows.get("video", {})
        dated: list[RecordedItem] = []
        unlisted: set[str] = set()
        refused: set[str] = set()
        for page in recording.pages(KEY):
            for entry in _read_entries(page.body):
                if entry.get("title") in REFUSED and entry.get("duration") is None:
                    refused.add(entry["id"])
                    continue
                if entry["id"] in before or entry.get("live_status") in TO_COME:
                    continue
                if (item := _as_item(entry)) is not None:
                    dated.append(RecordedItem(page.key, entry["id"], item, page.day, findings))
                else:
                    unlisted.add(entry["id"])
        rows = read_rows(dated, video_facts)
        return SourceFacts(
            rows={"video": rows},
            refused={"video": frozenset(refused)},
            unlisted={"video": frozenset(unlisted - rows.keys())},
            is_complete=False,
        )


def _read_day(dump: dict[str, Any]) -> date | None:
    moment = _read_moment(dump.get("epoch"))
    return moment and moment.date()


def _read_moment(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _read_entries(dump: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entries that have an id, also those of playlists inside: a channel's root has one for each tab."""
    waiting: list[Any] = [dump]
    while waiting:
        entry = waiting.pop()
        if not isinstance(entry, dict):
            continue
        if isinstance(entry.get("entries"), list):
            waiting.extend(reversed(entry["entries"]))
        elif (
            entry.get("_type") != "playlist" and isinstance(entry.get("id"), str) and YOUTUBE_ID.fullmatch(entry["id"])
        ):
            yield entry


def _as_item(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return an entry as an item of the API; None where it does not say when it was published, or has no title."""
    moment = _read_moment(entry.get("timestamp"))
    title = entry.get("title")
    if moment is None or moment.year < FIRST_YEAR or not isinstance(title, str) or not title.strip():
        return None
    duration = entry.get("duration")
    return {
        "id": entry["id"],
        "snippet": {
            "title": title,
            "description": entry.get("description"),
            "publishedAt": moment.isoformat(),
        },
        "contentDetails": {"duration": f"PT{duration:.0f}S"}
        if isinstance(duration, int | float) and 0 < duration < LONGEST
        else {},
    }
