"""A site as folders of releases: the paths, what is read of a place, and what the folder of a release is made of."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from openknowledge.manifest import CacheClass, FileRole, ManifestEntry, Twin
from openknowledge.output_paths import explain_path

from ..errors import PublishRefused
from ..plan import Plan
from . import PREVIEWS_FOLDER
from .lease import lock_holder

__all__ = [
    *("CURRENT", "CURRENT_LINK", "FILE_LIMIT_B", "LOCKS", "LOCK_FILE", "MANIFESTS", "NO_LINK", "OWN_FOLDERS"),
    *("RELEASES", "RELEASE_META", "RETIRED_URLS", "SERVER", "SHARDS", "STATE_FILE"),
    *("SNAPSHOT_FILES", "PlaceSnapshot", "ReleaseFile", "ReleaseMeta", "ReleasePlan", "Retention"),
    *("digest_listing", "list_files", "partial_folder", "release_folder"),
]

CURRENT = "current"
"""The symlink that readers go through: it leads to the folder of one release."""
NO_LINK = "folder"
"""What stands for the target of `CURRENT` where that is no link to a release."""
LOCKS, MANIFESTS, RELEASES, SHARDS = OWN_FOLDERS = ("locks", "manifests", "releases", "shards")
"""The folders of a place. None of them may be a link: what is written there would be written elsewhere."""
FILE_LIMIT_B = 64 * 1024**2
"""The largest file of ours that is read of a place."""
STATE_FILE = "register.json"
RETIRED_URLS = "former.txt"
LOCK_FILE = f"{LOCKS}/ssh"
"""What a publication locks by `flock`, on the server or here. It contains the text of the last lock, and nothing once
that is released."""
SERVER = ".server"
"""The folder of a release for what is not for readers. A server shows nothing below names that begin with a dot."""
RELEASE_META = f"{SERVER}/release.json"
META_HINT = "Somebody changed it by hand? Take the place over, and the whole site is sent once: invoke publish --adopt"
SNAPSHOT_FILES = (STATE_FILE, RETIRED_URLS, f"{CURRENT}/{RELEASE_META}")
"""The small files that are read at the beginning of a publication."""
OWN_NAMES = (LOCKS, "lost+found", MANIFESTS, SHARDS, RETIRED_URLS, f"{RETIRED_URLS}.new", f"{STATE_FILE}.new")
"""What a publication that was killed may have left in a place without a deploy state."""
TEMPORARY = ".new."
CURRENT_LINK = re.compile(rf"{RELEASES}/([0-9]{{1,9}})/?")


def release_folder(number: int) -> str:
    """Return the folder of a release."""
    return f"{RELEASES}/{number}"


def partial_folder(number: int) -> str:
    """Return the folder of a release that is not complete."""
    return f"{RELEASES}/{number}.part"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many releases can be restored, and for how long what pages need outlives the pages."""

    releases: int = 10
    grace_s: int = 24 * 3600


ReleaseFile = ManifestEntry | Twin


def list_files(entries: Iterable[ManifestEntry]) -> Iterator[ReleaseFile]:
    """Yield the files of entries, each followed by its twins."""
    for entry in entries:
        yield entry
        yield from entry.twins


def digest_listing(sizes_b: Iterable[tuple[str, int]]) -> str:
    """Return the digest of names and sizes, as `find` and `stat` print them for a folder on a server."""
    lines = sorted(f"./{path} {size_b}\n".encode() for path, size_b in sizes_b)
    return sha256(b"".join(lines)).hexdigest()


@dataclass(frozen=True, slots=True)
class ReleaseMeta:
    """What the folder of a release says of itself."""

    listing: str = ""
    """The digest of the names and sizes of its own files."""
    grace_files: tuple[tuple[str, int], ...] = ()
    """Files of earlier releases for readers of their pages, each with the time since which no page needs it."""

    @property
    def grace_paths(self) -> tuple[str, ...]:
        """The paths of the grace files."""
        return tuple(path for path, _ in self.grace_files)

    def due(self, retention: Retention, now_s: float) -> tuple[str, ...]:
        """Return the paths whose grace period is over."""
        return tuple(path for path, since in self.grace_files if since + retention.grace_s <= now_s)

    def grace_files_after(self, plan: Plan, retention: Retention, now_s: float) -> tuple[tuple[str, int], ...]:
        """Return the files that open pages may still ask for: those that go now, and earlier ones that are not due."""
        since: dict[str, int] = {}
        if retention.grace_s > 0:
            roles = FileRole.ASSET, FileRole.MEDIA
            removed = [entry for entry in plan.removed if entry.cache is CacheClass.IMMUTABLE or entry.role in roles]
            since = {file.path: int(now_s) for file in list_files(removed)}
        due = self.due(retention, int(now_s))
        since |= {path: time_s for path, time_s in self.grace_files if path not in due}
        sent = {file.path for file in list_files(plan.sent)}
        return tuple(sorted((path, time_s) for path, time_s in since.items() if path not in sent))

    def dump(self) -> bytes:
        """Return the JSON as bytes."""
        return (json.dumps({"listing": self.listing, "carried": self.grace_files}, ensure_ascii=False) + "\n").encode()

    @classmethod
    def load(cls, data: bytes | None, where: str) -> Self:
        """Raise `PublishRefused` where it is not there or cannot be read: what else was changed is not known."""
        if data is None:
            raise PublishRefused.at(where, "is not there, though its release is", META_HINT)
        try:
            values = json.loads(data)
            meta = cls(str(values["listing"]), tuple((path, int(since)) for path, since in values["carried"]))
            if not any(map(explain_path, meta.grace_paths)):
                return meta
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            pass
        raise PublishRefused.at(where, "what the release says of itself cannot be read", META_HINT)


@dataclass(frozen=True, slots=True)
class PlaceSnapshot:
    """What a place contains at one moment."""

    files: Mapping[str, bytes]
    """The small files of `SNAPSHOT_FILES` that exist."""
    link: str = ""
    """Where the link to the current release leads; empty if it leads nowhere."""
    folders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Everything in a place without a deploy state."""
    lock_text: bytes = b""
    now_s: float = 0.0
    """The time at the place, as well as it is known without writing."""

    @property
    def current(self) -> int | None:
        """The number of the release that readers get."""
        match = CURRENT_LINK.fullmatch(self.link)
        return int(match.group(1)) if match else None

    @property
    def lock(self) -> str:
        """The publisher that holds the lock, or held it when it was killed."""
        return lock_holder(self.lock_text) if self.lock_text else ""

    @property
    def foreign(self) -> str:
        """The name of a file of others in a place without a deploy state; empty if there is none."""
        own = (*OWN_NAMES, PREVIEWS_FOLDER)
        others = (name for name in sorted(self.names) if name not in own and not name.startswith(TEMPORARY))
        return "" if STATE_FILE in self.files else next(others, "")

    @property
    def version(self) -> str:
        """A text that differs after any other publication."""
        return sha256(b"%a %b" % (self.current, self.files.get(STATE_FILE, b""))).hexdigest()

    def read_meta(self, place: str, *, adopts: bool) -> ReleaseMeta:
        """Return what the folder of the current release says of itself, where there is one.

        `place` is the name of all this for people. Of a place that is taken over nothing is believed.
        """
        if self.current is None or adopts:
            return ReleaseMeta()
        name = f"{CURRENT}/{RELEASE_META}"
        return ReleaseMeta.load(self.files.get(name), f"{place}/{name}")


@dataclass(frozen=True)
class ReleasePlan:
    """How the folder of a release is made.

    It begins with hard links to all files of the release `source` but the `dropped` ones, and the `sent` files are
    copied from the built site. Then the grace files are linked from the release `grace_source`, unless another file has
    their path. `server_files` are written beside them; None keeps those of the source.
    """

    number: int
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
