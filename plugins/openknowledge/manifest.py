"""The manifest: every file of a built site, as those who publish it need to know it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

__all__ = [
    "FORMAT",
    "MANIFEST",
    "UNFINISHED",
    "CacheClass",
    "FileRole",
    "Manifest",
    "ManifestEntry",
    "ManifestProblem",
    "Twin",
    "dump_manifest",
]

MANIFEST = ".manifest.json"
"""Where a build leaves the manifest of its folder."""
UNFINISHED = ".unfinished"
"""Stands in output/ while a build runs, when the manifest is not true; names the files that it makes new, a line each.

Where the next build meets it, drafts of a killed one may lie about, and pages that nobody wants any more.
"""
FORMAT = 1


class FileRole(StrEnum):
    """What a file is for, in the order in which files become visible: nothing comes before what it refers to."""

    ASSET = "asset"
    MEDIA = "media"
    PAGE = "page"
    LIST = "list"
    DATA = "data"
    FEED = "feed"
    REDIRECT = "redirect"


class CacheClass(StrEnum):
    """For how long a file may be kept by those who fetched it."""

    IMMUTABLE = "immutable"
    MEDIA = "media"
    PAGE = "page"
    COUNTERS = "counters"
    FEED = "feed"


class ManifestProblem(Exception):
    """Bytes that are no manifest, or one that this version cannot read; says so in a sentence, then how to mend it."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The same file compressed: `encoding` is HTTP's name (`br`, `gzip`), `digest` that of the compressed bytes."""

    encoding: str
    path: str
    digest: str
    size_b: int


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A file below output/: `digest` is the SHA-256 of its bytes in hexadecimal, `media_type` a whole Content-Type."""

    path: str
    digest: str
    size_b: int
    media_type: str
    cache: CacheClass
    role: FileRole
    twins: tuple[Twin, ...] = ()

    @property
    def url_path(self) -> str:
        """The path of its URL, as readers know it: `/corsi/` for `corsi/index.html`. It is not quoted."""
        return f"/{self.path.removesuffix('index.html')}" if self.is_index else f"/{self.path}"

    @property
    def is_index(self) -> bool:
        return self.path == "index.html" or self.path.endswith("/index.html")

    @property
    def is_page(self) -> bool:
        """Whether it is a page that people read."""
        return self.role in (FileRole.PAGE, FileRole.LIST)


@dataclass(frozen=True)
class Manifest:
    """All files of a site, sorted by path, and where the site was built to live. No time and no commit are inside."""

    site_url: str
    entries: tuple[ManifestEntry, ...]
    format: int = field(default=FORMAT, compare=False)

    @classmethod
    def from_entries(cls, site_url: str, entries: Iterable[ManifestEntry]) -> Manifest:
        return cls(site_url, tuple(sorted(entries, key=lambda entry: entry.path)))

    @cached_property
    def by_path(self) -> dict[str, ManifestEntry]:
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that it says: two manifests with the same one are the same site."""
        return sha256(self._body).hexdigest()

    @cached_property
    def _body(self) -> bytes:
        return _body(self.site_url, [_row(entry) for entry in self.entries])

    def dump(self) -> bytes:
        """The manifest as JSON; `loaded` reads it."""
        return _dumped(self._body, self.digest)

    @classmethod
    def load(cls, data: bytes) -> Manifest:
        """Raises `ManifestProblem` where the bytes are not whole, or of a newer version."""
        try:
            told = json.loads(data)
            version = told["format"]
        except (ValueError, KeyError, TypeError):
            raise ManifestProblem("is no manifest, or half of one.") from None
        if version != FORMAT:
            raise ManifestProblem(f"is of version {version}; this program knows version {FORMAT}. Update it.")
        try:
            site_url, rows = told["manifest"]
            found = cls(site_url, tuple(map(_entry, rows)))
        except (ValueError, KeyError, TypeError):
            raise ManifestProblem("is no manifest, or half of one.") from None
        if found.digest != told["digest"]:
            raise ManifestProblem("was changed after it was written: its digest is another one.")
        return found


def dump_manifest(site_url: str, rows: Sequence[Sequence[Any]]) -> bytes:
    """A manifest as JSON from rows such as `_row` makes, sorted by path: the entries themselves need not be made."""
    body = _body(site_url, rows)
    return _dumped(body, sha256(body).hexdigest())


def _dumped(body: bytes, digest: str) -> bytes:
    head = json.dumps({"format": FORMAT, "digest": digest})
    return head[:-1].encode() + b', "manifest": ' + body + b"}\n"


def _body(site_url: str, rows: Sequence[Sequence[Any]]) -> bytes:
    return json.dumps([site_url, rows], ensure_ascii=False, separators=(",", ":")).encode()


def _row(entry: ManifestEntry) -> list[Any]:
    twins = [[twin.encoding, twin.path, twin.digest, twin.size_b] for twin in entry.twins]
    return [entry.path, entry.digest, entry.size_b, entry.media_type, entry.cache, entry.role, twins]


def _entry(row: list[Any]) -> ManifestEntry:
    path, digest, size_b, media_type, cache, role, twins = row
    return ManifestEntry(
        path, digest, size_b, media_type, CacheClass(cache), FileRole(role), tuple(Twin(*twin) for twin in twins)
    )
