"""A git server over HTTP on the loopback: git's own, with a line before it that can be cut."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

TOKEN = "t0ken"


@dataclass
class GitServer:
    """Serves the repositories below a folder; `is_cut` decides for each request, before or after git has seen it."""

    root: Path
    is_cut: Callable[[str, str], str] = lambda method, path: ""
    wants_token: bool = False
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, address: str, headers: dict[str, str], body: bytes) -> bytes:
        """Return the answer of `git http-backend`, which speaks CGI."""
        parts = urlsplit(address)
        output = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_USER": "somebody",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env={**os.environ, **output})
        return done.stdout


class _Handler(BaseHTTPRequestHandler):
    owner: GitServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        cut = self.owner.is_cut(self.command, self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if cut == "in the middle":
            self.rfile.read(length // 2)
            self._drop()
            return
        body = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        self.owner.requests.append((self.command, self.path, len(body)))
        if self.owner.wants_token and not self._is_known():
            self._send(b"Status: 401 Unauthorized\r\nWWW-Authenticate: Basic realm=git\r\n\r\n")
            return
        if cut.isdigit():
            self._send(f"Status: {cut} Not now\r\n\r\n".encode())
            return
        text = self.owner.answer(self.command, self.path, {n.lower(): v for n, v in self.headers.items()}, body)
        if cut == "before the answer":
            self._drop()
            return
        self._send(text)

    def _is_known(self) -> bool:
        output = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, token = base64.b64decode(output).decode().partition(":")
        self.owner.names.append(user)
        return token == TOKEN

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _send(self, text: bytes) -> None:
        head, _, body = text.partition(b"\r\n\r\n")
        fields = [line.decode().partition(": ") for line in head.split(b"\r\n") if line]
        status = next((value for name, _, value in fields if name == "Status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, _, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
