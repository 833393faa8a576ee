"""A server on this machine that answers as the YouTube Data API v3 does: by 50, with tokens, and dropping silently."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, FakeClock, a_client
from tests.connectors.youtube_answers import UPLOADS, Item, a_channel, a_playlist, a_video, an_entry, answer
from werkzeug import Request, Response

from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import RecordContext, SourceFacts, SyncFindings
from openknowledge.connectors.youtube.source import YouTubeSource

KEY = "AIza-canary-of-a-key-that-is-none"
Trouble = Callable[[Request], "Response | None"]


@dataclass
class FakeYouTube:
    """What the API knows of a channel.

    `entries` are by playlist; `dropped` are ids that it leaves out of answers about many; `trouble` may answer in its
    place.
    """

    channel: Item | None = field(default_factory=a_channel)
    playlists: list[Item] = field(default_factory=list)
    entries: dict[str, list[Item]] = field(default_factory=dict)
    videos: dict[str, Item] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    trouble: Trouble | None = None
    requests: list[Request] = field(default_factory=list)

    def serve(self, server: HTTPServer) -> str:
        """Answer at a server of this machine, and return the address."""
        for resource in ("channels", "playlists", "playlistItems", "videos"):
            server.expect_request(f"/{resource}").respond_with_handler(self._answer)
        return server.url_for("/")

    def asked(self) -> list[str]:
        """Return what was asked for, in short."""
        return [_describe(request) for request in self.requests]

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        assert request.headers["X-Goog-Api-Key"] == KEY and KEY not in request.url
        if self.trouble is not None and (troubled := self.trouble(request)) is not None:
            return troubled
        resource, args = request.path.strip("/"), request.args
        match resource:
            case "channels":
                found = [self.channel] if self.channel else []
            case "playlists" if "id" in args:
                found = [item for item in self.playlists if item["id"] == args["id"]]
            case "playlists":
                found = self.playlists
            case "playlistItems":
                if args["playlistId"] not in self.entries:
                    return an_error("404-playlistNotFound")
                found = self.entries[args["playlistId"]]
            case _:
                ids = args["id"].split(",")
                assert len(ids) <= 50
                left_out = self.dropped if len(ids) > 1 else ()
                found = [self.videos[name] for name in ids if name in self.videos and name not in left_out]
        page = _page(resource, found, int(args.get("pageToken", "P0")[1:]))
        return _respond(choose_fields(page, args["fields"]), request)


def choose_fields(value: Any, fields: str) -> Any:
    """Return the fields of an answer, or of each item, that a request names: `kind,items(id,snippet(title))`."""
    if isinstance(value, list):
        return [choose_fields(item, fields) for item in value]
    found: Item = {}
    for name, inner in re.findall(r"(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?", fields):
        if isinstance(value, dict) and name in value:
            found[name] = choose_fields(value[name], inner) if inner else value[name]
    return found if isinstance(value, dict) else value


def _page(resource: str, items: list[Item], start: int) -> Item:
    shown = items[start : start + 50]
    # It counts what it does not show.
    page: Item = {
        "kind": f"youtube#{resource.removesuffix('s')}ListResponse",
        "pageInfo": {"totalResults": len(items) + 3, "resultsPerPage": 50},
    }
    if shown or resource != "channels":
        page["items"] = shown
    if start + 50 < len(items):
        page["nextPageToken"] = f"P{start + 50}"
    if start:
        page["prevPageToken"] = f"P{start - 50}"
    return page


def _respond(page: Item, request: Request) -> Response:
    body = json.dumps(page).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
    if request.headers.get("If-None-Match") == etag:
        return Response(status=304, headers={"ETag": etag})
    return Response(body, content_type="application/json; charset=UTF-8", headers={"ETag": etag})


def _describe(request: Request) -> str:
    args = request.args
    name = args.get("playlistId") or args.get("id") or args.get("channelId") or args.get("forHandle") or ""
    return " ".join(filter(None, (request.path.strip("/"), name, args.get("pageToken"))))


def an_error(name: str, **headers: str) -> Response:
    """Return the error of a file of `data/youtube/errors`."""
    stored = answer(f"youtube/errors/{name}.json")
    return Response(json.dumps(stored["body"]), stored["http_status"], headers, content_type="application/json")


def at_request(numbers: Iterable[int], respond: Callable[[], Response]) -> Trouble:
    """Return trouble that comes at those requests, counted from 0."""
    seen, troubled = iter(range(1_000_000)), {*numbers}
    return lambda _: respond() if next(seen) in troubled else None


def a_small_channel() -> FakeYouTube:
    """Return a channel with 60 uploads, and two playlists, one of which has a video that the uploads lack."""
    names = [f"v{number:03}" for number in range(60)]
    playlists = [a_playlist("PL1", "First", 60), a_playlist("PL2", "Second", 2)]
    entries = {
        UPLOADS: [an_entry(name) for name in names],
        "PL1": [an_entry(name) for name in reversed(names)],
        "PL2": [an_entry("v001"), an_entry("extra")],
    }
    videos = {name: a_video(name, f"Lesson {name}") for name in (*names, "extra")}
    return FakeYouTube(a_channel(videos="61"), playlists, entries, videos)


@dataclass
class Sync:
    """What a source did."""

    facts: SourceFacts
    findings: SyncFindings
    units: int
    progress: list[tuple[str, int, int]]
    waits: list[float]


def sync(url: str, folder: Path, known: SourceFacts | None = None, day: Any = DAY, **bounds: Any) -> Sync:
    """Record a channel and read the recording, as the command does. Raises what the source raises."""
    source = YouTubeSource(name="youtube", channel="UCtest_channel_000000001", key=KEY, url=url)
    recording, clock, progress = Recording(folder / "youtube", day), FakeClock(), []
    known, findings = known or SourceFacts(), SyncFindings()
    with a_client(url, clock, auth=source.create_auth(), secrets=source.secrets, bounds=bounds) as client:
        source.record(RecordContext(recording, client, known, lambda *shown: progress.append(shown)))
        units = client.requests_sent
    recording.finish()
    return Sync(source.read(recording, known, findings), findings, units, progress, clock.waits)
