"""Stills of videos, fetched and kept beside the rows of a snapshot, so that no page asks a third party for one."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openknowledge.content.snapshot_files import STILLS_FOLDER
from openknowledge.engine.file_transaction import lock_files, replace_files
from openknowledge.problems import operator_problem
from openknowledge.progress import ProgressCallback
from openknowledge.project_files import read_project_file

from .failures import LimitReached, SourceFailed
from .http_client import PlatformAnswer, PlatformClient
from .recording import Recording
from .snapshot import Snapshot, read_snapshot
from .source import SyncFindings
from .sync_result import TableChanges

__all__ = ["MAX_STILL_REQUESTS", "STILL_NAMES", "STILL_SIZE_B", "StillFetch", "find_strays"]

STILL_NAMES = {"large": ("maxresdefault", "sddefault", "hqdefault"), "small": ("mqdefault",)}
"""What YouTube calls a video's stills, by the sizes of the setting: 1,280, 640 and 480 pixels across, and 320."""
STILL_SIZE_B = 2_000_000
MAX_STILL_REQUESTS = 1_000
"""How many requests a sync makes for stills; the next one goes on."""
LEAST_PX = 320
"""What is narrower stands for a video that has no still."""
WRITTEN_AT_ONCE = 50


def find_strays(content: Path, source: str, snapshot: Snapshot) -> dict[str, None]:
    """Return the stills of a source to remove: of videos that it has no row of, or that are gone."""
    rows = snapshot.facts.rows.get("video", {})
    folder = STILLS_FOLDER.format(source)
    return {
        f"{folder}{path.name}": None
        for path in sorted((content / folder).glob("*.jpg"))
        if "gone_since" in rows.get(path.stem, {"gone_since": ""})
    }


@dataclass(slots=True)
class StillFetch:
    """Fetches the stills of one source: those that are not there first, then those that may have changed.

    A recording has what makes requests conditional, and how far the last sync came; it has no pictures.
    """

    content: Path
    source: str
    size: str
    client: PlatformClient
    recording: Recording
    show_progress: ProgressCallback
    _files: dict[str, bytes | None] = field(default_factory=dict)
    _answer: bytes | None = None
    _added: int = 0
    _changed: int = 0

    def run(self, findings: SyncFindings) -> TableChanges:
        """Fetch until all are there or the requests are used up. What fails is a warning: pages have drawn covers."""
        ids = [*self._order(read_snapshot(self.content, self.source, SyncFindings()))]
        try:
            for number, youtube_id in enumerate(ids, start=1):
                self._fetch(youtube_id)
                self.show_progress("stills", number, len(ids))
                if len(self._files) >= WRITTEN_AT_ONCE:
                    self._write()
            self.recording.finish()
        except LimitReached:
            pass  # The next sync goes on.
        except SourceFailed as error:
            findings.warnings.append(operator_problem(self._folder, None, None, f"no stills: {error}", None))
        self._write()
        return TableChanges(self._added, self._changed, 0, len(ids) - self._added - self._changed)

    @property
    def _folder(self) -> str:
        return STILLS_FOLDER.format(self.source)

    def _order(self, snapshot: Snapshot) -> Iterator[str]:
        rows = snapshot.facts.rows.get("video", {})
        shown = [name for name, row in rows.items() if "gone_since" not in row]
        present = {path.stem for path in (self.content / self._folder).glob("*.jpg")}
        newest_first = sorted(shown, key=lambda name: str(rows[name].get("published")), reverse=True)
        yield from sorted(newest_first, key=present.__contains__)

    def _fetch(self, youtube_id: str) -> None:
        path = f"{self._folder}{youtube_id}.jpg"
        known = None
        with suppress(OSError):
            known = read_project_file(self.content / path, self.content)
        data = self._ask(youtube_id, known)
        if data is not None and data != known:
            self._files[path] = data
            self._added, self._changed = self._added + (known is None), self._changed + (known is not None)

    def _ask(self, youtube_id: str, known: bytes | None) -> bytes | None:
        """Return the largest still that there is: what is `known` where it still holds, None where there is none."""
        from openknowledge.content.pictures import is_whole_picture

        for name in STILL_NAMES[self.size]:
            key = f"stills/{youtube_id}/{name}"
            page = self.recording.find(key)
            if page is not None and (known is None or page.body != _digest(known)):
                self.recording.forget(key)  # The file is not there any more, or another one.
            self._answer = None
            page = self.client.fetch_page(
                self.recording,
                key,
                f"vi/{youtube_id}/{name}.jpg",
                encoding="latin-1",
                is_valid=lambda body: isinstance(body, str),
                clean=self._take,
                handle_error=_does_without,
            )
            if page is not None and self._answer is None:
                return known
            if self._answer is not None and is_whole_picture(self._answer, LEAST_PX):
                return self._answer
        return None

    def _take(self, body: Any) -> str:
        """Return what the recording has of an answer: its digest."""
        self._answer = str(body).encode("latin-1")
        return _digest(self._answer)

    def _write(self) -> None:
        """Write what was fetched, but nothing of a video that was withdrawn meanwhile."""
        with lock_files(self.content):
            replace_files(self.content, self._files)
            self._files = {}
            found = SyncFindings()
            snapshot = read_snapshot(self.content, self.source, found)
            if not found.problems:
                replace_files(self.content, find_strays(self.content, self.source, snapshot))


def _does_without(answer: PlatformAnswer) -> bool:
    """Say that no second try helps where there is no such still. Raises `SourceFailed` for what is another trouble."""
    if answer.status in (403, 404, 410):
        return False
    raise SourceFailed(f"the server of the stills answered {answer.status}")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
