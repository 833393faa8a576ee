"""The site as it is being written: served on this machine, built on every save, reloaded in the browser."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from .editions import Builder, Edition, Stand
from .panel import SCRIPT, STYLESHEET, with_panel
from .serving import Answer, FileHandler, answer, answering

BUILDS = "/_preview/builds"
STATIC = Path(__file__).parent / "static"
OWN_FILES = {SCRIPT: STATIC / "preview.js", STYLESHEET: STATIC / "preview.css"}

WATCHED = ("content", "theme", "plugins", "pelicanconf.py")
HEARTBEAT_S = 15

EMPTY_PAGE = (
    b"<!doctype html><html lang=en><head><title>Preview</title></head><body><p>There is no such page.</p></body>"
)


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
