"""A manifest as a tree of small pieces: two manifests share the pieces in which they agree, and only the others travel.

The first bits of the SHA-256 of a path say in which shard it is. A branch lists a row of shards, the root lists the
branches. There are about as many branches as shards in a branch, so what one edit reads and writes hardly grows with
the site.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self

from openknowledge.engine.atomic_files import atomic_write
from openknowledge.manifest import MAX_SIZE_B, Manifest, ManifestEntry, ManifestProblem

from .errors import PublishRefused

__all__ = [
    *("Difference", "ManifestRoot", "PieceCopies", "PieceNames", "ShardedManifest"),
    *("diff_manifests", "load_piece", "split_manifest", "unpack"),
]

FORMAT = 1
NAME_LENGTH = 16
"""Hexadecimal digits of a piece's name: 64 bits of SHA-256 are enough, because a collision is no use to an attacker."""
NAME = re.compile(r"(?:[0-9a-f]{16})?")
NO_MANIFEST = "is no manifest, or half of one."
PIECE_HINT = "Restore it from a backup, or from the store's own versions; or publish to an empty place."
UNPACKED_LIMIT_B = 256 * 1024**2
MAX_BITS = 24
"""What is more than any site has."""
EMPTY = ""
"""The name of a shard without entries and of a branch without shards: they are not stored."""
SMALLEST, LARGEST = 12, 96
"""Average number of entries in a shard below and above which the number of shards changes."""
WANTED = 40
"""Average number of entries in a shard of a manifest that has no predecessor to share pieces with."""

FetchPieces = Callable[[Sequence[str]], Sequence[bytes]]
"""Return the stored bytes of the named pieces, in the same order."""


@dataclass(frozen=True)
class PieceCopies:
    """Fetches pieces, and retains copies of them in a folder, which is safe to lose: a name has one content."""

    fetch: FetchPieces
    folder: Path

    def __call__(self, names: Sequence[str]) -> Sequence[bytes]:
        """Return the stored bytes of pieces; those without a sound copy are fetched."""
        found = {name: data for name in names if (data := self._read(name))}
        missing = [name for name in names if name not in found]
        for name, data in zip(missing, self.fetch(missing) if missing else (), strict=True):
            found[name] = data
            atomic_write(self.folder / name, (data,))
        return [found[name] for name in names]

    def _read(self, name: str) -> bytes:
        with suppress(OSError, ManifestProblem):
            data = (self.folder / name).read_bytes()
            load_piece(data, name)
            return data
        return b""

    def retain(self, names: Container[str]) -> None:
        """Remove all copies but those of some pieces."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in names:
                path.unlink(missing_ok=True)


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
        return _dump_json({"format": FORMAT, **asdict(self)})

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
    def unpack(cls, data: bytes, digest: str) -> Self:
        """Raise `ManifestProblem` if the bytes do not have this digest, or are of a newer version."""
        body = unpack(data)
        _verify_digest(body, digest)
        return cls.load(body)

    @classmethod
    def load(cls, body: bytes) -> Self:
        """Raise `ManifestProblem` if the root is of a newer version, or no root."""
        try:
            fields = json.loads(body)
            version = fields.pop("format")
            if version != FORMAT:
                newer = f"is of version {version!r:.20}; this program knows version {FORMAT}."
                raise ManifestProblem(f"{newer} Publish with the newer one.")
            root = cls(**{**fields, "branches": tuple(fields["branches"])})
            counts = (root.bits, root.files, root.size_b)
            is_root = all(type(count) is int and 0 <= count < MAX_SIZE_B for count in counts) and root.bits <= MAX_BITS
            is_root = is_root and isinstance(root.site_url, str)
            is_root = is_root and len(root.branches) * root.width == 2**root.bits and _are_names(root.branches)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ManifestProblem(NO_MANIFEST) from None
        if not is_root:
            raise ManifestProblem(NO_MANIFEST)
        return root


@dataclass
class ShardedManifest:
    """A manifest whose pieces are fetched when they are needed first, through `fetch`."""

    root: ManifestRoot
    fetch: FetchPieces = lambda _names: ()
    loaded: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """What is in each piece that was fetched, by its name: in a branch the names of shards, in a shard entries.

    Manifests may share it, because a name always stands for the same content.
    """
    where: str = ""
    """The name of the place of the pieces for people."""

    def load(self, names: Iterable[str], row: int | None = None) -> None:
        """Fetch these pieces with one call, as far as they are not loaded: shards, or branches of `row` shards each.

        Raises `PublishRefused` if one is something else.
        """
        wanted = [name for name in dict.fromkeys(names) if name]
        missing = [name for name in wanted if name not in self.loaded]
        fetched = dict(zip(missing, self.fetch(missing) if missing else (), strict=True))
        for name in wanted:
            try:
                if name in fetched:
                    self.loaded[name] = load_piece(fetched[name], name)
                _check_piece(self.loaded[name], row)
            except ManifestProblem as error:
                why = str(error).rstrip(".") if fetched.get(name, True) else "is not there"
                message = f"this part of the manifest {why}"
                raise PublishRefused.at(f"{self.where}/{name}".lstrip("/"), message, PIECE_HINT) from None

    def _entries_of(self, shards: Iterable[str]) -> Iterator[ManifestEntry]:
        names = tuple(filter(None, shards))
        self.load(names)
        return chain.from_iterable(self.loaded[name] for name in names)

    def find(self, paths: Iterable[str]) -> dict[str, ManifestEntry]:
        """Return the entries at those of the paths that have one."""
        wanted = set(paths)
        places = sorted({divmod(_shard_number(path, self.root.bits), self.root.width) for path in wanted})
        branches = {number: name for number, _ in places if (name := self.root.branches[number])}
        self.load(branches.values(), self.root.width)
        shards = [self.loaded[branches[number]][position] for number, position in places if number in branches]
        return {entry.path: entry for entry in self._entries_of(shards) if entry.path in wanted}

    def get(self, path: str) -> ManifestEntry | None:
        """Return the entry at a path; None where there is none."""
        return self.find((path,)).get(path)

    def entries(self) -> tuple[ManifestEntry, ...]:
        """Return all entries, sorted by path."""
        return tuple(sorted(self._entries_of(self.list_pieces().shards), key=lambda entry: entry.path))

    def loaded_entries(self) -> Iterator[ManifestEntry]:
        """Yield the entries of the shards that are loaded."""
        shards = chain.from_iterable(self.loaded.get(name, ()) for name in self.root.branches)
        return chain.from_iterable(self.loaded.get(name, ()) for name in shards)

    def list_pieces(self, *others: "ShardedManifest | None", skips_missing: bool = False) -> PieceNames:
        """Return the names of all pieces but the root that none of the other manifests has.

        In manifests with as many shards a piece has one position, so only branches at the positions of new ones are
        fetched of them. A branch that is missing has no shards if `skips_missing`.
        """
        known = {name for other in filter(None, others) for name in other.root.branches}
        positions = [number for number, name in enumerate(self.root.branches) if name and name not in known]
        for other in filter(None, others if positions else ()):
            self.loaded.update(other.loaded)
            other.loaded = self.loaded
            is_alike = other.root.bits == self.root.bits
            rows = [other.root.branches[number] for number in positions] if is_alike else other.root.branches
            other.load(rows, other.root.width)
            known.update(*(other.loaded[name] for name in rows if name))
        branches = tuple(self.root.branches[number] for number in positions)
        try:
            self.load(branches, self.root.width)
        except PublishRefused:
            if not skips_missing:
                raise
            for name in branches:
                with suppress(PublishRefused):
                    self.load((name,), self.root.width)
        shards = dict.fromkeys(chain.from_iterable(self.loaded.get(name, ()) for name in branches))
        return PieceNames(branches, tuple(name for name in shards if name and name not in known))

    def entries_not_in(self, other: "ShardedManifest | None") -> dict[str, ManifestEntry]:
        """Return the entries of all shards that another manifest does not have, by path."""
        return {entry.path: entry for entry in self._entries_of(self.list_pieces(other).shards)}

    def replace_entries(self, entries: Iterable[ManifestEntry]) -> "ShardedManifest":
        """Return the manifest with other entries at some of its paths; it shares all pieces but theirs."""
        new = {entry.path: entry for entry in entries}
        before = self.find(new)
        assert before.keys() == new.keys()
        branches, loaded = list(self.root.branches), dict(self.loaded)
        for number, position in {divmod(_shard_number(path, self.root.bits), self.root.width) for path in new}:
            row = list(loaded[branches[number]])
            shard = tuple(new.get(entry.path, entry) for entry in loaded[row[position]])
            row[position] = _name_piece(shard)
            branches[number] = _name_piece(row)
            loaded.update({row[position]: shard, branches[number]: tuple(row)})
        size_b = self.root.size_b + sum(entry.size_b - before[path].size_b for path, entry in new.items())
        root = replace(self.root, branches=tuple(branches), size_b=size_b)
        return ShardedManifest(root, self.fetch, loaded, self.where)

    def pack_piece(self, name: str) -> bytes:
        """Return the bytes that are stored for a piece that is loaded."""
        return _pack(_dump_piece(self.loaded[name]))

    def to_bundle(self) -> bytes:
        """Return the root and its branches in one file, for targets where many small files do not help."""
        children = {name: self.loaded[name] for name in self.list_pieces().branches}
        return _pack(_dump_json([self.root.body.decode(), children]))

    @classmethod
    def from_bundle(cls, data: bytes, digest: str, fetch: FetchPieces, where: str = "") -> Self:
        """Raise `ManifestProblem` if the bytes are not a root with this digest and its branches."""
        try:
            body, children = json.loads(unpack(data))
            _verify_digest(body.encode(), digest)
            root = ManifestRoot.load(body.encode())
            branches = {name: tuple(children[name]) for name in root.branches if name}
            for name, shards in branches.items():
                _verify_digest(_dump_json(shards), name)
                _check_piece(shards, root.width)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise ManifestProblem(NO_MANIFEST) from None
        return cls(root, fetch, branches, where)


def split_manifest(manifest: Manifest, like: ShardedManifest | None = None) -> ShardedManifest:
    """Split a manifest into as many shards as another one has, if that fits, so that they can share pieces."""
    count = len(manifest.entries)
    bits = like.root.bits if like else 0
    if like is None or not SMALLEST <= count / 2**bits <= LARGEST:
        bits = (max(count, 1) // WANTED).bit_length()
    shards: list[list[ManifestEntry]] = [[] for _ in range(2**bits)]
    for entry in manifest.entries:
        shards[_shard_number(entry.path, bits)].append(entry)
    names = list(map(_name_piece, shards))
    width = 1 << bits // 2
    rows = [names[start : start + width] for start in range(0, len(names), width)]
    branches = tuple(map(_name_piece, rows))
    root = ManifestRoot(manifest.site_url, bits, branches, count, sum(entry.size_b for entry in manifest.entries))
    pieces: list[Sequence[Any]] = [*rows, *shards]
    named = zip((*branches, *names), pieces, strict=True)
    return ShardedManifest(root, loaded={name: tuple(piece) for name, piece in named if name})


def diff_manifests(before: ShardedManifest | None, after: ShardedManifest) -> Iterator[Difference]:
    """Yield where two manifests differ, by path; only pieces that they do not share are fetched."""
    old = before.entries_not_in(after) if before else {}
    new = after.entries_not_in(before)
    for path in sorted({**old, **new}):
        if old.get(path) != new.get(path):
            yield Difference(path, old.get(path), new.get(path))


def load_piece(data: bytes, name: str) -> tuple[Any, ...]:
    """Return what is in a stored piece.

    Raises `ManifestProblem` if the bytes are not the piece of this name, or are of a newer version.
    """
    body = unpack(data)
    _verify_digest(body, name)
    try:
        return Manifest.load(body).entries if body.startswith(b"{") else tuple(json.loads(body))
    except (ValueError, TypeError, RecursionError):
        raise ManifestProblem(NO_MANIFEST) from None


def _check_piece(piece: Sequence[Any], row: int | None) -> None:
    """Raise `ManifestProblem` unless a piece is a branch of `row` shards, or a shard where that is None."""
    is_shard = all(isinstance(entry, ManifestEntry) for entry in piece)
    if not (is_shard if row is None else len(piece) == row and _are_names(piece)):
        raise ManifestProblem(NO_MANIFEST)


def _are_names(names: Sequence[Any]) -> bool:
    return all(isinstance(name, str) and NAME.fullmatch(name) for name in names)


def _dump_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _dump_piece(children: Sequence[Any]) -> bytes:
    return _dump_json(children) if isinstance(children[0], str) else Manifest("", tuple(children)).dump()


def _name_piece(children: Sequence[Any]) -> str:
    return sha256(_dump_piece(children)).hexdigest()[:NAME_LENGTH] if any(children) else EMPTY


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def unpack(data: bytes) -> bytes:
    """Return what gzip has packed. Raises `ManifestProblem` if it is half of that, or too much to be of a site."""
    reader = zlib.decompressobj(wbits=31)
    try:
        body = reader.decompress(data, UNPACKED_LIMIT_B)
    except zlib.error:
        raise ManifestProblem(NO_MANIFEST) from None
    if reader.unconsumed_tail or not reader.eof:
        raise ManifestProblem("is too large to be of a site." if reader.unconsumed_tail else NO_MANIFEST)
    return body


def _verify_digest(body: bytes, digest: str) -> None:
    if not sha256(body).hexdigest().startswith(digest):
        raise ManifestProblem("was changed after it was written: its digest is another one.")


def _shard_number(path: str, bits: int) -> int:
    return int.from_bytes(sha256(path.encode()).digest()[:4]) >> (32 - bits)
