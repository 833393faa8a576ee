"""A site as folders of releases: where everything lies, what a release is made of, what is kept and what goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from openknowledge.manifest import CacheClass, FileRole, Manifest, ManifestEntry

from ..built_site import BuiltSite
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import Release
from . import PREVIEWS_FOLDER

__all__ = [
    "CURRENT",
    "FORMER",
    "LET_GO_S",
    "LOCKS",
    "NOTE",
    "REGISTER",
    "RELEASES",
    "SERVER",
    "Draft",
    "File",
    "Note",
    "Retention",
    "ServerFiles",
    "Terms",
    "files_of",
    "folder",
    "folders_to_sweep",
    "forgotten",
    "listing_of",
    "manifest_name",
    "no_files",
    "part",
    "released",
    "restored",
    "shard_name",
    "stranger_of",
]

CURRENT = "current"
"""The symlink that readers go through: to the folder of one release."""
RELEASES = "releases"
REGISTER = "register.json"
FORMER = "former.txt"
LOCKS = "locks"
"""One file for each time that the lock was taken, named by a number; the highest one counts."""
LET_GO_S = 1e9
"""A lock that is older than this moment (in 2001) was let go of: a time can be set even where the disk is full."""
SERVER = ".server"
"""In a release: what is not for readers. A server shows nothing below names that begin with a dot."""
NOTE = f"{SERVER}/release.json"
OURS = (LOCKS, "lost+found", "manifests", "shards", FORMER, f"{FORMER}.new", f"{REGISTER}.new")
"""What may be in a place that has no register yet: a run was killed before it wrote one."""
_DRAFT = ".new."
_FOLDER = re.compile(r"([0-9]+)(\.part)?")


def stranger_of(names: Iterable[str]) -> str:
    """Something in a place without a register that is not ours; empty where there is nothing."""
    ours = (*OURS, PREVIEWS_FOLDER)
    return next((name for name in sorted(names) if name not in ours and not name.startswith(_DRAFT)), "")


def folder(number: int) -> str:
    return f"{RELEASES}/{number}"


def part(number: int) -> str:
    """The folder of a release that is not whole yet."""
    return f"{RELEASES}/{number}.part"


def manifest_name(digest: str) -> str:
    return f"manifests/{digest}"


def shard_name(name: str) -> str:
    return f"shards/{name}"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many releases can be restored, and for how long what pages need outlives the pages."""

    releases: int = 10
    grace_s: int = 24 * 3600


@dataclass(frozen=True, slots=True)
class File:
    """A file of a site or a twin of one, as it lies on the disk."""

    path: str
    digest: str
    size_b: int


def files_of(entries: Iterable[ManifestEntry]) -> Iterator[File]:
    """The files of entries, twins behind what they are twins of."""
    for entry in entries:
        yield File(entry.path, entry.digest, entry.size_b)
        for twin in entry.twins:
            yield File(twin.path, twin.digest, twin.size_b)


def listing_of(files: Iterable[File]) -> str:
    """The digest of names and sizes, as `find` and `stat` tell them of a folder on a server."""
    lines = sorted(f"./{file.path} {file.size_b}".encode() for file in files)
    return sha256(b"".join(line + b"\n" for line in lines)).hexdigest()


@dataclass(frozen=True, slots=True)
class Note:
    """What a release says of itself, in the release.

    `listing` is that of its own files. `carried` are files of earlier releases that lie among them for those who still
    read a page of those, each with the time since which no page has needed it: seconds since 1970.
    """

    listing: str = ""
    carried: tuple[tuple[str, int], ...] = ()

    def due(self, keeping: Retention, now_s: float) -> tuple[str, ...]:
        return tuple(path for path, since in self.carried if since + keeping.grace_s <= now_s)

    def without(self, paths: Collection[str]) -> Note:
        return replace(self, carried=tuple(one for one in self.carried if one[0] not in paths))

    def dumped(self) -> bytes:
        return (json.dumps({"listing": self.listing, "carried": self.carried}, ensure_ascii=False) + "\n").encode()

    @classmethod
    def loaded(cls, data: bytes) -> Note:
        """An empty one where there is none, or none that can be read."""
        try:
            told = json.loads(data)
            return cls(told["listing"], tuple((path, since) for path, since in told["carried"]))
        except (ValueError, KeyError, TypeError):
            return cls()


@dataclass(frozen=True)
class Draft:
    """How the folder of a release is made.

    Its files are those of the release `source`, by hard links, without the `dropped` ones; in their place come the
    `sent` ones from the built site. Then the note's carried files are linked from the release `carrier`, where nothing
    else is in their place, and the `server` files are put beside them: None for those of the source.
    """

    number: int
    manifest: ShardedManifest
    note: Note
    source: int | None = None
    carrier: int | None = None
    dropped: tuple[str, ...] = ()
    sent: tuple[File, ...] = ()
    server: Mapping[str, bytes] | None = field(default_factory=dict)

    @property
    def beside(self) -> dict[str, bytes]:
        """What is written into its folder that is not the site."""
        told = {f"{SERVER}/{name}": data for name, data in sorted((self.server or {}).items())}
        return {**told, NOTE: self.note.dumped()}

    def whole(self, manifest: Manifest) -> Draft:
        """The same with nothing from an earlier release, for a place that has lost files."""
        return replace(self, source=None, dropped=(), sent=tuple(files_of(manifest.entries)))


ServerFiles = Callable[[BuiltSite], Mapping[str, bytes]]
"""What a web server needs to know of a site, by file name: its redirects."""


def no_files(_site: BuiltSite) -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True)
class Terms:
    """What a draft depends on beside the sites: the place's time, what is kept, and a server's files for a site."""

    now_s: int
    keeping: Retention = Retention()
    server: ServerFiles = no_files


def released(
    number: int, site: BuiltSite, manifest: ShardedManifest, plan: Plan, before: tuple[int, Note] | None, terms: Terms
) -> Draft:
    """The folder of a built site; `before` is the release that readers have, as far as its folder is there."""
    whole = tuple(files_of(site.manifest.entries))
    sent = tuple(files_of(plan.sent))
    if before is None:
        return Draft(number, manifest, Note(listing_of(whole)), sent=whole, server=terms.server(site))
    source, note = before
    old = [file.path for file in files_of((*plan.removed, *(entry for entry, _ in plan.changed)))]
    carried = _carried(note, plan, {file.path for file in sent}, terms)
    return Draft(
        number,
        manifest,
        Note(listing_of(whole), carried),
        source=source,
        carrier=source,
        dropped=tuple(sorted({*old, *(path for path, _ in note.carried)} - {file.path for file in sent})),
        sent=sent,
        server=terms.server(site),
    )


def restored(
    number: int,
    manifest: ShardedManifest,
    plan: Plan,
    wanted: tuple[int, Note],
    before: tuple[int, Note] | None,
    terms: Terms,
) -> Draft:
    """The folder of an earlier release once more; what only its successor has is carried."""
    source, note = wanted
    sent = {file.path for file in files_of(plan.sent)}
    return Draft(
        number,
        manifest,
        Note(note.listing, _carried(before[1], plan, sent, terms) if before else ()),
        source=source,
        carrier=before[0] if before else None,
        dropped=tuple(path for path, _ in note.carried),
        server=None,
    )


def _carried(note: Note, plan: Plan, sent: Collection[str], terms: Terms) -> tuple[tuple[str, int], ...]:
    """What pages need that somebody may still have: what was carried and is not due, and what goes now."""
    due = note.due(terms.keeping, terms.now_s)
    since = dict.fromkeys(_needed_by_pages(plan), terms.now_s) if terms.keeping.grace_s > 0 else {}
    since.update((path, time_s) for path, time_s in note.carried if path not in due)
    return tuple(sorted((path, time_s) for path, time_s in since.items() if path not in sent))


def _needed_by_pages(plan: Plan) -> Iterator[str]:
    for entry in plan.removed:
        if entry.cache is CacheClass.IMMUTABLE or entry.role in (FileRole.ASSET, FileRole.MEDIA):
            yield from (file.path for file in files_of((entry,)))


def folders_to_sweep(there: Iterable[str], kept: Collection[int]) -> tuple[str, ...]:
    """Folders of releases that no register knows: what killed runs have left. Other names are left alone."""
    found = ((name, _FOLDER.fullmatch(name)) for name in there)
    return tuple(
        f"{RELEASES}/{name}" for name, match in found if match and (match.group(2) or int(match.group(1)) not in kept)
    )


def forgotten(
    old: Iterable[Release], kept: Iterable[Release], manifests: Mapping[str, ShardedManifest]
) -> tuple[str, ...]:
    """What only releases need that cannot be restored any more: their folders, and pieces of manifests.

    `manifests` are those of all of them, by digest, as far as they are there.
    """
    gone = tuple(old)
    needed = {name for one in kept if one.manifest in manifests for name in _pieces(manifests[one.manifest])}
    pieces = {name for one in gone if one.manifest in manifests for name in _pieces(manifests[one.manifest])}
    return (*(folder(one.number) for one in gone), *sorted(pieces - needed))


def _pieces(manifest: ShardedManifest) -> Iterator[str]:
    yield manifest_name(manifest.root.digest)
    yield from map(shard_name, manifest.list_pieces()[1])
