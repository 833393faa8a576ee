"""What an object store keeps beside the site, so that releases can be restored; and what of it is needed no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise

from openknowledge.manifest import ManifestEntry

from ..errors import PublishRefused
from ..manifest_shards import Pieces, ShardedManifest, diff_manifests
from ..release import Release
from .state_object import CONTROL

__all__ = [
    "MANIFESTS",
    "SHARDS",
    "Forgotten",
    "Known",
    "backup_key",
    "forgotten",
    "not_in",
    "replaced_files",
    "sharing",
]

MANIFESTS = f"{CONTROL}/manifests"
SHARDS = f"{CONTROL}/shards"


def backup_key(entry: ManifestEntry, policy: str) -> str:
    """Where a file is kept once it was replaced: by its place, and all that is stored of it."""
    told = (
        entry.path,
        entry.digest,
        entry.media_type,
        entry.cache,
        *((twin.encoding, twin.digest) for twin in entry.twins),
        policy,
    )
    return f"{CONTROL}/kept/{sha256(repr(told).encode()).hexdigest()}"


Known = tuple[Release, ShardedManifest | None]
"""A release or what never became one, with its manifest; None where that has gone already."""
Forgotten = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]
"""Keys of files, shards, branches and roots, to be deleted in this order: each is found through what comes after it."""


def sharing(*releases: Known) -> None:
    """Have manifests read a piece once for all of them."""
    known: dict[str, tuple[ManifestEntry, ...]] = {}
    twigs: dict[str, tuple[str, ...]] = {}
    for _, manifest in releases:
        if manifest is not None:
            manifest.loaded_shards, manifest.branch_children = known, twigs


def forgotten(gone: Sequence[Known], kept: Sequence[Known], files: Iterable[str]) -> Forgotten:
    """The keys that nothing needs any more: those of files, and what only manifests have that are gone."""
    living = [manifest for _, manifest in kept if manifest]
    branches: set[str] = set()
    shards: set[str] = set()
    for _, manifest in gone:
        if manifest is not None:
            found = _lost_pieces(manifest, living)
            branches.update(found[0])
            shards.update(found[1])
    roots = {release.manifest for release, manifest in gone if manifest}
    return (
        sorted(set(files)),
        [f"{SHARDS}/{name}" for name in sorted(shards)],
        [f"{SHARDS}/{name}" for name in sorted(branches)],
        [f"{MANIFESTS}/{name}" for name in sorted(roots - {release.manifest for release, _ in kept})],
    )


def _lost_pieces(gone: ShardedManifest, kept: Iterable[ShardedManifest]) -> Pieces:
    """What a manifest has and none of the others.

    A piece has its place, so only branches are read that no other manifest has there. One that is not there has no
    shards: they are written after their branches, and deleted before them.
    """
    alike = [one for one in kept if one.root.bits == gone.root.bits]
    others = [one.list_pieces() for one in kept if one.root.bits != gone.root.bits]
    places = [
        place
        for place, name in enumerate(gone.root.branches)
        if name and all(one.root.branches[place] != name for one in alike)
    ]
    for one in alike:
        one.load_branches(one.root.branches[place] for place in places)
    with suppress(PublishRefused):
        gone.load_branches(gone.root.branches[place] for place in places)
    branches = {gone.root.branches[place] for place in places}
    shards = {
        name
        for place in places
        for number, name in enumerate(_shards_of(gone, gone.root.branches[place]))
        if name and all(one.shards_of(one.root.branches[place])[number] != name for one in alike)
    }
    for theirs in others:
        branches.difference_update(theirs[0])
        shards.difference_update(theirs[1])
    return tuple(branches), tuple(shards)


def _shards_of(manifest: ShardedManifest, branch: str) -> Sequence[str]:
    try:
        return manifest.shards_of(branch)
    except PublishRefused:
        return ()


def replaced_files(old: Sequence[Known], kept: Sequence[Known]) -> Iterator[str]:
    """The keys of what was replaced in releases that are forgotten, and is in none of those that are kept."""
    files: dict[str, str] = {}
    for (release, manifest), (later, after) in pairwise((*old, *kept[:1])):
        if manifest is not None and after is not None:
            replaced = not_in(manifest, after, is_all=release.policy != later.policy)
            files.update((backup_key(entry, release.policy), entry.path) for entry in replaced)
    paths = sorted(set(files.values()))
    for release, manifest in kept if paths else ():
        if manifest is not None:
            manifest.load_for(paths)
            for entry in filter(None, map(manifest.get, paths)):
                files.pop(backup_key(entry, release.policy), None)
    yield from files


def not_in(one: ShardedManifest, other: ShardedManifest, *, is_all: bool = False) -> Sequence[ManifestEntry]:
    """The entries of a manifest that are not in another one; or all.

    None where shards are missing: a publication that was cut off so early put no file in place, and of one that was
    forgotten already, but not to the end, the files went first.
    """
    try:
        return one.entries() if is_all else [old for _, old, _ in diff_manifests(one, other) if old is not None]
    except PublishRefused:
        return ()
