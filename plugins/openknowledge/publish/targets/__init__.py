"""Where a site can be published: one small interface, and the kinds of target that there are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release

__all__ = ["PREVIEWS_FOLDER", "Deployment", "ProgressCallback", "PublishedState", "Removable", "Target"]

PREVIEWS_FOLDER = "previews"
"""The folder of a place in which previews are published, each with a register of its own; no site has files there."""

ProgressCallback = Callable[[str, int, int, int], None]
"""Told of progress: what is done, how many of how many, and how many bytes so far."""


@dataclass(frozen=True)
class PublishedState:
    """What a target has at the moment that it was asked.

    `manifest` is that of its last release; `uncertain` are those of publications that were cut off while files were put
    in place, `stale` those whose pages caches may still hold. `former` are the addresses that were published once and
    are in no file of the last release. `version` is the target's own mark of this state. `has_due` says that there are
    removed files whose time has come.
    """

    deploy_state: DeployState
    manifest: ShardedManifest | None = None
    uncertain: tuple[ShardedManifest, ...] = ()
    stale: tuple[ShardedManifest, ...] = ()
    retired_urls: frozenset[str] = frozenset()
    version: object = None
    has_due: bool = False

    @property
    def release(self) -> Release | None:
        return self.deploy_state.release


class Deployment(Protocol):
    """A publication under way: the lock is ours."""

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Put a site in place, as what `Target.at_work` was told. Raises `Failed` where that cannot go on."""
        ...

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Put what was there at an earlier release in place again, from what the target has kept."""
        ...

    def clean_up(self, progress: ProgressCallback) -> None:
        """What comes when caches are purged: remove what is due, forget releases beyond the last ones."""
        ...


class Target(Protocol):
    """A place where a site is published."""

    @property
    def name(self) -> str:
        """What an operator calls it: `s3://bucket/prefix`."""
        ...

    @property
    def policy(self) -> str:
        """The digest of all that decides on the headers that files are stored with; empty where a server adds them."""
        ...

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """What is wrong with this site for this target, as far as that is known without asking it: its limits."""
        ...

    def read_state(self) -> PublishedState:
        """What is published. Raises `Refused` where the place is not ours, or of a newer version."""
        ...

    def read_manifest(self, release: Release) -> ShardedManifest:
        """The manifest of a release that is still kept."""
        ...

    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> AbstractContextManager[Deployment]:
        """Take the lock for a new release, if the state is still as it was looked at; let go of it in the end.

        `former` are the addresses that were published once and are in no file of the new release.

        Raises `Refused` where somebody else is at work, or has been since.
        """
        ...


@runtime_checkable
class Removable(Protocol):
    """A target that can be taken away as a whole, as a preview is when nobody needs it any more."""

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Take the lock and remove everything, the register last; how many files there were, 0 for none.

        Raises `Refused` where somebody is at work.
        """
        ...
