"""What is known of all items without reading them, by columns: a build that changes little unpacks few of them."""

import marshal
from collections import UserDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, Self

from openknowledge.engine.atomic_files import MARSHAL_VERSION
from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import DIGEST_LENGTH_B, digest_bytes
from openknowledge.model.values import Lang, Record, Ref

from .discovery import SourceItem
from .parse_cache import ParseCache

__all__ = [
    *("Alias", "Checkpoint", "ContentDigests", "FileIndex", "ItemRow", "ItemTable"),
    *("collect_url_parts", "split_digests"),
]


class Alias(NamedTuple):
    """A former URL path of a page, and where an editor wrote it: file, line (or 0) and position in the list."""

    lang: Lang
    url_path: str
    file: str
    line: int
    position: int


class ItemRow(NamedTuple):
    """What is known of an item and its record: plain values.

    `key` is its key in the parse cache; it and the next two fields come from discovery, the cache has the others.
    `file_deps` are other files that decide whether the record is right, each with its digest, or with none where it
    only needs to exist. `references` are written references to other records, `files` the Markdown files that problems
    show, `media` the files of content/ that its pages show. Nothing of it is published before the day or moment
    `appears` (ISO 8601). `digest` is that of the record, `stub_digest` that of its stub. `fallback_count` is the number
    of texts that the fast reader left to the default one. URL paths are made of `url_parts` and the settings. `aliases`
    are the plain values of `Alias`; `links` are those of `TextLink`, of links with an anchor or to an address of the
    site. `run_names` are the names by which runs of platforms find a course.
    """

    key: bytes
    paths_by_lang: tuple[tuple[Lang, str], ...]
    has_snapshot_row: bool
    file_deps: tuple[tuple[str, bytes], ...]
    references: tuple[str, ...]
    files: tuple[str, ...]
    media: tuple[str, ...]
    appears: str | None
    has_image: bool
    digest: bytes
    stub_digest: bytes
    fallback_count: int
    url_parts: tuple[str, ...]
    aliases: tuple[tuple[Any, ...], ...]
    links: tuple[tuple[Any, ...], ...] = ()
    run_names: tuple[str, ...] = ()

    @classmethod
    def from_cache(cls, key: bytes, item: SourceItem, values: Sequence[Any]) -> Self:
        """Return the row of an item from the values that the cache has under its key."""
        return cls(key, item.paths_by_lang, item.has_snapshot_row, *values)

    @property
    def cached_values(self) -> tuple[Any, ...]:
        """Return the values that the cache has."""
        return self[self._fields.index("file_deps") :]


DIGESTS = ("key", "digest", "stub_digest")
PLAIN_FIELDS = tuple(name for name in ItemRow._fields if name not in DIGESTS)


def collect_url_parts(record: Record) -> tuple[str, ...]:
    """Return all that a record's URL paths are made of, apart from the settings."""
    slugs = [f"{lang}:{words.slug}" for lang, words in record.words.items() if words.slug]
    published = getattr(record, "published", None)
    facts = (getattr(record, name, None) for name in ("initiative", "format", "save_as"))
    return record.slug, str(published.year if published else ""), *(str(fact or "") for fact in facts), *slugs


def split_digests(joined: bytes) -> list[bytes]:
    """Return digests out of their concatenation."""
    return [joined[start : start + DIGEST_LENGTH_B] for start in range(0, len(joined), DIGEST_LENGTH_B)]


class ItemTable:
    """Items by kind and slug, and a column for each field of their rows.

    `names` are written references, sorted as references are. A column of digests is their concatenation; other columns
    are packed until they are first read. Raises `ValueError`, `TypeError` or `KeyError` if the arguments do not come
    from `to_plain`.
    """

    def __init__(self, names: Sequence[str], digests: Mapping[str, bytes], packed: Mapping[str, bytes]) -> None:
        self.names = names
        self._digests = {name: digests[name] for name in DIGESTS}
        self._packed = {name: packed[name] for name in PLAIN_FIELDS}
        self._columns: dict[str, list[Any]] = {}
        self._slugs: dict[str, list[str]] = {}
        if any(len(column) != len(names) * DIGEST_LENGTH_B for column in self._digests.values()):
            raise ValueError("columns of different lengths")

    @classmethod
    def from_rows(cls, rows: Mapping[Ref, ItemRow]) -> Self:
        """Return the table of some rows by reference, in any order."""
        refs = sorted(rows)
        columns = dict(zip(ItemRow._fields, zip(*(rows[ref] for ref in refs), strict=True), strict=False))
        digests = {name: b"".join(columns.get(name, ())) for name in DIGESTS}
        packed = {name: marshal.dumps([*columns.get(name, ())], MARSHAL_VERSION) for name in PLAIN_FIELDS}
        return cls([*map(str, refs)], digests, packed)

    def to_plain(self) -> tuple[Any, ...]:
        """Return the arguments of the constructor, as plain values."""
        return [*self.names], self._digests, self._packed

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Return the position of each item by its written reference."""
        return {name: position for position, name in enumerate(self.names)}

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """Return the references of all items."""
        return tuple(Ref(*name.split("/")) for name in self.names)

    @cached_property
    def by_kind(self) -> dict[str, range]:
        """Return the positions of the items of each kind."""
        ranges, start = {}, 0
        for kind, names in groupby(self.names, lambda name: name.partition("/")[0]):
            ranges[kind] = range(start, start + sum(1 for _ in names))
            start = ranges[kind].stop
        return ranges

    def slugs(self, kind: str) -> list[str]:
        """Return the slugs of a kind's items."""
        if kind not in self._slugs:
            positions, start = self.by_kind.get(kind, range(0)), len(kind) + 1
            self._slugs[kind] = [name[start:] for name in self.names[positions.start : positions.stop]]
        return self._slugs[kind]

    def column(self, name: str) -> list[Any]:
        """Return one field of all items."""
        if name in DIGESTS:
            return split_digests(self._digests[name])
        if name not in self._columns:
            self._columns[name] = marshal.loads(self._packed[name])
        return self._columns[name]

    def column_of(self, kind: str, name: str) -> list[Any]:
        """Return one field of a kind's items."""
        positions = self.by_kind.get(kind, range(0))
        return self.column(name)[positions.start : positions.stop]

    def digest_range(self, name: str, positions: range) -> bytes:
        """Return the concatenated digests of adjacent items."""
        return self._digests[name][positions.start * DIGEST_LENGTH_B : positions.stop * DIGEST_LENGTH_B]

    def find_digest(self, name: str, item: str) -> bytes | None:
        """Return a digest of an item by its written reference."""
        position = self.positions.get(item)
        return None if position is None else self.digest_range(name, range(position, position + 1))

    def columns_digest(self, *names: str) -> bytes:
        """Return the digest of which items there are, and of some columns."""
        columns = ({**self._digests, **self._packed}[name] for name in names)
        return digest_bytes(b"".join((marshal.dumps([*self.names], MARSHAL_VERSION), *columns)))

    def paths(self) -> list[list[str]]:
        """Return the files that each item is made of or uses, by path from the content folder."""
        rows = zip(self.column("paths_by_lang"), self.column("file_deps"), strict=True)
        return [[path for _, path in own] + [path for path, _ in used] for own, used in rows]

    def item_at(self, position: int) -> SourceItem:
        """Return what an item is made of."""
        kind, slug = self.names[position].split("/")
        return SourceItem(kind, slug, self.column("paths_by_lang")[position], self.column("has_snapshot_row")[position])

    def row_at(self, position: int) -> ItemRow:
        """Return the row of an item."""
        return ItemRow(*(self.column(name)[position] for name in ItemRow._fields))

    def rows(self) -> list[ItemRow]:
        """Return all rows, in the order of the items."""
        return [ItemRow(*values) for values in zip(*map(self.column, ItemRow._fields), strict=True)]

    def replace_rows(self, rows: Mapping[int, tuple[ItemRow, ItemRow]]) -> Self:
        """Return the table with other rows of some items: by position the row that was, and the new one."""
        digests, packed = dict(self._digests), dict(self._packed)
        for name in DIGESTS:
            column = bytearray(digests[name])
            for position, (_, row) in rows.items():
                column[position * DIGEST_LENGTH_B : (position + 1) * DIGEST_LENGTH_B] = getattr(row, name)
            digests[name] = bytes(column)
        for name in PLAIN_FIELDS:
            values = {position: getattr(row, name) for position, (_, row) in rows.items()}
            if values != {position: getattr(row, name) for position, (row, _) in rows.items()}:
                merged = [values.get(position, value) for position, value in enumerate(self.column(name))]
                packed[name] = marshal.dumps(merged, MARSHAL_VERSION)
        return type(self)(self.names, digests, packed)

    def mix_digests(self, parts: Mapping[str, bytes]) -> Self:
        """Return the table in which the digests of some records depend on something else, too, by reference."""
        digests = dict(self._digests)
        for name in ("digest", "stub_digest"):
            column = bytearray(digests[name])
            for item, part in parts.items():
                start = self.positions[item] * DIGEST_LENGTH_B
                end = start + DIGEST_LENGTH_B
                column[start:end] = digest_bytes(bytes(column[start:end]) + part)
            digests[name] = bytes(column)
        return type(self)(self.names, digests, self._packed)


class FileIndex(UserDict[str, Ref]):
    """The item that a Markdown file belongs to, by the path that problems show; it is made when it is first read."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table

    @cached_property
    def data(self) -> dict[str, Ref]:  # type: ignore[override]
        """Return the items by path."""
        rows = zip(self._table.refs, self._table.column("files"), strict=True)
        return {path: ref for ref, paths in rows for path in paths if path.endswith(".md")}


EXTRAS_KEY = "checkpoint"


class ContentDigests(NamedTuple):
    """Digests of what a checkpoint depends on, apart from the files.

    `discovery` is that of all that says which items there are and how they are read, `items` that of their names and
    files, `targets` that of what they can point at.
    """

    discovery: bytes
    items: bytes
    targets: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The items of a build, and what they depended on; `file_digests` are those of the files of content/ by path."""

    digests: ContentDigests
    file_digests: Mapping[str, bytes]
    table: ItemTable

    @classmethod
    def load(cls, extras: Mapping[str, Any]) -> Self | None:
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

    def find_changed_items(self, tree: FileTree) -> list[SourceItem]:
        """Return the items of which a file, or a file that they depend on, is a different one or deleted."""
        paths = self.table.paths()
        changed = {path for path, digest in self.file_digests.items() if tree.digest(path) != digest}
        changed |= set().union(*paths).difference(tree.stamps)
        positions = (position for position, files in enumerate(paths) if changed and not changed.isdisjoint(files))
        return [self.table.item_at(position) for position in positions]

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
