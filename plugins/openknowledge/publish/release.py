"""Commits, releases, and the deploy state: the small file in which a target records its releases."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, TypeAdapter

from openknowledge.invisible_text import find_invisible
from openknowledge.manifest import MAX_SIZE_B, ManifestProblem
from openknowledge.output_paths import explain_path

from .errors import PublishRefused

__all__ = [
    *("FORMAT", "Commit", "DeployState", "PendingRelease", "Release"),
    *("is_older", "iso_utc", "load_retired_urls", "read_commit", "split_releases"),
]

FORMAT = 1
HINT = "Somebody changed it by hand? Restore it from the store's own versions, or publish to an empty place."


def _check_time(text: str) -> str:
    if text:
        datetime.fromisoformat(text)
    return text


def _check_path(path: str) -> str:
    if explain_path(path) is not None:
        raise ValueError
    return path


Text = Annotated[str, Field(max_length=2_000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-z]{0,64}$")]
Count = Annotated[int, Field(ge=0, lt=MAX_SIZE_B)]
Time = Annotated[str, Field(pattern=r"^([12][0-9]{3}-[0-9T:.+-]{5,40}Z?)?$"), AfterValidator(_check_time)]
PlainPath = Annotated[str, AfterValidator(_check_path)]
"""What a deploy state may say: it is read from places that others may have written to."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that a site was built from; `id` is empty if it is unknown. `committed_at` is ISO 8601 in UTC."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")] = ""
    committed_at: Time = ""
    is_dirty: bool = False

    @property
    def short(self) -> str:
        """Return the first digits of the commit."""
        return f"{self.id[:9] or 'an unknown commit'}{' with changes' if self.is_dirty else ''}"


@dataclass(frozen=True, slots=True)
class Release:
    """One publication of a site."""

    number: Annotated[int, Field(ge=1, le=10**9)]
    manifest: Digest
    """The digest of the manifest's root."""
    policy: Annotated[str, Field(pattern=r"^[0-9a-z]{0,64}(/[0-9a-f]{0,64})?$")]
    """The digest of the headers that files are stored with; after a slash, of those that are not stored with files."""
    commit: Commit
    by: Text
    files: Count
    size_b: Count
    published_at: Time = ""
    """ISO 8601 by the target's clock."""
    restores: Count | None = None
    """The number of the release that a rollback brought back."""
    has_only_counters: bool = False
    """Whether it is the release before with newer numbers."""


@dataclass(frozen=True, slots=True)
class PendingRelease:
    """A publication that is under way or was interrupted."""

    release: Release
    is_visible: bool
    """Whether each file may be the old or the new one."""
    has_replaced: bool = False
    """Whether all new files are written, so that readers may have found them."""


@dataclass(frozen=True, slots=True)
class DeployState:
    """All that a target records of itself."""

    site: Text
    releases: tuple[Release, ...] = ()
    """The releases that can be restored, the oldest first."""
    pending: tuple[PendingRelease, ...] = ()
    """The publication under way, and those that were interrupted since the last one that ended."""
    stale: tuple[Digest, ...] = ()
    """The digests of manifests whose pages caches may still hold."""
    removals: tuple[tuple[PlainPath, Count], ...] = ()
    """Paths that are in no release any more, each with the time (seconds since 1970) of its removal."""
    retired: Count = 0
    """How many addresses are in the list of those that were published once, at least."""
    lock: Text = ""
    """The name of the publisher that holds the lock."""
    heartbeat: Text = ""
    """A random text, different in each version."""

    @property
    def release(self) -> Release | None:
        """Return the release that readers see; None before the first one."""
        return self.releases[-1] if self.releases else None

    @property
    def next_number(self) -> int:
        """The number of the next release; the number of an interrupted one is not used again."""
        begun = (*self.releases, *(pending.release for pending in self.pending))
        return max((release.number for release in begun), default=0) + 1

    @property
    def uncertain(self) -> tuple[Release, ...]:
        """The publications that were interrupted while files were replaced."""
        return tuple(pending.release for pending in self.pending if pending.is_visible)

    @property
    def replacing(self) -> frozenset[str]:
        """The digests of the manifests of uncertain publications whose new files readers may have found."""
        pending = (pending for pending in self.pending if pending.is_visible and pending.has_replaced)
        return frozenset(interrupted.release.manifest for interrupted in pending)

    def check_site(self, site_url: str, where: str) -> Self:
        """Return the state itself. Raises `PublishRefused` if it is the state of another site."""
        if self.site != site_url:
            message = f"this is where {self.site} is published, not {site_url}"
            raise PublishRefused.at(where, message, "Is PUBLISH_TARGET, or SITEURL, that of another site?")
        return self

    def by_number(self, number: int) -> Release | None:
        """Return the release of that number; None where it is unknown."""
        return next((release for release in self.releases if release.number == number), None)

    def dump(self) -> bytes:
        """Return the JSON as bytes."""
        state = asdict(self)
        state["beat"] = state.pop("heartbeat")
        return (json.dumps({"format": FORMAT, **state}, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def load(cls, data: bytes, where: str) -> "DeployState":
        """Raise `PublishRefused` if the bytes are no deploy state, or one of a newer version."""
        try:
            state = json.loads(data)
            version = state["format"]
            if version == FORMAT:
                # Earlier versions did not count.
                values = {"retired": 0, **state, "heartbeat": state["beat"]}
                return _adapter().validate_python({name: values[name] for name in cls.__dataclass_fields__})
        except (ValueError, KeyError, TypeError, RecursionError):
            raise PublishRefused.at(where, "the register of releases cannot be read", HINT) from None
        message = f"the register of releases is of version {version!r:.20}; this program knows version {FORMAT}"
        raise PublishRefused.at(where, message, "Publish with the newer version that wrote it.")


@cache
def _adapter() -> TypeAdapter[DeployState]:
    """Return what checks a deploy state: it takes two milliseconds to make."""
    return TypeAdapter(DeployState)


def split_releases(releases: Sequence[Release], count: int) -> tuple[tuple[Release, ...], tuple[Release, ...]]:
    """Return the releases that are not retained any more, and the `count` that are, the oldest first.

    Of those with newer numbers only, no more than the last two are retained: they come too often to displace others.
    """
    lasting = [*(one for one in releases[:-2] if not one.has_only_counters), *releases[-2:]][-count:]
    return tuple(one for one in releases if one not in lasting), tuple(lasting)


def load_retired_urls(
    data: bytes | None, where: str, unpack: Callable[[bytes], bytes] = bytes, least: int = 0
) -> frozenset[str]:
    """Return the URLs in a file of lines, none without one.

    Raises `PublishRefused` if they cannot be read, or are fewer than the deploy state counts (`least`): a publication
    would forget that those addresses were promised.
    """
    try:
        text = unpack(data).decode() if data is not None else ""
        # Other ends of lines than this one may be in an address.
        urls = text.removesuffix("\n").split("\n") if text else []
    except (UnicodeDecodeError, ManifestProblem):
        urls = [""]
    if not all(url.startswith("/") and not find_invisible(url) for url in urls):
        raise PublishRefused.at(where, "the list of former addresses cannot be read", HINT)
    if len(urls) < least:
        message = f"the list of former addresses has {len(urls):,} of {least:,}"
        raise PublishRefused.at(where, message, f"{HINT} To go on without the others: invoke publish --adopt")
    return frozenset(urls)


def iso_utc(seconds: float) -> str:
    """Format seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_commit(project: Path) -> Commit:
    """Return the commit of a working tree; an unknown one if git or a repository is missing."""
    output = _run_git(project, "show", "--no-patch", "--format=%H %ct", "HEAD")
    if output is None:
        return Commit()
    commit_id, seconds = output.split()
    is_dirty = bool(_run_git(project, "status", "--porcelain", "--untracked-files=normal"))
    return Commit(commit_id, iso_utc(int(seconds)), is_dirty)


def is_older(project: Path, commit: Commit, other: Commit) -> bool:
    """Return whether a commit is older than another one.

    The history decides if the repository has both; otherwise, as in a shallow clone, the times of the commits do.
    """
    if not commit.id or not other.id or commit.id == other.id:
        return False
    if _run_git(project, "cat-file", "-e", f"{other.id}^{{commit}}") is not None:
        if _run_git(project, "merge-base", "--is-ancestor", commit.id, other.id) is not None:
            return True
        if _run_git(project, "merge-base", "--is-ancestor", other.id, commit.id) is not None:
            return False
    return commit.committed_at < other.committed_at


def _run_git(project: Path, *arguments: str) -> str | None:
    """Return the output of git, or None if it fails or is missing."""
    try:
        process = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return process.stdout.strip() if process.returncode == 0 else None
