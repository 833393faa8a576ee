"""The recorded answers of a source, below `.cache/sync/<source>/`: resume state and conditional store in one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openknowledge.engine.atomic_files import atomic_write

__all__ = ["RecordedPage", "Recording"]


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """One answer. `body` is its JSON, or text where it is none; `day` is when the platform last said so."""

    key: str
    body: Any
    day: date
    etag: str | None = None
    last_modified: str | None = None


class Recording:
    """The pages of one source.

    A page's `key` is the path of its file without `.json`: `videos/0003`, `playlistItems/PL123/0000`; the first part
    is the list that it belongs to. A key says what was asked for, and never has a secret.
    """

    def __init__(self, folder: Path, day: date) -> None:
        self.folder, self.day = folder, day
        self._current: dict[str, None] = {}

    def find(self, key: str) -> RecordedPage | None:
        """Return a stored page, also one of an earlier sync, whose ETag makes the next request conditional."""
        try:
            stored = json.loads((self.folder / f"{key}.json").read_bytes())
            return RecordedPage(
                key, stored["body"], date.fromisoformat(stored["day"]), stored["etag"], stored["modified"]
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def find_current(self, key: str) -> RecordedPage | None:
        """Return a page if this recording has it already, also from a run that was cut off."""
        return self.find(key) if key in self._current else None

    def store(self, page: RecordedPage) -> None:
        """Write a page, whole or not at all, as one of this recording."""
        path = self.folder / f"{page.key}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        envelope = {"day": page.day.isoformat(), "etag": page.etag, "modified": page.last_modified, "body": page.body}
        data = json.dumps(envelope, ensure_ascii=False, indent=1).encode()
        atomic_write(path, (data,))
        self._current[page.key] = None

    def keep(self, key: str) -> None:
        """Note that a stored page still holds, because the platform said that it has not changed."""
        self._current[key] = None

    def pages(self, list_name: str) -> Iterator[RecordedPage]:
        """Yield the pages of a list that this recording has, by key."""
        for key in sorted(self._current):
            if key.partition("/")[0] == list_name and (page := self.find(key)) is not None:
                yield page
