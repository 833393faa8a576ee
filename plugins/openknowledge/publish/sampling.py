"""Which files are looked at where there are too many to look at all: always the same ones, of every role."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import zip_longest

from openknowledge.manifest import FileRole, ManifestEntry

from .manifest_shards import ShardedManifest
from .plan import Plan

__all__ = ["changed_entries", "sample_by_role", "unchanged_entries"]

FIRST = (FileRole.PAGE, FileRole.LIST, FileRole.DATA, FileRole.FEED, FileRole.REDIRECT, FileRole.ASSET, FileRole.MEDIA)


def changed_entries(plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
    """What was sent, and what an earlier run left in doubt: caches may have something else of it. Sorted by path."""
    found = {entry.path: entry for entry in plan.sent}
    stale = (entry for entry in plan.to_purge if entry.path not in found)
    found.update((entry.path, entry) for entry in stale if manifest.get(entry.path) == entry)
    return tuple(found[path] for path in sorted(found))


def unchanged_entries(plan: Plan, manifest: ShardedManifest) -> tuple[ManifestEntry, ...]:
    """What stayed as it was, as far as the manifest is at hand: nothing is fetched for it."""
    changed = {entry.path for entry in (*plan.sent, *plan.to_purge)}
    return tuple(entry for entry in manifest.loaded_entries() if entry.path not in changed)


def sample_by_role(entries: Iterable[ManifestEntry], limit: int) -> tuple[ManifestEntry, ...]:
    """So many entries, as many of each role as there are; which ones depends on their paths alone. Pages come first."""
    everything = tuple(entries)
    if len(everything) <= limit:
        return everything
    roles = ([entry for entry in everything if entry.role is role] for role in FIRST)
    mixed = (sorted(one, key=lambda entry: sha256(entry.path.encode()).digest()) for one in roles)
    dealt = (entry for row in zip_longest(*mixed) for entry in row if entry is not None)
    return tuple(entry for entry, _ in zip(dealt, range(limit), strict=False))
