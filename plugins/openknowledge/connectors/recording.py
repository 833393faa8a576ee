"""The recorded answers of a source, below `.cache/sync/<source>/`: resume state and conditional store in one."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openknowledge.engine.atomic_files import atomic_write

from .redaction import Redactor

__all__ = ["RecordedPage", "Recording"]

STATE_FILE, PAGES = "run.json", "pages"
LONGEST_RUN = timedelta(days=7)
"""For how long a run that was cut off is taken up again; its first pages are then too old."""
SAFE_PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """One answer. `body` is its JSON, or text where it is none; `day` is when the platform last said so.

    `request` says what was asked for: a page is never taken for the answer to another request.
    """

    key: str
    body: Any
    day: date
    etag: str | None = None
    last_modified: str | None = None
    request: str = ""


class Recording:
    """The pages of one source, and how far its run has come.

    A page's `key` is a path: `videos/0003`, `playlistItems/PL123/0000`; the first part is the list that it belongs
    to. A key says what was asked for, and never has a secret. `run.json` has the number of the run and whether it was
    finished: the pages of a run that was cut off are there for the next one, those of a finished run are only
    compared with. With another `configuration`, what was recorded is not taken up again.
    """

    def __init__(self, folder: Path, day: date, redactor: Redactor | None = None, configuration: str = "") -> None:
        self.folder, self.day = folder, day
        self._redactor = redactor or Redactor()
        self._configuration = hashlib.sha256(configuration.encode()).hexdigest()
        self._current: dict[str, RecordedPage] = {}
        self._run, self._began, self._is_resumed, self._is_open = 1, day, False, False
        self._read_state()

    @property
    def is_resumed(self) -> bool:
        """Return whether it goes on with a run that was cut off."""
        return self._is_resumed

    def find(self, key: str) -> RecordedPage | None:
        """Return a stored page, also one of an earlier sync, whose ETag makes the next request conditional."""
        return self._current.get(key) or next((page for page, *_ in self._load(key)), None)

    def find_request(self, key: str) -> RecordedPage | None:
        """Return a stored page without its body, which is not read."""
        return next((page for page, *_ in self._load(key, is_whole=False)), None)

    def find_current(self, key: str) -> RecordedPage | None:
        """Return a page if this recording has it already, also from a run that was cut off."""
        if key in self._current or not self._is_resumed:
            return self._current.get(key)
        for page, run, _ in self._load(key):
            if run == self._run:
                self._current[key] = page
                return page
        return None

    def store(self, page: RecordedPage) -> RecordedPage:
        """Write a page, whole or not at all, as one of this recording. Return it as it was stored: without secrets."""
        body = json.dumps(page.body)
        if self._redactor.may_be_in(body) or self._redactor.may_be_in(self._dump_head(page)):
            body_now, request = self._redactor.redact_values(page.body), self._redactor.redact(page.request)
            # Without what makes requests conditional: it may be an echo, too.
            page = RecordedPage(page.key, body_now, page.day, request=request)
            body = json.dumps(page.body)
        return self._write(page, body.encode())

    def _write(self, page: RecordedPage, body: bytes) -> RecordedPage:
        if not self._is_open:
            self._write_state(is_finished=False)
            self._is_open = True
        atomic_write(self._path(page.key), (self._dump_head(page).encode(), b"\n", body))
        self._current[page.key] = page
        return page

    def _dump_head(self, page: RecordedPage) -> str:
        """Return the first line of a page's file; the rest is its body."""
        head = {
            "run": self._run,
            "key": page.key,
            "request": page.request,
            "day": page.day.isoformat(),
            "etag": page.etag,
            "modified": page.last_modified,
        }
        return json.dumps(head)

    def keep(self, key: str) -> RecordedPage | None:
        """Store a page as one that still holds today, because the platform said so; None where it cannot be read."""
        for page, _, body in self._load(key):
            return self._write(replace(page, day=self.day), body)
        return None

    def forget(self, list_key: str) -> None:
        """Drop the pages below a key, such as `playlistItems/PL123`, because the list has to be asked for again."""
        self._path(list_key).unlink(missing_ok=True)
        shutil.rmtree(self._path(list_key).with_suffix(""), ignore_errors=True)
        for key in [key for key in self._current if key == list_key or key.startswith(f"{list_key}/")]:
            del self._current[key]

    def pages(self, list_name: str) -> Iterator[RecordedPage]:
        """Yield the pages of a list that this recording has, by key."""
        for key in sorted(self._current):
            if key.partition("/")[0] == list_name:
                yield self._current[key]

    def finish(self) -> None:
        """Note that all pages are there, and drop those that were not asked for: their lists have vanished."""
        wanted = {self._path(key) for key in self._current}
        for path in (self.folder / PAGES).rglob("*"):
            if path not in wanted and path.is_file():
                path.unlink()
        self._write_state(is_finished=True)

    def _read_state(self) -> None:
        """Find out which run this is. Where that cannot be known, what was stored is removed."""
        try:
            state = json.loads((self.folder / STATE_FILE).read_bytes())
            run, began = int(state["run"]), date.fromisoformat(state["began"])
            goes_on = (
                not state["is_finished"]
                and state["configuration"] == self._configuration
                and timedelta() <= self.day - began <= LONGEST_RUN
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            shutil.rmtree(self.folder / PAGES, ignore_errors=True)
            return
        self._run, self._began = (run, began) if goes_on else (run + 1, self.day)
        self._is_resumed = goes_on

    def _write_state(self, *, is_finished: bool) -> None:
        state = {
            "run": self._run,
            "began": self._began.isoformat(),
            "is_finished": is_finished,
            "configuration": self._configuration,
        }
        atomic_write(self.folder / STATE_FILE, (json.dumps(state).encode(),))

    def _load(self, key: str, *, is_whole: bool = True) -> Iterator[tuple[RecordedPage, int, bytes]]:
        """Yield a stored page, the run that stored it, and its body's bytes, if it is there."""
        try:
            with self._path(key).open("rb") as file:
                head, body = json.loads(file.readline()), file.read() if is_whole else b"null"
            day = date.fromisoformat(head["day"])
            page = RecordedPage(key, json.loads(body), day, head["etag"], head["modified"], head["request"])
            found = [(page, head["run"], body)] if head["key"] == key else []
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return
        yield from found

    def _path(self, key: str) -> Path:
        """Return the file of a page. A digest stands for what not every file system keeps, such as capitals."""
        *folders, name = (_safe_part(part) for part in key.split("/"))
        return self.folder.joinpath(PAGES, *folders, f"{name}.json")


def _safe_part(part: str) -> str:
    if SAFE_PART.fullmatch(part):
        return part
    readable = re.sub(r"[^a-z0-9_-]", "", part.lower())[:40]
    return f"{readable}~{hashlib.sha256(part.encode(errors='surrogatepass')).hexdigest()[:16]}"
