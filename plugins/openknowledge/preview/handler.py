"""What the preview shows: its state, pages with the script that follows them, and a stream of changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from openknowledge.problems import Gettext

from .file_server import FileHandler, Response, resolve_request
from .problem_panel import PREFIX, SCRIPT, STYLESHEET, PagedProblem, page_version, panel, with_script

__all__ = ["PreviewHandler", "PreviewOutcome", "PreviewState"]

EVENTS = f"{PREFIX}events"
PATTERN = "/pattern/"
"""Where the components of the theme are shown in their states."""
STATIC = Path(__file__).parent / "static"
OWN_FILES = {SCRIPT: STATIC / "preview.js", STYLESHEET: STATIC / "preview.css"}

HEARTBEAT_S = 15
RETRY_MS = 300
"""How soon a browser that lost the server connects again."""

BARE_PAGE = "<!doctype html><html lang=en><head><title>Preview</title></head><body><p>{}</p></body></html>"


@dataclass(frozen=True, slots=True)
class PreviewOutcome:
    """The outcome of a build.

    `crash` is a line that says why there was no build; `is_unexpected` marks a fault of the code.
    """

    problems: tuple[PagedProblem, ...] = ()
    crash: str = ""
    is_unexpected: bool = False


class PreviewState:
    """The folder that is shown, its problems, and the pages that browsers have open.

    Before the end of the first build of an empty folder the state is not `ready`, because missing pages may still come.
    Pages are named by their files below `root`. `gettext` translates messages to editors into the language `lang`.
    `pattern_page` makes the page of the theme's components, where there is one.
    """

    def __init__(self, root: Path, ready: bool = True, pattern_page: Callable[[], bytes] | None = None) -> None:
        self.root = root
        self.ready = ready
        self.pattern_page = pattern_page
        self.outcome = PreviewOutcome()
        self.gettext: Gettext = str
        self.lang = "en"
        self._requested = ""
        self._viewed_pages: list[str] = []
        self._changes = 0
        self._changed = Condition()

    @property
    def viewed_path(self) -> str:
        """The page that was opened last, of those that are open; without any, the one that was requested last."""
        with self._changed:
            return self._viewed_pages[-1] if self._viewed_pages else self._requested

    def record_request(self, page: str) -> None:
        """Record that a page was requested."""
        self._requested = page

    @contextmanager
    def viewing(self, page: str) -> Iterator[None]:
        """Record that a browser has the page open as long as the block runs."""
        with self._changed:
            self._viewed_pages.append(page)
        try:
            yield
        finally:
            with self._changed:
                self._viewed_pages.remove(page)

    def record_written(self, page: str) -> None:
        """Wake the viewers of a page that was written."""
        with self._changed:
            if page in self._viewed_pages:
                self._notify()

    def set_outcome(self, outcome: PreviewOutcome) -> None:
        """Record the problems, perhaps before the build has ended."""
        with self._changed:
            self.outcome = outcome
            self._notify()

    def finish_build(self, outcome: PreviewOutcome) -> None:
        """Record the end of a build."""
        self.ready = self.ready or not outcome.crash
        self.set_outcome(outcome)

    def _notify(self) -> None:
        self._changes += 1
        self._changed.notify_all()

    def wait_for_change(self, known: int, timeout_s: float) -> int:
        """Wait until there are more changes than `known`, or for a time; return the number of changes."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != known, timeout_s)
            return self._changes


class PreviewPage(NamedTuple):
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
        elif address == PATTERN and self._state.pattern_page is not None:
            self.send_body(200, self._state.pattern_page(), "text/html; charset=utf-8")
        else:
            self._send(self.path)

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def _send(self, target: str) -> None:
        response = resolve_request(self._root, target)
        is_page = response.path is None or response.media_type.startswith("text/html")
        if response.location is not None or not is_page:
            self.send_file(response)
            return
        self._state.record_request(self._name(target))
        page = self._page(target)
        try:
            body = page.body()
        except FileNotFoundError:  # The file was removed after the lookup.
            page = self._page(target)
            body = page.body()
        page_with_script = with_script(body, page.panel, page.version)
        self.send_body(page.status, page_with_script.encode(), "text/html; charset=utf-8")

    def _page(self, target: str) -> PreviewPage:
        """Return the page at a target; before the end of the first build, a missing page is not a 404."""
        response, outcome = resolve_request(self._root, target), self._state.outcome
        markup = panel(target, outcome.problems, outcome.crash, self._state.gettext, self._state.lang)
        status, path = (response.status, response.path) if self._state.ready else (503, None)
        return PreviewPage(status, path, markup, page_version(status, path, markup))

    def _name(self, target: str) -> str:
        """Return the path of a page's file below the folder, or the path that it would have."""
        response = resolve_request(self._root, target)
        if response.path is not None and response.status == 200:
            return response.path.relative_to(self._root).as_posix()
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
        with self._state.viewing(self._name(target)):
            while True:
                current = self._page(target).version
                message = f"event: change\ndata: {current}\n\n" if current != version else ": still here\n\n"
                version = current
                self.wfile.write(message.encode())
                changes = self._state.wait_for_change(changes, HEARTBEAT_S)
