"""A manifest in small pieces, so that only those travel that two manifests do not share."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from openknowledge.manifest import Entry, Manifest, ManifestProblem

__all__ = ["Difference", "Root", "Sharded", "differences", "split", "whole"]

FORMAT = 1
FEW, MANY = 12, 96
"""Between so many entries a shard may have on average before their number changes."""
AIM = 40
SHORT = 16
"""Hexadecimal digits of a shard's name, which a root has for each: 64 bits of SHA-256, for nobody forges his own."""

Difference = tuple[str, Entry | None, Entry | None]
"""A path, what one manifest has there, and what the other one has."""
Fetch = Callable[[Sequence[str]], Sequence[bytes]]
"""Gets shards by their names, in that order."""


@dataclass(frozen=True)
class Root:
    """The names of a manifest's 2 ** `bits` shards. A path is in the shard that its SHA-256 begins with."""

    site_url: str
    bits: int
    shards: tuple[str, ...]
    files: int
    size_b: int

    @cached_property
    def body(self) -> bytes:
        told = {"format": FORMAT, "site_url": self.site_url, "bits": self.bits, "shards": self.shards}
        return json.dumps({**told, "files": self.files, "size_b": self.size_b}, separators=(",", ":")).encode()

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()

    def packed(self) -> bytes:
        return gzip.compress(self.body, 6, mtime=0)

    @classmethod
    def unpacked(cls, data: bytes, digest: str) -> Root:
        """Raises `ManifestProblem` where the bytes are not those of this digest, or of a newer version."""
        told = json.loads(whole(data, digest))
        if told["format"] != FORMAT:
            message = (
                f"is of version {told['format']}; this program knows version {FORMAT}. Publish with the newer one."
            )
            raise ManifestProblem(message)
        return cls(told["site_url"], told["bits"], tuple(told["shards"]), told["files"], told["size_b"])


@dataclass
class Sharded:
    """A manifest of which shards are read when somebody looks into them. `known` are those at hand, by name."""

    root: Root
    fetch: Fetch
    known: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    def read(self, names: Iterable[str]) -> None:
        """Have these shards at hand, fetched all together."""
        missing = list(dict.fromkeys(name for name in names if name not in self.known))
        if not missing:
            return
        for name, data in zip(missing, self.fetch(missing), strict=True):
            rows = Manifest.loaded(whole(data, name))
            self.known[name] = rows.entries

    def get(self, path: str) -> Entry | None:
        name = self.shard_of(path)
        self.read((name,))
        return next((entry for entry in self.known[name] if entry.path == path), None)

    def packed(self, name: str) -> bytes:
        """The bytes of a shard that is at hand."""
        return gzip.compress(_body(self.known[name]), 6, mtime=0)

    def shard_of(self, path: str) -> str:
        return self.root.shards[_number(path, self.root.bits)]

    def entries(self) -> tuple[Entry, ...]:
        """All entries, sorted by path."""
        self.read(self.root.shards)
        found = (entry for name in dict.fromkeys(self.root.shards) for entry in self.known[name])
        return tuple(sorted(found, key=lambda entry: entry.path))


def split(manifest: Manifest, like: Sharded | None = None) -> Sharded:
    """A manifest in shards: as many as another one has, as long as that fits, so that shards can be shared."""
    count = len(manifest.entries)
    bits = like.root.bits if like else 0
    if like is None or not FEW <= count / 2**bits <= MANY:
        bits = (max(count, 1) // AIM).bit_length()
    shards: list[list[Entry]] = [[] for _ in range(2**bits)]
    for entry in manifest.entries:
        shards[_number(entry.path, bits)].append(entry)
    bodies = [_body(entries) for entries in shards]
    names = tuple(sha256(body).hexdigest()[:SHORT] for body in bodies)
    size_b = sum(entry.size_b for entry in manifest.entries)
    known = {name: tuple(entries) for name, entries in zip(names, shards, strict=True)}
    return Sharded(Root(manifest.site_url, bits, names, count, size_b), _all_at_hand, known)


def differences(one: Sharded | None, other: Sharded | None) -> Iterator[Difference]:
    """Where two manifests are not the same, by path; only the shards that they do not share are read."""
    if one is None or other is None or one.root.bits != other.root.bits:
        yield from _differing(one.entries() if one else (), other.entries() if other else ())
        return
    pairs = [pair for pair in zip(one.root.shards, other.root.shards, strict=True) if pair[0] != pair[1]]
    one.known.update((name, other.known[name]) for name, _ in pairs if name in other.known)
    other.known.update((name, one.known[name]) for _, name in pairs if name in one.known)
    one.read(mine for mine, _ in pairs)
    other.read(its for _, its in pairs)
    before = [entry for mine, _ in pairs for entry in one.known[mine]]
    after = [entry for _, its in pairs for entry in other.known[its]]
    yield from _differing(before, after)


def _differing(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[Difference]:
    old = {entry.path: entry for entry in before}
    new = {entry.path: entry for entry in after}
    for path in sorted({**old, **new}):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def _body(entries: Iterable[Entry]) -> bytes:
    return Manifest("", tuple(entries)).dumped()


def _all_at_hand(names: Sequence[str]) -> Sequence[bytes]:
    raise KeyError(names)


def _number(path: str, bits: int) -> int:
    return int.from_bytes(sha256(path.encode()).digest()[:4]) >> (32 - bits)


def whole(data: bytes, digest: str) -> bytes:
    """Unpacked bytes that have this digest, or begin with it."""
    try:
        body = gzip.decompress(data)
    except (OSError, EOFError):
        raise ManifestProblem("is no manifest, or half of one.") from None
    if not sha256(body).hexdigest().startswith(digest):
        raise ManifestProblem("was changed after it was written: its digest is another one.")
    return body
