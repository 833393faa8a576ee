"""Built sites for tests of publishing: a folder of files and the manifest that a build would leave."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from posixpath import splitext

from openknowledge.manifest import MANIFEST, CacheClass, FileRole, Manifest, ManifestEntry, Twin
from openknowledge.media_types import guess_media_type
from openknowledge.publish.built_site import BuiltSite, open_site
from openknowledge.publish.release import Commit
from openknowledge.redirects.table import REDIRECTS_FILE, Redirect, dump

SITE = "https://openknowledge.example.edu"
KINDS = {
    ".css": ("text/css; charset=utf-8", CacheClass.IMMUTABLE, FileRole.ASSET),
    ".html": ("text/html; charset=utf-8", CacheClass.PAGE, FileRole.PAGE),
    ".json": ("application/json", CacheClass.COUNTERS, FileRole.DATA),
    ".svg": ("image/svg+xml", CacheClass.MEDIA, FileRole.MEDIA),
    REDIRECTS_FILE: ("application/json", CacheClass.PAGE, FileRole.DATA),
    ".xml": ("application/rss+xml; charset=utf-8", CacheClass.FEED, FileRole.FEED),
}


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def an_entry(
    path: str, data: bytes | str = "words", *, has_twins: bool = False, role: FileRole | None = None
) -> ManifestEntry:
    """What a manifest says of a file with these bytes."""
    body = data.encode() if isinstance(data, str) else data
    kind = KINDS.get(path) or KINDS.get(splitext(path)[1])
    media_type, cache, usual = kind or (guess_media_type(path), CacheClass.MEDIA, FileRole.MEDIA)
    twins: tuple[Twin, ...] = ()
    if has_twins:
        packed = gzip.compress(body, mtime=0)
        twins = (Twin("gzip", f"{path}.gz", digest_of(packed), len(packed)),)
    return ManifestEntry(path, digest_of(body), len(body), media_type, cache, role or usual, twins)


def a_manifest(files: Mapping[str, str | bytes], site_url: str = SITE, *, has_twins: bool = False) -> Manifest:
    return Manifest.from_entries(site_url, (an_entry(path, data, has_twins=has_twins) for path, data in files.items()))


def a_site(
    output: Path,
    files: Mapping[str, str | bytes],
    *,
    commit: Commit | None = None,
    site_url: str = SITE,
    forwards: Iterable[Redirect] = (),
    has_twins: bool = False,
) -> BuiltSite:
    """A built site in a folder; pages are lists where `index.html` stands at the top or one folder below."""
    written = {**files, REDIRECTS_FILE: dump(forwards)}
    for old in sorted(output.rglob("*"), reverse=True) if output.exists() else ():
        old.unlink() if old.is_file() else old.rmdir()
    for path, data in written.items():
        place = output / path
        place.parent.mkdir(parents=True, exist_ok=True)
        body = data.encode() if isinstance(data, str) else data
        place.write_bytes(body)
        if has_twins:
            place.with_name(f"{place.name}.gz").write_bytes(gzip.compress(body, mtime=0))
    (output / MANIFEST).write_bytes(a_manifest(written, site_url, has_twins=has_twins).dump())
    return open_site(output, commit or Commit("1" * 40, "2026-11-01T10:00:00Z"))
