"""The files below a folder: looked at first, read only where a look is not enough."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .digest import digest_bytes

__all__ = ["ABSENT", "FileStamp", "FileTree", "scan"]

FileStamp = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, number of the file on its disk."""

ABSENT = b""
"""The digest of a file that is not there."""

MTIME_GRANULARITY_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again with the same stamp."""


def scan(root: Path) -> dict[str, FileStamp]:
    """The stamps of all files below `root`, by path with forward slashes; hidden files and folders are left out."""
    found: list[tuple[str, FileStamp]] = []
    waiting = [(str(root), "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                waiting.append((entry.path, f"{prefix}{entry.name}/"))
            elif entry.is_file():
                stat = entry.stat()
                found.append((prefix + entry.name, (stat.st_size, stat.st_mtime_ns, stat.st_ino)))
    found.sort()
    return dict(found)


@dataclass
class FileTree:
    """The files of a folder as they are now, with digests that are remembered from build to build.

    `remembered` has for each path its stamp and digest when it was last read, and whether it had been still for a while
    then: only of such a file does the same stamp mean the same bytes.
    """

    root: Path
    stamps: Mapping[str, FileStamp]
    known: dict[str, tuple[FileStamp, bytes, bool]] = field(default_factory=dict)
    is_dirty: bool = False

    def __contains__(self, path: str) -> bool:
        return path in self.stamps

    def below(self, folder: str) -> tuple[str, ...]:
        """The paths of the files below a folder, which is written with its final slash, sorted."""
        paths = self._sorted
        return tuple(paths[bisect_left(paths, folder) : bisect_left(paths, f"{folder}\U0010ffff")])

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.stamps)

    def digest(self, path: str) -> bytes:
        """The digest of a file's bytes, by its path from the root; `ABSENT` where there is none."""
        stamp = self.stamps.get(path)
        if stamp is None:
            return ABSENT
        known = self.known.get(path)
        if known is not None and known[0] == stamp and known[2]:
            return known[1]
        is_settled = stamp[1] < time.time_ns() - MTIME_GRANULARITY_NS
        try:
            found = digest_bytes((self.root / path).read_bytes())
        except FileNotFoundError:
            return ABSENT
        self.known[path] = (stamp, found, is_settled)
        self.is_dirty = True
        return found

    def volatile_digest(self, path: str) -> bytes:
        """The digest of a file that was caught between two states: another one each time."""
        return digest_bytes(f"{path} {time.time_ns()}".encode())

    def prune(self) -> None:
        """Remember only files that are still there."""
        gone = [path for path in self.known if path not in self.stamps]
        for path in gone:
            del self.known[path]
        self.is_dirty = self.is_dirty or bool(gone)
