"""The checkpoint: what the last build without problems knew of the content; what is unchanged is not checked again."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from openknowledge.engine.file_stamps import FileTree
from openknowledge.model.values import Ref

from .item_table import MARSHAL_VERSION, ItemRow, ItemTable, split_digests
from .item_type import SourceItem
from .parse_cache import ParseCache

__all__ = ["Checkpoint", "ContentDigests"]

EXTRAS_KEY = "checkpoint"


class ContentDigests(NamedTuple):
    """Digests of what a checkpoint depends on, apart from the files.

    `discovery` is that of all that says which items there are and how they are read, `items` that of their names and
    files, `targets` that of what they can point at, `urls` that of what their URL paths are made of.
    """

    discovery: bytes
    items: bytes
    targets: bytes
    urls: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The items of a build, and what they depended on; `file_digests` are those of the files of content/ by path."""

    digests: ContentDigests
    file_digests: Mapping[str, bytes]
    table: ItemTable

    @classmethod
    def load(cls, extras: Mapping[str, Any]) -> Checkpoint | None:
        """Return the checkpoint among a parse cache's extras; None where there is none that can be read."""
        with suppress(EOFError, KeyError, TypeError, ValueError):
            digests, paths, file_digests, table = extras[EXTRAS_KEY]
            by_path = dict(zip(marshal.loads(paths), split_digests(file_digests), strict=True))
            return cls(ContentDigests(*digests), by_path, ItemTable(*table))
        return None

    def save(self, extras: dict[str, Any]) -> None:
        """Put the checkpoint among a parse cache's extras."""
        paths = marshal.dumps([*self.file_digests], MARSHAL_VERSION)
        extras[EXTRAS_KEY] = tuple(self.digests), paths, b"".join(self.file_digests.values()), self.table.to_plain()

    def find_key(self, item: str) -> bytes | None:
        """Return the key of an item in the parse cache, by its written reference."""
        return self.table.find_digest("key", item)

    def find_changed_items(self, tree: FileTree) -> list[SourceItem]:
        """Return the items of which a file, or a file that they depend on, is a different one or deleted."""
        own, deps = self.table.column("paths_by_lang"), self.table.column("file_deps")
        paths = {path for files in own for _, path in files} | {path for files in deps for path, _ in files}
        changed = {path for path, digest in self.file_digests.items() if tree.digest(path) != digest}
        changed |= paths.difference(tree.stamps)
        if not changed:
            return []
        positions = {position for position, files in enumerate(own) if any(path in changed for _, path in files)}
        positions |= {position for position, files in enumerate(deps) if any(path in changed for path, _ in files)}
        return [self.table.item_at(position) for position in sorted(positions)]

    def update_table(self, rows: Mapping[Ref, ItemRow], items: Iterable[SourceItem], cache: ParseCache) -> ItemTable:
        """Return the table with the rows of changed items as they are now; items without a row are left out."""
        positions = {item.ref: self.table.positions[str(item.ref)] for item in items}
        if len(rows) == len(positions):
            changes = ((self._load_row(cache, position), rows[ref]) for ref, position in positions.items())
            return self.table.replace_rows(dict(zip(positions.values(), changes, strict=True)))
        known = zip(self.table.refs, self.table.rows(), strict=True)
        return ItemTable.from_rows({**{ref: row for ref, row in known if ref not in positions}, **rows})

    def _load_row(self, cache: ParseCache, position: int) -> ItemRow:
        """Return a row, if possible from the cache, because the table unpacks all rows for one."""
        key = self.table.digest_range("key", range(position, position + 1))
        values = cache.find(key)
        if values is None:
            return self.table.row_at(position)
        return ItemRow.from_cache(key, self.table.item_at(position), values)
