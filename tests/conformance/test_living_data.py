"""All kinds of sources at once, as an operator has them: a sync, a build of what it wrote, and a sync that is idle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import FakeClock
from tests.connectors.course_platforms import CLIENT, MOODLE_TOKEN, SECRET, MoodleSite, Portal
from tests.connectors.youtube_server import KEY, a_small_channel
from tests.site import small

from openknowledge.connectors.command import main

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/connectors/data"
ENVIRONMENT = {
    "SYNC_YOUTUBE_KEY": KEY,
    "SYNC_POK_CLIENT_ID": CLIENT["client_id"],
    "SYNC_POK_CLIENT_SECRET": SECRET,
    "SYNC_PORTALE_TOKEN": MOODLE_TOKEN,
}


@dataclass
class Operator:
    """A project with sources, and what its sync said last."""

    folder: Path
    sources: list[dict[str, Any]]

    def sync(self, *arguments: str) -> int:
        settings = f'PATH = "content"\nCACHE_PATH = ".cache"\nTIMEZONE = "Europe/Rome"\nSOURCES = {self.sources!r}\n'
        (self.folder / "pelicanconf.py").write_text(settings)
        arguments = ("--json", str(self.folder / "sync.json"), *arguments)
        return main(arguments, project=self.folder, environment=ENVIRONMENT, clock=FakeClock().clock())

    @property
    def outcomes(self) -> dict[str, str]:
        """Return what became of each source."""
        result = json.loads((self.folder / "sync.json").read_bytes())
        return {source["name"]: source["outcome"] for source in result["sources"]}

    def files(self) -> dict[str, bytes]:
        found = ((path.relative_to(self.folder).as_posix(), path) for path in (self.folder / "content").rglob("*"))
        return {name: path.read_bytes() for name, path in found if path.is_file()}


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    servers = [HTTPServer() for _ in range(5)]
    for server in servers:
        server.start()
    youtube, openedx, moodle, feed, table = servers
    channel = a_small_channel()
    assert channel.channel is not None
    feed.expect_request("/videos.xml").respond_with_data((DATA / "youtube/feed.channel.xml").read_bytes())
    table.expect_request("/export.csv").respond_with_data((DATA / "csv/semicolon-cp1252.csv").read_bytes())
    moodle_site, portal = MoodleSite(moodle), Portal(openedx)
    shutil.copytree(ROOT / "content", tmp_path / "content")
    yield Operator(
        tmp_path,
        [
            {"name": "youtube", "kind": "youtube", "channel": channel.channel["id"], "url": channel.serve(youtube)},
            {
                "name": "lessons",
                "kind": "youtube-feed",
                "channel": "UC" + "a" * 22,
                "url": feed.url_for("").rstrip("/"),
            },
            {"name": "archive", "kind": "yt-dlp", "path": str(DATA / "yt-dlp/flat.videos-tab.json")},
            {
                "name": "pok",
                "kind": "openedx",
                "url": portal.url,
                "counts": "course_summaries",
                "courses": {"ALG101": "pre-calculus"},
            },
            {
                "name": "portale",
                "kind": "moodle",
                "url": moodle_site.url,
                "counts": True,
                "courses": {"203": "progettare-l-innovazione-didattica"},
            },
            {
                "name": "export",
                "kind": "table",
                "url": table.url_for("/export.csv"),
                "measure": "enrolled_ever",
                "encoding": "cp1252",
                "delimiter": ";",
                "thousands": ".",
                "decimal": ",",
                "date_format": "%d/%m/%Y",
                "columns": {"id": "codice", "total": "iscritti", "day": "data"},
                "unknown": ["n.d."],
                "courses": {"ALG101": "coding"},
            },
        ],
    )
    for server in servers:
        server.clear()
        server.stop()


def test_all_sources_are_asked_and_what_they_say_is_built(operator: Operator) -> None:
    assert operator.sync() == 0
    assert {*operator.outcomes.values()} == {"changed"}
    after = operator.files()
    assert b'"7-NesFXrego"' in after["content/snapshots/archive/unlisted.jsonl"]
    assert operator.sync() == 0
    assert operator.outcomes == dict.fromkeys(operator.outcomes, "unchanged")
    assert operator.files() == after

    site = small.built(operator.folder / "site", 'BUILD_DATE="2026-12-01"', content=operator.folder / "content")

    def page(path: str) -> str:
        return (site.output / path / "index.html").read_text("utf-8")

    assert "Lesson v007" in page("video/lesson-v007")
    assert "1.403" in page("corsi/coding")
    assert "course-v1:Polimi+ALG101+2024_M1" in page("corsi/pre-calculus")
    assert len([*(site.output / "video").glob("lesson-v0*")]) == 60
    for secret in (KEY, SECRET, MOODLE_TOKEN):
        stored = [
            path for path in operator.folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
        ]
        assert stored == []


def test_a_source_that_is_down_leaves_the_work_of_the_others(operator: Operator) -> None:
    operator.sources[1]["url"] = "http://127.0.0.1:9"

    assert operator.sync() == 1

    assert operator.outcomes.pop("lessons") == "failed"
    assert operator.outcomes["youtube"] == operator.outcomes["export"] == "changed"
