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

from .checkpoint import Sound
from .discovery import find_items, same_slug, with_rows
from .item_table import PLAIN, Columns, Row, Shelved
from .parse_cache import ReadingCache
from .read_item import Item, Outcome, read_item
from .record_diff import differing
from .records import KINDS_MODULES, Claim, Document, claims_kept, revived
from .snapshots import Rows

__all__ = ["Broken", "Library", "Progress", "read_library"]

BATCH = 32
MANY = 200
"""From how many items on reading is worth other hands."""
LIGHT, WHOLE, CLAIMS = range(3)
"""The places of an entry's blobs."""
BROKEN = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError)
"""What bytes raise that are no record, though they are as somebody wrote them."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many are done and how many there are."""

Key = bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """An item that could not be read: what stands in for it in a preview."""

    ref: Ref
    paths: tuple[str, ...]


@dataclass
class Library:
    """What there is to make a site of, and what is wrong with it.

    `rows` are those of the items that were looked at in this build, `documents` all that there is. `last` is what the
    last sound build found, `listing` and `listed` the digests of which items there are, as `Sound` has them. A library
    `is_steady` while no file is saved between the look at it and its reading. `fields` are, for each record that was
    read anew and had been there before, the names of the fields that differ. `anew` reads an item once more, where what
    was kept of it turns out to be broken.
    """

    tree: FileTree
    cache: ReadingCache
    anew: Callable[[Item], Outcome]
    listing: bytes
    last: Sound | None
    listed: bytes = b""
    rows: dict[Ref, Row] = field(default_factory=dict)
    columns: Columns = field(default_factory=lambda: Columns.of({}))
    problems: list[Problem] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    partial_claims: dict[Ref, tuple[Claim, ...]] = field(default_factory=dict)
    fields: dict[Ref, tuple[str, ...]] = field(default_factory=dict)
    is_steady: bool = True
    read: int = 0

    @cached_property
    def documents(self) -> Mapping[Ref, Document]:
        return Shelved(self.columns, self._document)

    @property
    def fell_back(self) -> int:
        """How many texts the fast reader left to the default one."""
        return sum(self.columns.column("fell_back"))

    def item(self, name: str) -> Item:
        """What an item is made of, by its written reference."""
        return self.columns.item(self.columns.numbers[name])

    def key(self, name: str) -> Key:
        found = self.columns.digest_of("key", name)
        assert found is not None
        return found

    def _document(self, name: str) -> Document:
        """A document by its written reference; a blob that is broken in the cache is made again from the files."""
        item, key = self.item(name), self.key(name)
        values = self.cache.find(key)
        known = Row(key, item.by_lang, item.has_row, *values) if values is not None else None
        row = known or self.columns.row(self.columns.numbers[name])
        known_of = (row.references, row.files, row.media, row.embargo, row.has_image, row.address, row.aliases)
        light, whole = (partial(_record, self, self.cache, key, item, place) for place in (LIGHT, WHOLE))
        return Document(item.ref, row.digest, row.light_digest, *known_of, light, whole)


@dataclass(frozen=True, slots=True)
class Reading:
    """How items are read: what every worker must know."""

    root: Path
    langs: tuple[Lang, ...]
    reader: str
    fingerprint: bytes


def read_library(
    tree: FileTree,
    kinds: Sequence[Kind],
    rows: Rows,
    reading: Reading,
    cache: ReadingCache,
    hands: WorkerPool,
    progress: Progress | None = None,
) -> Library:
    """Read all items that have changed since they were last read, in any build that shares the cache."""
    KINDS_MODULES.update(module for kind in kinds for module in (kind.model.__module__, kind.words.__module__))
    by_name = {kind.name: kind for kind in kinds}
    anew = partial(_read_anew, rows, reading, by_name)
    library = Library(tree, cache, anew, _listing(tree, rows, reading), Sound.read(cache.memory))
    last = library.last
    if last is not None and not (last.listing == library.listing and cache.use(last.columns.digests("key"))):
        last = None
    if last is not None:
        library.listed, items = last.listed, last.in_doubt(tree)
    else:
        items = _found(library, kinds, rows, reading)
    waiting: list[Item] = []
    for item in items:
        key = _key(item, (tree.digest(path) for _, path in item.by_lang), rows, reading)
        values = cache.find(key)
        if values is None or not _still_holds(values, tree):
            waiting.append(item)
        else:
            library.rows[item.ref] = Row(key, item.by_lang, item.has_row, *values)
    _read(library, waiting, by_name, rows, reading, cache, hands, progress)
    library.columns = last.columns_with(library.rows, items, cache) if last is not None else Columns.of(library.rows)
    return library


def _listing(tree: FileTree, rows: Rows, reading: Reading) -> bytes:
    """The digest of all that decides which items there are, what their rows say and how they are read."""
    paths = [path for path in tree.stamps if path.endswith(".md")]
    told = [(*name, rows.digest(*name)) for name in rows]
    return digest_bytes(marshal.dumps((reading.fingerprint, reading.root.name, paths, told), PLAIN))


def _found(library: Library, kinds: Sequence[Kind], rows: Rows, reading: Reading) -> list[Item]:
    """All items; of those with one name the first."""
    root = reading.root.name
    found, strays = find_items(library.tree.stamps, kinds, reading.langs, root)
    library.problems.extend(strays)
    taken: dict[tuple[str, str], Item] = {}
    for item in with_rows(found, rows, {kind.name for kind in kinds}):
        first = taken.setdefault((item.kind, item.slug), item)
        if first is not item:
            library.problems.append(same_slug(first, item, root))
            library.broken.append(Broken(item.ref, _shown(item, root)))
    told = [(item.kind, item.slug, item.by_lang) for item in taken.values()]
    library.listed = digest_bytes(marshal.dumps(told, PLAIN))
    return list(taken.values())


def _shown(item: Item, root: str) -> tuple[str, ...]:
    return tuple(f"{root}/{path}" for _, path in item.by_lang)


def _key(item: Item, sources: Iterable[bytes], rows: Rows, reading: Reading) -> Key:
    """The digest of all that shapes an item, but for the other files that it uses; `sources` are those of its files."""
    parts = [reading.fingerprint, item.kind.encode(), item.slug.encode()]
    for (lang, path), source in zip(item.by_lang, sources, strict=True):
        parts += (lang.encode(), path.encode(), source)
    if item.has_row:
        parts.append(rows.digest(item.kind, item.slug))
    return digest_bytes(b"\0".join(parts))


def _still_holds(values: Any, tree: FileTree) -> bool:
    """Whether the other files that an item uses are as they were."""
    uses = values[0]
    return all(tree.digest(path) == known if known else path in tree for path, known in uses)


def _record(library: Library, cache: ReadingCache, key: Key, item: Item, place: int) -> Any:
    """A record as the cache has it, light or whole; read anew where that is broken."""
    found = cache.blob(key, place)
    with suppress(*BROKEN):
        if found is not None:
            return revived(found)
    outcome = library.anew(item)
    return revived(outcome.light if place == LIGHT else outcome.whole)


def _read_anew(rows: Rows, reading: Reading, kinds: Mapping[str, Kind], item: Item) -> Outcome:
    """An item as its files have it now; raises `ContentProblems` where they have been broken since."""
    row = rows.row(item.kind, item.slug) if item.has_row else None
    (outcome,) = read_batch(reading, ((item, row),), kinds)
    if outcome.problems:
        raise ContentProblems(outcome.problems)
    return outcome


def _read(
    library: Library,
    waiting: Sequence[Item],
    kinds: Mapping[str, Kind],
    rows: Rows,
    reading: Reading,
    cache: ReadingCache,
    hands: WorkerPool,
    progress: Progress | None,
) -> None:
    """Read what is not in the cache: many at a time where there is much of it."""
    known = all(KINDS_BY_NAME.get(name) is kind for name, kind in kinds.items())
    jobs = [(item, rows.row(item.kind, item.slug) if item.has_row else None) for item in waiting]
    if hands.local_pool.is_parallel and known and len(jobs) >= MANY:
        batches = hands.local_pool.map(partial(read_batch, reading), split_batches(jobs, BATCH))
    else:
        batches = (read_batch(reading, (job,), kinds) for job in jobs)
    outcomes = (outcome for batch in batches for outcome in batch)
    for number, (item, outcome) in enumerate(zip(waiting, outcomes, strict=True), start=1):
        if outcome.problems:
            _refuse(library, item, outcome, reading.root.name)
        else:
            # A file may have been saved since it was looked at: what was read goes by what was read.
            _keep(library, item, _key(item, outcome.sources, rows, reading), outcome, cache)
        if progress:
            progress("Reading", number, len(waiting))
    library.read = len(waiting)


KINDS_BY_NAME = {kind.name: kind for kind in KINDS}


def read_batch(
    reading: Reading, jobs: Sequence[tuple[Item, Any]], kinds: Mapping[str, Kind] = KINDS_BY_NAME
) -> tuple[Outcome, ...]:
    """Read some items; this is what a worker is handed."""
    return tuple(
        read_item(item, row, kinds[item.kind], reading.root, reading.langs, reading.reader) for item, row in jobs
    )


def _refuse(library: Library, item: Item, outcome: Outcome, root: str) -> None:
    """Note what is wrong with an item."""
    library.problems.extend(outcome.problems)
    library.partial_claims[item.ref] = claims_kept(outcome.claims)
    if item.by_lang:
        library.broken.append(Broken(item.ref, _shown(item, root)))


def _keep(library: Library, item: Item, key: Key, outcome: Outcome, cache: ReadingCache) -> None:
    """Keep what was read."""
    _compare(library, item, outcome, cache)
    looked_at = tuple(library.tree.digest(path) for _, path in item.by_lang)
    library.is_steady = library.is_steady and looked_at == outcome.sources
    uses = tuple((path, library.tree.digest(path) if by_bytes else b"") for path, by_bytes in outcome.uses)
    values = (
        uses,
        outcome.references,
        outcome.files,
        outcome.media,
        outcome.embargo,
        outcome.has_image,
        outcome.digest,
        outcome.light_digest,
        outcome.fell_back,
        outcome.address,
        outcome.aliases,
    )
    cache.add(key, values, (outcome.light, outcome.whole, outcome.claims))
    library.rows[item.ref] = Row(key, item.by_lang, item.has_row, *values)


def _compare(library: Library, item: Item, outcome: Outcome, cache: ReadingCache) -> None:
    """Note which fields of a record differ from what they were the last time it was read."""
    key = library.last.key_of(str(item.ref)) if library.last is not None else None
    old = cache.blob(key, WHOLE) if key is not None else None
    with suppress(*BROKEN):
        if old is not None:
            library.fields[item.ref] = tuple(differing(revived(old), revived(outcome.whole)))
