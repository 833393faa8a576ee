"""A manifest in small pieces, so that only those travel that two manifests do not share.

A path is in the shard that its SHA-256 begins with. A branch names some shards in a row, a root all branches: about as
many of each, so what an edit has to read and write of names hardly grows with the site.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

from openknowledge.manifest import Manifest, ManifestEntry, ManifestProblem

from .manifest_pieces import EMPTY, ManifestRoot, dump_json, name_piece, pack, unpack, verify_digest, width_of

__all__ = ["Difference", "Pieces", "ShardedManifest", "diff_manifests", "find_new_pieces", "split_manifest"]

FEW, MANY = 12, 96
"""Between so many entries a shard may have on average before their number changes."""
AIM = 40

Difference = tuple[str, ManifestEntry | None, ManifestEntry | None]
"""A path, what one manifest has there, and what the other one has."""
Fetch = Callable[[Sequence[str]], Sequence[bytes]]
"""Gets pieces by their names, in that order, as they are stored."""
Pieces = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of branches, and those of shards; each once."""


@dataclass
class ShardedManifest:
    """A manifest of which pieces are read when somebody looks into them; `twigs` and `known` are those at hand.

    `twigs` has the shards' names of a branch by its name, `known` the entries of a shard by its name.
    """

    root: ManifestRoot
    fetch: Fetch
    loaded_shards: dict[str, tuple[ManifestEntry, ...]] = field(default_factory=dict)
    branch_children: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def load_branches(self, branches: Iterable[str]) -> None:
        """Have these branches at hand, fetched all together."""
        for name, body in self._fetched(branches, self.branch_children):
            self.branch_children[name] = tuple(json.loads(body))

    def load_shards(self, shards: Iterable[str]) -> None:
        """Have these shards at hand, fetched all together."""
        for name, body in self._fetched(shards, self.loaded_shards):
            self.loaded_shards[name] = Manifest.load(body).entries

    def load_for(self, paths: Iterable[str]) -> None:
        """Have the shards at hand that these paths are in."""
        numbers = {_number(path, self.root.bits) for path in paths}
        self.load_branches(self.root.branches[number // self.root.width] for number in sorted(numbers))
        self.load_shards(self.shard_at(number) for number in sorted(numbers))

    def _fetched(self, names: Iterable[str], known: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        missing = list(dict.fromkeys(name for name in names if name and name not in known))
        if missing:
            for name, data in zip(missing, self.fetch(missing), strict=True):
                yield name, unpack(data, name)

    def shards_of(self, branch: str) -> tuple[str, ...]:
        """The names of a branch's shards, `NOTHING` for those without entries."""
        self.load_branches((branch,))
        return self.branch_children[branch] if branch else (EMPTY,) * self.root.width

    def shard_at(self, number: int) -> str:
        return self.shards_of(self.root.branches[number // self.root.width])[number % self.root.width]

    def entries_of(self, shard: str) -> tuple[ManifestEntry, ...]:
        self.load_shards((shard,))
        return self.loaded_shards[shard] if shard else ()

    def get(self, path: str) -> ManifestEntry | None:
        entries = self.entries_of(self.shard_at(_number(path, self.root.bits)))
        return next((entry for entry in entries if entry.path == path), None)

    def entries(self) -> tuple[ManifestEntry, ...]:
        """All entries, sorted by path."""
        _, shards = self.list_pieces()
        self.load_shards(shards)
        return tuple(sorted(chain.from_iterable(map(self.entries_of, shards)), key=lambda entry: entry.path))

    def loaded_entries(self) -> Iterator[ManifestEntry]:
        """The entries that nothing has to be fetched for."""
        shards = chain.from_iterable(self.branch_children.get(name, ()) for name in self.root.branches)
        return chain.from_iterable(self.loaded_shards.get(name, ()) for name in shards)

    def list_pieces(self) -> Pieces:
        """The names of all that it is made of but its root."""
        self.load_branches(self.root.branches)
        branches = tuple(filter(None, dict.fromkeys(self.root.branches)))
        return branches, tuple(filter(None, dict.fromkeys(chain.from_iterable(map(self.shards_of, branches)))))

    def pack_piece(self, name: str) -> bytes:
        """A piece that is at hand, as it is stored."""
        return pack(
            dump_json(self.branch_children[name]) if name in self.branch_children else _body(self.loaded_shards[name])
        )

    def to_bundle(self) -> bytes:
        """The root and its branches in one, for a place where many small files are no help."""
        self.load_branches(self.root.branches)
        return pack(
            dump_json([self.root.body.decode(), {name: self.branch_children[name] for name in self.list_pieces()[0]}])
        )

    @classmethod
    def from_bundle(cls, data: bytes, digest: str, fetch: Fetch) -> ShardedManifest:
        """Raises `ManifestProblem` where the bytes are not those of a root with this digest and its branches."""
        try:
            told, twigs = json.loads(gzip.decompress(data))
            verify_digest(told.encode(), digest)
            root = ManifestRoot.load(told.encode())
            shards = {name: tuple(twigs[name]) for name in root.branches if name}
        except (OSError, EOFError, ValueError, TypeError, AttributeError, KeyError):
            raise ManifestProblem("is no manifest, or half of one.") from None
        for name, names in shards.items():
            verify_digest(dump_json(names), name)
        return cls(root, fetch, branch_children=shards)


def split_manifest(manifest: Manifest, like: ShardedManifest | None = None) -> ShardedManifest:
    """A manifest in shards: as many as another one has, as long as that fits, so that shards can be shared."""
    count = len(manifest.entries)
    bits = like.root.bits if like else 0
    if like is None or not FEW <= count / 2**bits <= MANY:
        bits = (max(count, 1) // AIM).bit_length()
    shards: list[list[ManifestEntry]] = [[] for _ in range(2**bits)]
    for entry in manifest.entries:
        shards[_number(entry.path, bits)].append(entry)
    names = [name_piece(_body(entries)) if entries else EMPTY for entries in shards]
    width = width_of(bits)
    twigs = [tuple(names[start : start + width]) for start in range(0, len(names), width)]
    branches = tuple(name_piece(dump_json(twig)) if any(twig) else EMPTY for twig in twigs)
    root = ManifestRoot(manifest.site_url, bits, branches, count, sum(entry.size_b for entry in manifest.entries))
    known = {name: tuple(entries) for name, entries in zip(names, shards, strict=True) if name}
    return ShardedManifest(
        root, _all_at_hand, known, {name: twig for name, twig in zip(branches, twigs, strict=True) if name}
    )


def diff_manifests(one: ShardedManifest | None, other: ShardedManifest | None) -> Iterator[Difference]:
    """Where two manifests are not the same, by path; only the pieces that they do not share are read."""
    if one is None or other is None or one.root.bits != other.root.bits:
        yield from _differing(one.entries() if one else (), other.entries() if other else ())
        return
    pairs = tuple(_unshared_shards(one, other))
    _lend(one.loaded_shards, other.loaded_shards, pairs)
    one.load_shards(mine for mine, _ in pairs)
    other.load_shards(its for _, its in pairs)
    before = chain.from_iterable(one.entries_of(mine) for mine, _ in pairs)
    yield from _differing(before, chain.from_iterable(other.entries_of(its) for _, its in pairs))


def find_new_pieces(one: ShardedManifest, before: ShardedManifest | None) -> Pieces:
    """What one manifest has at a place where an earlier one has something else."""
    if before is None or one.root.bits != before.root.bits:
        there: Pieces = before.list_pieces() if before else ((), ())
        return _without(one.list_pieces()[0], there[0]), _without(one.list_pieces()[1], there[1])
    pairs = (_unlike(one.root.branches, before.root.branches), _unshared_shards(one, before))
    branches, shards = (tuple(mine for mine, _ in found if mine) for found in pairs)
    return branches, shards


def _unshared_shards(one: ShardedManifest, other: ShardedManifest) -> Iterator[tuple[str, str]]:
    """The names of the shards at each place where two manifests with as many shards have others."""
    pairs = tuple(_unlike(one.root.branches, other.root.branches))
    _lend(one.branch_children, other.branch_children, pairs)
    one.load_branches(mine for mine, _ in pairs)
    other.load_branches(its for _, its in pairs)
    for mine, its in pairs:
        yield from _unlike(one.shards_of(mine), other.shards_of(its))


def _unlike(names: Iterable[str], others: Iterable[str]) -> Iterator[tuple[str, str]]:
    return (pair for pair in zip(names, others, strict=True) if pair[0] != pair[1])


def _lend(one: dict[str, Any], other: dict[str, Any], pairs: Iterable[tuple[str, str]]) -> None:
    """What either has at hand of these pieces, the other one need not fetch."""
    for mine, its in pairs:
        one.update((name, other[name]) for name in (mine,) if name in other)
        other.update((name, one[name]) for name in (its,) if name in one)


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    there = set(others)
    return tuple(name for name in names if name not in there)


def _differing(before: Iterable[ManifestEntry], after: Iterable[ManifestEntry]) -> Iterator[Difference]:
    old = {entry.path: entry for entry in before}
    new = {entry.path: entry for entry in after}
    for path in sorted({**old, **new}):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def _body(entries: Iterable[ManifestEntry]) -> bytes:
    return Manifest("", tuple(entries)).dump()


def _all_at_hand(names: Sequence[str]) -> Sequence[bytes]:
    raise KeyError(names)


def _number(path: str, bits: int) -> int:
    return int.from_bytes(sha256(path.encode()).digest()[:4]) >> (32 - bits)
