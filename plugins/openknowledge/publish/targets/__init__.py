"""Where a site can be published: the interface that all targets share."""

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
"""The folder of a place that has the previews, each with a deploy state of its own; no site has files there."""

ProgressCallback = Callable[[str, int, int, int], None]
"""Called with the name of a step, how many of how many items are done, and how many bytes so far."""


@dataclass(frozen=True)
class PublishedState:
    """What a target contains at the moment of reading."""

    deploy_state: DeployState
    manifest: ShardedManifest | None = None
    """The manifest of the last release."""
    uncertain: tuple[ShardedManifest, ...] = ()
    """The manifests of publications that were interrupted while files were replaced."""
    stale: tuple[ShardedManifest, ...] = ()
    """The manifests whose pages caches may still hold."""
    retired_urls: frozenset[str] = frozenset()
    """The URLs that were published once, and are in no file of the last release."""
    version: object = None
    """The target's own mark of this state."""
    has_due: bool = False
    """Whether the grace period of removed files is over."""

    @property
    def release(self) -> Release | None:
        """Return the release that readers see; None before the first one."""
        return self.deploy_state.release

    @property
    def has_lost_urls(self) -> bool:
        """Return whether retired URLs are fewer than were counted, in a place that is taken over all the same."""
        return len(self.retired_urls) < self.deploy_state.retired


class Deployment(Protocol):
    """A publication under way that holds the lock. Its methods raise `PublishFailed` if it cannot go on."""

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Publish a site as the release that `Target.start_deployment` was called with."""

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Publish an earlier release again, from what the target has retained."""

    def clean_up(self, progress: ProgressCallback) -> None:
        """Remove what is due and what no retained release needs, once caches are purged."""


class Target(Protocol):
    """A place where a site is published."""

    @property
    def name(self) -> str:
        """The name for operators: `s3://bucket/prefix`."""

    @property
    def policy(self) -> str:
        """The digest of what decides on the headers that files are stored with; empty if a server adds them."""

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what is wrong with a site for this target, without asking it."""

    def read_state(self) -> PublishedState:
        """Return what is published. Raises `PublishRefused` if the place is not this site's, or of a newer version."""

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release that is retained."""

    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> AbstractContextManager[Deployment]:
        """Take the lock for a new release, and release it at the end.

        `retired_urls` were published once and are in no file of the new release. Raises `PublishRefused` if another
        publisher holds the lock, or has published since the state was read.
        """


@runtime_checkable
class Removable(Protocol):
    """A target that can be removed as a whole, as previews are."""

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Take the lock and remove everything, the deploy state last; return the number of files, 0 for none.

        Raises `PublishRefused` if another publisher holds the lock.
        """
