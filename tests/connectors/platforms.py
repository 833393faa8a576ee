"""A platform of the tests: courses by page over HTTP, asked with a key."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.connectors.clients import FakeClock, is_page

from openknowledge.connectors.command import main
from openknowledge.connectors.recording import Recording
from openknowledge.connectors.settings import Option, SourceKind
from openknowledge.connectors.source import RecordContext, SourceFacts, SyncFindings

KEY = 'canary-key/+&<"=0123456789'


class KeyAuth(httpx.Auth):
    """Sends the key in a header, and once more as a Bearer token."""

    def __init__(self, key: str) -> None:
        self.key = key

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["X-Key"] = self.key
        request.headers["Authorization"] = f"Bearer {self.key}"
        yield request


@dataclass(frozen=True, kw_only=True)
class PagedSource:
    """Runs of courses, two pages of them."""

    name: str
    url: str
    key: str
    tables: tuple[str, ...] = ("run",)
    requests_a_minute: int | None = None

    def create_auth(self) -> httpx.Auth:
        return KeyAuth(self.key)

    def secrets(self) -> Iterable[str]:
        return (self.key,)

    def record(self, context: RecordContext) -> None:
        for number in range(2):
            context.client.fetch_page(context.recording, f"runs/{number}", "runs", {"page": number}, is_valid=is_page)
            context.show_progress("pages", number + 1, 2)

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        rows = {item["id"]: item for page in recording.pages("runs") for item in page.body["items"]}
        return SourceFacts(rows={"run": rows})


@dataclass(frozen=True, kw_only=True)
class ChannelSource(PagedSource):
    """The same pages, of videos with their views."""

    tables: tuple[str, ...] = ("video",)

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        items = [item for page in recording.pages("runs") for item in page.body["items"]]
        rows = {item["id"]: {"title": item["title"], "published": "2026-01-01"} for item in items}
        return SourceFacts(rows={"video": rows}, counts={"video": dict.fromkeys(rows, 5)})


URL = {"url": Option(re.compile(".*"), "Write an address.")}
KINDS = {
    "paged": SourceKind(lambda content, values: PagedSource(**values), URL, ("key",)),
    "channel": SourceKind(lambda content, values: ChannelSource(**values), URL, ("key",), may_expire=True),
}


def runs(*names: str, **more: Any) -> str:
    """Return a page of runs."""
    return json.dumps({"items": [{"id": name, "title": f"Course {name}", **more} for name in names]})


def sync(
    folder: Path,
    *arguments: str,
    sources: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    clock: FakeClock | None = None,
    **options: Any,
) -> int:
    """Run the command in a folder, with a source for each name and URL; return its exit status."""
    (folder / "content").mkdir(exist_ok=True)
    # Settings that change within a second would be read as they were compiled.
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    entries = [{"name": name, "kind": "paged", "url": url, **options} for name, url in sources.items()]
    (folder / "pelicanconf.py").write_text(f'PATH = "content"\nCACHE_PATH = ".cache"\nSOURCES = {entries!r}\n')
    secrets = {f"SYNC_{name.upper()}_KEY": KEY for name in sources}
    return main(
        arguments,
        project=folder,
        environment=secrets if environment is None else environment,
        kinds=KINDS,
        clock=(clock or FakeClock()).clock(),
    )
