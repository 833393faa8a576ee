"""The preview: a page and what follows it, without a build."""

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
from openknowledge.preview.handler import PreviewHandler
from openknowledge.preview.problem_panel import PagedProblem
from openknowledge.preview.state import PreviewOutcome, PreviewState
from openknowledge.problems import ContentProblems, Problem

PAGE = "<html><head></head><body>one</body></html>"
BROKEN = PagedProblem(Problem("content/a.md", 1, "title", "missing"))


@pytest.fixture
def stand(tmp_path: Path) -> PreviewState:
    root = tmp_path / "site"
    (root / "corsi").mkdir(parents=True)
    (root / "index.html").write_text(PAGE)
    (root / "corsi/index.html").write_text(PAGE)
    (root / "site.css").write_text("body {}")
    return PreviewState(root)


def previewing(stand: PreviewState):
    return run_server(partial(PreviewHandler, state=stand))


def fetched(address: str) -> str:
    return urllib.request.urlopen(address, timeout=60).read().decode()


@contextmanager
def following(address: str, page: str) -> Iterator[Iterator[str]]:
    """The events that a browser is sent which knows nothing of the page yet."""
    with urllib.request.urlopen(f"{address}/__preview/events?page={page}&version=x", timeout=60) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = (line.decode().strip() for line in stream)
        yield (line for line in lines if line.startswith("data: "))


def test_pages_are_followed_and_all_files_are_as_they_were_built(stand):
    with previewing(stand) as address:
        page, style = fetched(f"{address}/"), fetched(f"{address}/site.css")

    assert 'src="/__preview/preview.js"' in page
    assert style == "body {}"
    assert (stand.root / "index.html").read_text() == PAGE
    assert not list(stand.root.rglob("*preview*"))


def test_the_panel_comes_with_a_problem_and_goes_when_it_is_mended(stand):
    with previewing(stand) as address:
        stand.finish_build(PreviewOutcome((BROKEN,)))
        broken = fetched(f"{address}/")
        stand.finish_build(PreviewOutcome())
        mended = fetched(f"{address}/")

    assert "preview-panel" in broken
    assert "preview-panel" not in mended


def test_script_and_stylesheet_are_the_previews_own(stand):
    with previewing(stand) as address:
        assert "EventSource" in fetched(f"{address}/__preview/preview.js")
        assert ".preview-panel" in fetched(f"{address}/__preview/preview.css")


def test_a_browser_is_told_as_soon_as_its_page_is_written(stand):
    with previewing(stand) as address, following(address, "/corsi/") as events:
        first = next(events)
        (stand.root / "corsi/index.html").write_text("two words")
        stand.record_written("corsi/index.html")

        assert next(events) != first


def test_a_browser_is_told_of_problems_and_of_a_page_that_went(stand):
    with previewing(stand) as address, following(address, "/corsi/") as events:
        versions = [next(events)]
        stand.set_outcome(PreviewOutcome((BROKEN,)))
        versions.append(next(events))
        (stand.root / "corsi/index.html").unlink()
        stand.finish_build(PreviewOutcome((BROKEN,)))
        versions.append(next(events))

    assert len(set(versions)) == 3


def test_the_page_that_was_opened_last_is_looked_at_else_the_one_that_was_fetched(stand):
    with previewing(stand) as address:
        fetched(f"{address}/")
        assert stand.viewed_path == "index.html"
        with following(address, "/corsi/pi%C3%B9/") as events:
            next(events)
            assert stand.viewed_path == "corsi/più/index.html"
        with following(address, "/corsi/?q=1") as events:
            next(events)
            fetched(f"{address}/")
            assert stand.viewed_path == "corsi/index.html"


def test_before_the_first_build_has_ended_nothing_is_missing(stand):
    stand.ready = False
    with previewing(stand) as address:
        with pytest.raises(urllib.error.HTTPError) as early:
            fetched(f"{address}/corsi/")
        assert early.value.code == 503
        assert "The site is being built." in early.value.read().decode()
        stand.finish_build(PreviewOutcome())

        assert "one" in fetched(f"{address}/corsi/")


class StandIn:
    """In the place of Pelican."""

    error: BaseException | None = None

    def __init__(self, settings: dict[str, object]) -> None:
        self.settings = settings

    def run(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def builder(stand: PreviewState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreviewBuilder:
    monkeypatch.setattr(preview_builder, "Pelican", StandIn)
    monkeypatch.setattr(preview_builder, "read_settings", lambda _path, override: override)
    monkeypatch.setattr(preview_builder, "begin_logging", lambda **_: None)
    monkeypatch.setattr(StandIn, "error", None)
    return PreviewBuilder(tmp_path, stand, "2026-01-01")


def test_a_preview_builds_into_a_folder_of_its_own_for_its_day_and_for_who_looks(builder, stand):
    stand.record_request("corsi/index.html")

    settings = builder._settings()

    assert settings["OUTPUT_PATH"] == str(stand.root)
    assert settings["KEEP_GOING"] is True
    assert settings["BUILD_DATE"] == "2026-01-01"
    assert settings["LOOKING_AT"] == "corsi/index.html"


def test_problems_that_stop_a_build_are_all_told(builder, monkeypatch, capsys):
    monkeypatch.setattr(StandIn, "error", ContentProblems((BROKEN.problem,)))

    outcome = builder.build()

    assert outcome == PreviewOutcome((BROKEN,), "1 problem in 1 file. Nothing was built.")
    assert "content/a.md:1: title: missing" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), SystemExit("by zero")])
def test_what_nobody_foresaw_is_one_line_for_the_editor_and_all_of_it_for_the_terminal(
    builder, monkeypatch, capsys, error
):
    monkeypatch.setattr(StandIn, "error", error)

    outcome = builder.build()

    assert outcome.is_unexpected
    assert outcome.crash.startswith(type(error).__name__)
    assert "Traceback" not in outcome.crash
    assert "see the terminal" in outcome.crash
    assert "Traceback" in capsys.readouterr().err


def test_an_interruption_is_not_a_mistake(builder, monkeypatch):
    monkeypatch.setattr(StandIn, "error", KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        builder.build()


def test_problems_are_known_before_pages_are_written_and_pages_before_the_build_has_ended(builder, stand, monkeypatch):
    seen = []

    def run(_self: StandIn) -> None:
        builder._problems.write_text('[{"path": "content/a.md", "line": 1, "field": "title", "message": "missing"}]')
        preview_builder.signals.all_generators_finalized.send([])
        seen.append(stand.outcome.problems)
        preview_builder.signals.content_written.send(str(stand.root / "index.html"), context={})

    monkeypatch.setattr(StandIn, "run", run)
    monkeypatch.setattr(stand, "record_written", seen.append)

    builder.build()

    assert seen == [(BROKEN,), "index.html"]


def test_a_port_that_is_taken_is_said_with_a_way_out(tmp_path):
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
def test_a_server_starts_anew_when_it_asks_for_it_or_when_its_code_is_mended(monkeypatch, statuses, expected):
    waited = SimpleNamespace(times=0)
    given = list(statuses)
    monkeypatch.setattr(dev_server, "_run_server", lambda *_: given.pop(0))
    monkeypatch.setattr(dev_server, "_wait_for_code", lambda _: setattr(waited, "times", waited.times + 1))

    with pytest.raises(SystemExit) as ended:
        dev_server.main(Path())

    assert ended.value.code == expected
    assert given == []
    assert waited.times == (1 if 1 in statuses[1:] else 0)
