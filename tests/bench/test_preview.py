"""The time until a reader has a saved word is measured at the reader."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bench import preview
from bench.command import BuildFailed, Command
from bench.preview import Edit, change_a_word, measure_changes
from bench.session import free_port

SERVER = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]))"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(preview, "REST_S", 0.0)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/page.html").write_text("before", "utf-8")
    return tmp_path / "site"


def server(site: Path, port: int, code: str = SERVER) -> Command:
    return Command((sys.executable, "-c", code, str(port)), site)


def save(site: Path, text: str, expected: str) -> Edit:
    def edit() -> str:
        (site / "page.html").write_text(text, "utf-8")
        return expected

    return edit


def test_each_edit_has_its_time(site: Path) -> None:
    port = free_port()
    edits = [save(site, word, word) for word in ("first", "second")]

    times_s = measure_changes(server(site, port), port, "/page.html", edits)

    assert len(times_s) == 2
    assert all(time_s > 0 for time_s in times_s)


def test_a_word_that_never_comes_is_a_failure(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "CHANGE_TIMEOUT_S", 0.2)
    port = free_port()

    with pytest.raises(BuildFailed, match="never had the new word"):
        measure_changes(server(site, port), port, "/page.html", [save(site, "this", "that")])


def test_a_page_that_is_never_served_is_a_failure(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "START_TIMEOUT_S", 0.5)
    port = free_port()

    with pytest.raises(BuildFailed, match=r"/none\.html was not served"):
        measure_changes(server(site, port), port, "/none.html", [])


def test_a_server_that_ends_is_a_failure_with_its_last_lines(site: Path) -> None:
    port = free_port()

    with pytest.raises(BuildFailed, match="the server ended with 1: no room"):
        measure_changes(server(site, port, "import sys; sys.exit('no room')"), port, "/page.html", [])


@pytest.mark.parametrize("head", ["---\ntitle: One\n---\n", "Title: One\nSlug: one\n\n"])
def test_one_word_changes_and_nothing_else(tmp_path: Path, head: str) -> None:
    path = tmp_path / "item.md"
    path.write_text(f"{head}First second third.\n\nAnother.\n", "utf-8")

    change_a_word(path, "New")

    assert path.read_text("utf-8") == f"{head}New second third.\n\nAnother.\n"
