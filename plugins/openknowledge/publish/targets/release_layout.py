"""A site as folders of releases: the paths, what the folder of a release is made of, what is retained and what goes."""

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
    "LOCKS",
    "RELEASES",
    "RELEASE_META",
    "RETIRED_URLS",
    "SERVER",
    "SNAPSHOT_FILES",
    "STATE_FILE",
    "PlanContext",
    "ReleaseFile",
    "ReleaseMeta",
    "ReleasePlan",
    "Retention",
    "ServerFiles",
    "digest_listing",
    "foreign_file",
    "forgotten_names",
    "interrupted_folders",
    "list_files",
    "manifest_name",
    "no_server_files",
    "partial_folder",
    "plan_release",
    "plan_rollback",
    "release_folder",
    "shard_name",
]

CURRENT = "current"
"""The symlink that readers go through: it leads to the folder of one release."""
RELEASES = "releases"
STATE_FILE = "register.json"
RETIRED_URLS = "former.txt"
LOCKS = "locks"
SERVER = ".server"
"""The folder of a release for what is not for readers. A server shows nothing below names that begin with a dot."""
RELEASE_META = f"{SERVER}/release.json"
SNAPSHOT_FILES = (STATE_FILE, RETIRED_URLS, f"{CURRENT}/{RELEASE_META}")
"""The small files that are read at the beginning of a publication."""
OWN_NAMES = (LOCKS, "lost+found", "manifests", "shards", RETIRED_URLS, f"{RETIRED_URLS}.new", f"{STATE_FILE}.new")
"""What a publication that was killed may have left in a place without a deploy state."""
TEMPORARY = ".new."
_FOLDER = re.compile(r"([0-9]+)(\.part)?")


def foreign_file(names: Iterable[str]) -> str:
    """Return the name of a file of others in a place without a deploy state; empty if there is none."""
    own = (*OWN_NAMES, PREVIEWS_FOLDER)
    return next((name for name in sorted(names) if name not in own and not name.startswith(TEMPORARY)), "")


def release_folder(number: int) -> str:
    """Return the folder of a release."""
    return f"{RELEASES}/{number}"


def partial_folder(number: int) -> str:
    """Return the folder of a release that is not complete."""
    return f"{RELEASES}/{number}.part"


def manifest_name(digest: str) -> str:
    """Return the file of a manifest's root and branches."""
    return f"manifests/{digest}"


def shard_name(name: str) -> str:
    """Return the file of a manifest's shard."""
    return f"shards/{name}"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many releases can be restored, and for how long what pages need outlives the pages."""

    releases: int = 10
    grace_s: int = 24 * 3600


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a site, or a compressed twin of one."""

    path: str
    digest: str
    size_b: int


def list_files(entries: Iterable[ManifestEntry]) -> Iterator[ReleaseFile]:
    """Yield the files of entries, each followed by its twins."""
    for entry in entries:
        yield ReleaseFile(entry.path, entry.digest, entry.size_b)
        for twin in entry.twins:
            yield ReleaseFile(twin.path, twin.digest, twin.size_b)


def digest_listing(files: Iterable[ReleaseFile]) -> str:
    """Return the digest of names and sizes, as `find` and `stat` print them for a folder on a server."""
    lines = sorted(f"./{file.path} {file.size_b}".encode() for file in files)
    return sha256(b"".join(line + b"\n" for line in lines)).hexdigest()


@dataclass(frozen=True, slots=True)
class ReleaseMeta:
    """What the folder of a release says of itself."""

    listing: str = ""
    """The digest of the names and sizes of its own files."""
    grace_files: tuple[tuple[str, int], ...] = ()
    """Files of earlier releases for readers of their pages, each with the time since which no page needs it."""

    def due(self, retention: Retention, now_s: float) -> tuple[str, ...]:
        """Return the paths whose grace period is over."""
        return tuple(path for path, since in self.grace_files if since + retention.grace_s <= now_s)

    def without(self, paths: Collection[str]) -> ReleaseMeta:
        """Return the same without some paths."""
        return replace(self, grace_files=tuple(file for file in self.grace_files if file[0] not in paths))

    def dump(self) -> bytes:
        """Return the JSON as bytes."""
        return (json.dumps({"listing": self.listing, "carried": self.grace_files}, ensure_ascii=False) + "\n").encode()

    @classmethod
    def load(cls, data: bytes) -> ReleaseMeta:
        """Return an empty one if the bytes cannot be read."""
        try:
            values = json.loads(data)
            return cls(values["listing"], tuple((path, since) for path, since in values["carried"]))
        except (ValueError, KeyError, TypeError):
            return cls()


ServerFiles = Callable[[BuiltSite], Mapping[str, bytes]]
"""Return what a web server needs to know of a site (its redirects), by file name."""


def no_server_files(_site: BuiltSite) -> Mapping[str, bytes]:
    """Return nothing, for places without a web server of their own."""
    return {}


@dataclass(frozen=True)
class ReleasePlan:
    """How the folder of a release is made.

    It begins with hard links to all files of the release `source` but the `dropped` ones, and the `sent` files are
    copied from the built site. Then the grace files are linked from the release `grace_source`, unless another file has
    their path. `server_files` are written beside them; None keeps those of the source.
    """

    number: int
    manifest: ShardedManifest
    meta: ReleaseMeta
    source: int | None = None
    grace_source: int | None = None
    dropped: tuple[str, ...] = ()
    sent: tuple[ReleaseFile, ...] = ()
    server_files: Mapping[str, bytes] | None = field(default_factory=dict)

    @property
    def hidden_files(self) -> dict[str, bytes]:
        """What is written into the folder that is not for readers."""
        files = {f"{SERVER}/{name}": data for name, data in sorted((self.server_files or {}).items())}
        return {**files, RELEASE_META: self.meta.dump()}

    def without_source(self, manifest: Manifest) -> ReleasePlan:
        """Return the same release made of the built site alone, for a place that has lost files."""
        return replace(self, source=None, dropped=(), sent=tuple(list_files(manifest.entries)))


@dataclass(frozen=True)
class PlanContext:
    """What the plan of a release depends on beside the sites."""

    now_s: int
    """The time at the target."""
    retention: Retention
    server_files: ServerFiles
    before: tuple[int, ReleaseMeta] | None
    """The number of the release that readers get, and its metadata; None if its folder is missing."""

    def grace_files(self, plan: Plan, sent: Collection[str]) -> tuple[tuple[str, int], ...]:
        """Return the files that open pages may still ask for: those that go now, and earlier ones that are not due."""
        if self.before is None:
            return ()
        _, meta = self.before
        due = meta.due(self.retention, self.now_s)
        since = dict.fromkeys(_needed_by_pages(plan), self.now_s) if self.retention.grace_s > 0 else {}
        since.update((path, time_s) for path, time_s in meta.grace_files if path not in due)
        return tuple(sorted((path, time_s) for path, time_s in since.items() if path not in sent))


def plan_release(
    number: int, site: BuiltSite, manifest: ShardedManifest, plan: Plan, context: PlanContext
) -> ReleasePlan:
    """Return how the folder of a built site is made."""
    files = tuple(list_files(site.manifest.entries))
    server_files = context.server_files(site)
    if context.before is None:
        return ReleasePlan(number, manifest, ReleaseMeta(digest_listing(files)), sent=files, server_files=server_files)
    source, meta = context.before
    sent = tuple(list_files(plan.sent))
    sent_paths = {file.path for file in sent}
    gone = [file.path for file in list_files((*plan.removed, *(before for before, _ in plan.changed)))]
    return ReleasePlan(
        number,
        manifest,
        ReleaseMeta(digest_listing(files), context.grace_files(plan, sent_paths)),
        source=source,
        grace_source=source,
        dropped=tuple(sorted({*gone, *(path for path, _ in meta.grace_files)} - sent_paths)),
        sent=sent,
        server_files=server_files,
    )


def plan_rollback(
    number: int, manifest: ShardedManifest, plan: Plan, restored: tuple[int, ReleaseMeta], context: PlanContext
) -> ReleasePlan:
    """Return how the folder of an earlier release is made again, with grace files from the last one."""
    source, meta = restored
    grace_files = context.grace_files(plan, {file.path for file in list_files(plan.sent)})
    return ReleasePlan(
        number,
        manifest,
        ReleaseMeta(meta.listing, grace_files),
        source=source,
        grace_source=context.before[0] if context.before else None,
        dropped=tuple(path for path, _ in meta.grace_files),
        server_files=None,
    )


def _needed_by_pages(plan: Plan) -> Iterator[str]:
    for entry in plan.removed:
        if entry.cache is CacheClass.IMMUTABLE or entry.role in (FileRole.ASSET, FileRole.MEDIA):
            yield from (file.path for file in list_files((entry,)))


def interrupted_folders(names: Iterable[str], retained: Collection[int]) -> tuple[str, ...]:
    """Return the folders of releases that interrupted publications have left; other names are left alone."""
    matches = ((name, _FOLDER.fullmatch(name)) for name in names)
    return tuple(
        f"{RELEASES}/{name}"
        for name, match in matches
        if match and (match.group(2) or int(match.group(1)) not in retained)
    )


def forgotten_names(
    gone: Collection[Release], retained: Iterable[Release], manifests: Mapping[str, ShardedManifest]
) -> tuple[str, ...]:
    """Return the folders and pieces of manifests that only releases need which are gone.

    `manifests` are those of all these releases by digest, as far as they exist.
    """
    needed = {name for release in retained for name in _pieces(manifests.get(release.manifest))}
    pieces = {name for release in gone for name in _pieces(manifests.get(release.manifest))}
    return (*(release_folder(release.number) for release in gone), *sorted(pieces - needed))


def _pieces(manifest: ShardedManifest | None) -> Iterator[str]:
    if manifest is not None:
        yield manifest_name(manifest.root.digest)
        yield from map(shard_name, manifest.list_pieces().shards)
