"""What a manifest in pieces is stored as: its root, and each piece under the name that its content has."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from openknowledge.manifest import Manifest, ManifestProblem

__all__ = [
    "EMPTY",
    "ManifestRoot",
    "dump_json",
    "name_piece",
    "pack",
    "unpack",
    "verify_digest",
    "verify_piece",
    "width_of",
]

FORMAT = 1
SHORT = 16
"""Hexadecimal digits of a piece's name: 64 bits of SHA-256, for nobody forges his own."""
EMPTY = ""
"""The name of a shard without entries and of a branch without shards: they are not stored."""


@dataclass(frozen=True)
class ManifestRoot:
    """The names of the branches of a manifest in 2 ** `bits` shards."""

    site_url: str
    bits: int
    branches: tuple[str, ...]
    files: int
    size_b: int

    @cached_property
    def body(self) -> bytes:
        told = {"format": FORMAT, "site_url": self.site_url, "bits": self.bits, "branches": self.branches}
        return dump_json({**told, "files": self.files, "size_b": self.size_b})

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def width(self) -> int:
        """How many shards a branch has."""
        return width_of(self.bits)

    def pack(self) -> bytes:
        return pack(self.body)

    @classmethod
    def unpack(cls, data: bytes, digest: str) -> ManifestRoot:
        """Raises `ManifestProblem` where the bytes are not those of this digest, or of a newer version."""
        return cls.load(unpack(data, digest))

    @classmethod
    def load(cls, body: bytes) -> ManifestRoot:
        """Raises `ManifestProblem` where a newer version wrote it."""
        told = json.loads(body)
        if told["format"] != FORMAT:
            message = (
                f"is of version {told['format']}; this program knows version {FORMAT}. Publish with the newer one."
            )
            raise ManifestProblem(message)
        return cls(told["site_url"], told["bits"], tuple(told["branches"]), told["files"], told["size_b"])


def width_of(bits: int) -> int:
    """How many of 2 ** `bits` shards a branch has; `edge/router.js` reckons the same."""
    return 1 << bits // 2


def dump_json(told: object) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def name_piece(body: bytes) -> str:
    return sha256(body).hexdigest()[:SHORT]


def pack(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def verify_piece(data: bytes, name: str) -> None:
    """Raises `ManifestProblem` where the bytes are not those of a piece with this name, or of a newer version."""
    body = unpack(data, name)
    if body.startswith(b"{"):
        Manifest.load(body)


def unpack(data: bytes, digest: str) -> bytes:
    """Unpacked bytes that have this digest, or begin with it."""
    try:
        body = gzip.decompress(data)
    except (OSError, EOFError):
        raise ManifestProblem("is no manifest, or half of one.") from None
    verify_digest(body, digest)
    return body


def verify_digest(body: bytes, digest: str) -> None:
    """Raises `ManifestProblem` where the bytes do not have this digest, or one that begins with it."""
    if not sha256(body).hexdigest().startswith(digest):
        raise ManifestProblem("was changed after it was written: its digest is another one.")
