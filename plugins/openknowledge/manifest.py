"""The manifest: every file of a built site, with all that publishing it needs to know."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Self

from .invisible_text import escape_invisible
from .output_paths import explain_path

__all__ = [
    *("FORMAT", "MANIFEST", "MAX_SIZE_B", "UNFINISHED", "CacheClass", "FileRole", "Manifest", "ManifestEntry"),
    *("ManifestProblem", "Twin"),
]

MANIFEST = ".manifest.json"
"""The file of output/ with its manifest."""
UNFINISHED = ".unfinished"
"""The file that is in output/ while a build runs and the manifest is not true; it lists the build's new files.

Where the next build finds it, a killed build may have left temporary files, and pages that no longer exist.
"""
FORMAT = 1
MANIFEST_FIELD = b', "manifest": '
ROW_BREAK = "]],["
"""What stands between two rows in JSON: each ends with the list of its twins."""
MAX_SIZE_B = 2**53
"""What every reader of JSON takes for a whole number."""


class FileRole(StrEnum):
    """What a file is for, in the order in which files become visible: a file comes after what it refers to."""

    ASSET = "asset"
    MEDIA = "media"
    PAGE = "page"
    LIST = "list"
    DATA = "data"
    FEED = "feed"
    REDIRECT = "redirect"


class CacheClass(StrEnum):
    """For how long browsers and caches may use a file without asking again."""

    IMMUTABLE = "immutable"
    MEDIA = "media"
    PAGE = "page"
    COUNTERS = "counters"
    FEED = "feed"


class ManifestProblem(Exception):
    """Bytes that are no manifest, or one that this version cannot read; the message says how to mend it."""


class Twin(NamedTuple):
    """A compressed copy of a file: `encoding` is HTTP's name (`br`, `gzip`), `digest` that of the compressed bytes."""

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
        """Return the path of its URL, not quoted: `/corsi/` for `corsi/index.html`."""
        return f"/{self.path.removesuffix('index.html')}" if self.is_index else f"/{self.path}"

    @property
    def is_index(self) -> bool:
        """Return whether its URL is that of a folder."""
        return self.path == "index.html" or self.path.endswith("/index.html")

    @property
    def is_page(self) -> bool:
        """Return whether it is a page that people read."""
        return self.role in (FileRole.PAGE, FileRole.LIST)


@dataclass(frozen=True)
class Manifest:
    """All files of a site, sorted by path, and the URL for which the site was built. It has no time and no commit."""

    site_url: str
    entries: tuple[ManifestEntry, ...]

    @classmethod
    def from_entries(cls, site_url: str, entries: Iterable[ManifestEntry]) -> Self:
        """Return the manifest of some files, in any order."""
        return cls(site_url, tuple(sorted(entries, key=lambda entry: entry.path)))

    @cached_property
    def by_path(self) -> dict[str, ManifestEntry]:
        """Return the entries by path."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the site's URL and all entries: manifests with the same one are the same site."""
        return sha256(self._body).hexdigest()

    @cached_property
    def _body(self) -> bytes:
        return _dump_body(self.site_url, [_to_row(entry) for entry in self.entries])

    def dump(self) -> bytes:
        """Return the manifest as JSON."""
        return _add_digest(self._body, self.digest)

    @staticmethod
    def dump_rows(site_url: str, rows: Sequence[Sequence[Any]]) -> bytes:
        """Return a manifest as JSON from the rows of its entries (see `_to_row`), sorted by path."""
        body = _dump_body(site_url, rows)
        return _add_digest(body, sha256(body).hexdigest())

    @staticmethod
    def dump_row(row: Sequence[Any]) -> str:
        """Return one of the texts that `load_texts` returns."""
        return _dump_json(row)[1:-2]

    @staticmethod
    def dump_texts(site_url: str, texts: Sequence[str]) -> bytes:
        """Return a manifest as JSON from the texts of its rows (see `load_texts`), sorted by path."""
        rows = f"[[{ROW_BREAK.join(texts)}]]]" if texts else "[]"
        body = f"[{_dump_json(site_url)},{rows}]".encode()
        return _add_digest(body, sha256(body).hexdigest())

    @staticmethod
    def load_texts(data: bytes, site_url: str) -> list[str]:
        """Return the rows of a manifest that was written here as JSON, without the brackets around them.

        There are more texts than rows where a path has a `ROW_BREAK`. Raises `ManifestProblem` as `load_rows` does, and
        if it has no row or is that of another URL.
        """
        text, start = _find_body(data).decode(), f"[{_dump_json(site_url)},[["
        if not text.startswith(start):
            raise ManifestProblem("has no row, or is that of another site.")
        return text[len(start) : -len("]]]]")].split(ROW_BREAK)

    @staticmethod
    def load_rows(data: bytes) -> tuple[str, list[list[Any]]]:
        """Return the site's URL and the rows of the entries (see `_to_row`) of a manifest that was written here.

        Raises `ManifestProblem` if it is incomplete, changed or of another version.
        """
        site_url, rows = json.loads(_find_body(data))
        return site_url, rows

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Return the manifest from its JSON. Raises `ManifestProblem` if that is incomplete, or of a newer version."""
        try:
            fields = json.loads(data)
            version = fields["format"]
            if version != FORMAT:
                raise ManifestProblem(f"is of version {version}; this program knows version {FORMAT}. Update it.")
            site_url, rows = fields["manifest"]
            manifest = cls(site_url, tuple(map(_from_row, rows)))
            is_unchanged = manifest.digest == fields["digest"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ManifestProblem("is no manifest, or half of one.") from None
        if not is_unchanged:
            raise ManifestProblem("was changed after it was written: its digest is another one.")
        for entry in manifest.entries:
            reason = explain_path(entry.path)
            if reason is not None:
                raise ManifestProblem(f'names "{escape_invisible(entry.path)}": {reason}.')
        return manifest


def _find_body(data: bytes) -> bytes:
    """Return what a manifest's digest is of. Raises `ManifestProblem` as `load_rows` does."""
    start = data.find(MANIFEST_FIELD) + len(MANIFEST_FIELD)
    body, end = data[start:-2], data[-2:]
    if data[:start] + end != _add_digest(b"", sha256(body).hexdigest()):
        raise ManifestProblem("was changed after it was written, or is none of this version.")
    return body


def _add_digest(body: bytes, digest: str) -> bytes:
    head = json.dumps({"format": FORMAT, "digest": digest})
    return head[:-1].encode() + MANIFEST_FIELD + body + b"}\n"


def _dump_body(site_url: str, rows: Sequence[Sequence[Any]]) -> bytes:
    return _dump_json([site_url, rows]).encode()


def _dump_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _to_row(entry: ManifestEntry) -> list[Any]:
    return [entry.path, entry.digest, entry.size_b, entry.media_type, entry.cache, entry.role, entry.twins]


def _from_row(row: list[Any]) -> ManifestEntry:
    path, digest, size_b, media_type, cache, role, twins = row
    own = tuple(Twin(*twin) for twin in twins)
    entry = ManifestEntry(path, digest, size_b, media_type, CacheClass(cache), FileRole(role), own)
    for known, length_b in ((digest, size_b), *((twin.digest, twin.size_b) for twin in own)):
        if not isinstance(known, str) or type(length_b) is not int or not 0 <= length_b < MAX_SIZE_B:
            raise TypeError
    are_beside = all(twin.path.startswith(path) and "/" not in twin.path[len(path) :] for twin in own)
    if not isinstance(media_type, str) or not are_beside:
        raise TypeError
    return entry
