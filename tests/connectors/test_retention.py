"""What no sync has confirmed for too long is removed where a source says so, and comes back at its address."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, FakeClock
from tests.connectors.platforms import runs, sync
from werkzeug import Request, Response

from openknowledge.connectors.retention import expire_all, expire_unconfirmed
from openknowledge.connectors.snapshot import Snapshot, find_changed_files, read_snapshot
from openknowledge.connectors.source import SourceFacts, SyncFindings
from openknowledge.project_files import read_project_file

VIDEO = {"title": "Limits", "published": "2026-01-01", "slug": "limits", "youtube_id": "a"}
PLAYLIST = {"title": "Lessons", "published": "2026-01-01", "slug": "lessons", "youtube_id": "p", "videos": ["limits"]}


def a_snapshot(since: date | None = None, missing: date | None = None) -> Snapshot:
    """Return a video in a playlist, which is gone or missing since a day."""
    video = {**VIDEO, "gone_since": since.isoformat()} if since else VIDEO
    facts = SourceFacts(
        rows={"video": {"a": video}, "playlist": {"p": PLAYLIST}},
        counts={"video": {"a": 5}, "channel": {"subscribers": 9}},
        count_days={"video": {"a": DAY}, "channel": {"subscribers": DAY}},
    )
    return Snapshot(facts=facts, missing={"video": {"a": missing}} if missing else {})


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("snapshot", "stays"),
    [
        (a_snapshot(), True),
        (a_snapshot(since=ago(29)), True),
        (a_snapshot(missing=ago(29)), True),
        (a_snapshot(since=ago(30)), False),
        (a_snapshot(missing=ago(30)), False),
    ],
)
def test_what_is_gone_or_missing_for_too_long_is_removed_with_its_numbers(snapshot: Snapshot, stays: bool) -> None:
    after = expire_unconfirmed(snapshot, DAY, 30)

    assert ("a" in after.facts.rows["video"], "a" in after.facts.counts["video"]) == (stays, stays)
    assert after.facts.rows["playlist"]["p"]["videos"] == (["limits"] if stays else [])
    assert after.slugs("video") == {"a": "limits"}
    assert after.expired.get("video", {}) == ({} if stays else {"a": DAY})
    assert after.missing.get("video", {}).keys() <= after.facts.rows["video"].keys()


def test_what_has_expired_leaves_nothing_but_its_slug_in_the_files(tmp_path: Path) -> None:
    files = find_changed_files(tmp_path, "youtube", expire_all(a_snapshot(), DAY))

    rows = [json.loads(row) for row in (files.pop("snapshots/youtube/retired.jsonl") or b"").splitlines()]
    assert files == {}
    assert rows == [
        {"kind": "playlist", "slug": "lessons", "youtube_id": "p", "expired": "2026-12-01"},
        {"kind": "video", "slug": "limits", "youtube_id": "a", "expired": "2026-12-01"},
    ]


class Channel:
    """A channel that is synced day by day."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server, self.folder, self.clock = server, folder, FakeClock()
        server.expect_request("/runs").respond_with_handler(self._answer)
        self.videos: tuple[str, ...] | None = ("a", "b")
        self.keep = {"keep_days": 30}

    def _answer(self, request: Request) -> Response:
        if self.videos is None:
            return Response(status=404)
        return Response(runs(*self.videos) if request.args["page"] == "0" else runs())

    def sync(self, after_days: int, *arguments: str, **options: Any) -> int:
        self.clock.moment += timedelta(days=after_days)
        more = {"kind": "channel", **self.keep, **options}
        return sync(self.folder, *arguments, sources={"tube": self.server.url_for("/")}, clock=self.clock, **more)

    def rows(self) -> set[str]:
        return {*read_snapshot(self.folder / "content", "tube", SyncFindings()).facts.rows.get("video", {})}

    def read(self, name: str) -> str:
        path = self.folder / "content/snapshots/tube" / name
        return read_project_file(path, self.folder).decode() if path.exists() else ""


@pytest.fixture
def channel(httpserver: HTTPServer, tmp_path: Path) -> Channel:
    return Channel(httpserver, tmp_path)


def test_a_source_that_fails_for_thirty_days_loses_its_facts_and_gets_them_back(channel: Channel, capsys: Any) -> None:
    assert channel.sync(0) == 0
    before = channel.read("videos-2026.jsonl")
    channel.videos = None

    assert (channel.sync(29), channel.rows()) == (1, {"a", "b"})
    assert (channel.sync(1, "--plan"), channel.rows()) == (1, {"a", "b"})
    assert (channel.sync(0), channel.rows()) == (1, set())
    assert "No sync has confirmed its facts since 2026-12-01, so they are removed" in capsys.readouterr().err
    assert b"Course" not in b"".join(path.read_bytes() for path in channel.folder.rglob("*.*") if path.is_file())

    channel.videos = ("a", "b")
    assert channel.sync(5) == 0
    assert (channel.read("videos-2026.jsonl"), channel.read("retired.jsonl")) == (before, "")


def test_without_the_setting_what_was_known_stays_however_old_it_is(channel: Channel) -> None:
    channel.keep = {}
    channel.sync(0)
    channel.videos = None

    assert (channel.sync(400), channel.rows(), channel.read("confirmed.txt")) == (1, {"a", "b"}, "")


def test_a_sync_that_changes_nothing_confirms_what_is_stored_with_its_numbers_each_week(channel: Channel) -> None:
    days = []
    for after in (0, 1, 8, 1, 9, 1):
        assert channel.sync(after) == 0
        days.append(channel.read("confirmed.txt").strip())

    assert days == ["2026-12-01"] * 2 + ["2026-12-10"] * 2 + ["2026-12-20"] * 2


def test_many_that_are_gone_and_held_back_confirm_nothing(channel: Channel) -> None:
    channel.videos = tuple(f"v{number}" for number in range(40))
    channel.sync(0)
    channel.videos = ("v0",)

    assert channel.sync(15) == 2
    assert channel.read("confirmed.txt").strip() == "2026-12-01"


def test_a_secret_that_is_missing_for_thirty_days_lets_facts_expire_too(channel: Channel) -> None:
    channel.sync(0)

    assert (channel.sync(31, environment={}), channel.rows()) == (1, set())
