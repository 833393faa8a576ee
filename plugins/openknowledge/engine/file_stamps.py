"""The files below a folder by their stamps; their bytes are read only where the stamp does not tell enough."""

from __future__ import annotations

import os
import stat
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from openknowledge.project_files import (
    CIRCLE,
    IRREGULAR,
    FileRefused,
    as_refusal,
    check_name,
    find_target,
    read_project_file,
)

from .digest import digest_bytes

__all__ = ["ABSENT", "MTIME_GRANULARITY_NS", "FileStamp", "FileTree", "explain_refusal", "scan"]

FileStamp = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, inode."""

ABSENT = b""
"""The digest of a file that does not exist."""

MTIME_GRANULARITY_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again with the same stamp."""


REFUSED_SIZE_B = -1
"""The size in the stamp of an entry that is not read: `explain_refusal` says why."""


def scan(root: Path) -> dict[str, FileStamp]:
    """Return the stamps of all files below `root` by path with forward slashes, without hidden files and folders.

    Links inside the project are followed, those to folders only once on a way. What is refused has `REFUSED_SIZE_B` in
    its stamp.
    """
    stamps: list[tuple[str, FileStamp]] = []
    stack = [(str(root), "", False)]
    while stack:
        folder, prefix, is_linked = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        except OSError:
            stamps.append((prefix.rstrip("/"), (REFUSED_SIZE_B, 0, 0)))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = prefix + entry.name
            try:
                status = _stat(entry, root, is_linked)
            except FileNotFoundError:
                continue
            except OSError:
                stamps.append((path, (REFUSED_SIZE_B, 0, 0)))
                continue
            if stat.S_ISDIR(status.st_mode):
                stack.append((entry.path, f"{path}/", is_linked or entry.is_symlink()))
            else:
                stamps.append((path, (status.st_size, status.st_mtime_ns, status.st_ino)))
    stamps.sort()
    return dict(stamps)


def explain_refusal(root: Path, path: str) -> tuple[str, str]:
    """Return why an entry is refused that `scan` found, and how to mend it."""
    *folders, _ = steps = path.split("/")
    is_linked = any((root / "/".join(steps[: number + 1])).is_symlink() for number in range(len(folders)))
    try:
        with os.scandir(root.joinpath(*folders)) as entries:
            entry = next(entry for entry in entries if entry.name == steps[-1])
        if stat.S_ISDIR(_stat(entry, root, is_linked).st_mode):
            with os.scandir(entry.path):
                pass
    except StopIteration:
        return "it has gone while it was being read", "Build again."
    except OSError as error:
        refusal = as_refusal(error)
        return refusal.message, refusal.hint
    return "it changed while it was being read", "Build again."


def _stat(entry: os.DirEntry[str], root: Path, is_linked: bool) -> os.stat_result:
    """Return what the file system says of an entry. Raises `FileRefused` where it may not be read."""
    wrong = check_name(entry.name)
    if wrong is not None:
        raise FileRefused(*wrong)
    if not entry.is_symlink():
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise FileRefused(*IRREGULAR)
        return status
    target = find_target(entry.path, root)
    if stat.S_ISDIR(target.stat.st_mode):
        if f"{Path(entry.path).parent.resolve()}/".startswith(f"{target.path}/"):
            raise FileRefused(*CIRCLE)
        if is_linked:
            raise FileRefused("it is a link to a folder inside a linked folder", "Link the folder itself instead.")
    return target.stat


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
        stamp = self.stamps.get(path)
        return stamp is not None and stamp[0] != REFUSED_SIZE_B

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all files that may be read, sorted."""
        return (path for path, stamp in self.stamps.items() if stamp[0] != REFUSED_SIZE_B)

    def refused(self) -> list[str]:
        """Return the paths of entries that are not read, sorted."""
        return sorted(path for path, stamp in self.stamps.items() if stamp[0] == REFUSED_SIZE_B)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files below a folder, which is written with its final slash, sorted."""
        paths = self._sorted
        return tuple(paths[bisect_left(paths, folder) : bisect_left(paths, f"{folder}\U0010ffff")])

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self)

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
            digest = digest_bytes(read_project_file(self.root / path, self.root))
        except (FileNotFoundError, FileRefused):
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
