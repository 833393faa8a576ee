"""The plan of a publication: the difference of two manifests, in the order in which files may become visible.

Every address that was ever published has to serve, to redirect, or to say that it is gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import PurePosixPath

from openknowledge.manifest import CacheClass, FileRole, ManifestEntry
from openknowledge.output_paths import is_promised
from openknowledge.redirects.table import Redirect

from .manifest_shards import Difference, ShardedManifest, diff_manifests

__all__ = [
    *("NEW_STEP", "Plan", "find_lost_urls", "find_retired_urls", "grace_entries", "grace_paths", "make_plan"),
]

ROLES = tuple(FileRole)
HOME = "index.html"
NEW_STEP = "new"
"""The step of new files, to which nothing refers that a reader can get."""
REPLACEABLE = ("image/", "font/")
"""What pages show and no reader bookmarks: a page that shows another picture has lost no address."""


@dataclass(frozen=True)
class Plan:
    """What changes between the published manifest and the next one; each field is sorted by path."""

    added: tuple[ManifestEntry, ...] = ()
    changed: tuple[tuple[ManifestEntry, ManifestEntry], ...] = ()
    """Pairs of the entry that is replaced and the one that replaces it."""
    removed: tuple[ManifestEntry, ...] = ()
    resent: tuple[ManifestEntry, ...] = ()
    """Files that are as they were published, and that an interrupted publication may have replaced."""
    to_purge: tuple[ManifestEntry, ...] = ()
    """Entries of which caches may hold an earlier version."""
    uncertain_paths: frozenset[str] = frozenset()
    """The paths that an interrupted publication may have written."""
    maybe_visible: frozenset[str] = frozenset()
    """Paths of added files that readers may have found with the content of an interrupted publication."""

    @property
    def is_empty(self) -> bool:
        """Return whether nothing has to change."""
        return not (self.sent or self.removed)

    @cached_property
    def sent(self) -> tuple[ManifestEntry, ...]:
        """The files that are written."""
        return (*self.added, *(after for _, after in self.changed), *self.resent)

    @cached_property
    def replaced(self) -> tuple[ManifestEntry, ...]:
        """The files that disappear, which a rollback needs.

        Uncertain paths are left out: their file may be another one, and the interrupted publication has backed up the
        first one.
        """
        entries = (*(before for before, _ in self.changed), *self.removed)
        return tuple(entry for entry in entries if entry.path not in self.uncertain_paths)

    def steps(self) -> Iterator[tuple[str, tuple[ManifestEntry, ...]]]:
        """Yield the name and the files of each step, in the order in which they may become visible.

        New files come first, in any order: nothing refers to them yet. Then files are replaced: files before pages,
        pages before the lists and feeds that name them, redirects that take the place of pages last. Files that may be
        visible already count as replaced. The home page is never new, because readers know its address.
        """
        new = {entry.path for entry in self.added} - {HOME, *self.maybe_visible}

        def step_of(entry: ManifestEntry) -> tuple[int, str]:
            order = ROLES.index(entry.role)
            if entry.role in (FileRole.ASSET, FileRole.MEDIA):
                return order, entry.role.value
            return (len(ROLES), NEW_STEP) if entry.path in new else (len(ROLES) + 1 + order, entry.role.value)

        ordered = sorted(self.sent, key=lambda entry: (step_of(entry), entry.path))
        for (_, name), entries in groupby(ordered, key=step_of):
            yield name, tuple(entries)

    @cached_property
    def purge_urls(self) -> tuple[str, ...]:
        """The URL paths that caches may hold in an earlier version, sorted: for a page its folder and its file."""
        entries = (*self.sent, *self.removed, *self.to_purge)
        cached = [entry for entry in entries if entry.cache is not CacheClass.IMMUTABLE]
        files = {f"/{entry.path}" for entry in cached if entry.is_index}
        return tuple(sorted({entry.url_path for entry in cached} | files))

    @property
    def removed_urls(self) -> set[str]:
        """The addresses that readers may keep and that lose their file: pages, lists, feeds, data and downloads."""
        return {
            entry.url_path
            for entry in self.removed
            if entry.role is not FileRole.ASSET
            and not entry.media_type.startswith(REPLACEABLE)
            and is_promised(entry.path)
        }


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
    """Return what it takes from one manifest to another.

    `uncertain` are the manifests of interrupted publications: where they differ from `before`, either file may be
    there. `is_all_uncertain` is true if one of them stored files with other headers. `replacing` are those of them
    whose new files readers may have found. `stale` are manifests whose pages caches may hold. `resends_all` is true if
    all files get other headers now.
    """
    doubtful = {
        pair.path: entry
        for manifest in uncertain
        for pair in _visible_pairs(before, manifest, is_all_uncertain)
        if (entry := pair.after or pair.before)
    }
    outdated = (pair for manifest in stale for pair in _visible_pairs(manifest, after, False))
    pairs = tuple(_visible_pairs(before, after, resends_all))
    planned = {pair.path for pair in pairs}
    rest = [(entry, after.get(path)) for path, entry in sorted(doubtful.items()) if path not in planned]
    removed = [pair.before for pair in pairs if pair.before and not pair.after]
    removed += [entry for entry, current in rest if current is None]
    added = tuple(pair.after for pair in pairs if pair.after and not pair.before)
    others = tuple(replacing)
    return Plan(
        added=added,
        changed=tuple((pair.before, pair.after) for pair in pairs if pair.before and pair.after),
        removed=tuple(sorted(removed, key=lambda entry: entry.path)),
        resent=tuple(current for _, current in rest if current),
        to_purge=tuple(entry for pair in outdated if (entry := pair.after or pair.before)),
        uncertain_paths=frozenset(doubtful),
        maybe_visible=frozenset(entry.path for entry in added if any(_is_other(entry, other) for other in others)),
    )


def _visible_pairs(one: ShardedManifest | None, other: ShardedManifest, is_all: bool) -> Iterator[Difference]:
    """Yield where two manifests differ in what a reader may notice; every path if `is_all`."""
    if is_all:
        old = {entry.path: entry for entry in one.entries()} if one else {}
        new = {entry.path: entry for entry in other.entries()}
        yield from (Difference(path, old.get(path), new.get(path)) for path in sorted({**old, **new}))
    else:
        pairs = diff_manifests(one, other)
        yield from (pair for pair in pairs if _visible_attributes(pair.before) != _visible_attributes(pair.after))


def _is_other(entry: ManifestEntry, manifest: ShardedManifest) -> bool:
    """Return whether a manifest has another file at an entry's path."""
    return _visible_attributes(manifest.get(entry.path)) not in ((), _visible_attributes(entry))


def _visible_attributes(entry: ManifestEntry | None) -> tuple[object, ...]:
    """Return all of a file that a reader may notice."""
    if entry is None:
        return ()
    return entry.digest, entry.media_type, entry.cache, tuple((twin.encoding, twin.digest) for twin in entry.twins)


def find_lost_urls(
    retired: Iterable[str], plan: Plan, manifest: ShardedManifest, redirects: Iterable[Redirect]
) -> tuple[str, ...]:
    """Return the addresses of all that were published that would lead nowhere, sorted."""
    redirected = {redirect.source.rstrip("/") for redirect in redirects if not redirect.query}
    return tuple(
        address
        for address in sorted({*retired, *plan.removed_urls})
        if address.rstrip("/") not in redirected and _entry_at(address, manifest) is None
    )


def find_retired_urls(retired: Iterable[str], plan: Plan, manifest: ShardedManifest) -> frozenset[str]:
    """Return the addresses that were published and have no page or file of their own now, so that redirects answer."""
    replaced = {new.url_path for old, new in plan.changed if _has_no_page(new) and not _has_no_page(old)}
    candidates = {*retired, *plan.removed_urls, *replaced}
    return frozenset(address for address in candidates if _has_no_page(_entry_at(address, manifest)))


def _entry_at(address: str, manifest: ShardedManifest) -> ManifestEntry | None:
    return manifest.get(f"{address}index.html".lstrip("/") if address.endswith("/") else address.lstrip("/"))


def _has_no_page(entry: ManifestEntry | None) -> bool:
    return entry is None or entry.role is FileRole.REDIRECT


def grace_entries(entries: Iterable[ManifestEntry]) -> Iterator[ManifestEntry]:
    """Yield what open pages may still request after a release: their styles, scripts and pictures."""
    yield from (entry for entry in entries if entry.role in (FileRole.ASSET, FileRole.MEDIA))


def grace_paths(removals: Mapping[str, int], files: Iterable[str], oldest_s: float) -> dict[str, int]:
    """Return the removals after `oldest_s` whose paths can stay beside these files, sorted by path.

    Such a path is none of the files, no folder of one, and below none.
    """
    taken = set(files)
    occupied = taken | {str(parent) for path in taken for parent in PurePosixPath(path).parents}
    return {
        path: removed_s
        for path, removed_s in sorted(removals.items())
        if removed_s > oldest_s and path not in occupied and taken.isdisjoint(map(str, PurePosixPath(path).parents))
    }
