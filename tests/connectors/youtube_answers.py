"""Answers of the YouTube Data API as tests need them, and recordings of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from openknowledge.connectors.recording import RecordedPage, Recording
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.connectors.youtube.answers import read_recording
from openknowledge.connectors.youtube.facts import read_facts

DATA = Path(__file__).parent / "data"
DAY = date(2026, 11, 29)
CHANNEL = "UCtest_channel_000000001"
UPLOADS = "UUtest_channel_000000001"

Item = dict[str, Any]


def answer(path: str) -> Any:
    """Return a stored answer of `data/`."""
    return json.loads((DATA / path).read_bytes())


def a_page(resource: str, *items: Item, **more: Any) -> Item:
    """Return one page of a list, as the API writes it."""
    info = {"totalResults": len(items), "resultsPerPage": 50}
    return {"kind": f"youtube#{resource}ListResponse", "etag": "x", "pageInfo": info, "items": list(items), **more}


def a_channel(subscribers: str = "47100", *, videos: str = "3", **statistics: Any) -> Item:
    return {
        "kind": "youtube#channel",
        "id": CHANNEL,
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
        "statistics": {
            **{"viewCount": "11000000", "subscriberCount": subscribers, "hiddenSubscriberCount": False},
            **{"videoCount": videos, **statistics},
        },
    }


def a_playlist(name: str, title: str = "Lessons", count: int = 1) -> Item:
    snippet = {"title": title, "publishedAt": "2020-01-01T00:00:00Z", "description": "", "channelId": CHANNEL}
    return {"kind": "youtube#playlist", "id": name, "snippet": snippet, "contentDetails": {"itemCount": count}}


def an_entry(video: str, title: str = "Limits", **more: Any) -> Item:
    snippet = {"title": title, "resourceId": {"videoId": video}}
    details = {"videoId": video, "videoPublishedAt": "2020-05-01T09:00:00Z"}
    return {"kind": "youtube#playlistItem", "snippet": snippet, "contentDetails": details, **more}


def a_refused_entry(video: str, title: str = "Deleted video", status: str = "privacyStatusUnspecified") -> Item:
    return an_entry(video, title, contentDetails={"videoId": video}, status={"privacyStatus": status})


def a_video(name: str, title: str = "Limits", views: str = "7", **more: Any) -> Item:
    snippet = {"title": title, "publishedAt": "2020-05-01T09:00:00Z", "description": "", "channelId": CHANNEL}
    return {
        "kind": "youtube#video",
        "id": name,
        "snippet": {**snippet, "liveBroadcastContent": "none"},
        "contentDetails": {"duration": "PT27M1S", "caption": "false"},
        "status": {"privacyStatus": "public", "license": "youtube", "embeddable": True},
        "statistics": {"viewCount": views},
        **more,
    }


def a_recording(folder: Path, pages: dict[str, Any], day: date = DAY) -> Recording:
    """Return a recording that has these bodies by key."""
    recording = Recording(folder / "recording", day)
    for key, body in pages.items():
        recording.store(RecordedPage(key, body, day))
    return recording


def facts_of(folder: Path, pages: dict[str, Any], known: SourceFacts | None = None) -> tuple[SourceFacts, SyncFindings]:
    """Return what the reader makes of these bodies."""
    findings = SyncFindings()
    facts = read_facts(read_recording(a_recording(folder, pages), findings), known or SourceFacts())
    return facts, findings


def the_channel(**pages: Any) -> dict[str, Any]:
    """Return the pages of a channel with one playlist and one video, and others by key, with `__` for `/`."""
    return {
        "channels/0000": a_page("channel", a_channel()),
        "playlists/0000": a_page("playlist", a_playlist("PL1")),
        f"playlistItems/{UPLOADS}/0000": a_page("playlistItem", an_entry("abc")),
        "playlistItems/PL1/0000": a_page("playlistItem", an_entry("abc")),
        "videos/0000": a_page("video", a_video("abc")),
        **{key.replace("__", "/"): body for key, body in pages.items()},
    }
