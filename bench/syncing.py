"""What a sync costs of this machine: `python -m bench.syncing`.

A channel of 2,500 videos in 70 playlists is asked for over HTTP on the loopback interface. What is measured is the
processor time of the whole program, `invoke sync`, from its start to its end and imports included; the server is
another program. It is taken of the quickest round, because whatever else the machine does only adds to it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import re
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench import programs, table
from bench.command import Command, run_command
from bench.prose import Prose

BEGIN, END = "<!-- syncing:begin -->", "<!-- syncing:end -->"
VIDEOS, PLAYLISTS, PAGE = 2500, 70, 50
GOAL_S = 1.0
CHANNEL, UPLOADS = "UCbench_channel_00000000", "UUbench_channel_00000000"
VIEW_ALL = "view-all"
FIRST, SAME, NUMBERS = "the first sync", "nothing has changed", "all views have changed"
ENVIRONMENT = (("SYNC_YOUTUBE_KEY", "AIzaSy-0123456789abcdefghijklmnopqrstuv"),)
Item = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure syncs in turn and print a table; `--write` puts it into docs/performance.md."""
    options = _parse_options(argv)
    times: dict[str, list[float]] = {FIRST: [], SAME: [], NUMBERS: []}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="syncing-") as folder:
            for name, cpu_s in measure(Path(folder)):
                times[name].append(cpu_s)
                print(f"{name}: {cpu_s:.2f} s", file=sys.stderr, flush=True)
    rows = [(name, f"{min(found):.2f} s", f"≤ {GOAL_S:g} s", _judge(min(found))) for name, found in times.items()]
    text = f"{date.today()}: {VIDEOS:,} videos, the quickest of {options.rounds} rounds.\n\n"
    text += table.format_markdown(("what", "processor time", "goal", ""), rows)
    print(text)
    if options.write:
        table.write_into(programs.ROOT / "docs/performance.md", text, BEGIN, END)


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.syncing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args(argv)


def _judge(cpu_s: float) -> str:
    return "held" if cpu_s <= GOAL_S else f"missed by {cpu_s - GOAL_S:.2f} s"


def measure(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the processor seconds of a first sync, of one where nothing changed, and of one with new views."""
    project = folder / "project"
    (project / "content").mkdir(parents=True)
    shutil.copy(programs.ROOT / "tasks.py", project)
    command = Command((sys.executable, "-m", "invoke", "sync"), project, ENVIRONMENT)
    with serving() as url:
        write_settings(project, url)
        yield FIRST, run_command(command).cpu_s
        yield SAME, run_command(command).cpu_s
        urllib.request.urlopen(f"{url}/{VIEW_ALL}").close()
        yield NUMBERS, run_command(command).cpu_s


def write_settings(project: Path, url: str) -> None:
    """Write the settings of a project with one source."""
    source = {"name": "youtube", "kind": "youtube", "channel": CHANNEL, "url": url}
    (project / "pelicanconf.py").write_text(f'PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = [{source!r}]\n')


@contextmanager
def serving() -> Iterator[str]:
    """Answer as YouTube does, and yield the address; each request for `VIEW_ALL` adds a view to each video."""
    context = multiprocessing.get_context("fork")
    ports: Any = context.SimpleQueue()
    server = context.Process(target=_serve, args=(Channel(), ports), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ports.get()}"
    finally:
        server.terminate()
        server.join()


class Channel:
    """What the API says of a made-up channel."""

    def __init__(self) -> None:
        prose, first = Prose(1, "channel"), datetime(2012, 1, 1, 9, tzinfo=UTC)
        self.names = [f"video{number:06}" for number in range(VIDEOS)]
        self.texts = {name: (prose.title(), prose.plain_text(60, 160, ())) for name in self.names}
        self.days = {name: (first + timedelta(days=2 * at)).isoformat() for at, name in enumerate(self.names)}
        self.views = 0

    def answer(self, resource: str, asked: dict[str, str]) -> Item:
        """Return a page of a list."""
        start = int(asked.get("pageToken", "0"))
        match resource:
            case "channels":
                found = [self.describe_channel()]
            case "playlists":
                found = [self.describe_playlist(number) for number in range(PLAYLISTS)]
            case "playlistItems":
                found = [self.describe_entry(name) for name in self.members(asked["playlistId"])[start : start + PAGE]]
            case "videos":
                found = [self.describe_video(name) for name in asked["id"].split(",")]
            case _:
                found = []
        page: Item = {"kind": f"youtube#{resource.removesuffix('s')}ListResponse", "items": found}
        if resource == "playlistItems" and start + PAGE < len(self.members(asked["playlistId"])):
            page["nextPageToken"] = str(start + PAGE)
        elif resource == "playlists":
            page["items"] = found[start : start + PAGE]
            page |= {"nextPageToken": str(start + PAGE)} if start + PAGE < PLAYLISTS else {}
        return page

    def members(self, playlist: str) -> list[str]:
        """Return the videos of a playlist; the uploads have all."""
        return self.names if playlist == UPLOADS else self.names[int(playlist[2:]) :: PLAYLISTS]

    def describe_channel(self) -> Item:
        details = {"relatedPlaylists": {"uploads": UPLOADS}}
        counts = {"viewCount": str(10**7 + self.views), "subscriberCount": "47100", "videoCount": str(VIDEOS)}
        return {"kind": "youtube#channel", "id": CHANNEL, "contentDetails": details, "statistics": counts}

    def describe_playlist(self, number: int) -> Item:
        snippet = {"title": f"Lessons {number}", "publishedAt": self.days[self.names[0]], "channelId": CHANNEL}
        details = {"itemCount": len(self.members(f"PL{number}"))}
        return {"kind": "youtube#playlist", "id": f"PL{number}", "snippet": snippet, "contentDetails": details}

    def describe_entry(self, name: str) -> Item:
        details = {"videoId": name, "videoPublishedAt": self.days[name]}
        snippet = {**self._snippet(name), "resourceId": {"kind": "youtube#video", "videoId": name}}
        return {"kind": "youtube#playlistItem", "id": f"E{name}", "snippet": snippet, "contentDetails": details}

    def describe_video(self, name: str) -> Item:
        snippet = {**self._snippet(name), "defaultAudioLanguage": "it", "liveBroadcastContent": "none"}
        return {
            "kind": "youtube#video",
            "id": name,
            "snippet": snippet,
            "contentDetails": {"duration": "PT27M1S", "caption": "false", "definition": "hd"},
            "status": {"privacyStatus": "public", "license": "youtube", "embeddable": True},
            "statistics": {"viewCount": str(len(self.texts[name][1]) + self.views), "likeCount": "12"},
        }

    def _snippet(self, name: str) -> Item:
        title, text = self.texts[name]
        sizes = (("default", 120), ("medium", 320), ("high", 480), ("standard", 640), ("maxres", 1280))
        still = f"https://i.ytimg.com/vi/{name}"
        pictures = {size: {"url": f"{still}/{size}.jpg", "width": px, "height": px * 9 // 16} for size, px in sizes}
        facts = {"publishedAt": self.days[name], "channelId": CHANNEL, "channelTitle": "A channel"}
        return {**facts, "title": title, "description": text, "thumbnails": pictures}


def choose_fields(value: Any, fields: str) -> Any:
    """Return the fields of an answer, or of each item, that a request names: `kind,items(id,snippet(title))`."""
    if isinstance(value, list):
        return [choose_fields(item, fields) for item in value]
    if not isinstance(value, dict) or not fields:
        return value
    named = re.findall(r"(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?", fields)
    return {name: choose_fields(value[name], inner) for name, inner in named if name in value}


def _serve(channel: Channel, ports: Any) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            channel.views += parts.path == f"/{VIEW_ALL}"
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            answer = channel.answer(parts.path.strip("/"), asked)
            body = json.dumps(choose_fields(answer, asked.get("fields", ""))).encode()
            etag = f'"{hashlib.sha256(body).hexdigest()[:27]}"'
            is_same = self.headers.get("If-None-Match") == etag
            self.send_response(304 if is_same else 200)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", "0" if is_same else str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if is_same else body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        ports.put(server.server_port)
        server.serve_forever()


if __name__ == "__main__":
    main()
