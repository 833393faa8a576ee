"""Everything below content/ as documents: what was read before is taken from the cache, the rest is read anew."""

from __future__ import annotations

import dataclasses
import marshal
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..executors import Workers, in_batches
from ..questions.canonical import canonical, digest_of_bytes
from .documents import KINDS_MODULES, Claim, Document, revived
from .finding import find_items, same_slug
from .kinds import KINDS
from .kinds.kind import Kind
from .model.values import Lang, Record, Ref
from .problems import ContentProblems, Problem
from .reading import Item, Outcome, read_item
from .reading_cache import ReadingCache
from .snapshots import Rows
from .tree import Tree

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


@dataclass(slots=True)
class Library:
    """What there is to make a site of, and what is wrong with it.

    `fields` are, for each record that was read anew and had been there before, the names of the fields that differ.
    `anew` reads an item once more, where what was kept of it turns out to be broken.
    """

    tree: Tree
    anew: Callable[[Item], Outcome]
    items: dict[Ref, Item] = field(default_factory=dict)
    documents: dict[Ref, Document] = field(default_factory=dict)
    keys: dict[Ref, Key] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    partial_claims: dict[Ref, tuple[Claim, ...]] = field(default_factory=dict)
    fields: dict[Ref, tuple[str, ...]] = field(default_factory=dict)
    read: int = 0
    fell_back: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How items are read: what every worker must know."""

    root: Path
    langs: tuple[Lang, ...]
    reader: str
    fingerprint: bytes


def read_library(
    tree: Tree,
    kinds: Sequence[Kind],
    rows: Rows,
    reading: Reading,
    cache: ReadingCache,
    hands: Workers,
    progress: Progress | None = None,
) -> Library:
    """Read all items that have changed since they were last read, in any build that shares the cache."""
    KINDS_MODULES.update(module for kind in kinds for module in (kind.model.__module__, kind.words.__module__))
    by_name = {kind.name: kind for kind in kinds}
    library = Library(tree, partial(_read_anew, rows, reading, by_name))
    root = reading.root.name
    items, strays = find_items(tree.stamps, kinds, reading.langs, root)
    library.problems.extend(strays)
    waiting: list[Item] = []
    taken: dict[tuple[str, str], Item] = {}
    for item in _with_rows(items, rows, {kind.name for kind in kinds}):
        first = taken.setdefault((item.kind, item.slug), item)
        if first is not item:
            library.problems.append(same_slug(first, item, root))
            library.broken.append(Broken(item.ref, _shown(item, root)))
            continue
        key = _key(item, (tree.digest(path) for _, path in item.by_lang), rows, reading)
        values = cache.find(key)
        if values is None or not _still_holds(values, tree):
            waiting.append(item)
        else:
            _take(library, cache, key, item, values)
    _read(library, waiting, by_name, rows, reading, cache, hands, progress)
    return library


def claims(library: Library, cache: ReadingCache, refs: Iterable[Ref]) -> Iterator[Claim]:
    """What the files of some records take for granted."""
    for ref in refs:
        found = cache.blob(library.keys[ref], CLAIMS)
        kept = _claims(found)
        yield from library.anew(library.items[ref]).claims if kept is None else kept


def _claims(kept: bytes | None) -> tuple[Claim, ...] | None:
    """The claims that were kept; None for bytes that are none."""
    with suppress(*BROKEN):
        return tuple(Claim(*one) for one in marshal.loads(kept or b""))
    return None


def _with_rows(items: Sequence[Item], rows: Rows, kinds: set[str]) -> Iterator[Item]:
    """The items of files with their rows, then the rows that no file adds to."""
    for item in items:
        yield dataclasses.replace(item, has_row=True) if (item.kind, item.slug) in rows else item
    named = {(item.kind, item.slug) for item in items}
    for kind, slug in rows:
        if (kind, slug) not in named and kind in kinds:
            yield Item(kind, slug, has_row=True)


def _shown(item: Item, root: str) -> tuple[str, ...]:
    return tuple(f"{root}/{path}" for _, path in item.by_lang)


def _key(item: Item, sources: Iterable[bytes], rows: Rows, reading: Reading) -> Key:
    """The digest of all that shapes an item, but for the other files that it uses; `sources` are those of its files."""
    parts = [reading.fingerprint, item.kind.encode(), item.slug.encode()]
    for (lang, path), source in zip(item.by_lang, sources, strict=True):
        parts += (lang.encode(), path.encode(), source)
    if item.has_row:
        parts.append(rows.digest(item.kind, item.slug))
    return digest_of_bytes(b"\0".join(parts))


def _still_holds(values: Any, tree: Tree) -> bool:
    """Whether the other files that an item uses are as they were."""
    uses = values[0]
    return all(tree.digest(path) == known if known else path in tree for path, known in uses)


def _take(library: Library, cache: ReadingCache, key: Key, item: Item, values: Any) -> None:
    """A document from the cache; a blob that is broken there is made again from the files."""
    _, references, files, media, embargo, has_image, digest, light_digest, fell_back, address = values

    ref = item.ref
    library.keys[ref], library.items[ref] = key, item
    library.fell_back += fell_back
    library.documents[ref] = Document(
        ref=ref,
        digest=digest,
        light_digest=light_digest,
        references=references,
        files=files,
        media=media,
        embargo=embargo,
        has_image=has_image,
        address=address,
        light=partial(_record, library, cache, key, item, LIGHT),
        whole=partial(_record, library, cache, key, item, WHOLE),
    )


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
    hands: Workers,
    progress: Progress | None,
) -> None:
    """Read what is not in the cache: many at a time where there is much of it."""
    known = all(KINDS_BY_NAME.get(name) is kind for name, kind in kinds.items())
    jobs = [(item, rows.row(item.kind, item.slug) if item.has_row else None) for item in waiting]
    if hands.near.are_there and known and len(jobs) >= MANY:
        batches = hands.near.each(partial(read_batch, reading), in_batches(jobs, BATCH))
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
    library.partial_claims[item.ref] = outcome.claims
    if item.by_lang:
        library.broken.append(Broken(item.ref, _shown(item, root)))


def _keep(library: Library, item: Item, key: Key, outcome: Outcome, cache: ReadingCache) -> None:
    """Keep what was read."""
    _compare(library, item, outcome, cache)
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
    )
    told = marshal.dumps([one.told() for one in outcome.claims])
    cache.add(key, values, (outcome.light, outcome.whole, told))
    _take(library, cache, key, item, values)


def _compare(library: Library, item: Item, outcome: Outcome, cache: ReadingCache) -> None:
    """Note which fields of a record differ from what they were the last time it was read."""
    before = cache.memory.get("latest", {}).get(str(item.ref))
    old = cache.blob(before, WHOLE) if before is not None else None
    with suppress(*BROKEN):
        if old is not None:
            library.fields[item.ref] = tuple(differing(revived(old), revived(outcome.whole)))


def differing(old: Record, new: Record) -> Iterator[str]:
    """The fields in which two forms of a record differ: `weeks`, `title (it)`."""
    for one in dataclasses.fields(new):
        before, after = getattr(old, one.name, None), getattr(new, one.name)
        if one.name == "words" and before is not None:
            for lang in {**before, **after}:
                yield from _differing_words(before.get(lang), after.get(lang), lang)
        elif canonical(before) != canonical(after):
            yield one.name


def _differing_words(before: Any, after: Any, lang: Lang) -> Iterator[str]:
    if before is None or after is None:
        yield f"words ({lang})"
        return
    for one in dataclasses.fields(after):
        if getattr(before, one.name, None) != getattr(after, one.name):
            yield f"{'text' if one.name == 'body' else one.name} ({lang})"
