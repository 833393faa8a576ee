"""What an object store keeps beside the site, so that releases can be restored; and what of it is needed no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise

from openknowledge.manifest import Entry

from ..refusal import Refused
from ..release import Release
from ..sharded import Sharded, differences
from .register import CONTROL

__all__ = ["MANIFESTS", "SHARDS", "Forgotten", "Known", "forgotten", "kept_key", "not_in", "replaced_files", "sharing"]

MANIFESTS = f"{CONTROL}/manifests"
SHARDS = f"{CONTROL}/shards"


def kept_key(entry: Entry, policy: str) -> str:
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


Known = tuple[Release, Sharded | None]
"""A release or what never became one, with its manifest; None where that has gone already."""
Forgotten = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""Keys of files, of shards and of manifests, to be deleted in this order: what a manifest names is found through it."""


def sharing(*releases: Known) -> None:
    """Have manifests read a shard once for all of them."""
    shared: dict[str, tuple[Entry, ...]] = {}
    for _, manifest in releases:
        if manifest is not None:
            manifest.known = shared


def forgotten(gone: Sequence[Known], kept: Sequence[Known], files: Iterable[str]) -> Forgotten:
    """The keys that nothing needs any more: those of files, and what only manifests have that are gone."""
    shards = {name for _, manifest in kept if manifest for name in manifest.root.shards}
    pieces = {name for _, manifest in gone if manifest for name in manifest.root.shards} - shards
    roots = {release.manifest for release, manifest in gone if manifest}
    return (
        sorted(set(files)),
        [f"{SHARDS}/{name}" for name in sorted(pieces)],
        [f"{MANIFESTS}/{name}" for name in sorted(roots - {release.manifest for release, _ in kept})],
    )


def replaced_files(old: Sequence[Known], kept: Sequence[Known]) -> Iterator[str]:
    """The keys of what was replaced in releases that are forgotten, and is in none of those that are kept."""
    files: dict[str, str] = {}
    for (release, manifest), (later, after) in pairwise((*old, *kept[:1])):
        if manifest is not None and after is not None:
            replaced = not_in(manifest, after, is_all=release.policy != later.policy)
            files.update((kept_key(entry, release.policy), entry.path) for entry in replaced)
    paths = sorted(set(files.values()))
    for release, manifest in kept if paths else ():
        if manifest is not None:
            manifest.read(map(manifest.shard_of, paths))
            for entry in filter(None, map(manifest.get, paths)):
                files.pop(kept_key(entry, release.policy), None)
    yield from files


def not_in(one: Sharded, other: Sharded, *, is_all: bool = False) -> Sequence[Entry]:
    """The entries of a manifest that are not in another one; or all.

    None where shards are missing: a publication that was cut off so early put no file in place, and of one that was
    forgotten already, but not to the end, the files went first.
    """
    try:
        return one.entries() if is_all else [old for _, old, _ in differences(one, other) if old is not None]
    except Refused:
        return ()
