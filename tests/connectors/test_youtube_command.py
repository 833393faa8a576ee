"""The task sync, from a channel of the YouTube Data API to files and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import FakeClock
from tests.connectors.youtube_answers import CHANNEL, UPLOADS
from tests.connectors.youtube_server import KEY, FakeYouTube, a_small_channel, an_error, at_request

from openknowledge.connectors.command import main

SETTINGS = "PATH = {content!r}\nCACHE_PATH = {cache!r}\nTIMEZONE = 'Europe/Rome'\nSOURCES = [{source!r}]\n"
UNITS = 9


def sync(folder: Path, url: str, *arguments: str, day: int = 1) -> int:
    source = {"name": "youtube", "kind": "youtube", "channel": CHANNEL, "url": url.rstrip("/")}
    paths = {"content": str(folder / "content"), "cache": str(folder / ".cache")}
    (folder / "content").mkdir(exist_ok=True)
    (folder / "pelicanconf.py").write_text(SETTINGS.format(**paths, source=source))
    clock = FakeClock(datetime(2026, 12, day, 9, 0, tzinfo=UTC))
    return main(
        ["--json", str(folder / "sync.json"), *arguments],
        project=folder,
        environment={"SYNC_YOUTUBE_KEY": KEY},
        clock=clock.clock(),
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "content/snapshots/youtube").glob("*.*"))}


def video(folder: Path, name: str) -> dict[str, Any]:
    rows = map(json.loads, files(folder)["videos-2020.jsonl"].splitlines())
    return next(row for row in rows if row["youtube_id"] == name)


@pytest.fixture
def channel() -> FakeYouTube:
    return a_small_channel()


def test_a_channel_becomes_files_and_its_cost_is_told_before_and_after(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync(tmp_path, channel.serve(httpserver)) == 0

    assert list(files(tmp_path)) == ["channel.csv", "playlists.jsonl", "videos-2020.jsonl", "views.csv"]
    assert files(tmp_path)["channel.csv"] == (
        b"# as_of: 2026-12-01\nmeasure,total\nsubscribers,47100\nvideos,61\nviews,11000000\n"
    )
    assert f"YouTube, a unit a page: 2 of {UNITS}" in capsys.readouterr().err
    assert json.loads((tmp_path / "sync.json").read_bytes())["sources"][0]["requests"] == UNITS


def test_a_sync_stops_at_its_limit_and_the_next_one_writes_the_same_as_one_that_went_through(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)
    (tmp_path / "whole").mkdir()
    sync(tmp_path / "whole", url)

    assert sync(tmp_path, url, "--limit", "4") == 3
    assert files(tmp_path) == {}
    assert sync(tmp_path, url, "--limit", "5") == 0
    assert files(tmp_path) == files(tmp_path / "whole")


def test_numbers_of_a_sync_that_took_two_days_keep_their_days(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)

    assert sync(tmp_path, url, "--limit", "8") == 3
    assert sync(tmp_path, url, day=2) == 0

    days = [line.split(b",")[2:] for line in files(tmp_path)["views.csv"].splitlines()[2:]]
    assert (days.count([b"2026-12-01"]), days.count([])) == (50, 11)
    assert files(tmp_path)["channel.csv"].startswith(b"# as_of: 2026-12-01")


def test_new_views_change_no_line_of_facts(channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path) -> None:
    url = channel.serve(httpserver)
    sync(tmp_path, url)
    before = files(tmp_path)
    for item in channel.videos.values():
        item["statistics"]["viewCount"] = "1000"

    assert sync(tmp_path, url, day=2) == 0

    changed = {name for name, data in files(tmp_path).items() if before[name] != data}
    assert changed == {"views.csv"} and b"# as_of: 2026-12-02" in files(tmp_path)["views.csv"]


def test_a_video_is_gone_when_two_syncs_a_day_apart_miss_it_and_the_api_refuses_it(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)
    sync(tmp_path, url)
    del channel.videos["v007"]
    for entries in channel.entries.values():
        entries[:] = [entry for entry in entries if entry["contentDetails"]["videoId"] != "v007"]

    seen = []
    for day in (2, 2, 3):
        assert sync(tmp_path, url, day=day) == 0
        seen.append(video(tmp_path, "v007").get("gone_since"))

    assert seen == [None, None, "2026-12-02"]
    assert channel.asked()[-1] == "videos v007"
    count = len(channel.requests)
    assert sync(tmp_path, url, day=4) == 0
    assert len(channel.requests) - count == UNITS, "what is gone is not asked for alone any more"


def test_a_video_that_no_list_has_and_the_api_shows_stays(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)
    sync(tmp_path, url)
    channel.entries[UPLOADS], channel.entries["PL1"] = channel.entries[UPLOADS][1:], channel.entries["PL1"][:-1]
    channel.dropped = ("v000",)

    for day in (2, 3, 4):
        assert sync(tmp_path, url, day=day) == 0

    assert "gone_since" not in video(tmp_path, "v000")


@pytest.mark.parametrize("name", ["400-keyInvalid", "403-accessNotConfigured", "500-backendError"])
def test_an_api_that_fails_leaves_the_files_as_they_are(
    name: str, channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = channel.serve(httpserver)
    sync(tmp_path, url)
    before = files(tmp_path)
    channel.trouble = at_request(range(3, 20), lambda: an_error(name))

    assert sync(tmp_path, url, day=2) == 1

    assert files(tmp_path) == before
    assert KEY not in "".join(capsys.readouterr()) + (tmp_path / "sync.json").read_text()


def test_an_api_that_shows_nothing_of_thousands_is_not_believed(
    channel: FakeYouTube, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = channel.serve(httpserver)
    sync(tmp_path, url)
    before = files(tmp_path)
    channel.videos, channel.playlists, channel.entries = {}, [], {UPLOADS: []}

    assert sync(tmp_path, url, day=2) == 2

    assert {name: files(tmp_path)[name] for name in before} == before
