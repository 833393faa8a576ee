"""The files below a folder by their stamps; their bytes are read only where the stamp does not tell enough."""

import os
import time
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .digest import digest_bytes

__all__ = ["ABSENT", "MTIME_GRANULARITY_NS", "FileStamp", "FileTree", "scan"]

FileStamp = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, inode."""

ABSENT = b""
"""The digest of a file that does not exist."""

MTIME_GRANULARITY_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again with the same stamp."""


def scan(root: Path) -> dict[str, FileStamp]:
    """Return the stamps of all files below `root` by path with forward slashes, without hidden files and folders."""
    stamps: list[tuple[str, FileStamp]] = []
    stack = [(str(root), "")]
    while stack:
        folder, prefix = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                stack.append((entry.path, f"{prefix}{entry.name}/"))
            elif entry.is_file():
                stat = entry.stat()
                stamps.append((prefix + entry.name, (stat.st_size, stat.st_mtime_ns, stat.st_ino)))
    stamps.sort()
    return dict(stamps)


@dataclass
class FileTree:
    """The files of a folder as they are now, with digests that are persisted from build to build.

    `known` has for each path the stamp and the digest when the file was last read, and whether its last change was then
    older than `MTIME_GRANULARITY_NS`: only then does the same stamp mean the same bytes. Since a file was last read,
    the bytes of those in `changed` are others, and those in `restamped` have another stamp and the same bytes.
    """

    root: Path
    stamps: Mapping[str, FileStamp]
    known: dict[str, tuple[FileStamp, bytes, bool]] = field(default_factory=dict)
    is_dirty: bool = False
    changed: set[str] = field(default_factory=set)
    restamped: set[str] = field(default_factory=set)

    def __contains__(self, path: str) -> bool:
        return path in self.stamps

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files below a folder, which is written with its final slash, sorted."""
        paths = self._sorted
        return tuple(paths[bisect_left(paths, folder) : bisect_left(paths, f"{folder}\U0010ffff")])

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.stamps)

    def digest(self, path: str) -> bytes:
        """Return the digest of a file's bytes; `ABSENT` where there is no such file."""
        stamp = self.stamps.get(path)
        if stamp is None:
            return ABSENT
        known_stamp, known_digest, is_settled = self.known.get(path, (None, ABSENT, False))
        if known_stamp == stamp and is_settled:
            return known_digest
        is_settled = stamp[1] < time.time_ns() - MTIME_GRANULARITY_NS
        try:
            digest = digest_bytes((self.root / path).read_bytes())
        except FileNotFoundError:
            return ABSENT
        self.known[path] = (stamp, digest, is_settled)
        self.is_dirty = True
        if digest != known_digest:
            self.changed.add(path)
        elif stamp != known_stamp:
            self.restamped.add(path)
        return digest

    def volatile_digest(self, path: str) -> bytes:
        """Return a digest that differs each time, for a file that changed while it was read."""
        return digest_bytes(f"{path} {time.time_ns()}".encode())

    def prune(self) -> None:
        """Drop what is known of files that do not exist any more."""
        gone = [path for path in self.known if path not in self.stamps]
        for path in gone:
            del self.known[path]
        self.is_dirty = self.is_dirty or bool(gone)
