"""What has to travel: the difference of two manifests, in the order in which it may become visible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from openknowledge.manifest import CacheClass, FileRole, ManifestEntry

from .manifest_shards import ShardedManifest, diff_manifests

__all__ = ["NEW_STEP", "Plan", "make_plan", "urls_of"]

ROLES = tuple(FileRole)
HOME = "index.html"
NEW_STEP = "new"
"""The step of files that nothing refers to which a reader can get."""


@dataclass(frozen=True)
class Plan:
    """What changes between what is published and what is to be; all sorted by path.

    The first of a changed pair is what is replaced. `again` are files that equal what was published, where a
    publication that was cut off may have put another one: `doubted` are all such paths, `half_new` those of added files
    that readers may have found as others. `stale` are entries whose addresses caches may hold as they were before.
    """

    added: tuple[ManifestEntry, ...] = ()
    changed: tuple[tuple[ManifestEntry, ManifestEntry], ...] = ()
    removed: tuple[ManifestEntry, ...] = ()
    resent: tuple[ManifestEntry, ...] = ()
    to_purge: tuple[ManifestEntry, ...] = ()
    uncertain_paths: frozenset[str] = frozenset()
    maybe_visible: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed or self.resent)

    @cached_property
    def sent(self) -> tuple[ManifestEntry, ...]:
        """The files that travel."""
        return (*self.added, *(after for _, after in self.changed), *self.resent)

    @cached_property
    def replaced(self) -> tuple[ManifestEntry, ...]:
        """The files that will not be where they are any more: what a way back needs.

        Not those that are doubted: what stands there may be another file, and whoever put it there kept the first one.
        """
        known = (*(before for before, _ in self.changed), *self.removed)
        return tuple(entry for entry in known if entry.path not in self.uncertain_paths)

    @property
    def sent_b(self) -> int:
        return sum(entry.size_b for entry in self.sent)

    def steps(self) -> Iterator[tuple[str, tuple[ManifestEntry, ...]]]:
        """What becomes visible one after the other, each step with its name.

        New files come first: nothing that a reader can get refers to them yet, so it does not matter in which order
        pages among them refer to each other. Then what is replaced: files before pages, pages before the lists and
        feeds that name them, redirects in the place of pages last. What is half new comes with what is replaced. The
        home page is never new: readers know of it.
        """
        new = {entry.path for entry in self.added} - {HOME, *self.maybe_visible}
        ordered = sorted(self.sent, key=lambda entry: (_step(entry, entry.path in new), entry.path))
        for step, entries in groupby(ordered, key=lambda entry: _step(entry, entry.path in new)):
            yield step[1], tuple(entries)

    @cached_property
    def purge_urls(self) -> tuple[str, ...]:
        """The addresses that caches may have something else of, sorted: all that changed but what never does."""
        entries = (*self.sent, *self.removed, *self.to_purge)
        return tuple(sorted({address for entry in entries for address in urls_of(entry)}))


def urls_of(entry: ManifestEntry) -> tuple[str, ...]:
    """The addresses of a file that may change: those of a page are its folder, and its file."""
    if entry.cache is CacheClass.IMMUTABLE:
        return ()
    return (entry.url_path, f"/{entry.path}") if entry.is_index else (entry.url_path,)


def _step(entry: ManifestEntry, is_new: bool) -> tuple[int, str]:
    if entry.role in (FileRole.ASSET, FileRole.MEDIA):
        return ROLES.index(entry.role), entry.role.value
    if is_new:
        return len(ROLES), NEW_STEP
    return len(ROLES) + 1 + ROLES.index(entry.role), entry.role.value


def make_plan(
    before: ShardedManifest | None,
    after: ShardedManifest,
    *,
    uncertain: Iterable[ShardedManifest] = (),
    replacing: Iterable[ShardedManifest] = (),
    stale: Iterable[ShardedManifest] = (),
    resends_all: bool = False,
    is_all_uncertain: bool = False,
) -> Plan:
    """What it takes from one manifest to another.

    `uncertain` are manifests of publications that were cut off: where they differ from `before`, nobody knows which
    file is there; where one gave its files other headers, `is_all_doubted`. `replacing` are those of them of which all
    new files are there, so that readers may have found them. `stale` are manifests whose pages caches
    may hold. `is_all_anew` where files get other headers now.
    """
    doubted: dict[str, ManifestEntry] = {}
    for one in uncertain:
        doubted.update((path, _either(old, new)) for path, old, new in _pairs(before, one, is_all_uncertain))
    pairs = tuple(_pairs(before, after, resends_all))
    settled = {path for path, _, _ in pairs}
    left = [(entry, after.get(path)) for path, entry in sorted(doubted.items()) if path not in settled]
    removed = [old for _, old, new in pairs if old is not None and new is None]
    removed += [entry for entry, there in left if there is None]
    added = tuple(new for _, old, new in pairs if old is None and new is not None)
    others = [one.get for one in replacing]
    return Plan(
        added=added,
        changed=tuple((old, new) for _, old, new in pairs if old is not None and new is not None),
        removed=tuple(sorted(removed, key=lambda entry: entry.path)),
        resent=tuple(there for _, there in left if there is not None),
        to_purge=tuple(_either(old, new) for one in stale for _, old, new in _pairs(one, after, False)),
        uncertain_paths=frozenset(doubted),
        maybe_visible=frozenset(
            entry.path for entry in added if any(_served(get(entry.path)) not in ((), _served(entry)) for get in others)
        ),
    )


def _pairs(
    one: ShardedManifest | None, other: ShardedManifest, is_all: bool
) -> Iterator[tuple[str, ManifestEntry | None, ManifestEntry | None]]:
    """Where two manifests differ in what a reader may notice; or all that they have."""
    if is_all:
        old = {entry.path: entry for entry in one.entries()} if one else {}
        new = {entry.path: entry for entry in other.entries()}
        yield from ((path, old.get(path), new.get(path)) for path in sorted({**old, **new}))
        return
    yield from (found for found in diff_manifests(one, other) if _served(found[1]) != _served(found[2]))


def _either(old: ManifestEntry | None, new: ManifestEntry | None) -> ManifestEntry:
    """The entry of a path that one of two manifests has at least."""
    found = new or old
    assert found is not None
    return found


def _served(entry: ManifestEntry | None) -> tuple[object, ...]:
    """All of a file that a reader may notice."""
    if entry is None:
        return ()
    return entry.digest, entry.media_type, entry.cache, tuple((twin.encoding, twin.digest) for twin in entry.twins)
