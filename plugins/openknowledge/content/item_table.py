"""What is known of all items without reading them, by columns: a site where little changes makes few values of it."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from openknowledge.engine.digest import DIGEST_LENGTH_B, digest_bytes
from openknowledge.model.values import Lang, Ref

from .read_item import Item
from .records import Alias, Document

__all__ = ["Columns", "FileRefs", "Row", "Shelved", "parts", "row_of"]

PLAIN = 2
"""The version of marshal's format whose bytes do not depend on which objects are the same one."""


class Row(NamedTuple):
    """What is known of an item: its `key` in the reading cache, what it is made of, and the plain values kept there."""

    key: bytes
    by_lang: tuple[tuple[Lang, str], ...]
    has_row: bool
    uses: tuple[tuple[str, bytes], ...]
    references: tuple[str, ...]
    files: tuple[str, ...]
    media: tuple[str, ...]
    embargo: str | None
    has_image: bool
    digest: bytes
    light_digest: bytes
    fell_back: int
    address: tuple[str, ...]
    aliases: tuple[Alias, ...]


DIGESTS = ("key", "digest", "light_digest")
OTHERS = tuple(name for name in Row._fields if name not in DIGESTS)


def parts(digests: bytes) -> list[bytes]:
    """Digests that stand one after the other."""
    return [digests[start : start + DIGEST_LENGTH_B] for start in range(0, len(digests), DIGEST_LENGTH_B)]


def row_of(document: Document) -> Row:
    """The row of a record that came from no file."""
    one = document
    plain = ((), one.references, one.files, one.media, one.embargo, one.has_image, one.digest, one.light_digest)
    return Row(one.digest, (), False, *plain, 0, one.address, one.aliases)


class Columns:
    """Items by kind and slug, and a column for each field of their rows.

    A column of digests is one piece of bytes; others are packed until somebody first wants them. Raises `ValueError`,
    `TypeError` or `KeyError` for what `told` never said.
    """

    def __init__(self, names: Sequence[str], digests: Mapping[str, bytes], packed: Mapping[str, bytes]) -> None:
        self.names = names
        self._digests = {name: digests[name] for name in DIGESTS}
        self._packed = {name: packed[name] for name in OTHERS}
        self._columns: dict[str, list[Any]] = {}
        if any(len(one) != len(names) * DIGEST_LENGTH_B for one in self._digests.values()):
            raise ValueError("the columns do not add up")

    @classmethod
    def of(cls, rows: Mapping[Ref, Row]) -> Columns:
        refs = sorted(rows)
        columns = dict(zip(Row._fields, zip(*(rows[ref] for ref in refs), strict=True), strict=False))
        digests = {name: b"".join(columns.get(name, ())) for name in DIGESTS}
        packed = {name: marshal.dumps([*columns.get(name, ())], PLAIN) for name in OTHERS}
        return cls([*map(str, refs)], digests, packed)

    def told(self) -> tuple[Any, ...]:
        """As plain values, for the constructor."""
        return [*self.names], self._digests, self._packed

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def numbers(self) -> dict[str, int]:
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
        return parts(self._digests[name])

    def stretch(self, name: str, places: range) -> bytes:
        """The digests of items that stand together, in one piece."""
        return self._digests[name][places.start * DIGEST_LENGTH_B : places.stop * DIGEST_LENGTH_B]

    def digest_of(self, name: str, item: str) -> bytes | None:
        """A digest of an item by its written reference."""
        place = self.numbers.get(item)
        return None if place is None else self.stretch(name, range(place, place + 1))

    def item(self, place: int) -> Item:
        """What an item is made of."""
        kind, slug = self.names[place].split("/")
        return Item(kind, slug, self.column("by_lang")[place], self.column("has_row")[place])

    def row(self, place: int) -> Row:
        return Row(*(self._whole(name)[place] for name in Row._fields))

    def rows(self) -> list[Row]:
        """All rows, in the order of the items."""
        return [Row(*values) for values in zip(*map(self._whole, Row._fields), strict=True)]

    def _whole(self, name: str) -> list[Any]:
        return self.digests(name) if name in DIGESTS else self.column(name)

    def fingerprint(self, *names: str) -> bytes:
        """The digest of which items there are, and of some columns."""
        parts = ({**self._digests, **self._packed}[name] for name in names)
        return digest_bytes(b"".join((marshal.dumps([*self.names], PLAIN), *parts)))

    def replaced(self, rows: Mapping[int, tuple[Row, Row]]) -> Columns:
        """The same items, of which some have another row: by their places the row that was, and the one that is."""
        digests, packed = dict(self._digests), dict(self._packed)
        for name in DIGESTS:
            whole = bytearray(digests[name])
            for place, (_, row) in rows.items():
                whole[place * DIGEST_LENGTH_B : (place + 1) * DIGEST_LENGTH_B] = getattr(row, name)
            digests[name] = bytes(whole)
        for name in OTHERS:
            new = {place: getattr(row, name) for place, (_, row) in rows.items()}
            if new != {place: getattr(row, name) for place, (row, _) in rows.items()}:
                column = [new.get(place, one) for place, one in enumerate(self.column(name))]
                packed[name] = marshal.dumps(column, PLAIN)
        return Columns(self.names, digests, packed)


class Shelved(Mapping[Ref, Document]):
    """Documents by reference, sorted; each is made when somebody first wants it."""

    def __init__(self, columns: Columns, made: Callable[[str], Document]) -> None:
        self.columns = columns
        self._made = made
        self._documents: dict[Ref, Document] = {}

    def __getitem__(self, ref: Ref) -> Document:
        found = self._documents.get(ref)
        if found is None:
            name = str(ref)
            if name not in self.columns.numbers:
                raise KeyError(ref)
            found = self._documents[ref] = self._made(name)
        return found

    def __contains__(self, ref: object) -> bool:
        return str(ref) in self.columns.numbers

    def __iter__(self) -> Iterator[Ref]:
        return iter(self.columns.refs)

    def __len__(self) -> int:
        return len(self.columns)


class FileRefs(Mapping[str, Ref]):
    """Which item a Markdown file belongs to, by the path that problems show."""

    def __init__(self, columns: Columns) -> None:
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
