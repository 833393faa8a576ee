"""A sync writes what changed, tells what became of each source, and ends with a status that says so."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from tests.connectors.clients import a_raw_server, answers
from tests.connectors.platforms import runs, sync
from tests.connectors.snapshots import DAY, a_row
from tests.site.small import ROOT
from werkzeug import Request, Response

from openknowledge.connectors import source_sync
from openknowledge.connectors.source import SyncFindings
from openknowledge.connectors.withdrawal import withdraw
from openknowledge.engine.file_transaction import replace_files

PATIENCE_S = 120
"""How long a program may take to start and end on a busy machine."""


def serve(server: HTTPServer, *pages: str, etag: bool = True) -> None:
    """Answer each page, and 304 where it is asked for with its ETag."""

    def answer(request: Request) -> Response:
        body = pages[int(request.args["page"])]
        tag = f'"{hash(body)}"'
        if etag and request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(body, headers={"ETag": tag} if etag else {})

    server.clear_all_handlers()
    server.expect_request("/runs").respond_with_handler(answer)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (folder / "content").rglob("*")
        if path.is_file() and ".transaction" not in path.parts
    }


def statuses(server: HTTPServer) -> list[int]:
    return [response.status_code for _, response in server.log]


def test_what_a_platform_says_is_written_and_told(httpserver: HTTPServer, tmp_path: Path, capsys: Any) -> None:
    serve(httpserver, runs("a", "b"), runs("c"))

    status = sync(
        tmp_path, "--json", str(tmp_path / "sync.json"), "--report", str(tmp_path / "sync.md"),
        sources={"open": httpserver.url_for("/")},
    )  # fmt: skip

    assert status == 0
    rows = (tmp_path / "content/snapshots/open/runs.jsonl").read_text().splitlines()
    assert [json.loads(row)["id"] for row in rows] == ["a", "b", "c"]
    result = json.loads((tmp_path / "sync.json").read_bytes())
    assert (result["status"], result["exit_status"], result["changed"]) == ("done", 0, True)
    (source,) = result["sources"]
    assert (source["outcome"], source["requests"]) == ("changed", 2)
    assert source["changes"]["run"] == {"added": 3, "changed": 0, "gone": 0, "unchanged": 0}
    assert source["files"] == ["snapshots/open/runs.jsonl"]
    assert (
        "| open   | run  |     3 |       0 |    0 |         0 |        2 | changed |"
        in (tmp_path / "sync.md").read_text()
    )
    output = capsys.readouterr()
    assert "What changed is written." in output.out and "pages: 2 of 2" in output.err


def test_where_nothing_changed_nothing_is_written_and_only_conditional_requests_are_made(
    httpserver: HTTPServer, tmp_path: Path, capsys: Any
) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"open": httpserver.url_for("/")}
    sync(tmp_path, sources=sources)
    before, lock = snapshot(tmp_path), tmp_path / "content/.transaction/lock"
    locked = lock.stat().st_mtime_ns

    status = sync(tmp_path, "--json", str(tmp_path / "sync.json"), sources=sources)

    assert (status, snapshot(tmp_path), lock.stat().st_mtime_ns) == (0, before, locked)
    assert statuses(httpserver) == [200, 200, 304, 304]
    assert json.loads((tmp_path / "sync.json").read_bytes())["changed"] is False
    assert "Nothing changed, and nothing was written." in capsys.readouterr().out


def test_a_plan_writes_nothing_and_what_it_asked_for_is_not_asked_again(
    httpserver: HTTPServer, tmp_path: Path, capsys: Any
) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"open": httpserver.url_for("/")}

    assert (sync(tmp_path, "--plan", sources=sources), snapshot(tmp_path)) == (0, {})
    assert "this is what would change" in capsys.readouterr().out

    sync(tmp_path, sources=sources)
    assert statuses(httpserver) == [200, 200, 304, 304]
    assert [*snapshot(tmp_path)] == ["content/snapshots/open/runs.jsonl"]


def test_a_source_that_fails_leaves_the_work_of_the_others(httpserver: HTTPServer, tmp_path: Path, capsys: Any) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"one": httpserver.url_for("/broken"), "two": httpserver.url_for("/"), "three": "http://127.0.0.1:9/"}

    assert sync(tmp_path, "--json", str(tmp_path / "sync.json"), sources=sources) == 1

    outcomes = [one["outcome"] for one in json.loads((tmp_path / "sync.json").read_bytes())["sources"]]
    assert outcomes == ["failed", "changed", "failed"]
    assert [*snapshot(tmp_path)] == ["content/snapshots/two/runs.jsonl"]
    assert "one: failed: " in capsys.readouterr().err


def test_a_source_that_fails_keeps_what_it_had(httpserver: HTTPServer, tmp_path: Path) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sync(tmp_path, sources={"open": httpserver.url_for("/")})
    before = snapshot(tmp_path)

    with a_raw_server(answers("<html>")) as url:
        assert sync(tmp_path, sources={"open": url}) == 1

    assert snapshot(tmp_path) == before


def test_at_the_limit_it_stops_and_the_next_sync_goes_on(httpserver: HTTPServer, tmp_path: Path) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"open": httpserver.url_for("/")}

    assert (sync(tmp_path, "--limit", "1", sources=sources), snapshot(tmp_path)) == (3, {})
    assert sync(tmp_path, "--limit", "1", sources=sources) == 0

    assert [request.args["page"] for request, _ in httpserver.log] == ["0", "1"]
    assert [*snapshot(tmp_path)] == ["content/snapshots/open/runs.jsonl"]


def test_one_source_may_be_chosen_and_one_that_is_not_there_is_told(
    httpserver: HTTPServer, tmp_path: Path, capsys: Any
) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"one": "http://127.0.0.1:9/", "two": httpserver.url_for("/")}

    assert sync(tmp_path, "--source", "two", sources=sources) == 0
    assert sync(tmp_path, "--source", "tow", sources=sources) == 1
    assert 'SOURCES has no source "tow"' in capsys.readouterr().err
    assert sync(tmp_path, sources={}) == 1
    assert "names no source" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--limit", "x"), ("--unknown",), ("--fetched", "2026-12-01")])
def test_a_wrong_call_never_looks_as_if_something_was_held_back(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        sync(tmp_path, *arguments, sources={})

    assert ended.value.code == 1


def test_a_secret_that_is_missing_fails_its_source_alone(httpserver: HTTPServer, tmp_path: Path, capsys: Any) -> None:
    serve(httpserver, runs("a"), runs("b"))
    sources = {"one": httpserver.url_for("/"), "two": httpserver.url_for("/")}

    assert sync(tmp_path, sources=sources, environment={"SYNC_TWO_KEY": "a-long-enough-key"}) == 1
    assert "one: failed: SYNC_ONE_KEY is not set" in capsys.readouterr().err
    assert [*snapshot(tmp_path)] == ["content/snapshots/two/runs.jsonl"]


def test_what_a_platform_writes_does_nothing_in_a_pull_request(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/runs").respond_with_data("{}", status=404)
    (tmp_path / "content/snapshots/open").mkdir(parents=True)
    (tmp_path / "content/snapshots/open/runs.jsonl").write_text('{"@everyone <img src=x>": \n')

    assert sync(tmp_path, "--report", str(tmp_path / "sync.md"), sources={"open": httpserver.url_for("/")}) == 1

    report = (tmp_path / "sync.md").read_text()
    assert "@everyone" not in report and "<img" not in report


def test_a_hash_takes_what_is_held_back_and_one_of_nothing_is_told(
    httpserver: HTTPServer, tmp_path: Path, capsys: Any
) -> None:
    sources = {"open": httpserver.url_for("/")}
    serve(httpserver, runs("a"), runs("b"))
    sync(tmp_path, sources=sources)
    serve(httpserver, runs(), runs())

    assert sync(tmp_path, sources=sources) == 2
    held = json.loads((tmp_path / "content/snapshots/open/held-back.jsonl").read_text())
    assert (
        f"held back: run: 2 of 2 are gone at once. If it is right: --accept {held['hash']}" in capsys.readouterr().err
    )

    assert sync(tmp_path, f"--accept={held['hash']}", "--accept=0000", sources=sources) == 0
    assert "There is no difference 0000 now" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "content/snapshots/open").iterdir()) == [
        "missing.jsonl",
        "runs.jsonl",
    ]


def test_a_withdrawal_asks_no_platform_and_says_which_files_changed(
    httpserver: HTTPServer, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "content/snapshots/youtube"
    folder.mkdir(parents=True)
    row = {"youtube_id": "abc", "slug": "limits", "title": "Limits", "published": "2020-01-01T00:00:00Z"}
    (folder / "videos-2020.jsonl").write_text(json.dumps(row) + "\n")

    before = snapshot(tmp_path)
    assert sync(tmp_path, "--withdraw=abc", "--plan", sources={"open": httpserver.url_for("/")}) == 0
    assert "would be changed: " in capsys.readouterr().out
    assert snapshot(tmp_path) == before
    assert sync(tmp_path, "--withdraw=abc", sources={"open": httpserver.url_for("/")}) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"changed: {folder / 'retired.jsonl'}", f"removed: {folder / 'videos-2020.jsonl'}",
    ]  # fmt: skip
    assert sync(tmp_path, "--withdraw=zzz", sources={"open": httpserver.url_for("/")}) == 1
    assert httpserver.log == []


def test_a_sync_that_is_killed_goes_on_where_it_was(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The second page keeps it waiting until it is killed."""
    is_asked, is_over = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        if request.args["page"] == "1" and not is_over.is_set():
            is_asked.set()
            is_over.wait(PATIENCE_S)
        return Response(runs(f"run-{request.args['page']}"))

    httpserver.expect_request("/runs").respond_with_handler(answer)
    sources = {"open": httpserver.url_for("/")}
    call = f"from tests.connectors.platforms import sync; sync(Path({str(tmp_path)!r}), sources={sources!r})"
    with subprocess.Popen([sys.executable, "-c", f"from pathlib import Path; {call}"], cwd=ROOT) as process:
        assert is_asked.wait(PATIENCE_S)
        process.kill()
    is_over.set()
    assert snapshot(tmp_path) == {}

    assert sync(tmp_path, sources=sources) == 0

    assert sorted(request.args["page"] for request, _ in httpserver.log) == ["0", "1", "1"]
    assert len((tmp_path / "content/snapshots/open/runs.jsonl").read_text().splitlines()) == 2


def test_a_sync_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    """To load any of it takes longer than all that the sync of a channel does."""
    (tmp_path / "content").mkdir()
    source = {"name": "tube", "kind": "youtube", "channel": "@none", "url": "http://127.0.0.1:9"}
    (tmp_path / "pelicanconf.py").write_text(f'PATH = "content"\nSOURCES = [{source!r}]\n')
    code = "import sys\ntry: import openknowledge.connectors.__main__\nexcept SystemExit: print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    heavy = {"pelican", "jinja2", "babel", "yaml", "PIL", "nh3", "feedparser", "tenacity", "langcodes", "click"}
    heavy |= {"pydantic", "linkify_it", "rich", "openknowledge.catalogue", "openknowledge.model.people"}
    heavy |= {"openknowledge.content.captions", "openknowledge.connectors.table_rows"}

    loaded = run.stdout.split()
    assert "openknowledge.connectors.command" in loaded
    assert not heavy & {*loaded}


def test_a_sync_that_is_interrupted_says_so_in_a_line(tmp_path: Path) -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def hold(_: socket.socket) -> None:
        is_asked.set()
        is_over.wait(PATIENCE_S)

    (tmp_path / "content").mkdir()
    with a_raw_server(hold) as url:
        source = {"name": "tube", "kind": "youtube-feed", "channel": "UC" + "a" * 22, "url": url.rstrip("/")}
        (tmp_path / "pelicanconf.py").write_text(f'PATH = "content"\nSOURCES = [{source!r}]\n')
        command = [sys.executable, "-m", "openknowledge.connectors"]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            assert is_asked.wait(PATIENCE_S)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE_S)
        is_over.set()

    assert process.returncode == 130
    assert errors.splitlines()[-1] == "Interrupted. The next sync goes on from here."
    assert "Traceback" not in errors


def test_what_is_withdrawn_while_a_platform_is_asked_stays_withdrawn(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {"open": httpserver.url_for("/")}
    serve(httpserver, runs("a"), runs("b"))
    sync(tmp_path, sources=sources)
    content = tmp_path / "content"
    stored = {"videos-2020.jsonl": a_row("v", slug="limits")}
    for name, row in stored.items():
        (content / "snapshots/open" / name).write_text(json.dumps(row) + "\n")
    serve(httpserver, runs("a"), runs("c"))
    compare = source_sync.next_snapshot

    def withdraw_meanwhile(*arguments: Any) -> Any:
        replace_files(content, withdraw(content, "v", DAY, SyncFindings()))
        return compare(*arguments)

    monkeypatch.setattr(source_sync, "next_snapshot", withdraw_meanwhile)
    assert sync(tmp_path, sources=sources) == 0

    assert not (content / "snapshots/open/videos-2020.jsonl").exists()
    assert b'"id": "c"' in (content / "snapshots/open/runs.jsonl").read_bytes()
