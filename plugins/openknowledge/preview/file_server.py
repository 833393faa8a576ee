"""A web server for a folder, on this machine only."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from openknowledge.media_types import guess_media_type

HOST = "127.0.0.1"
HOST_NAMES = ("localhost", "127.0.0.1", "::1")
"""The hosts that requests may be for. A page of elsewhere can give its own name this machine's address and ask for
unpublished pages (DNS rebinding), but the request then has that name."""
FOLDER_OF_LANGUAGE = re.compile(r"[\w-]+")
POLL_S = 0.05
"""How soon a server notices that it has to stop."""
IDLE_S = 30
"""How long a connection may wait for the rest of a request."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: a status, and either a file or the address to redirect to."""

    status: int
    path: Path | None = None
    location: str | None = None

    @property
    def media_type(self) -> str:
        """The media type of the file; plain text without one."""
        return guess_media_type(self.path.name if self.path else "words.txt")


def resolve_request(root: Path, target: str) -> Response:
    """Return the response of `root` to the target of a request, such as `/corsi/?level=advanced`.

    A folder is its `index.html`; without the final slash it redirects. A file that does not exist, or lies outside
    `root`, is answered with the `404.html` of the language that the address begins with, else the site's.
    """
    written, mark, query = target.partition("?")
    asked = unquote(written)
    segments = [segment for segment in asked.split("/") if segment]
    path = root.joinpath(*segments)
    if "\0" not in asked and "\\" not in asked and not any(map(_is_hidden, segments)):
        if _is_inside(root, path / "index.html"):
            if asked.endswith("/"):
                return Response(200, path / "index.html")
            return Response(301, location=f"/{written.strip('/')}/{mark}{query}")
        if _is_inside(root, path) and not asked.endswith("/"):
            return Response(200, path)
    languages = [segments[0]] if segments and FOLDER_OF_LANGUAGE.fullmatch(segments[0]) else []
    pages = (root / folder / "404.html" for folder in (*languages, ""))
    return Response(404, next((page for page in pages if page.is_file()), None))


def _is_hidden(segment: str) -> bool:
    """Return whether a name is never shown: parent folders, the build's own files, what editors leave behind."""
    return segment.startswith(".") and segment != ".well-known"


def _is_inside(root: Path, path: Path) -> bool:
    """Return whether a path is a file of a folder, also when links are followed."""
    try:
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except OSError:
        return False


class FileHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from a folder; browsers store nothing."""

    disable_nagle_algorithm = True
    timeout = IDLE_S

    def parse_request(self) -> bool:
        """Read the head of a request; refuse one that is for another host than this machine."""
        if not super().parse_request():
            return False
        with suppress(ValueError):
            if urlsplit(f"//{self.headers.get('Host', '')}").hostname in HOST_NAMES:
                return True
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def __init__(self, *connection: object, root: Path) -> None:
        self._root = root
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer a request from the folder."""
        self.send_file(resolve_request(self._root, self.path))

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def send_file(self, response: Response) -> None:
        """Send a file, a redirect, or the text of the status where there is no file for it."""
        if response.location is not None:
            self.send_body(response.status, b"", "text/plain", response.location)
            return
        body = response.path.read_bytes() if response.path else b"Not found\n"
        self.send_body(response.status, body, response.media_type)

    def send_body(self, status: int, body: bytes, media_type: str, location: str = "") -> None:
        """Send one whole response; a HEAD request gets its headers only."""
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing, because editors look for builds and problems."""


class QuietServer(ThreadingHTTPServer):
    """A server whose threads end with it, and that does not report closed connections."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report an error, unless the client closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def run_server(handler: Callable[..., BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    """Answer requests as long as the block runs; yield the address, such as `http://127.0.0.1:41234`."""
    server = QuietServer((HOST, port), handler)
    Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def serve_folder(root: Path, port: int = 0) -> AbstractContextManager[str]:
    """Serve the files of `root` as long as the block runs; yield the address."""
    return run_server(partial(FileHandler, root=root), port)
