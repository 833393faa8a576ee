"""Requests to the preview: pages with the script that follows them, and a stream of changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote

from .file_server import FileHandler, Response, resolve_request
from .problem_panel import PREFIX, SCRIPT, STYLESHEET, page_version, panel, with_script
from .state import PreviewState

__all__ = ["EVENTS", "PreviewHandler"]

EVENTS = f"{PREFIX}events"
STATIC = Path(__file__).parent / "static"
OWN_FILES = {SCRIPT: STATIC / "preview.js", STYLESHEET: STATIC / "preview.css"}

HEARTBEAT_S = 15
RETRY_MS = 300
"""How soon a browser that lost the server connects again."""

BARE_PAGE = "<!doctype html><html lang=en><head><title>Preview</title></head><body><p>{}</p></body></html>"


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A page at one moment. `panel` is markup; `version` changes with anything of it."""

    status: int
    path: Path | None
    panel: str
    version: str

    def body(self) -> str:
        """Return the page's bytes with the panel and the script."""
        if self.path is not None:
            return self.path.read_text(encoding="utf-8", errors="replace")
        return BARE_PAGE.format("The site is being built." if self.status == 503 else "There is no such page.")


class PreviewHandler(FileHandler):
    """Serves the preview's folder, and notifies open pages of changes."""

    def __init__(self, *connection: object, stand: PreviewState) -> None:
        self._stand = stand
        super().__init__(*connection, root=stand.root)

    def do_GET(self) -> None:
        """Answer a request for a page, a file, or the stream of changes."""
        address, _, query = self.path.partition("?")
        if address == EVENTS:
            asked = parse_qs(query)
            self._tell_changes(asked.get("page", ["/"])[0], asked.get("version", [""])[0])
        elif address in OWN_FILES:
            self.send_file(Response(200, OWN_FILES[address]))
        else:
            self._send(self.path)

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def _send(self, target: str) -> None:
        given = resolve_request(self._stand.root, target)
        if given.location is not None or (not _is_page(given) and given.path is not None):
            self.send_file(given)
            return
        self._stand.record_request(self._name(given, target))
        page = self._page(given, target)
        try:
            body = page.body()
        except FileNotFoundError:  # It went since it was looked for.
            page = self._page(resolve_request(self._stand.root, target), target)
            body = page.body()
        told = with_script(body, page.panel, page.version)
        self.send_body(page.status, told.encode(), "text/html; charset=utf-8")

    def _page(self, given: Response, target: str) -> PreviewPage:
        """Return the page for a response; before the end of the first build, a missing page is not a 404."""
        outcome = self._stand.outcome
        shown = panel(target, outcome.problems, outcome.crash)
        status, path = (given.status, given.path) if self._stand.ready else (503, None)
        return PreviewPage(status, path, shown, page_version(status, path, shown))

    def _name(self, given: Response, target: str) -> str:
        """Return the path of a page's file below the folder, or the path that it would have."""
        if given.path is not None and given.status == 200:
            return given.path.relative_to(self._stand.root).as_posix()
        place = unquote(target.partition("?")[0]).strip("/")
        return f"{place}/index.html".lstrip("/")

    def _tell_changes(self, target: str, version: str) -> None:
        """Send server-sent events: the page's version whenever it changes, and heartbeats in between."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"retry: {RETRY_MS}\n\n".encode())
        news = 0
        with self._stand.viewing(self._name(resolve_request(self._stand.root, target), target)):
            while True:
                now = self._page(resolve_request(self._stand.root, target), target).version
                message = f"event: change\ndata: {now}\n\n" if now != version else ": still here\n\n"
                version = now
                self.wfile.write(message.encode())
                news = self._stand.wait_for_change(news, HEARTBEAT_S)


def _is_page(given: Response) -> bool:
    return given.media_type.startswith("text/html")
