"""Everything below content/ as documents: what was read before is taken from the cache, the rest is read anew."""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.kind import Kind
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.file_stamps import FileTree
from openknowledge.engine.workers.pool import WorkerPool, split_batches
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import ContentProblems, Problem

from .checkpoint import Checkpoint
from .discovery import add_snapshot_rows, duplicate_slug_problem, find_items
from .item_table import MARSHAL_VERSION, ItemRow, ItemTable, LazyRecords
from .parse_cache import ParseCache
from .read_item import ParsedItem, SourceItem, read_item
from .record_diff import find_changed_fields
from .records import KIND_MODULES, CrossCheck, IndexedRecord, unpack_checks, unpickle_record
from .snapshots import SnapshotTable

__all__ = ["ContentIndex", "FailedItem", "ProgressCallback", "load_content"]

BATCH_SIZE = 32
PARALLEL_THRESHOLD = 200
"""From how many items on reading is worth other hands."""
STUB_BLOB, FULL_BLOB, CHECKS_BLOB = range(3)
"""The places of an entry's blobs."""
CORRUPT_ERRORS = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError)
"""What bytes raise that are no record, though they are as somebody wrote them."""

ProgressCallback = Callable[[str, int, int], None]
"""Told what is being done, how many are done and how many there are."""

Key = bytes


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item that could not be read: what stands in for it in a preview."""

    ref: Ref
    paths: tuple[str, ...]


@dataclass
class ContentIndex:
    """What there is to make a site of, and what is wrong with it.

    `rows` are those of the items that were looked at in this build, `documents` all that there is. `last` is what the
    last sound build found, `listing` and `listed` the digests of which items there are, as `Sound` has them. A library
    `is_steady` while no file is saved between the look at it and its reading. `fields` are, for each record that was
    read anew and had been there before, the names of the fields that differ. `anew` reads an item once more, where what
    was kept of it turns out to be broken.
    """

    tree: FileTree
    cache: ParseCache
    reread: Callable[[SourceItem], ParsedItem]
    discovery_digest: bytes
    checkpoint: Checkpoint | None
    items_digest: bytes = b""
    checked_rows: dict[Ref, ItemRow] = field(default_factory=dict)
    table: ItemTable = field(default_factory=lambda: ItemTable.from_rows({}))
    problems: list[Problem] = field(default_factory=list)
    failed: list[FailedItem] = field(default_factory=list)
    failed_checks: dict[Ref, tuple[CrossCheck, ...]] = field(default_factory=dict)
    changed_fields: dict[Ref, tuple[str, ...]] = field(default_factory=dict)
    is_consistent: bool = True
    read_count: int = 0

    @cached_property
    def records(self) -> Mapping[Ref, IndexedRecord]:
        return LazyRecords(self.table, self._document)

    @property
    def fallback_count(self) -> int:
        """How many texts the fast reader left to the default one."""
        return sum(self.table.column("fallback_count"))

    def find_item(self, name: str) -> SourceItem:
        """What an item is made of, by its written reference."""
        return self.table.item_at(self.table.positions[name])

    def find_key(self, name: str) -> Key:
        found = self.table.find_digest("key", name)
        assert found is not None
        return found

    def _document(self, name: str) -> IndexedRecord:
        """A document by its written reference; a blob that is broken in the cache is made again from the files."""
        item, key = self.find_item(name), self.find_key(name)
        values = self.cache.find(key)
        known = ItemRow(key, item.paths_by_lang, item.has_snapshot_row, *values) if values is not None else None
        row = known or self.table.row_at(self.table.positions[name])
        known_of = (row.references, row.files, row.media, row.embargo, row.has_image, row.url_parts, row.aliases)
        light, whole = (partial(_record, self, self.cache, key, item, place) for place in (STUB_BLOB, FULL_BLOB))
        return IndexedRecord(item.ref, row.digest, row.stub_digest, *known_of, light, whole)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How items are read: what every worker must know."""

    root: Path
    langs: tuple[Lang, ...]
    reader: str
    fingerprint: bytes


def load_content(
    tree: FileTree,
    kinds: Sequence[Kind],
    snapshots: SnapshotTable,
    options: ReadOptions,
    cache: ParseCache,
    pool: WorkerPool,
    progress: ProgressCallback | None = None,
) -> ContentIndex:
    """Read all items that have changed since they were last read, in any build that shares the cache."""
    KIND_MODULES.update(module for kind in kinds for module in (kind.model.__module__, kind.words.__module__))
    by_name = {kind.name: kind for kind in kinds}
    anew = partial(_read_anew, snapshots, options, by_name)
    library = ContentIndex(tree, cache, anew, _listing(tree, snapshots, options), Checkpoint.load(cache.extras))
    last = library.checkpoint
    if last is not None and not (
        last.discovery_digest == library.discovery_digest and cache.mark_used(last.table.digests("key"))
    ):
        last = None
    if last is not None:
        library.items_digest, items = last.items_digest, last.changed_items(tree)
    else:
        items = _found(library, kinds, snapshots, options)
    waiting: list[SourceItem] = []
    for item in items:
        key = _key(item, (tree.digest(path) for _, path in item.paths_by_lang), snapshots, options)
        values = cache.find(key)
        if values is None or not _still_holds(values, tree):
            waiting.append(item)
        else:
            library.checked_rows[item.ref] = ItemRow(key, item.paths_by_lang, item.has_snapshot_row, *values)
    _read(library, waiting, by_name, snapshots, options, cache, pool, progress)
    library.table = (
        last.updated_table(library.checked_rows, items, cache)
        if last is not None
        else ItemTable.from_rows(library.checked_rows)
    )
    return library


def _listing(tree: FileTree, rows: SnapshotTable, reading: ReadOptions) -> bytes:
    """The digest of all that decides which items there are, what their rows say and how they are read."""
    paths = [path for path in tree.stamps if path.endswith(".md")]
    told = [(*name, rows.digest(*name)) for name in rows]
    return digest_bytes(marshal.dumps((reading.fingerprint, reading.root.name, paths, told), MARSHAL_VERSION))


def _found(library: ContentIndex, kinds: Sequence[Kind], rows: SnapshotTable, reading: ReadOptions) -> list[SourceItem]:
    """All items; of those with one name the first."""
    root = reading.root.name
    found, strays = find_items(library.tree.stamps, kinds, reading.langs, root)
    library.problems.extend(strays)
    taken: dict[tuple[str, str], SourceItem] = {}
    for item in add_snapshot_rows(found, rows, {kind.name for kind in kinds}):
        first = taken.setdefault((item.kind, item.slug), item)
        if first is not item:
            library.problems.append(duplicate_slug_problem(first, item, root))
            library.failed.append(FailedItem(item.ref, _shown(item, root)))
    told = [(item.kind, item.slug, item.paths_by_lang) for item in taken.values()]
    library.items_digest = digest_bytes(marshal.dumps(told, MARSHAL_VERSION))
    return list(taken.values())


def _shown(item: SourceItem, root: str) -> tuple[str, ...]:
    return tuple(f"{root}/{path}" for _, path in item.paths_by_lang)


def _key(item: SourceItem, sources: Iterable[bytes], rows: SnapshotTable, reading: ReadOptions) -> Key:
    """The digest of all that shapes an item, but for the other files that it uses; `sources` are those of its files."""
    parts = [reading.fingerprint, item.kind.encode(), item.slug.encode()]
    for (lang, path), source in zip(item.paths_by_lang, sources, strict=True):
        parts += (lang.encode(), path.encode(), source)
    if item.has_snapshot_row:
        parts.append(rows.digest(item.kind, item.slug))
    return digest_bytes(b"\0".join(parts))


def _still_holds(values: Any, tree: FileTree) -> bool:
    """Whether the other files that an item uses are as they were."""
    uses = values[0]
    return all(tree.digest(path) == known if known else path in tree for path, known in uses)


def _record(library: ContentIndex, cache: ParseCache, key: Key, item: SourceItem, place: int) -> Any:
    """A record as the cache has it, light or whole; read anew where that is broken."""
    found = cache.read_blob(key, place)
    with suppress(*CORRUPT_ERRORS):
        if found is not None:
            return unpickle_record(found)
    outcome = library.reread(item)
    return unpickle_record(outcome.stub if place == STUB_BLOB else outcome.full)


def _read_anew(rows: SnapshotTable, reading: ReadOptions, kinds: Mapping[str, Kind], item: SourceItem) -> ParsedItem:
    """An item as its files have it now; raises `ContentProblems` where they have been broken since."""
    row = rows.find_row(item.kind, item.slug) if item.has_snapshot_row else None
    (outcome,) = read_batch(reading, ((item, row),), kinds)
    if outcome.problems:
        raise ContentProblems(outcome.problems)
    return outcome


def _read(
    library: ContentIndex,
    waiting: Sequence[SourceItem],
    kinds: Mapping[str, Kind],
    rows: SnapshotTable,
    reading: ReadOptions,
    cache: ParseCache,
    hands: WorkerPool,
    progress: ProgressCallback | None,
) -> None:
    """Read what is not in the cache: many at a time where there is much of it."""
    known = all(KINDS_BY_NAME.get(name) is kind for name, kind in kinds.items())
    jobs = [(item, rows.find_row(item.kind, item.slug) if item.has_snapshot_row else None) for item in waiting]
    if hands.local_pool.is_parallel and known and len(jobs) >= PARALLEL_THRESHOLD:
        batches = hands.local_pool.map(partial(read_batch, reading), split_batches(jobs, BATCH_SIZE))
    else:
        batches = (read_batch(reading, (job,), kinds) for job in jobs)
    outcomes = (outcome for batch in batches for outcome in batch)
    for number, (item, outcome) in enumerate(zip(waiting, outcomes, strict=True), start=1):
        if outcome.problems:
            _refuse(library, item, outcome, reading.root.name)
        else:
            # A file may have been saved since it was looked at: what was read goes by what was read.
            _keep(library, item, _key(item, outcome.file_digests, rows, reading), outcome, cache)
        if progress:
            progress("Reading", number, len(waiting))
    library.read_count = len(waiting)


KINDS_BY_NAME = {kind.name: kind for kind in KINDS}


def read_batch(
    reading: ReadOptions, jobs: Sequence[tuple[SourceItem, Any]], kinds: Mapping[str, Kind] = KINDS_BY_NAME
) -> tuple[ParsedItem, ...]:
    """Read some items; this is what a worker is handed."""
    return tuple(
        read_item(item, row, kinds[item.kind], reading.root, reading.langs, reading.reader) for item, row in jobs
    )


def _refuse(library: ContentIndex, item: SourceItem, outcome: ParsedItem, root: str) -> None:
    """Note what is wrong with an item."""
    library.problems.extend(outcome.problems)
    library.failed_checks[item.ref] = unpack_checks(outcome.checks)
    if item.paths_by_lang:
        library.failed.append(FailedItem(item.ref, _shown(item, root)))


def _keep(library: ContentIndex, item: SourceItem, key: Key, outcome: ParsedItem, cache: ParseCache) -> None:
    """Keep what was read."""
    _compare(library, item, outcome, cache)
    looked_at = tuple(library.tree.digest(path) for _, path in item.paths_by_lang)
    library.is_consistent = library.is_consistent and looked_at == outcome.file_digests
    uses = tuple((path, library.tree.digest(path) if by_bytes else b"") for path, by_bytes in outcome.file_deps)
    values = (
        uses,
        outcome.references,
        outcome.files,
        outcome.media,
        outcome.embargo,
        outcome.has_image,
        outcome.digest,
        outcome.stub_digest,
        outcome.fallback_count,
        outcome.url_parts,
        outcome.aliases,
    )
    cache.add(key, values, (outcome.stub, outcome.full, outcome.checks))
    library.checked_rows[item.ref] = ItemRow(key, item.paths_by_lang, item.has_snapshot_row, *values)


def _compare(library: ContentIndex, item: SourceItem, outcome: ParsedItem, cache: ParseCache) -> None:
    """Note which fields of a record differ from what they were the last time it was read."""
    key = library.checkpoint.find_key(str(item.ref)) if library.checkpoint is not None else None
    old = cache.read_blob(key, FULL_BLOB) if key is not None else None
    with suppress(*CORRUPT_ERRORS):
        if old is not None:
            library.changed_fields[item.ref] = tuple(
                find_changed_fields(unpickle_record(old), unpickle_record(outcome.full))
            )
