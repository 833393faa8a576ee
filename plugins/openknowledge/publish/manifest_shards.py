"""A manifest as a tree of small pieces: two manifests share the pieces in which they agree, and only the others travel.

The first bits of the SHA-256 of a path say in which shard it is. A branch lists a row of shards, the root lists the
branches. There are about as many branches as shards in a branch, so what one edit reads and writes hardly grows with
the site.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from openknowledge.manifest import Manifest, ManifestEntry, ManifestProblem

__all__ = [
    "Difference",
    "ManifestRoot",
    "PieceNames",
    "ShardedManifest",
    "diff_manifests",
    "find_new_pieces",
    "split_manifest",
    "verify_piece",
]

FORMAT = 1
NAME_LENGTH = 16
"""Hexadecimal digits of a piece's name: 64 bits of SHA-256 are enough where nobody gains from a collision."""
EMPTY = ""
"""The name of a shard without entries and of a branch without shards: they are not stored."""
SMALLEST, LARGEST = 12, 96
"""Average number of entries in a shard below and above which the number of shards changes."""
WANTED = 40
"""Average number of entries in a shard of a manifest that has no predecessor to share pieces with."""

Piece = TypeVar("Piece")
FetchPieces = Callable[[Sequence[str]], Sequence[bytes]]
"""Return the stored bytes of the named pieces, in the same order."""


class Difference(NamedTuple):
    """A path at which two manifests differ, and the entry of each; None where it has none."""

    path: str
    before: ManifestEntry | None
    after: ManifestEntry | None


class PieceNames(NamedTuple):
    """The names of branches and of shards, each once."""

    branches: tuple[str, ...]
    shards: tuple[str, ...]


@dataclass(frozen=True)
class ManifestRoot:
    """The list of branches of a manifest that has 2 ** `bits` shards."""

    site_url: str
    bits: int
    branches: tuple[str, ...]
    files: int
    size_b: int

    @cached_property
    def body(self) -> bytes:
        """Return the piece as bytes."""
        head = {"format": FORMAT, "site_url": self.site_url, "bits": self.bits, "branches": self.branches}
        return _dump_json({**head, "files": self.files, "size_b": self.size_b})

    @cached_property
    def digest(self) -> str:
        """Return the digest of the piece."""
        return sha256(self.body).hexdigest()

    @property
    def width(self) -> int:
        """The number of shards in a branch; `edge/router.js` computes the same."""
        return 1 << self.bits // 2

    def pack(self) -> bytes:
        """Return the piece as it is stored."""
        return _pack(self.body)

    @classmethod
    def unpack(cls, data: bytes, digest: str) -> ManifestRoot:
        """Raise `ManifestProblem` if the bytes do not have this digest, or are of a newer version."""
        return cls.load(_unpack(data, digest))

    @classmethod
    def load(cls, body: bytes) -> ManifestRoot:
        """Raise `ManifestProblem` if the root is of a newer version."""
        root = json.loads(body)
        if root["format"] != FORMAT:
            version = root["format"]
            raise ManifestProblem(
                f"is of version {version}; this program knows version {FORMAT}. Publish with the newer one."
            )
        return cls(root["site_url"], root["bits"], tuple(root["branches"]), root["files"], root["size_b"])


@dataclass
class ShardedManifest:
    """A manifest whose pieces are fetched when they are needed first, through `fetch`."""

    root: ManifestRoot
    fetch: FetchPieces
    loaded_shards: dict[str, tuple[ManifestEntry, ...]] = field(default_factory=dict)
    """The entries of each shard that was fetched, by the shard's name."""
    branch_children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The names of the shards of each branch that was fetched, by the branch's name."""

    def load_branches(self, branches: Iterable[str]) -> None:
        """Fetch these branches with one call, as far as they are not loaded."""
        for name, body in self._fetch_missing(branches, self.branch_children):
            self.branch_children[name] = tuple(json.loads(body))

    def load_shards(self, shards: Iterable[str]) -> None:
        """Fetch these shards with one call, as far as they are not loaded."""
        for name, body in self._fetch_missing(shards, self.loaded_shards):
            self.loaded_shards[name] = Manifest.load(body).entries

    def load_for(self, paths: Iterable[str]) -> None:
        """Fetch the shards of these paths."""
        numbers = sorted({_shard_number(path, self.root.bits) for path in paths})
        self.load_branches(self.root.branches[number // self.root.width] for number in numbers)
        self.load_shards(map(self._shard_at, numbers))

    def _fetch_missing(self, names: Iterable[str], loaded: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        missing = [name for name in dict.fromkeys(names) if name and name not in loaded]
        if missing:
            for name, data in zip(missing, self.fetch(missing), strict=True):
                yield name, _unpack(data, name)

    def children(self, branch: str) -> tuple[str, ...]:
        """Return the names of a branch's shards, `EMPTY` for those without entries."""
        self.load_branches((branch,))
        return self.branch_children[branch] if branch else (EMPTY,) * self.root.width

    def _shard_at(self, number: int) -> str:
        return self.children(self.root.branches[number // self.root.width])[number % self.root.width]

    def entries_of(self, shard: str) -> tuple[ManifestEntry, ...]:
        """Return the entries of one shard."""
        self.load_shards((shard,))
        return self.loaded_shards[shard] if shard else ()

    def get(self, path: str) -> ManifestEntry | None:
        """Return the entry at a path; None where there is none."""
        entries = self.entries_of(self._shard_at(_shard_number(path, self.root.bits)))
        return next((entry for entry in entries if entry.path == path), None)

    def entries(self) -> tuple[ManifestEntry, ...]:
        """Return all entries, sorted by path."""
        shards = self.list_pieces().shards
        self.load_shards(shards)
        return tuple(sorted(chain.from_iterable(map(self.entries_of, shards)), key=lambda entry: entry.path))

    def loaded_entries(self) -> Iterator[ManifestEntry]:
        """Yield the entries of the shards that are loaded."""
        shards = chain.from_iterable(self.branch_children.get(name, ()) for name in self.root.branches)
        return chain.from_iterable(self.loaded_shards.get(name, ()) for name in shards)

    def list_pieces(self) -> PieceNames:
        """Return the names of all pieces but the root."""
        self.load_branches(self.root.branches)
        branches = tuple(filter(None, dict.fromkeys(self.root.branches)))
        shards = dict.fromkeys(chain.from_iterable(map(self.children, branches)))
        return PieceNames(branches, tuple(filter(None, shards)))

    def pack_piece(self, name: str) -> bytes:
        """Return the bytes that are stored for a piece that is loaded."""
        if name in self.branch_children:
            return _pack(_dump_json(self.branch_children[name]))
        return _pack(_dump_shard(self.loaded_shards[name]))

    def to_bundle(self) -> bytes:
        """Return the root and its branches in one file, for targets where many small files do not help."""
        self.load_branches(self.root.branches)
        children = {name: self.branch_children[name] for name in self.list_pieces().branches}
        return _pack(_dump_json([self.root.body.decode(), children]))

    @classmethod
    def from_bundle(cls, data: bytes, digest: str, fetch: FetchPieces) -> ShardedManifest:
        """Raise `ManifestProblem` if the bytes are not a root with this digest and its branches."""
        try:
            body, children = json.loads(gzip.decompress(data))
            _verify_digest(body.encode(), digest)
            root = ManifestRoot.load(body.encode())
            branches = {name: tuple(children[name]) for name in root.branches if name}
        except (OSError, EOFError, ValueError, TypeError, AttributeError, KeyError):
            raise ManifestProblem("is no manifest, or half of one.") from None
        for name, shards in branches.items():
            _verify_digest(_dump_json(shards), name)
        return cls(root, fetch, branch_children=branches)


def split_manifest(manifest: Manifest, like: ShardedManifest | None = None) -> ShardedManifest:
    """Split a manifest into as many shards as another one has, if that fits, so that they can share pieces."""
    count = len(manifest.entries)
    bits = like.root.bits if like else 0
    if like is None or not SMALLEST <= count / 2**bits <= LARGEST:
        bits = (max(count, 1) // WANTED).bit_length()
    shards: list[list[ManifestEntry]] = [[] for _ in range(2**bits)]
    for entry in manifest.entries:
        shards[_shard_number(entry.path, bits)].append(entry)
    names = [_name_piece(_dump_shard(entries)) if entries else EMPTY for entries in shards]
    width = 1 << bits // 2
    rows = [tuple(names[start : start + width]) for start in range(0, len(names), width)]
    branches = tuple(_name_piece(_dump_json(row)) if any(row) else EMPTY for row in rows)
    root = ManifestRoot(manifest.site_url, bits, branches, count, sum(entry.size_b for entry in manifest.entries))
    loaded = {name: tuple(entries) for name, entries in zip(names, shards, strict=True) if name}
    children = {name: row for name, row in zip(branches, rows, strict=True) if name}
    return ShardedManifest(root, _refuse_to_fetch, loaded, children)


def diff_manifests(before: ShardedManifest | None, after: ShardedManifest | None) -> Iterator[Difference]:
    """Yield where two manifests differ, by path; only pieces that they do not share are fetched."""
    if before is None or after is None or before.root.bits != after.root.bits:
        yield from _diff_entries(before.entries() if before else (), after.entries() if after else ())
        return
    pairs = tuple(_differing_shards(before, after))
    _share(before.loaded_shards, after.loaded_shards, pairs)
    before.load_shards(old for old, _ in pairs)
    after.load_shards(new for _, new in pairs)
    removed = chain.from_iterable(before.entries_of(old) for old, _ in pairs)
    yield from _diff_entries(removed, chain.from_iterable(after.entries_of(new) for _, new in pairs))


def find_new_pieces(manifest: ShardedManifest, before: ShardedManifest | None) -> PieceNames:
    """Return the pieces of a manifest that an earlier one does not have in the same position."""
    if before is None or manifest.root.bits != before.root.bits:
        old = before.list_pieces() if before else PieceNames((), ())
        new = manifest.list_pieces()
        return PieceNames(_without(new.branches, old.branches), _without(new.shards, old.shards))
    branches = _unequal(manifest.root.branches, before.root.branches)
    shards = _differing_shards(manifest, before)
    return PieceNames(tuple(new for new, _ in branches if new), tuple(new for new, _ in shards if new))


def _differing_shards(one: ShardedManifest, other: ShardedManifest) -> Iterator[tuple[str, str]]:
    """Yield the names of the shards at each position where two manifests with as many shards differ."""
    pairs = tuple(_unequal(one.root.branches, other.root.branches))
    _share(one.branch_children, other.branch_children, pairs)
    one.load_branches(mine for mine, _ in pairs)
    other.load_branches(theirs for _, theirs in pairs)
    for mine, theirs in pairs:
        yield from _unequal(one.children(mine), other.children(theirs))


def _unequal(names: Iterable[str], others: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((name, other) for name, other in zip(names, others, strict=True) if name != other)


def _share(one: dict[str, Piece], other: dict[str, Piece], pairs: Iterable[tuple[str, str]]) -> None:
    """Copy loaded pieces between two manifests, so that neither fetches what the other one has."""
    for mine, theirs in pairs:
        if mine in other:
            one[mine] = other[mine]
        if theirs in one:
            other[theirs] = one[theirs]


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    excluded = set(others)
    return tuple(name for name in names if name not in excluded)


def _diff_entries(before: Iterable[ManifestEntry], after: Iterable[ManifestEntry]) -> Iterator[Difference]:
    old = {entry.path: entry for entry in before}
    new = {entry.path: entry for entry in after}
    for path in sorted({**old, **new}):
        if old.get(path) != new.get(path):
            yield Difference(path, old.get(path), new.get(path))


def verify_piece(data: bytes, name: str) -> None:
    """Raise `ManifestProblem` if the bytes are not the piece of this name, or are of a newer version."""
    body = _unpack(data, name)
    if body.startswith(b"{"):
        Manifest.load(body)


def _dump_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _dump_shard(entries: Iterable[ManifestEntry]) -> bytes:
    return Manifest("", tuple(entries)).dump()


def _name_piece(body: bytes) -> str:
    return sha256(body).hexdigest()[:NAME_LENGTH]


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _unpack(data: bytes, digest: str) -> bytes:
    """Raise `ManifestProblem` if the bytes do not have this digest, or one that begins with it."""
    try:
        body = gzip.decompress(data)
    except (OSError, EOFError):
        raise ManifestProblem("is no manifest, or half of one.") from None
    _verify_digest(body, digest)
    return body


def _verify_digest(body: bytes, digest: str) -> None:
    if not sha256(body).hexdigest().startswith(digest):
        raise ManifestProblem("was changed after it was written: its digest is another one.")


def _refuse_to_fetch(names: Sequence[str]) -> Sequence[bytes]:
    raise KeyError(names)


def _shard_number(path: str, bits: int) -> int:
    return int.from_bytes(sha256(path.encode()).digest()[:4]) >> (32 - bits)
