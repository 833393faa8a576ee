"""The source of kind `youtube-feed`: the newest videos of a channel or playlist, by its Atom feed and without a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax import SAXException

import feedparser

from openknowledge.connectors.http_client import PlatformAnswer
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SourceFailed, SyncFindings, UnsignedSource

from .answers import RecordedItem
from .rows import count_of, read_rows, video_facts

__all__ = ["YouTubeFeedSource"]

KEY = "feed"
FULL_LENGTH = 15
"""How many entries a feed has, unless the channel has fewer videos."""
UNAVAILABLE = "the feed of YouTube is unavailable"


@dataclass(slots=True, kw_only=True)
class YouTubeFeedSource(UnsignedSource):
    """The newest videos of a channel. It only adds: what is not in the feed is older, and what is known stays as it is.

    The feed says neither how long a video is nor in which language, so the API knows more.
    """

    name: str
    channel: str
    url: str = "https://www.youtube.com/feeds"
    tables: tuple[str, ...] = ("video",)

    def record(self, context: RecordContext) -> None:
        """Record the feed. A feed that is not there, empty, or shorter than the channel is long, is unavailable."""
        rows = context.known.rows.get("video", {}).values()
        known = sum("gone_since" not in row for row in rows)
        context.client.fetch_page(
            context.recording,
            KEY,
            "videos.xml",
            {"channel_id": self.channel},
            encoding="utf-8",
            is_valid=lambda body: _has_entries(body, min(known, FULL_LENGTH)),
            handle_error=_refuse,
        )

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return rows of videos that are not known yet, and the views of all that are in the feed."""
        items = [
            RecordedItem(page.key, f"entry[{number}]", entry, page.day, findings)
            for page in recording.pages(KEY)
            for number, entry in enumerate(_read_entries(page.body))
        ]
        before = known.rows.get("video", {})
        rows = read_rows((item for item in items if item.get("id") not in before), video_facts)
        views = {str(item.get("id")): (count_of(item, "viewCount"), item.day) for item in items}
        counts = {name: (total, day) for name, (total, day) in views.items() if name in before or name in rows}
        return SourceFacts(
            rows={"video": rows},
            counts={"video": {name: total for name, (total, _) in counts.items() if total is not None}},
            count_days={"video": {name: day for name, (total, day) in counts.items() if total is not None and day}},
            is_complete=False,
        )


def _refuse(answer: PlatformAnswer) -> bool:
    raise SourceFailed(f"{UNAVAILABLE} (status {answer.status}), as it is at times; nothing changes")


def _has_entries(body: Any, least: int) -> bool:
    """Return whether a body is a feed. Raises `SourceFailed` where it is none, is cut off or is too short."""
    parsed = _parse(body)
    if not parsed.get("version") or isinstance(parsed.get("bozo_exception"), SAXException):
        raise SourceFailed(f"{UNAVAILABLE} (what came is no whole feed), as it is at times; nothing changes")
    found = len(parsed.entries)
    if found < max(1, least):
        raise SourceFailed(f"{UNAVAILABLE} (it has {found} of {max(1, least)} videos); nothing changes")
    return True


def _parse(body: str) -> Any:
    # As a stream and with its encoding said, because a text would be taken for an address or a file where it can be.
    headers = {"content-type": "application/atom+xml; charset=utf-8"}
    return feedparser.parse(
        BytesIO(body.encode(errors="replace")),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _read_entries(body: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a feed as items of the API."""
    for entry in _parse(body).entries:
        yield {
            "id": entry.get("yt_videoid"),
            "snippet": {
                "title": entry.get("title"),
                "description": entry.get("summary"),
                "publishedAt": entry.get("published"),
            },
            "statistics": {"viewCount": (entry.get("media_statistics") or {}).get("views")},
        }
