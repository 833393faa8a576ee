"""What was published when: commits, releases, and the register that a target keeps of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .errors import PublishRefused, make_problem

__all__ = ["FORMAT", "Commit", "DeployState", "PendingRelease", "Release", "iso_utc"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that a site was built from; no `id` where nobody knows. `committed_at` is UTC, as ISO 8601."""

    id: str = ""
    committed_at: str = ""
    is_dirty: bool = False

    @property
    def short(self) -> str:
        return f"{self.id[:9] or 'an unknown commit'}{' with changes' if self.is_dirty else ''}"


@dataclass(frozen=True, slots=True)
class Release:
    """One publication. `manifest` is the digest of its manifest, `policy` that of the headers its files were given;
    what comes after a slash in it is that of the headers which are not stored with files.

    `published_at` is the target's own time. `restores` is the number of the release whose files it has again.
    """

    number: int
    manifest: str
    policy: str
    commit: Commit
    by: str
    files: int
    size_b: int
    published_at: str = ""
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class PendingRelease:
    """A publication under way, or cut off; while it `is_visible` each file may be the old one or the new one.

    Once it `has_replaced` files, all its new ones are in place, and readers may have found them.
    """

    release: Release
    is_visible: bool
    has_replaced: bool = False


@dataclass(frozen=True, slots=True)
class DeployState:
    """All that a target knows of itself, in one small object.

    `releases` come oldest first. `pending` are the publication under way and those that were cut off since the last one
    that ended. `stale` are the digests of manifests whose pages caches may still hold. `removals` are
    paths that no release has any more, with the time (seconds since 1970 by the target's clock) at which they went.
    `lock` names who is at work; `beat` is another text in each version.
    """

    site: str
    releases: tuple[Release, ...] = ()
    pending: tuple[PendingRelease, ...] = ()
    stale: tuple[str, ...] = ()
    removals: tuple[tuple[str, int], ...] = ()
    lock: str = ""
    heartbeat: str = ""

    @property
    def release(self) -> Release | None:
        return self.releases[-1] if self.releases else None

    @property
    def next_number(self) -> int:
        """The number of the next release; that of one that was cut off is not used again."""
        begun = (*self.releases, *(pending.release for pending in self.pending))
        return max((release.number for release in begun), default=0) + 1

    @property
    def uncertain(self) -> tuple[Release, ...]:
        """The publications that were cut off while files were put in place."""
        return tuple(pending.release for pending in self.pending if pending.is_visible)

    @property
    def replacing(self) -> frozenset[str]:
        """The digests of manifests of such publications of which readers may have found new files."""
        return frozenset(one.release.manifest for one in self.pending if one.is_visible and one.has_replaced)

    def check_site(self, site_url: str, where: str) -> DeployState:
        """The same, if it is this site's. Raises `Refused` where another one is published at the place."""
        if self.site != site_url:
            message = f"this is where {self.site} is published, not {site_url}"
            raise PublishRefused([make_problem(where, message, "Is PUBLISH_TARGET, or SITEURL, that of another site?")])
        return self

    def by_number(self, number: int) -> Release | None:
        return next((release for release in self.releases if release.number == number), None)

    def dump(self) -> bytes:
        state = asdict(self)
        state["beat"] = state.pop("heartbeat")
        return (json.dumps({"format": FORMAT, **state}, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def load(cls, data: bytes, where: str) -> DeployState:
        """Raises `Refused` where the bytes are no register, or one of a newer version."""
        try:
            told = json.loads(data)
            version = told.pop("format")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PublishRefused([make_problem(where, "the register of releases cannot be read", _BROKEN)]) from None
        if version != FORMAT:
            message = f"the register of releases is of version {version}; this program knows version {FORMAT}"
            raise PublishRefused([make_problem(where, message, "Publish with the newer version that wrote it.")])
        try:
            return cls(
                site=told["site"],
                releases=tuple(map(_release, told["releases"])),
                pending=tuple(map(_pending, told["pending"])),
                stale=tuple(told["stale"]),
                removals=tuple((path, since) for path, since in told["removals"]),
                lock=told["lock"],
                heartbeat=told["beat"],
            )
        except (KeyError, TypeError, ValueError):
            raise PublishRefused([make_problem(where, "the register of releases cannot be read", _BROKEN)]) from None


_BROKEN = "Somebody changed it by hand? Restore it from the store's own versions, or publish to an empty place."


def _release(told: Mapping[str, Any]) -> Release:
    return Release(**{**told, "commit": Commit(**told["commit"])})


def _pending(told: Mapping[str, Any]) -> PendingRelease:
    return PendingRelease(_release(told["release"]), told["is_visible"], told.get("has_replaced", False))


def iso_utc(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
