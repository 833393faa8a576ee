"""The preview's pages, events and builder, without a build."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from socket import create_server
from types import SimpleNamespace

import pytest

from openknowledge.preview import builder as preview_builder
from openknowledge.preview import dev_server
from openknowledge.preview.builder import PreviewBuilder
from openknowledge.preview.file_server import run_server
from openknowledge.preview.handler import PreviewHandler, PreviewOutcome, PreviewState
from openknowledge.preview.problem_panel import PagedProblem
from openknowledge.problems import ContentProblems, Message, Problem

PAGE = "<html><head></head><body>one</body></html>"
BROKEN = PagedProblem(Problem("content/a.md", 1, "title", Message("missing")))


@pytest.fixture
def state(tmp_path: Path) -> PreviewState:
    root = tmp_path / "site"
    (root / "corsi").mkdir(parents=True)
    (root / "index.html").write_text(PAGE)
    (root / "corsi/index.html").write_text(PAGE)
    (root / "site.css").write_text("body {}")
    return PreviewState(root)


def previewing(state: PreviewState):
    return run_server(partial(PreviewHandler, state=state))


def fetched(address: str) -> str:
    return urllib.request.urlopen(address, timeout=60).read().decode()


@contextmanager
def following(address: str, page: str) -> Iterator[Iterator[str]]:
    """Yield the events for a browser that knows no version of the page."""
    with urllib.request.urlopen(f"{address}/__preview/events?page={page}&version=x", timeout=60) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = (line.decode().strip() for line in stream)
        yield (line for line in lines if line.startswith("data: "))


def test_pages_are_followed_and_all_files_are_as_they_were_built(state):
    with previewing(state) as address:
        page, style = fetched(f"{address}/"), fetched(f"{address}/site.css")

    assert 'src="/__preview/preview.js"' in page
    assert style == "body {}"
    assert (state.root / "index.html").read_text() == PAGE
    assert not list(state.root.rglob("*preview*"))


def test_the_panel_comes_with_a_problem_and_goes_when_it_is_repaired(state):
    with previewing(state) as address:
        state.finish_build(PreviewOutcome((BROKEN,)))
        broken = fetched(f"{address}/")
        state.finish_build(PreviewOutcome())
        mended = fetched(f"{address}/")

    assert "preview-panel" in broken
    assert "preview-panel" not in mended


def test_the_components_of_the_theme_are_shown_where_something_makes_their_page(state):
    with previewing(state) as address:
        with pytest.raises(urllib.error.HTTPError):
            fetched(f"{address}/pattern/")
        state.pattern_page = lambda: b"all components"
        assert fetched(f"{address}/pattern/") == "all components"


def test_script_and_stylesheet_are_the_previews_own(state):
    with previewing(state) as address:
        assert "EventSource" in fetched(f"{address}/__preview/preview.js")
        assert ".preview-panel" in fetched(f"{address}/__preview/preview.css")


def test_a_browser_gets_an_event_as_soon_as_its_page_is_written(state):
    with previewing(state) as address, following(address, "/corsi/") as events:
        first = next(events)
        (state.root / "corsi/index.html").write_text("two words")
        state.record_written("corsi/index.html")

        assert next(events) != first


def test_a_browser_gets_events_for_problems_and_for_a_removed_page(state):
    with previewing(state) as address, following(address, "/corsi/") as events:
        versions = [next(events)]
        state.set_outcome(PreviewOutcome((BROKEN,)))
        versions.append(next(events))
        (state.root / "corsi/index.html").unlink()
        state.finish_build(PreviewOutcome((BROKEN,)))
        versions.append(next(events))

    assert len(set(versions)) == 3


def test_the_viewed_page_is_the_one_opened_last_else_the_one_requested_last(state):
    with previewing(state) as address:
        fetched(f"{address}/")
        assert state.viewed_path == "index.html"
        with following(address, "/corsi/pi%C3%B9/") as events:
            next(events)
            assert state.viewed_path == "corsi/più/index.html"
        with following(address, "/corsi/?q=1") as events:
            next(events)
            fetched(f"{address}/")
            assert state.viewed_path == "corsi/index.html"


def test_before_the_first_build_has_ended_nothing_is_missing(state):
    state.ready = False
    with previewing(state) as address:
        with pytest.raises(urllib.error.HTTPError) as early:
            fetched(f"{address}/corsi/")
        assert early.value.code == 503
        assert "The site is being built." in early.value.read().decode()
        state.finish_build(PreviewOutcome())

        assert "one" in fetched(f"{address}/corsi/")


class FakePelican:
    """Replaces Pelican."""

    error: BaseException | None = None

    def __init__(self, settings: dict[str, object]) -> None:
        self.settings = settings

    def run(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def builder(state: PreviewState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreviewBuilder:
    monkeypatch.setattr(preview_builder, "Pelican", FakePelican)
    monkeypatch.setattr(
        preview_builder, "read_settings", lambda _path, override: {"THEME": "theme", "DEFAULT_LANG": "en", **override}
    )
    monkeypatch.setattr(preview_builder, "begin_logging", lambda **_: None)
    monkeypatch.setattr(FakePelican, "error", None)
    return PreviewBuilder(tmp_path, state, "2026-01-01")


def test_a_preview_builds_into_its_own_folder_for_its_day_and_the_viewed_page(builder, state):
    state.record_request("corsi/index.html")

    settings = builder._settings()

    assert settings["OUTPUT_PATH"] == str(state.root)
    assert settings["KEEP_GOING"] is True
    assert settings["BUILD_DATE"] == "2026-01-01"
    assert settings["BUILD_SESSION"].viewed_path == "corsi/index.html"


def test_all_problems_that_stop_a_build_are_in_its_outcome(builder, monkeypatch, capsys):
    monkeypatch.setattr(FakePelican, "error", ContentProblems((BROKEN.problem,)))

    outcome = builder.build()

    assert outcome == PreviewOutcome((BROKEN,), "1 problem in 1 file. Nothing was built.")
    assert "content/a.md:1: title: missing" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), SystemExit("by zero")])
def test_an_unexpected_error_is_one_line_in_the_panel_and_a_traceback_in_the_terminal(
    builder, monkeypatch, capsys, error
):
    monkeypatch.setattr(FakePelican, "error", error)

    outcome = builder.build()

    assert outcome.is_unexpected
    assert outcome.crash.startswith(type(error).__name__)
    assert "Traceback" not in outcome.crash
    assert "see the terminal" in outcome.crash
    assert "Traceback" in capsys.readouterr().err


def test_an_interruption_is_not_a_mistake(builder, monkeypatch):
    monkeypatch.setattr(FakePelican, "error", KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        builder.build()


def test_problems_are_known_before_pages_are_written_and_pages_before_the_build_has_ended(builder, state, monkeypatch):
    seen = []

    def run(_self: FakePelican) -> None:
        builder._problems.write_text('[{"path": "content/a.md", "line": 1, "field": "title", "message": "missing"}]')
        preview_builder.signals.all_generators_finalized.send([])
        seen.append(state.outcome.problems)
        preview_builder.signals.content_written.send(str(state.root / "index.html"), context={})

    monkeypatch.setattr(FakePelican, "run", run)
    monkeypatch.setattr(state, "record_written", seen.append)

    builder.build()

    assert seen == [(BROKEN,), "index.html"]


def test_a_port_in_use_is_reported_with_another_one(tmp_path):
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        start = "from pathlib import Path; from openknowledge.preview import dev_server"
        code = f"{start}; dev_server.main(Path('.'), {port})"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == dev_server.PORT_IN_USE
    assert f"Port {port} cannot be used" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [([0], 0), ([1], 1), ([dev_server.RESTART, 0], 0), ([dev_server.RESTART, 1, dev_server.RESTART, 0], 0)],
)
def test_a_server_restarts_when_it_asks_for_it_or_when_its_code_is_repaired(monkeypatch, statuses, expected):
    waited = SimpleNamespace(times=0)
    remaining = list(statuses)
    monkeypatch.setattr(dev_server, "_run_server", lambda *_: remaining.pop(0))
    monkeypatch.setattr(dev_server, "_wait_for_code", lambda _: setattr(waited, "times", waited.times + 1))

    with pytest.raises(SystemExit) as ended:
        dev_server.main(Path())

    assert ended.value.code == expected
    assert remaining == []
    assert waited.times == (1 if 1 in statuses[1:] else 0)
