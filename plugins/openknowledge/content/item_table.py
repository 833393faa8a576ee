"""What is known of all items without reading them, by columns: a site where little changes makes few values of it."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from openknowledge.engine.digest import DIGEST_LENGTH_B, digest_bytes
from openknowledge.model.values import Lang, Ref

from .read_item import SourceItem
from .records import Alias, IndexedRecord

__all__ = ["FileIndex", "ItemRow", "ItemTable", "LazyRecords", "make_row", "split_digests"]

MARSHAL_VERSION = 2
"""The version of marshal's format whose bytes do not depend on which objects are the same one."""


class ItemRow(NamedTuple):
    """What is known of an item: its `key` in the reading cache, what it is made of, and the plain values kept there."""

    key: bytes
    paths_by_lang: tuple[tuple[Lang, str], ...]
    has_snapshot_row: bool
    file_deps: tuple[tuple[str, bytes], ...]
    references: tuple[str, ...]
    files: tuple[str, ...]
    media: tuple[str, ...]
    embargo: str | None
    has_image: bool
    digest: bytes
    stub_digest: bytes
    fallback_count: int
    url_parts: tuple[str, ...]
    aliases: tuple[Alias, ...]


DIGESTS = ("key", "digest", "stub_digest")
PLAIN_FIELDS = tuple(name for name in ItemRow._fields if name not in DIGESTS)


def split_digests(digests: bytes) -> list[bytes]:
    """Digests that stand one after the other."""
    return [digests[start : start + DIGEST_LENGTH_B] for start in range(0, len(digests), DIGEST_LENGTH_B)]


def make_row(document: IndexedRecord) -> ItemRow:
    """The row of a record that came from no file."""
    one = document
    plain = ((), one.references, one.files, one.media, one.embargo, one.has_image, one.digest, one.stub_digest)
    return ItemRow(one.digest, (), False, *plain, 0, one.url_parts, one.aliases)


class ItemTable:
    """Items by kind and slug, and a column for each field of their rows.

    A column of digests is one piece of bytes; others are packed until somebody first wants them. Raises `ValueError`,
    `TypeError` or `KeyError` for what `told` never said.
    """

    def __init__(self, names: Sequence[str], digests: Mapping[str, bytes], packed: Mapping[str, bytes]) -> None:
        self.names = names
        self._digests = {name: digests[name] for name in DIGESTS}
        self._packed = {name: packed[name] for name in PLAIN_FIELDS}
        self._columns: dict[str, list[Any]] = {}
        if any(len(one) != len(names) * DIGEST_LENGTH_B for one in self._digests.values()):
            raise ValueError("the columns do not add up")

    @classmethod
    def from_rows(cls, rows: Mapping[Ref, ItemRow]) -> ItemTable:
        refs = sorted(rows)
        columns = dict(zip(ItemRow._fields, zip(*(rows[ref] for ref in refs), strict=True), strict=False))
        digests = {name: b"".join(columns.get(name, ())) for name in DIGESTS}
        packed = {name: marshal.dumps([*columns.get(name, ())], MARSHAL_VERSION) for name in PLAIN_FIELDS}
        return cls([*map(str, refs)], digests, packed)

    def to_plain(self) -> tuple[Any, ...]:
        """As plain values, for the constructor."""
        return [*self.names], self._digests, self._packed

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def positions(self) -> dict[str, int]:
        """The place of each item by its written reference."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(Ref(*name.split("/")) for name in self.names)

    @cached_property
    def by_kind(self) -> dict[str, range]:
        """The places of the items of each kind: they stand together."""
        found, start = {}, 0
        for kind, names in groupby(self.names, lambda name: name.partition("/")[0]):
            end = start + sum(1 for _ in names)
            found[kind] = range(start, end)
            start = end
        return found

    def slugs(self, kind: str) -> list[str]:
        return [self.names[number].partition("/")[2] for number in self.by_kind.get(kind, ())]

    def column(self, name: str) -> list[Any]:
        """One field of all items, in their order."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = marshal.loads(self._packed[name])
        return found

    def digests(self, name: str) -> list[bytes]:
        """A column of digests."""
        return split_digests(self._digests[name])

    def digest_range(self, name: str, places: range) -> bytes:
        """The digests of items that stand together, in one piece."""
        return self._digests[name][places.start * DIGEST_LENGTH_B : places.stop * DIGEST_LENGTH_B]

    def find_digest(self, name: str, item: str) -> bytes | None:
        """A digest of an item by its written reference."""
        place = self.positions.get(item)
        return None if place is None else self.digest_range(name, range(place, place + 1))

    def item_at(self, place: int) -> SourceItem:
        """What an item is made of."""
        kind, slug = self.names[place].split("/")
        return SourceItem(kind, slug, self.column("paths_by_lang")[place], self.column("has_snapshot_row")[place])

    def row_at(self, place: int) -> ItemRow:
        return ItemRow(*(self._whole(name)[place] for name in ItemRow._fields))

    def rows(self) -> list[ItemRow]:
        """All rows, in the order of the items."""
        return [ItemRow(*values) for values in zip(*map(self._whole, ItemRow._fields), strict=True)]

    def _whole(self, name: str) -> list[Any]:
        return self.digests(name) if name in DIGESTS else self.column(name)

    def columns_digest(self, *names: str) -> bytes:
        """The digest of which items there are, and of some columns."""
        parts = ({**self._digests, **self._packed}[name] for name in names)
        return digest_bytes(b"".join((marshal.dumps([*self.names], MARSHAL_VERSION), *parts)))

    def with_rows(self, rows: Mapping[int, tuple[ItemRow, ItemRow]]) -> ItemTable:
        """The same items, of which some have another row: by their places the row that was, and the one that is."""
        digests, packed = dict(self._digests), dict(self._packed)
        for name in DIGESTS:
            whole = bytearray(digests[name])
            for place, (_, row) in rows.items():
                whole[place * DIGEST_LENGTH_B : (place + 1) * DIGEST_LENGTH_B] = getattr(row, name)
            digests[name] = bytes(whole)
        for name in PLAIN_FIELDS:
            new = {place: getattr(row, name) for place, (_, row) in rows.items()}
            if new != {place: getattr(row, name) for place, (row, _) in rows.items()}:
                column = [new.get(place, one) for place, one in enumerate(self.column(name))]
                packed[name] = marshal.dumps(column, MARSHAL_VERSION)
        return ItemTable(self.names, digests, packed)


class LazyRecords(Mapping[Ref, IndexedRecord]):
    """Documents by reference, sorted; each is made when somebody first wants it."""

    def __init__(self, columns: ItemTable, made: Callable[[str], IndexedRecord]) -> None:
        self.table = columns
        self._made = made
        self._documents: dict[Ref, IndexedRecord] = {}

    def __getitem__(self, ref: Ref) -> IndexedRecord:
        found = self._documents.get(ref)
        if found is None:
            name = str(ref)
            if name not in self.table.positions:
                raise KeyError(ref)
            found = self._documents[ref] = self._made(name)
        return found

    def __contains__(self, ref: object) -> bool:
        return str(ref) in self.table.positions

    def __iter__(self) -> Iterator[Ref]:
        return iter(self.table.refs)

    def __len__(self) -> int:
        return len(self.table)


class FileIndex(Mapping[str, Ref]):
    """Which item a Markdown file belongs to, by the path that problems show."""

    def __init__(self, columns: ItemTable) -> None:
        self._columns = columns

    def __getitem__(self, path: str) -> Ref:
        return Ref(*self._columns.names[self._places[path]].split("/"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @cached_property
    def _places(self) -> dict[str, int]:
        files = enumerate(self._columns.column("files"))
        return {path: place for place, paths in files for path in paths if path.endswith(".md")}
