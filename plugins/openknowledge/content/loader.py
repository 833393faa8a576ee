"""All items below content/: what was parsed before comes from the cache, the rest is read again."""

import marshal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar

from openknowledge.engine.atomic_files import MARSHAL_VERSION
from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import digest_bytes
from openknowledge.engine.workers.pool import WorkerPool, split_batches
from openknowledge.model.values import Ref
from openknowledge.problems import ContentProblems, Problem
from openknowledge.progress import ProgressCallback

from .checks import CrossCheck, unpack_checks
from .discovery import SourceItem, find_items
from .item_table import Checkpoint, ItemRow, ItemTable
from .parse_cache import ParseCache
from .passed_over import MISNAMED_SUFFIXES
from .read_item import ParsedItem, ReadOptions, read_item
from .records import CORRUPT_ERRORS, RecordStore, allow_models, find_changed_fields, unpickle_record
from .snapshots import SnapshotRow, SnapshotTable

__all__ = ["ContentIndex", "FailedItem", "load_content"]

BATCH_SIZE = 32
PARALLEL_THRESHOLD = 200
"""From how many items on reading is worth other processes."""
STUB_BLOB, FULL_BLOB, CHECKS_BLOB = range(3)
"""The blobs of an item's entry in the parse cache."""

Job = tuple[SourceItem, SnapshotRow | None]
T = TypeVar("T")


class FailedItem(NamedTuple):
    """An item that could not be read; a preview shows a placeholder for it."""

    ref: Ref
    paths: tuple[str, ...]


@dataclass
class ContentIndex:
    """What there is to make a site of, and what is wrong with it.

    `table` has all items, `checked_rows` the rows of those that were checked in this build. `checkpoint` is that of the
    last build without problems; `discovery_digest` and `items_digest` are what its digests are now. `failed_checks` are
    the cross-checks of failed items. `changed_fields` names, for each record that was read again, the fields that
    differ; `parsed` are those that were read. The index `is_consistent` unless a file was saved between its stamp and
    its reading.
    """

    tree: FileTree
    cache: ParseCache
    snapshots: SnapshotTable
    options: ReadOptions
    checkpoint: Checkpoint | None
    discovery_digest: bytes
    items_digest: bytes = b""
    table: ItemTable = field(default_factory=lambda: ItemTable.from_rows({}))
    checked_rows: dict[Ref, ItemRow] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    failed: list[FailedItem] = field(default_factory=list)
    failed_checks: dict[Ref, tuple[CrossCheck, ...]] = field(default_factory=dict)
    changed_fields: dict[Ref, tuple[str, ...]] = field(default_factory=dict)
    is_consistent: bool = True
    parsed: list[str] = field(default_factory=list)

    @property
    def fallback_count(self) -> int:
        """Return how many texts the fast reader left to the default one."""
        return sum(self.table.column("fallback_count"))

    def select_records(self, table: ItemTable) -> RecordStore:
        """Return the records of a table with all or some of the items."""
        stub, full = (partial(self._load, unpickle_record, blob) for blob in (STUB_BLOB, FULL_BLOB))
        return RecordStore(table, stub, full)

    def load_checks(self, name: str) -> tuple[CrossCheck, ...]:
        """Return the cross-checks of an item by its written reference."""
        return self._load(unpack_checks, CHECKS_BLOB, name)

    def _load(self, unpack: Callable[[bytes], T], blob: int, name: str) -> T:
        """Return what is in a blob of an item; the item is read again where the cache's bytes are corrupt."""
        with suppress(*CORRUPT_ERRORS):
            return unpack(self.cache.read_blob(self.table.find_digest("key", name) or b"", blob) or b"")
        item = self.table.item_at(self.table.positions[name])
        (parsed,) = read_batch(self.options, [self._job(item)])
        if parsed.problems:  # Its files have been broken since.
            raise ContentProblems(parsed.problems)
        return unpack(parsed.blobs[blob])

    def unverified_items(self) -> list[str]:
        """Return the written references of items that are not as they were at the checkpoint."""
        last = self.checkpoint.table if self.checkpoint is not None else ItemTable.from_rows({})
        keys = {str(ref): row.key for ref, row in self.checked_rows.items()}
        return [name for name, key in keys.items() if last.find_digest("key", name) != key]

    def _job(self, item: SourceItem) -> Job:
        return item, self.snapshots.find_row(item.kind, item.slug) if item.has_snapshot_row else None

    def compute_key(self, item: SourceItem, file_digests: Iterable[bytes]) -> bytes:
        """Return the digest of all that shapes an item, apart from the other files on which it depends."""
        parts = [self.options.fingerprint, item.kind.encode(), item.slug.encode()]
        for (lang, path), digest in zip(item.paths_by_lang, file_digests, strict=True):
            parts += (lang.encode(), path.encode(), digest)
        if item.has_snapshot_row:
            parts.append(self.snapshots.digests[item.kind, item.slug])
        return digest_bytes(b"\0".join(parts))

    def restore(self, item: SourceItem) -> bool:
        """Add the row of an item that the cache has as its files are now; return whether there is one."""
        key = self.compute_key(item, (self.tree.digest(path) for _, path in item.paths_by_lang))
        values = self.cache.find(key)
        if values is None:
            return False
        row = ItemRow.from_cache(key, item, values)
        for path, digest in row.file_deps:
            if path not in self.tree or (digest and digest != self.tree.digest(path)):
                return False
        self.checked_rows[item.ref] = row
        return True

    def discover(self) -> list[SourceItem]:
        """Return all items; of those with one name the first."""
        options = self.options
        found = find_items(self.tree, options.types, options.langs, options.root.name, self.snapshots.digests)
        items, duplicates, problems = found
        self.problems.extend(problems)
        self.problems.extend(self.tree.refusals)
        self._add_failed(*duplicates)
        names = [(item.kind, item.slug, item.paths_by_lang) for item in items]
        self.items_digest = digest_bytes(marshal.dumps(names, MARSHAL_VERSION))
        return items

    def read(self, items: Sequence[SourceItem], pool: WorkerPool, progress: ProgressCallback | None) -> None:
        """Read items that the cache does not have, with workers where there are many."""
        jobs = [self._job(item) for item in items]
        if pool.local_pool.is_parallel and self.options.is_shareable and len(jobs) >= PARALLEL_THRESHOLD:
            batches = pool.local_pool.map(partial(read_batch, self.options), split_batches(jobs, BATCH_SIZE))
        else:
            batches = (read_batch(self.options, [job]) for job in jobs)
        parsed_items = (parsed for batch in batches for parsed in batch)
        for number, (item, parsed) in enumerate(zip(items, parsed_items, strict=True), start=1):
            if parsed.row is None:
                self.problems.extend(parsed.problems)
                self.failed_checks[item.ref] = unpack_checks(parsed.blobs[CHECKS_BLOB])
                if item.paths_by_lang:
                    self._add_failed(item)
            else:
                self._store(item, parsed, parsed.row)
            if progress:
                progress("Reading", number, len(items))
        self.parsed = [str(item.ref) for item in items]

    def _add_failed(self, *items: SourceItem) -> None:
        root = self.options.root.name
        self.failed += (
            FailedItem(item.ref, tuple(f"{root}/{path}" for _, path in item.paths_by_lang)) for item in items
        )

    def _store(self, item: SourceItem, parsed: ParsedItem, row: ItemRow) -> None:
        """Add what was read to the cache; its key is made of the bytes that were read, not of those at the scan."""
        self._compare(item, parsed)
        file_digests = tuple(self.tree.digest(path) for _, path in item.paths_by_lang)
        self.is_consistent = self.is_consistent and file_digests == parsed.file_digests
        deps = tuple((path, self.tree.digest(path) if by_bytes else b"") for path, by_bytes in parsed.file_deps)
        values = row._replace(file_deps=deps).cached_values
        key = self.compute_key(item, parsed.file_digests)
        self.cache.add(key, values, parsed.blobs)
        self.checked_rows[item.ref] = ItemRow.from_cache(key, item, values)

    def _compare(self, item: SourceItem, parsed: ParsedItem) -> None:
        """Note which fields of a record differ from what they were at the checkpoint."""
        key = self.checkpoint.table.find_digest("key", str(item.ref)) if self.checkpoint is not None else None
        old = self.cache.read_blob(key, FULL_BLOB) if key is not None else None
        with suppress(*CORRUPT_ERRORS):
            if old is not None:
                fields = find_changed_fields(unpickle_record(old), unpickle_record(parsed.blobs[FULL_BLOB]))
                self.changed_fields[item.ref] = tuple(fields)


def load_content(
    tree: FileTree,
    snapshots: SnapshotTable,
    options: ReadOptions,
    cache: ParseCache,
    pool: WorkerPool,
    progress: ProgressCallback | None = None,
) -> ContentIndex:
    """Read all items that have changed since they were last read by any build that shares the cache."""
    types = options.types.values()
    allow_models([model.__module__ for item_type in types for model in (item_type.model, item_type.words)])
    checkpoint = Checkpoint.load(cache.extras)
    # All that decides which items there are, what their rows say and how they are read.
    rows = [(*name, digest) for name, digest in snapshots.digests.items()]
    refusals = [problem.path for problem in tree.refusals]
    names = [path for path in tree if path.lower().endswith(MISNAMED_SUFFIXES)]
    sources = options.fingerprint, options.root.name, names, rows, refusals
    discovery_digest = digest_bytes(marshal.dumps(sources, MARSHAL_VERSION))
    index = ContentIndex(tree, cache, snapshots, options, checkpoint, discovery_digest)
    if checkpoint is not None and checkpoint.digests.discovery != index.discovery_digest:
        checkpoint = None
    if checkpoint is not None and cache.mark_used(checkpoint.table.column("key")):
        index.items_digest = checkpoint.digests.items
        items = checkpoint.find_changed_items(tree)
    else:
        checkpoint, items = None, index.discover()
    index.read([item for item in items if not index.restore(item)], pool, progress)
    if checkpoint is not None:
        index.table = checkpoint.update_table(index.checked_rows, items, cache)
    else:
        index.table = ItemTable.from_rows(index.checked_rows)
    return index


def read_batch(options: ReadOptions, jobs: Sequence[Job]) -> tuple[ParsedItem, ...]:
    """Read some items; this is what workers call."""
    return tuple(read_item(item, row, options) for item, row in jobs)
