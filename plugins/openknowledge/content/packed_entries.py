"""Entries of the reading cache: packed as they were read, each made a value only when somebody wants it."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterator, MutableMapping
from itertools import pairwise
from typing import Any

from openknowledge.engine.digest import DIGEST_LENGTH_B
from openknowledge.engine.section_file import Buffer

__all__ = ["Entry", "PackedEntries"]

MARSHAL_VERSION = 2
"""The version of marshal's format that does not look for objects that come twice: entries have few."""

Entry = tuple[Any, tuple[tuple[int, int, int], ...]]
"""Plain values, and where each of the entry's blobs is: its start, its length and its CRC-32."""


class PackedEntries(MutableMapping[bytes, Entry]):
    """Entries by digest, the oldest first. `keys`, `ends` and `packed` are what `told` said."""

    def __init__(self, keys: Buffer = b"", ends: Buffer = b"", packed: Buffer = b"") -> None:
        self._ends = array("Q", bytes(ends))
        self._packed = packed
        self._places = {key: place for place, key in enumerate(_digests(bytes(keys)))}
        self._new: dict[bytes, Entry] = {}
        if len(self._places) != len(self._ends) or (self._ends[-1] if self._ends else 0) != len(packed):
            raise ValueError("the entries do not add up")

    def __getitem__(self, key: bytes) -> Entry:
        found = self._new.get(key)
        if found is None:
            place = self._places[key]
            found = marshal.loads(self._packed[self._ends[place - 1] if place else 0 : self._ends[place]])
        return found

    def __setitem__(self, key: bytes, entry: Entry) -> None:
        self._places.pop(key, None)
        self._new[key] = entry

    def __delitem__(self, key: bytes) -> None:
        if self._places.pop(key, None) is None:
            del self._new[key]

    def __contains__(self, key: object) -> bool:
        return key in self._places or key in self._new

    def __iter__(self) -> Iterator[bytes]:
        yield from self._places
        yield from self._new

    def __len__(self) -> int:
        return len(self._places) + len(self._new)

    def has_all(self, keys: set[bytes]) -> bool:
        return not keys.difference(self._places).difference(self._new)

    def dump(self) -> tuple[Buffer, Buffer, Buffer]:
        """All entries as bytes: their keys, where each ends, and one after the other."""
        self._leave_out()
        added = [marshal.dumps(entry, MARSHAL_VERSION) for entry in self._new.values()]
        ends, end = array("Q", self._ends), len(self._packed)
        for one in added:
            end += len(one)
            ends.append(end)
        return b"".join(self), ends.tobytes(), b"".join((self._packed, *added))

    def _leave_out(self) -> None:
        """Close the gaps of entries that are no more."""
        if len(self._places) == len(self._ends):
            return
        stretches = list(pairwise((0, *self._ends)))
        kept = [stretches[place] for place in self._places.values()]
        self._packed = b"".join(self._packed[start:end] for start, end in kept)
        self._ends = array("Q")
        for start, end in kept:
            self._ends.append(end - start + (self._ends[-1] if self._ends else 0))
        self._places = {key: place for place, key in enumerate(self._places)}


def _digests(joined: bytes) -> Iterator[bytes]:
    return (joined[start : start + DIGEST_LENGTH_B] for start in range(0, len(joined), DIGEST_LENGTH_B))
