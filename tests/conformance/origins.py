"""A small object store of the kind that is read without a key."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.publish.builders import an_entry

from openknowledge.serving.headers import HeaderPolicy, stored_headers


@dataclass
class Store:
    """Objects at their paths, stored as gzip, with an ETag; says 403 of what is not there. `asked` counts by path."""

    policy: HeaderPolicy
    root: str = "/bucket/site"
    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    broken: dict[str, int] = field(default_factory=dict)
    """Paths that answer 503, and how often still."""

    def put(self, files: Mapping[str, str | bytes]) -> None:
        for path, text in files.items():
            output = {**dict(stored_headers(an_entry(path, text), self.policy)), "Content-Encoding": "gzip"}
            body = gzip.compress(text.encode() if isinstance(text, str) else text, mtime=0)
            tag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
            self.objects[f"{self.root}/{path}"] = (body, {**output, "ETag": tag, "x-amz-request-id": "1"})

    @contextmanager
    def served(self) -> Iterator[int]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = unquote(self.path)
                store.asked[path.removeprefix(store.root)] += 1
                status, body, output = store._answer(path, self.headers.get("If-None-Match", ""))
                self.send_response(status)
                for name, value in output.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                """Log nothing: requests are counted."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _answer(self, path: str, known: str) -> tuple[int, bytes, dict[str, str]]:
        if self.broken.get(path, 0) > 0:
            self.broken[path] -= 1
            return 503, b"SlowDown", {}
        if path not in self.objects:
            return 403, b"AccessDenied", {"Content-Type": "application/xml"}
        body, output = self.objects[path]
        if known == output["ETag"]:
            return 304, b"", {"ETag": known}
        return 200, body, output
