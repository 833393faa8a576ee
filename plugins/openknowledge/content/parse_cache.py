"""Items that were parsed before, by the digest of all that shapes them; safe to lose and safe to share."""

import marshal
import os
import secrets
import struct
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from errno import ENOSPC
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from openknowledge.engine.atomic_files import MARSHAL_VERSION, read_sections, write_sections
from openknowledge.engine.digest import DIGEST_LENGTH_B

__all__ = ["ParseCache"]

HEADER = b"openknowledge parse cache 1\n"
INDEX, DATA, LOCK = "index", "documents", "lock"
TAG, ENTRIES, EXTRAS = "tag", "entries", "extras"
"""The sections of the index."""
TAG_LENGTH_B = 16
MIN_COMPACTED_B = 1_000_000
SLACK = 2
SLACK_ENTRIES = 1000
"""An index has at most so many times the entries that its last build used, and so many more: the least used go."""
MAX_BLOBS = 4
BLOB = struct.Struct("<QII")
"""Where a blob is in their file: its start, its length and its checksum."""
ENTRY = struct.Struct(f"{DIGEST_LENGTH_B}s{MAX_BLOBS * BLOB.size}s")
"""An entry's key and the positions of its blobs, of which the first is its values."""


class ParseCache:
    """Entries by digest, each with plain values and up to three blobs.

    A folder has an index, written last and whole, and a file of blobs that only grows until half of it is of no use.
    An index that is broken, or that belongs to another file of blobs, is an empty one; a blob that is not as it was
    written is a missing one. While another build has locked the folder, this one reads it and does not write.
    `extras` are plain values that the next build finds again.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.extras: dict[str, Any] = {}
        self.is_dirty = False
        self._entries: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._unwritten: dict[bytes, Sequence[bytes]] = {}
        self._tag = b""
        self._data: BinaryIO | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._lock: Any = None

    # A build begins and ends

    def load(self) -> None:
        """Lock the folder, unless another build has, and read its index where it is not the loaded one."""
        if self.folder is None:
            return
        self._lock = self._lock or _acquire_lock(self.folder)
        is_read_only = self._lock is not None and self._data is not None and not self._data.writable()
        if self._stamp is None or is_read_only or _stamp_of(self.folder) != self._stamp:
            self._open(self.folder)

    def save(self) -> None:
        """Write the index where it has changed, and unlock the folder."""
        if self.folder is not None and self._lock is not None:
            try:
                if self.is_dirty:
                    self._write(self.folder)
            except OSError:  # A full disk costs time, and no pages.
                self._close_data()
        self.unlock()
        self._used.clear()

    def unlock(self) -> None:
        """Unlock the folder; what was loaded can still be read."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _open(self, folder: Path) -> None:
        self._close_data()
        self._entries, self.extras, self._tag, self._unwritten = {}, {}, b"", {}
        self._stamp = _stamp_of(folder)
        sections = read_sections(folder / INDEX, HEADER)
        try:
            data = (folder / DATA).open("rb" if self._lock is None else "r+b", buffering=0)
        except OSError:
            return
        with suppress(KeyError, ValueError, EOFError, TypeError, struct.error):  # Another Python may have written it.
            tag = bytes(sections[TAG])
            if data.read(TAG_LENGTH_B) == tag:
                entries, extras = dict(ENTRY.iter_unpack(sections[ENTRIES])), marshal.loads(sections[EXTRAS])
                self._tag, self._entries, self.extras, self._data = tag, entries, extras, data
                return
        data.close()

    def _write(self, folder: Path) -> None:
        if self._data is None:
            self._create_data(folder)
        assert self._data is not None
        if len(self._entries) > SLACK * len(self._used) + SLACK_ENTRIES:
            surplus = len(self._entries) - len(self._used) - SLACK_ENTRIES // 2
            for key in [key for key in self._entries if key not in self._used][:surplus]:
                del self._entries[key]
        live_b = sum(length_b for entry in self._entries.values() for _, length_b, _ in BLOB.iter_unpack(entry))
        if self._data.seek(0, os.SEEK_END) > SLACK * live_b + MIN_COMPACTED_B:
            self._compact(folder)
        entries, extras = chain.from_iterable(self._entries.items()), marshal.dumps(self.extras, MARSHAL_VERSION)
        write_sections(folder / INDEX, HEADER, {TAG: self._tag, ENTRIES: b"".join(entries), EXTRAS: extras})
        self._stamp, self.is_dirty = _stamp_of(folder), False

    def _create_data(self, folder: Path) -> None:
        self._close_data()
        (folder / DATA).unlink(missing_ok=True)
        self._tag = secrets.token_bytes(TAG_LENGTH_B)
        self._data = (folder / DATA).open("w+b", buffering=0)
        self._data.write(self._tag)

    def _close_data(self) -> None:
        data, self._data = self._data, None
        if data is not None:
            with suppress(OSError):  # What a full disk has no room for is parsed again.
                data.close()

    def _compact(self, folder: Path) -> None:
        """Copy the blobs that are of use into a new file; the old index does not fit it any more."""
        positions = {key: BLOB.iter_unpack(entry) for key, entry in self._entries.items()}
        entries = {key: [self._read(*blob) for blob in blobs] for key, blobs in positions.items()}
        self._create_data(folder)
        self._entries = {}
        for key, blobs in entries.items():
            sound = [blob for blob in blobs if blob is not None]
            if len(sound) == len(blobs):
                self._append(key, sound)

    # Entries

    def find(self, key: bytes) -> Any:
        """Return the plain values of an entry; None where there is none, or where they are not as they were written."""
        values = self._read_at(key, 0)
        if values is None:
            return None
        self._used.add(key)
        return marshal.loads(values)

    def mark_used(self, keys: Iterable[bytes]) -> bool:
        """Return whether there is an entry for each of these; then they are used."""
        keys = set(keys)
        if not keys.difference(self._entries) <= self._unwritten.keys():
            return False
        self._used |= keys
        return True

    def read_blob(self, key: bytes, index: int) -> bytes | None:
        """Return a blob of an entry; None where it is not as it was written."""
        return self._read_at(key, index + 1)

    def add(self, key: bytes, values: Any, blobs: Sequence[bytes]) -> None:
        """Add an entry; `values` are plain, such as `marshal` writes."""
        self._used.add(key)
        self.is_dirty = True
        self._entries.pop(key, None)
        self._unwritten[key] = (marshal.dumps(values, MARSHAL_VERSION), *blobs)
        if self.folder is not None and self._lock is not None:
            with suppress(OSError):  # A full disk keeps the entry in memory.
                if self._data is None:
                    self._create_data(self.folder)
                self._append(key, self._unwritten[key])
                del self._unwritten[key]

    def _read_at(self, key: bytes, index: int) -> bytes | None:
        if key in self._unwritten:
            return self._unwritten[key][index]
        if key not in self._entries:
            return None
        return self._read(*BLOB.unpack_from(self._entries[key], index * BLOB.size))

    def _read(self, start: int, length_b: int, checksum: int) -> bytes | None:
        if self._data is None:
            return None
        try:
            if hasattr(os, "pread"):  # Forks share the position in the file.
                data = os.pread(self._data.fileno(), length_b, start)
            else:
                self._data.seek(start)
                data = self._data.read(length_b)
        except OSError:
            return None
        return data if len(data) == length_b and zlib.crc32(data) == checksum else None

    def _append(self, key: bytes, blobs: Sequence[bytes]) -> None:
        """Write blobs at the end of their file; those that an entry does not have are empty."""
        assert self._data is not None
        start = self._data.seek(0, os.SEEK_END)
        if self._data.write(b"".join(blobs)) != sum(map(len, blobs)):
            raise OSError(ENOSPC, "there is no room for all of it")
        packed = []
        for blob in (*blobs, *(b"",) * (MAX_BLOBS - len(blobs))):
            packed.append(BLOB.pack(start, len(blob), zlib.crc32(blob)))
            start += len(blob)
        self._entries[key] = b"".join(packed)


def _stamp_of(folder: Path) -> tuple[int, int, int] | None:
    """Return what shows whether another build has written: when the index was, and which files the two are."""
    try:
        index, data = (folder / INDEX).stat(), (folder / DATA).stat()
    except OSError:
        return None
    return index.st_mtime_ns, index.st_ino, data.st_ino


def _acquire_lock(folder: Path) -> Any:
    """Return the folder's lock; None where another build has it or where nothing can be written."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(blocking=False)
    except (OSError, Timeout):
        return None
    return lock
