"""Platforms of courses on the loopback interface, which answer with recorded and made up answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from tests.connectors.clients import DAY, FakeClock, a_client
from werkzeug import Request, Response

from openknowledge.connectors.recording import Recording
from openknowledge.connectors.source import PlatformSource, RecordContext, SourceFacts, SyncFindings

DATA = Path(__file__).parent / "data"
Answer = Callable[[Request], Response]


def load(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def say(body: Any, status: int = 200, **headers: str) -> Response:
    """Answer with JSON, or with a text as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def an_error(path: Path) -> Response:
    """Answer with one of the error files."""
    error = json.loads(path.read_bytes())
    headers = {"Retry_After": "37"} if error["http_status"] == 429 else {}
    return say(error["body"], error["http_status"], **headers)


@dataclass
class Sync:
    """Records and reads a source in a folder; `asked` are the requests that the platform saw."""

    source: PlatformSource
    server: HTTPServer
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    findings: SyncFindings = field(default_factory=SyncFindings)

    def run(self, known: SourceFacts | None = None) -> SourceFacts:
        known = known or SourceFacts()
        recording = Recording(self.folder / ".cache", DAY)
        auth, bounds = self.source.create_auth(), {"requests_a_minute": self.source.requests_a_minute}
        with a_client(
            self.source.url, self.clock, auth=auth, secrets=lambda: self.source.secrets(), bounds=bounds
        ) as client:
            self.source.record(RecordContext(recording, client, known, lambda *_: None))
        recording.finish()
        self.findings = SyncFindings()
        return self.source.read(recording, known, self.findings)

    @property
    def warnings(self) -> str:
        return "\n".join(map(str, self.findings.warnings))

    @property
    def asked(self) -> list[str]:
        return [request.path for request, _ in self.server.log]

    def stored_text(self) -> str:
        """Return all that was stored."""
        return "\n".join(path.read_text() for path in sorted(self.folder.rglob("*")) if path.is_file())


def write_course(content: Path, slug: str, fields: str = "") -> None:
    """Write a course with these lines of front matter."""
    path = content / "courses" / slug / "index.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {slug}\n{fields}---\nUn testo.\n")
