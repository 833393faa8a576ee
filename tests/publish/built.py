"""A built site with its twins and its manifest, as a release that a server serves."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import brotli

from openknowledge.manifest import MANIFEST, CacheClass, FileRole, Manifest, ManifestEntry, Twin
from openknowledge.media_types import guess_media_type
from openknowledge.redirects.table import Redirect
from openknowledge.serving.headers import mtime_from_digest
from openknowledge.serving.servers import TABLES_FOLDER, render_tables

SMALLEST_B = 256
SORTS = (
    ("theme/", FileRole.ASSET, CacheClass.IMMUTABLE),
    ("covers/", FileRole.MEDIA, CacheClass.IMMUTABLE),
    ("media/", FileRole.MEDIA, CacheClass.MEDIA),
    ("data/counters", FileRole.DATA, CacheClass.COUNTERS),
    ("data/", FileRole.DATA, CacheClass.PAGE),
)


@dataclass(frozen=True, slots=True)
class Release:
    """A folder `root` with a release of the site behind the symlink `current`."""

    root: Path
    manifest: Manifest
    forwards: tuple[Redirect, ...]

    @property
    def current(self) -> Path:
        return self.root / "current"

    def body(self, path: str) -> bytes:
        return (self.current / path).read_bytes()


def released(output: Path, root: Path, forwards: tuple[Redirect, ...], site_url: str) -> Release:
    """Copy a built site into a release, as publishing does: files, twins, times, tables."""
    folder = root / "releases/1"
    shutil.copytree(output, folder, ignore=shutil.ignore_patterns(".[!w]*", "*.br", "*.gz"))
    for forward in forwards:
        _place_page(folder, forward)
    known = manifest_of(output).by_path
    manifest = Manifest.from_entries(site_url, [_packed(folder, known.get(one.path, one)) for one in _entries(folder)])
    for entry in manifest.entries:
        for path, digest in ((entry.path, entry.digest), *((twin.path, twin.digest) for twin in entry.twins)):
            os.utime(folder / path, (mtime_from_digest(digest),) * 2)
    (folder / TABLES_FOLDER).mkdir()
    for name, text in render_tables(forwards).items():
        (folder / TABLES_FOLDER / name).write_text(text, encoding="utf-8")
    (root / "current").symlink_to("releases/1")
    return Release(root, manifest, forwards)


def manifest_of(output: Path) -> Manifest:
    """The manifest that a build left; one made of the paths where it left none."""
    if (output / MANIFEST).is_file():
        return Manifest.load((output / MANIFEST).read_bytes())
    return Manifest.from_entries("", _entries(output))


def _place_page(folder: Path, forward: Redirect) -> None:
    """What a build leaves at an old address for servers that know nothing better."""
    if not forward.query:
        path = folder / forward.source.strip("/") / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f'<!doctype html>\n<html lang="it"><head><meta charset="utf-8"><title>{forward.status}</title></head>\n'
        path.write_text(text + f"<body><p>{'Non c’è più. ' * 40}</p></body></html>\n", encoding="utf-8")


def _entries(folder: Path) -> Iterator[ManifestEntry]:
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and not file.name.startswith("."):
            data = file.read_bytes()
            role, cache = _sort(path)
            yield ManifestEntry(path, sha256(data).hexdigest(), len(data), guess_media_type(path), cache, role)


def _packed(folder: Path, entry: ManifestEntry) -> ManifestEntry:
    """The entry with the twins that are worth it."""
    data = (folder / entry.path).read_bytes()
    if not entry.media_type.endswith("charset=utf-8") or len(data) < SMALLEST_B:
        return replace(entry, twins=())
    packed = {"br": brotli.compress(data, quality=5), "gz": gzip.compress(data, 6, mtime=0)}
    for ending, bytes_ in packed.items():
        (folder / f"{entry.path}.{ending}").write_bytes(bytes_)
    names = {"br": "br", "gz": "gzip"}
    twins = (
        Twin(names[ending], f"{entry.path}.{ending}", sha256(one).hexdigest(), len(one))
        for ending, one in packed.items()
    )
    return replace(entry, twins=tuple(twins))


def _sort(path: str) -> tuple[FileRole, CacheClass]:
    if path.endswith((".rss.xml", ".atom.xml")):
        return FileRole.FEED, CacheClass.FEED
    found = (row[1:] for row in SORTS if path.startswith(row[0]))
    return next(found, (FileRole.PAGE, CacheClass.PAGE))
