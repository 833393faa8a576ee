"""What the last build without problems found: whatever is as it was then needs no look at all."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from openknowledge.engine.file_stamps import FileTree
from openknowledge.model.values import Ref

from .item_table import MARSHAL_VERSION, ItemRow, ItemTable, split_digests
from .parse_cache import ParseCache
from .read_item import SourceItem

__all__ = ["Checkpoint"]

EXTRAS_KEY = "sound"
"""Where it stands in the memory of the reading cache."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The items of a build, and what they rested on.

    `listing` is the digest of all that says which items there are and how they are read, `listed` that of their names
    and files, `known` that of what they can point at, `addresses` that of what their addresses are made of. `sources`
    are the digests of the files of content/ by path.
    """

    discovery_digest: bytes
    items_digest: bytes
    targets_digest: bytes
    urls_digest: bytes
    file_digests: Mapping[str, bytes]
    table: ItemTable

    @property
    def fingerprints(self) -> tuple[bytes, bytes, bytes, bytes]:
        return self.discovery_digest, self.items_digest, self.targets_digest, self.urls_digest

    @classmethod
    def load(cls, memory: Mapping[str, Any]) -> Checkpoint | None:
        """What a reading cache has; None where that is nothing, or something else."""
        with suppress(EOFError, KeyError, TypeError, ValueError):
            listing, listed, known, addresses, paths, joined, columns = memory[EXTRAS_KEY]
            sources = dict(zip(marshal.loads(paths), split_digests(joined), strict=True))
            return cls(listing, listed, known, addresses, sources, ItemTable(*columns))
        return None

    def save(self, memory: dict[str, Any]) -> None:
        sources = marshal.dumps([*self.file_digests], MARSHAL_VERSION), b"".join(self.file_digests.values())
        memory[EXTRAS_KEY] = (*self.fingerprints, *sources, self.table.to_plain())

    def find_key(self, item: str) -> bytes | None:
        """The key of an item in the reading cache, by its written reference."""
        return self.table.find_digest("key", item)

    def changed_items(self, tree: FileTree) -> list[SourceItem]:
        """The items of which a file, or one that they use, is another one or gone."""
        own, used = self.table.column("paths_by_lang"), self.table.column("file_deps")
        paths = {path for files in own for _, path in files} | {path for files in used for path, _ in files}
        changed = {path for path, digest in self.file_digests.items() if tree.digest(path) != digest}
        changed |= paths.difference(tree.stamps)
        found = {place for place, files in enumerate(own) for _, path in files if path in changed}
        found |= {place for place, files in enumerate(used) for path, _ in files if path in changed}
        return [self.table.item_at(place) for place in sorted(found)]

    def updated_table(self, rows: Mapping[Ref, ItemRow], items: Iterable[SourceItem], cache: ParseCache) -> ItemTable:
        """What is known of all items: of those that were in doubt as it is now, of the others as it was."""
        columns = self.table
        places = {item.ref: columns.positions[str(item.ref)] for item in items}
        if len(rows) == len(places):
            return columns.with_rows({place: (self._row(cache, place), rows[ref]) for ref, place in places.items()})
        others = dict(zip(columns.refs, columns.rows(), strict=True))
        return ItemTable.from_rows({**{ref: row for ref, row in others.items() if ref not in places}, **rows})

    def _row(self, cache: ParseCache, place: int) -> ItemRow:
        """One row, from the cache where it has that: it need not unpack all others."""
        key = self.table.digest_range("key", range(place, place + 1))
        values = cache.find(key)
        item = self.table.item_at(place)
        return (
            self.table.row_at(place)
            if values is None
            else ItemRow(key, item.paths_by_lang, item.has_snapshot_row, *values)
        )
