"""What an object store holds beside the site so that releases can be restored, and what of it is garbage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from openknowledge.manifest import ManifestEntry

from ..errors import PublishRefused
from ..manifest_shards import PieceNames, ShardedManifest, diff_manifests
from ..release import Release
from .state_object import CONTROL_PREFIX

__all__ = [
    "MANIFESTS",
    "SHARDS",
    "KnownRelease",
    "backup_key",
    "entries_not_in",
    "garbage_keys",
    "replaced_files",
    "share_pieces",
]

MANIFESTS = f"{CONTROL_PREFIX}/manifests"
SHARDS = f"{CONTROL_PREFIX}/shards"


class KnownRelease(NamedTuple):
    """A release, or an interrupted publication, and its manifest; None if that is deleted already."""

    release: Release
    manifest: ShardedManifest | None


def backup_key(entry: ManifestEntry, policy: str) -> str:
    """Return the key of a replaced file: it depends on its path and on all that is stored of it."""
    # Stores hold files under keys of this text, in which the class of the cache has the name that it once had.
    cache = f"<Cache.{entry.cache.name}: {entry.cache.value!r}>"
    twins = (repr((twin.encoding, twin.digest)) for twin in entry.twins)
    identity = ", ".join((*map(repr, (entry.path, entry.digest, entry.media_type)), cache, *twins, repr(policy)))
    return f"{CONTROL_PREFIX}/kept/{sha256(f'({identity})'.encode()).hexdigest()}"


def share_pieces(releases: Iterable[KnownRelease]) -> None:
    """Have all these manifests share the pieces that one of them loads."""
    manifests = [known.manifest for known in releases if known.manifest is not None]
    for manifest in manifests[1:]:
        manifest.loaded_shards = manifests[0].loaded_shards
        manifest.branch_children = manifests[0].branch_children


def garbage_keys(
    gone: Sequence[KnownRelease], retained: Sequence[KnownRelease], files: Iterable[str]
) -> tuple[Sequence[str], ...]:
    """Return the keys of files, shards, branches and roots that only releases need which are gone.

    They are to be deleted in this order, because the later ones lead to the earlier ones.
    """
    living = [known.manifest for known in retained if known.manifest]
    branches: set[str] = set()
    shards: set[str] = set()
    for known in gone:
        if known.manifest is not None:
            unused = _unused_pieces(known.manifest, living)
            branches.update(unused.branches)
            shards.update(unused.shards)
    roots = {known.release.manifest for known in gone if known.manifest}
    return (
        sorted(set(files)),
        [f"{SHARDS}/{name}" for name in sorted(shards)],
        [f"{SHARDS}/{name}" for name in sorted(branches)],
        [f"{MANIFESTS}/{name}" for name in sorted(roots - {known.release.manifest for known in retained})],
    )


def _unused_pieces(gone: ShardedManifest, retained: Iterable[ShardedManifest]) -> PieceNames:
    """Return the pieces of a manifest that none of the others has.

    A piece has one position, so only those branches are fetched that differ from all others in their position. A branch
    that is missing has no shards: shards are written after their branch and deleted before it.
    """
    alike = [manifest for manifest in retained if manifest.root.bits == gone.root.bits]
    others = [manifest.list_pieces() for manifest in retained if manifest.root.bits != gone.root.bits]
    positions = [
        position
        for position, name in enumerate(gone.root.branches)
        if name and all(manifest.root.branches[position] != name for manifest in alike)
    ]
    for manifest in alike:
        manifest.load_branches(manifest.root.branches[position] for position in positions)
    with suppress(PublishRefused):
        gone.load_branches(gone.root.branches[position] for position in positions)
    branches = {gone.root.branches[position] for position in positions}
    shards = {
        name
        for position in positions
        for number, name in enumerate(_children_if_present(gone, gone.root.branches[position]))
        if name and all(manifest.children(manifest.root.branches[position])[number] != name for manifest in alike)
    }
    for pieces in others:
        branches.difference_update(pieces.branches)
        shards.difference_update(pieces.shards)
    return PieceNames(tuple(branches), tuple(shards))


def _children_if_present(manifest: ShardedManifest, branch: str) -> Sequence[str]:
    try:
        return manifest.children(branch)
    except PublishRefused:
        return ()


def replaced_files(gone: Sequence[KnownRelease], retained: Sequence[KnownRelease]) -> Iterator[str]:
    """Yield the keys of files that were replaced in releases which are gone, and that no retained release has."""
    files: dict[str, str] = {}
    for (release, manifest), (later, after) in pairwise((*gone, *retained[:1])):
        if manifest is not None and after is not None:
            replaced = entries_not_in(manifest, after, is_all=release.policy != later.policy)
            files.update((backup_key(entry, release.policy), entry.path) for entry in replaced)
    paths = sorted(set(files.values()))
    for release, manifest in retained if paths else ():
        if manifest is not None:
            manifest.load_for(paths)
            for entry in filter(None, map(manifest.get, paths)):
                files.pop(backup_key(entry, release.policy), None)
    yield from files


def entries_not_in(
    manifest: ShardedManifest, other: ShardedManifest, *, is_all: bool = False
) -> Sequence[ManifestEntry]:
    """Return the entries of a manifest that another one does not have, or all of them.

    Return none if shards are missing: a publication interrupted so early has written no file, and an interrupted
    deletion has deleted the files first.
    """
    try:
        if is_all:
            return manifest.entries()
        return [pair.before for pair in diff_manifests(manifest, other) if pair.before is not None]
    except PublishRefused:
        return ()
