"""Stills of videos are fetched once, asked for again by condition, and go with their videos."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer
from tests.connectors.clients import FakeClock
from tests.connectors.platforms import runs, sync
from werkzeug import Request, Response

from openknowledge.connectors.source import SyncFindings
from openknowledge.connectors.withdrawal import withdraw
from openknowledge.engine.file_transaction import replace_files

FOLDER = "content/snapshots/tube/stills"


def a_still(width: int = 480, seed: int = 1) -> bytes:
    stream, rng = io.BytesIO(), random.Random(seed)
    Image.frombytes("RGB", (8, 6), rng.randbytes(144)).resize((width, width * 3 // 4)).save(stream, "JPEG")
    return stream.getvalue()


class Channel:
    """A channel and its server of stills, synced day by day."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server, self.folder, self.clock = server, folder, FakeClock()
        self.videos: tuple[str, ...] | None = ("a", "b")
        self.stills = {"/vi/a/maxresdefault.jpg": a_still(1280), "/vi/b/hqdefault.jpg": a_still(480, 2)}
        self.asked: list[tuple[str, int]] = []
        server.expect_request("/runs").respond_with_handler(self._answer)
        server.expect_request("/vi/a/maxresdefault.jpg").respond_with_handler(self._show)
        server.expect_request("/").respond_with_handler(self._show)
        for name in ("a", "b", "c"):
            for size in ("maxresdefault", "sddefault", "hqdefault", "mqdefault"):
                server.expect_request(f"/vi/{name}/{size}.jpg").respond_with_handler(self._show)

    def _answer(self, request: Request) -> Response:
        if self.videos is None:
            return Response(status=404)
        return Response(runs(*self.videos) if request.args["page"] == "0" else runs())

    def _show(self, request: Request) -> Response:
        data = self.stills.get(request.path)
        if data is None:
            answer = Response(a_still(120), status=404)
        else:
            answer = Response(data, headers={"ETag": f'"{len(data)}"'})
            if request.headers.get("If-None-Match") == f'"{len(data)}"':
                answer = Response(status=304)
        self.asked.append((request.path, answer.status_code))
        return answer

    def sync(self, after_days: int = 1, **options: object) -> int:
        self.clock.moment += timedelta(days=after_days)
        self.asked = []
        url = self.server.url_for("/")
        more = {"kind": "channel", "stills": "large", "stills_url": url.rstrip("/"), **options}
        return sync(self.folder, sources={"tube": url}, clock=self.clock, **more)

    @property
    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / FOLDER).glob("*"))}


@pytest.fixture
def channel(httpserver: HTTPServer, tmp_path: Path) -> Channel:
    return Channel(httpserver, tmp_path)


def test_the_largest_still_of_each_video_is_fetched_and_then_asked_for_by_condition(channel: Channel) -> None:
    assert channel.sync() == 0
    first = channel.files
    assert first == {"a.jpg": a_still(1280), "b.jpg": a_still(480, 2)}

    assert channel.sync() == 0
    assert channel.files == first
    assert [one for one in channel.asked if one[1] == 200] == []
    assert ("/vi/a/maxresdefault.jpg", 304) in channel.asked

    channel.stills["/vi/a/maxresdefault.jpg"] = a_still(1280, 7)
    (channel.folder / FOLDER / "b.jpg").unlink()
    assert channel.sync() == 0
    assert channel.files == {"a.jpg": a_still(1280, 7), "b.jpg": a_still(480, 2)}


@pytest.mark.parametrize("answer", [b"<html>", a_still()[:900], a_still(120), b""])
def test_what_is_no_whole_still_is_left_out_and_the_next_smaller_one_taken(channel: Channel, answer: bytes) -> None:
    channel.stills |= {"/vi/a/maxresdefault.jpg": answer, "/vi/a/hqdefault.jpg": a_still(480, 5)}

    assert channel.sync() == 0
    assert channel.files["a.jpg"] == a_still(480, 5)


def test_a_small_still_is_another_picture_of_the_platform(channel: Channel) -> None:
    channel.stills["/vi/a/mqdefault.jpg"] = a_still(320)

    assert channel.sync(stills="small") == 0
    assert channel.files == {"a.jpg": a_still(320)}


def test_a_sync_that_uses_its_requests_up_goes_on_the_next_time(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openknowledge.connectors.source_sync.MAX_STILL_REQUESTS", 1)

    assert channel.sync() == 0
    assert [*channel.files] == ["a.jpg"]
    monkeypatch.undo()
    assert channel.sync() == 0
    assert [*channel.files] == ["a.jpg", "b.jpg"]
    assert "/vi/a/maxresdefault.jpg" not in [path for path, _ in channel.asked]


def test_stills_that_cannot_be_fetched_are_a_warning_and_the_facts_are_written(
    channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert channel.sync(stills_url="http://127.0.0.1:1") == 0

    assert "no stills: " in capsys.readouterr().err
    assert (channel.folder / "content/snapshots/tube/videos-2026.jsonl").is_file()


def test_a_still_goes_with_its_video(channel: Channel) -> None:
    assert channel.sync(keep_days=30) == 0
    content = channel.folder / "content"
    replace_files(content, withdraw(content, "a", channel.clock.moment.date(), SyncFindings()))
    assert [*channel.files] == ["b.jpg"]

    assert channel.sync(keep_days=30) == 0
    assert [*channel.files] == ["b.jpg"]

    channel.videos = None
    assert channel.sync(31, keep_days=30) == 1
    assert channel.files == {}


def test_no_still_is_asked_for_where_a_source_does_not_say_so(channel: Channel) -> None:
    del channel.stills["/vi/a/maxresdefault.jpg"]
    url = channel.server.url_for("/")

    assert sync(channel.folder, sources={"tube": url}, clock=channel.clock, kind="channel") == 0
    assert (channel.asked, channel.files) == ([], {})
