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
        """Return the markup of the page, still without the panel and the script."""
        if self.path is not None:
            return self.path.read_text(encoding="utf-8", errors="replace")
        return BARE_PAGE.format("The site is being built." if self.status == 503 else "There is no such page.")


class PreviewHandler(FileHandler):
    """Serves the preview's folder, and notifies open pages of changes."""

    def __init__(self, *connection: object, state: PreviewState) -> None:
        self._state = state
        super().__init__(*connection, root=state.root)

    def do_GET(self) -> None:
        """Answer a request for a page, a file, or the stream of changes."""
        address, _, query = self.path.partition("?")
        if address == EVENTS:
            arguments = parse_qs(query)
            self._send_changes(arguments.get("page", ["/"])[0], arguments.get("version", [""])[0])
        elif address in OWN_FILES:
            self.send_file(Response(200, OWN_FILES[address]))
        else:
            self._send(self.path)

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def _send(self, target: str) -> None:
        response = resolve_request(self._state.root, target)
        if response.location is not None or (not _is_page(response) and response.path is not None):
            self.send_file(response)
            return
        self._state.record_request(self._name(response, target))
        page = self._page(response, target)
        try:
            body = page.body()
        except FileNotFoundError:  # The file was removed after the lookup.
            page = self._page(resolve_request(self._state.root, target), target)
            body = page.body()
        page_with_script = with_script(body, page.panel, page.version)
        self.send_body(page.status, page_with_script.encode(), "text/html; charset=utf-8")

    def _page(self, response: Response, target: str) -> PreviewPage:
        """Return the page for a response; before the end of the first build, a missing page is not a 404."""
        outcome = self._state.outcome
        markup = panel(target, outcome.problems, outcome.crash)
        status, path = (response.status, response.path) if self._state.ready else (503, None)
        return PreviewPage(status, path, markup, page_version(status, path, markup))

    def _name(self, response: Response, target: str) -> str:
        """Return the path of a page's file below the folder, or the path that it would have."""
        if response.path is not None and response.status == 200:
            return response.path.relative_to(self._state.root).as_posix()
        path = unquote(target.partition("?")[0]).strip("/")
        return f"{path}/index.html".lstrip("/")

    def _send_changes(self, target: str, version: str) -> None:
        """Send server-sent events: the page's version whenever it changes, and heartbeats in between."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"retry: {RETRY_MS}\n\n".encode())
        changes = 0
        with self._state.viewing(self._name(resolve_request(self._state.root, target), target)):
            while True:
                current = self._page(resolve_request(self._state.root, target), target).version
                message = f"event: change\ndata: {current}\n\n" if current != version else ": still here\n\n"
                version = current
                self.wfile.write(message.encode())
                changes = self._state.wait_for_change(changes, HEARTBEAT_S)


def _is_page(response: Response) -> bool:
    return response.media_type.startswith("text/html")
