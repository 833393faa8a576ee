"""The site as it is being written: served on this machine, built on every save, reloaded in the browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from textwrap import dedent
from threading import Condition
from typing import Any

from .panel import SCRIPT, STYLESHEET, Finding, read_findings, with_panel
from .serving import Answer, FileHandler, answer, answering

BUILDS = "/_preview/builds"
STATIC = Path(__file__).parent / "static"
OWN_FILES = {SCRIPT: STATIC / "preview.js", STYLESHEET: STATIC / "preview.css"}

WATCHED = ("content", "theme", "plugins", "pelicanconf.py")
HEARTBEAT_S = 15
CRASH_LINES = 12
COLUMNS = 160
"""How wide a failed build may write what it says before it breaks a line."""

EMPTY_PAGE = (
    b"<!doctype html><html lang=en><head><title>Preview</title></head><body><p>There is no such page.</p></body>"
)


@dataclass(frozen=True, slots=True)
class Edition:
    """The site after one build: its files, and what is wrong with it. `crash` is what a failed build said."""

    build: str
    root: Path
    findings: tuple[Finding, ...] = ()
    crash: str = ""


@dataclass(slots=True)
class Stand:
    """Where the newest edition lies; readers wait here for the next."""

    edition: Edition
    _changed: Condition = field(default_factory=Condition)

    def put(self, edition: Edition) -> None:
        with self._changed:
            self.edition = edition
            self._changed.notify_all()

    def other_than(self, build: str, timeout_s: float) -> Edition:
        """The edition, as soon as it is another one than `build`, or when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.edition.build != build, timeout_s)
            return self.edition


class PreviewHandler(FileHandler):
    """Serves the newest edition, and tells the pages that are open when there is another."""

    def __init__(self, *connection: object, stand: Stand) -> None:
        self._stand = stand
        super().__init__(*connection, root=stand.edition.root)

    def do_GET(self) -> None:
        if self.path == BUILDS:
            self._tell_builds()
        elif self.path in OWN_FILES:
            self.send_answer(Answer(200, OWN_FILES[self.path]))
        else:
            self._send_page()

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def _send_page(self) -> None:
        edition = self._stand.edition
        given = answer(edition.root, self.path)
        if given.path is None and given.location is None:
            self.send_body(given.status, self._followed(EMPTY_PAGE, edition), "text/html; charset=utf-8")
        elif given.media_type.startswith("text/html") and given.path is not None:
            self.send_body(given.status, self._followed(given.path.read_bytes(), edition), given.media_type)
        else:
            self.send_answer(given)

    def _followed(self, page: bytes, edition: Edition) -> bytes:
        text = page.decode("utf-8", errors="replace")
        return with_panel(text, self.path, edition.build, edition.findings, edition.crash).encode()

    def _tell_builds(self) -> None:
        """A stream of server-sent events: the build at once, then each new one; in between a sign of life."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        build = ""
        while True:
            edition = self._stand.other_than(build, HEARTBEAT_S)
            message = f"data: {edition.build}\n\n" if edition.build != build else ": still here\n\n"
            build = edition.build
            self.wfile.write(message.encode())
            self.wfile.flush()


class Builder:
    """Builds one edition after the other, each into a folder of its own, so that readers never meet half a site."""

    def __init__(self, project: Path, today: str = "") -> None:
        self._project = project
        self._today = today
        self._number = 0
        self._workplace = project / ".cache" / "preview"
        shutil.rmtree(self._workplace, ignore_errors=True)
        self._workplace.mkdir(parents=True)

    def next_after(self, last: Edition | None) -> Edition:
        """The site as it is now; if it cannot be built, the last one's files with what went wrong."""
        self._number += 1
        build = f"{os.getpid()}-{self._number}"
        root = self._workplace / str(self._number)
        problems = self._workplace / f"{self._number}.json"
        root.mkdir()
        status, said = self._run(self._command(root, problems))
        findings = read_findings(problems.read_text(encoding="utf-8")) if problems.exists() else ()
        if status:
            shutil.rmtree(root)
            root = last.root if last else self._workplace
            crash = dedent("\n".join(said[-CRASH_LINES:])) or f"Exit status {status}"
            return Edition(build, root, findings, crash)
        if last:
            self._forget_before(last.root)
        return Edition(build, root, findings)

    def _command(self, root: Path, problems: Path) -> list[str]:
        settings = {"KEEP_GOING": True, "PROBLEMS_FILE": str(problems)}
        if self._today:
            settings["BUILD_DATE"] = self._today
        extra = [f"{name}={json.dumps(value)}" for name, value in settings.items()]
        pelican = [sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "--fatal", "errors"]
        return [*pelican, "-o", str(root), "-e", *extra]

    def _run(self, command: list[str]) -> tuple[int, list[str]]:
        """Run a build in a process of its own, so that edited code counts; pass on what it says, line by line."""
        said = []
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=self._project, env=environment, errors="replace", **pipes) as child:
            assert child.stdout is not None
            for line in child.stdout:
                said.append(line.rstrip("\n"))
                print(line, end="", flush=True)
        return child.returncode, said

    def _forget_before(self, kept: Path) -> None:
        """Remove editions older than the last one, which a reader may still be reading."""
        for path in self._workplace.iterdir():
            if path.is_dir() and int(path.name) < int(kept.name):
                shutil.rmtree(path, ignore_errors=True)


def saves(project: Path) -> Iterator[list[str]]:
    """The files that changed, each time that any did; saves that come together count as one."""
    from watchfiles import watch

    watched = [project / name for name in WATCHED if (project / name).exists()]
    for changes in watch(*watched, debounce=200, step=50, raise_interrupt=True):
        yield sorted({Path(path).relative_to(project).as_posix() for _, path in changes})


def main(project: Path, port: int = 8000, today: str = "") -> None:
    """Serve the project's site until it is interrupted."""
    builder = Builder(project, today)
    stand = Stand(_built(builder, None))
    with ExitStack() as running:
        try:
            address = running.enter_context(answering(partial(PreviewHandler, stand=stand), port))
        except OSError as reason:
            hint = f"Try another: make preview ARGS='--port {port + 1}'"
            sys.exit(f"Port {port} cannot be used ({reason.strerror}). {hint}")
        print(f"The site is at {address}/ and follows every save; Ctrl-C ends this.", flush=True)
        _follow(project, builder, stand)


def _follow(project: Path, builder: Builder, stand: Stand) -> None:
    """Put a new edition on the stand after every save, until it is interrupted."""
    try:
        for changed in saves(project):
            print(f"Changed: {', '.join(changed[:3])}{' and more' if len(changed) > 3 else ''}", flush=True)
            stand.put(_built(builder, stand.edition))
    except KeyboardInterrupt:
        print("\nStopped.")


def _built(builder: Builder, last: Edition | None) -> Edition:
    """The next edition; one line says how long it took."""
    begun = time.monotonic()
    edition = builder.next_after(last)
    outcome = "The build failed" if edition.crash else "Built"
    print(f"{outcome} in {time.monotonic() - begun:.1f} s, problems: {len(edition.findings)}", flush=True)
    return edition
