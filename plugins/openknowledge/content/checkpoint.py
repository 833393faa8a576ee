"""What the last build without problems found: whatever is as it was then needs no look at all."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from openknowledge.engine.file_stamps import FileTree
from openknowledge.model.values import Ref

from .item_table import PLAIN, Columns, Row, parts
from .parse_cache import ReadingCache
from .read_item import Item

__all__ = ["Sound"]

PLACE = "sound"
"""Where it stands in the memory of the reading cache."""


@dataclass(frozen=True, slots=True)
class Sound:
    """The items of a build, and what they rested on.

    `listing` is the digest of all that says which items there are and how they are read, `listed` that of their names
    and files, `known` that of what they can point at, `addresses` that of what their addresses are made of. `sources`
    are the digests of the files of content/ by path.
    """

    listing: bytes
    listed: bytes
    known: bytes
    addresses: bytes
    sources: Mapping[str, bytes]
    columns: Columns

    @property
    def told(self) -> tuple[bytes, bytes, bytes, bytes]:
        return self.listing, self.listed, self.known, self.addresses

    @classmethod
    def read(cls, memory: Mapping[str, Any]) -> Sound | None:
        """What a reading cache has; None where that is nothing, or something else."""
        with suppress(EOFError, KeyError, TypeError, ValueError):
            listing, listed, known, addresses, paths, joined, columns = memory[PLACE]
            sources = dict(zip(marshal.loads(paths), parts(joined), strict=True))
            return cls(listing, listed, known, addresses, sources, Columns(*columns))
        return None

    def keep(self, memory: dict[str, Any]) -> None:
        sources = marshal.dumps([*self.sources], PLAIN), b"".join(self.sources.values())
        memory[PLACE] = (*self.told, *sources, self.columns.told())

    def key_of(self, item: str) -> bytes | None:
        """The key of an item in the reading cache, by its written reference."""
        return self.columns.digest_of("key", item)

    def in_doubt(self, tree: FileTree) -> list[Item]:
        """The items of which a file, or one that they use, is another one or gone."""
        own, used = self.columns.column("by_lang"), self.columns.column("uses")
        paths = {path for files in own for _, path in files} | {path for files in used for path, _ in files}
        changed = {path for path, digest in self.sources.items() if tree.digest(path) != digest}
        changed |= paths.difference(tree.stamps)
        found = {place for place, files in enumerate(own) for _, path in files if path in changed}
        found |= {place for place, files in enumerate(used) for path, _ in files if path in changed}
        return [self.columns.item(place) for place in sorted(found)]

    def columns_with(self, rows: Mapping[Ref, Row], items: Iterable[Item], cache: ReadingCache) -> Columns:
        """What is known of all items: of those that were in doubt as it is now, of the others as it was."""
        columns = self.columns
        places = {item.ref: columns.numbers[str(item.ref)] for item in items}
        if len(rows) == len(places):
            return columns.replaced({place: (self._row(cache, place), rows[ref]) for ref, place in places.items()})
        others = dict(zip(columns.refs, columns.rows(), strict=True))
        return Columns.of({**{ref: row for ref, row in others.items() if ref not in places}, **rows})

    def _row(self, cache: ReadingCache, place: int) -> Row:
        """One row, from the cache where it has that: it need not unpack all others."""
        key = self.columns.stretch("key", range(place, place + 1))
        values = cache.find(key)
        item = self.columns.item(place)
        return self.columns.row(place) if values is None else Row(key, item.by_lang, item.has_row, *values)
