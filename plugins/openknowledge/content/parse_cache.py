"""What was read before: parsed documents by the digest of all that shapes them, safe to lose and safe to share."""

from __future__ import annotations

import marshal
import os
import secrets
import sys
import zlib
from collections.abc import Iterable
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from typing import Any, BinaryIO

from openknowledge.engine.section_file import read_sections, write_sections

from .packed_entries import MARSHAL_VERSION, PackedEntries

__all__ = ["ParseCache"]

HEADER = b"openknowledge reading cache 5\n"
INDEX, DATA, LOCK = "index", "documents", "lock"
META, ENTRIES, EXTRAS = "told", ("keys", "ends", "entries"), "memory"
"""The parts of the index."""
TAG_LENGTH_B = 16
SMALL_B = 1_000_000
SLACK = 2
SLACK_ENTRIES = 1000
"""An index has at most so many times the entries that its last build used, and so many more: the least used go."""


class ParseCache:
    """Entries by digest, each with plain values and a few blobs.

    A folder has an index, written last and whole, and a file of blobs that only grows until half of it is of no use.
    An index that is broken, or that belongs to another file of blobs, is an empty one; a blob that is not as it was
    written is a missing one. While another build has the folder, this one reads it and does not write.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.entries = PackedEntries()
        self.extras: dict[str, Any] = {}
        self.is_dirty = False
        self._used: set[bytes] = set()
        self._live_b = 0
        self._unwritten: dict[bytes, tuple[bytes, ...]] = {}
        self._tag = b""
        self._data: BinaryIO | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._lock: Any = None

    # A build begins and ends

    def load(self) -> None:
        """Take the folder, if nobody else has it, and read the index unless it is the one at hand."""
        if self.folder is None:
            return
        self._lock = self._lock or _locked(self.folder)
        may_not_write = self._lock is not None and self._data is not None and not self._data.writable()
        if self._stamp is None or may_not_write or _stamps(self.folder) != self._stamp:
            self._open(self.folder)

    def save(self) -> None:
        """Write the index, if there is anything new in it, and let the folder go."""
        if self.folder is not None and self._lock is not None:
            try:
                if self.is_dirty:
                    self._write(self.folder)
            except OSError:  # A full disk costs time, and no pages.
                self._close_data()
            self._lock.release()
            self._lock = None
        self._used.clear()

    def unlock(self) -> None:
        """Let the folder go; what is at hand can still be read."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _open(self, folder: Path) -> None:
        self._close_data()
        self.entries, self.extras, self._tag, self._unwritten = PackedEntries(), {}, b"", {}
        self._live_b = 0
        self._stamp = _stamps(folder)
        parts = read_sections(folder / INDEX, HEADER)
        try:
            data = (folder / DATA).open("rb" if self._lock is None else "r+b", buffering=0)
        except OSError:
            return
        with suppress(KeyError, ValueError, EOFError, TypeError):  # Another Python may write what this cannot read.
            order, tag, live_b = marshal.loads(parts[META])
            if order == sys.byteorder and data.read(TAG_LENGTH_B) == tag:
                entries, memory = PackedEntries(*(parts[name] for name in ENTRIES)), marshal.loads(parts[EXTRAS])
                self._tag, self._live_b, self.entries, self.extras, self._data = tag, live_b, entries, memory, data
                return
        data.close()

    def _write(self, folder: Path) -> None:
        if self._data is None:
            self._begin_data(folder)
        assert self._data is not None
        for key in self._unwritten:
            self._leave_out(key)
        if len(self.entries) > SLACK * len(self._used) + SLACK_ENTRIES:
            self._prune()
        if self._data.seek(0, os.SEEK_END) > SLACK * self._live_b + SMALL_B:
            self._compact(folder)
        told = marshal.dumps((sys.byteorder, self._tag, self._live_b), MARSHAL_VERSION)
        entries = dict(zip(ENTRIES, self.entries.dump(), strict=True))
        write_sections(
            folder / INDEX, HEADER, {META: told, **entries, EXTRAS: marshal.dumps(self.extras, MARSHAL_VERSION)}
        )
        self._stamp, self.is_dirty = _stamps(folder), False

    def _begin_data(self, folder: Path) -> None:
        self._close_data()
        (folder / DATA).unlink(missing_ok=True)
        self._tag = secrets.token_bytes(TAG_LENGTH_B)
        self._data = (folder / DATA).open("w+b", buffering=0)
        self._data.write(self._tag)

    def _close_data(self) -> None:
        data, self._data = self._data, None
        if data is not None:
            with suppress(OSError):  # What a full disk has no room for is read anew.
                data.close()

    def _prune(self) -> None:
        """Leave out the oldest entries that this build did not use."""
        unused = [key for key in self.entries if key not in self._used]
        for key in unused[: len(self.entries) - len(self._used) - SLACK_ENTRIES // 2]:
            self._leave_out(key)

    def _leave_out(self, key: bytes) -> None:
        if key in self.entries:
            self._live_b -= sum(length for _, length, _ in self.entries.pop(key)[1])

    def _compact(self, folder: Path) -> None:
        """Copy the blobs that are of use into a new file; the old index does not fit it any more."""
        kept = {key: [self.read_blob(key, place) for place in range(len(one[1]))] for key, one in self.entries.items()}
        values = {key: one[0] for key, one in self.entries.items()}
        self._begin_data(folder)
        self.entries, self._live_b = PackedEntries(), 0
        for key, blobs in kept.items():
            whole = tuple(blob for blob in blobs if blob is not None)
            if len(whole) == len(blobs):
                self._keep(key, values[key], whole)

    # Entries

    def find(self, key: bytes) -> Any:
        """The plain values of an entry, or None."""
        found = self.entries.get(key)
        if found is None:
            return None
        self._used.add(key)
        return found[0]

    def mark_used(self, keys: Iterable[bytes]) -> bool:
        """Whether there is an entry for each of these; they are used."""
        wanted = set(keys)
        if not self.entries.has_all(wanted):
            return False
        self._used |= wanted
        return True

    def read_blob(self, key: bytes, index: int) -> bytes | None:
        """A blob of an entry; None where it is not as it was written."""
        if key in self._unwritten:
            return self._unwritten[key][index]
        if key not in self.entries or self._data is None:
            return None
        start, length, checksum = self.entries[key][1][index]
        try:
            found = self._bytes_at(start, length)
        except OSError:
            return None
        return found if len(found) == length and zlib.crc32(found) == checksum else None

    def _bytes_at(self, start: int, length: int) -> bytes:
        """A piece of the file of blobs, without moving in it where that can be: copies of this process share it."""
        assert self._data is not None
        if hasattr(os, "pread"):
            return os.pread(self._data.fileno(), length, start)
        self._data.seek(start)
        return self._data.read(length)

    def add(self, key: bytes, values: Any, blobs: tuple[bytes, ...]) -> None:
        """Keep an entry; `values` are plain, such as `marshal` writes."""
        self._used.add(key)
        self.is_dirty = True
        self._leave_out(key)
        if self.folder is None or self._lock is None:
            self._unwritten[key] = blobs
            self.entries[key] = (values, ())
            return
        try:
            if self._data is None:
                self._begin_data(self.folder)
            self._keep(key, values, blobs)
            self._unwritten.pop(key, None)
        except OSError:
            self._unwritten[key] = blobs
            self.entries[key] = (values, ())

    def _keep(self, key: bytes, values: Any, blobs: tuple[bytes, ...]) -> None:
        self.entries[key] = (values, tuple(map(self._appended, blobs)))
        self._live_b += sum(map(len, blobs))

    def _appended(self, blob: bytes) -> tuple[int, int, int]:
        assert self._data is not None
        start = self._data.seek(0, os.SEEK_END)
        if self._data.write(blob) != len(blob):
            raise OSError(ENOSPC, "there is no room for all of it")
        return start, len(blob), zlib.crc32(blob)


def _stamps(folder: Path) -> tuple[int, int, int] | None:
    """What tells whether somebody else has written: when the index was, and which files the two are."""
    try:
        index, data = (folder / INDEX).stat(), (folder / DATA).stat()
    except OSError:
        return None
    return index.st_mtime_ns, index.st_ino, data.st_ino


def _locked(folder: Path) -> Any:
    """The folder's lock; None where another build has it or where nothing can be written."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(blocking=False)
    except (OSError, Timeout):
        return None
    return lock
