"""Platforms of courses end to end: asked over HTTP, written as snapshots, joined into the courses of a build."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from tests.builders import KINDS, LANGS, a_language, settings_for
from tests.connectors.clients import FakeClock
from tests.connectors.course_platforms import (
    ALGEBRA,
    CANARIES,
    CLIENT,
    MOODLE_TOKEN,
    SECRET,
    MoodleSite,
    Portal,
    write_course,
)

from openknowledge.catalogue.assemble import assemble
from openknowledge.connectors.command import main
from openknowledge.model.course import Course, CourseState
from openknowledge.model.values import Ref

ENVIRONMENT = {
    "SYNC_POK_CLIENT_ID": CLIENT["client_id"],
    "SYNC_POK_CLIENT_SECRET": SECRET,
    "SYNC_PORTALE_TOKEN": MOODLE_TOKEN,
}


@pytest.fixture
def sync(httpserver: HTTPServer, tmp_path: Path) -> Callable[[], int]:
    """Return a function that syncs a project with both platforms."""
    url, portal, site = f"http://127.0.0.1:{httpserver.port}", Portal(httpserver), MoodleSite(httpserver)
    assert portal.url == site.url == url
    pok = {"name": "pok", "kind": "openedx", "url": url, "username": "plain", "counts": "course_summaries"}
    portale = {"name": "portale", "kind": "moodle", "url": url, "counts": True}
    settings = f'PATH = "content"\nCACHE_PATH = ".cache"\nTIMEZONE = "Europe/Rome"\nSOURCES = {[pok, portale]!r}\n'
    (tmp_path / "pelicanconf.py").write_text(settings)
    write_course(tmp_path / "content", "algebra", "abstract: A.\ncode: ALG101\n")
    write_course(tmp_path / "content", "innovazione", "abstract: A.\ncode: C203\n")
    return lambda: main((), project=tmp_path, environment=ENVIRONMENT, clock=FakeClock().clock())


def read_files(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_runs_and_enrolments_arrive_in_the_courses_of_a_build(sync: Callable[[], int], tmp_path: Path) -> None:
    assert sync() == 0

    content = tmp_path / "content"
    built = assemble(settings_for(content, date(2026, 12, 1)), KINDS, {lang: a_language(lang) for lang in LANGS})
    algebra, innovation = (built.site.fork().record(Ref("course", slug)) for slug in ("algebra", "innovazione"))
    assert built.problems == ()
    assert isinstance(algebra, Course)
    assert isinstance(innovation, Course)
    assert [(run.key, run.ends) for run in algebra.runs] == [(ALGEBRA, date(2024, 3, 15))]
    assert [(run.key, run.moodle_id) for run in innovation.runs] == [("moodle:203", 203)]
    assert algebra.state_on(date(2026, 12, 1)) is CourseState.ARCHIVED
    totals = {slug: series.total for slug, series in built.site.fork().series.items()}
    assert totals == {"algebra": 1622, "innovazione": 1403}


def test_a_second_sync_of_the_same_answers_writes_nothing(sync: Callable[[], int], tmp_path: Path) -> None:
    sync()
    before = read_files(tmp_path / "content")

    assert sync() == 0
    assert read_files(tmp_path / "content") == before


def test_no_secret_and_no_person_is_in_anything_that_a_sync_leaves_behind(
    sync: Callable[[], int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sync()

    everything = json.dumps([*capfd.readouterr()]).encode() + b"".join(read_files(tmp_path).values())
    assert [canary for canary in (*CANARIES, SECRET, "not-a-secret") if canary.encode() in everything] == []
