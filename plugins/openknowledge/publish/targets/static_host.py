"""A site as one piece that a CI hands to its host, which deploys it whole and keeps releases of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..hosts.hosting import HostAdapter, grace_entries
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .bundle import bundle
from .published_manifest import FOLDER, PublicState, Read, state_files

__all__ = ["ArtifactDeployment", "ArtifactTarget"]


@dataclass(frozen=True)
class ArtifactTarget:
    """A folder, or a file that ends in `.tar` or `.zip`, with all that the host is to serve.

    `read` reads the site as it is published now; without it nothing is known of what was published before, so
    everything is new, and neither lost addresses nor older commits are noticed.
    """

    place: Path
    site_url: str
    hosting: HostAdapter
    read: Read | None = None
    adopts: bool = False
    kept_releases: int = 10
    grace_s: int = 24 * 3600
    clock: Callable[[], float] = time.time

    @property
    def name(self) -> str:
        return f"{self.place} for {self.hosting.title}"

    @cached_property
    def policy(self) -> str:
        return self.hosting.digest

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        hint = "Give the file another name."
        taken = tuple(
            make_problem(f"{site.output.name}/{entry.path}", f'"{FOLDER}" is where the site tells of its release', hint)
            for entry in site.manifest.entries
            if entry.path.startswith(f"{FOLDER}/")
        )
        return (*self.hosting.problems(site), *taken, *self._in_the_way(site.output))

    def _in_the_way(self, output: Path) -> Iterator[Problem]:
        place, built = self.place.resolve(), output.resolve()
        if place == built or built in place.parents or place in built.parents:
            yield make_problem(
                str(self.place), "is where the site is built", 'Name another one in PUBLISH_TARGET["path"].'
            )
        elif place.is_dir() and any(place.iterdir()) and not (self.adopts or (place / FOLDER).is_dir()):
            hint = "Name another one. To have it replaced all the same: invoke publish --adopt"
            yield make_problem(str(self.place), "holds files that were not published from here", hint)

    def read_state(self) -> PublishedState:
        public = PublicState.read(self.read, self.site_url) if self.read else PublicState(DeployState(self.site_url))
        return PublishedState(public.register, manifest=public.manifest, retired_urls=public.former, version=public)

    def read_manifest(self, release: Release) -> ShardedManifest:
        raise self.no_way_back(release.number)

    def no_way_back(self, number: int | None) -> PublishRefused:
        message = f"release {number} is kept by the host, and not here"
        return PublishRefused([make_problem(self.name, message, self.hosting.rollback_hint)])

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[ArtifactDeployment]:
        """There is nothing to lock: which of two pieces is deployed last is up to the host."""
        yield ArtifactDeployment(self, state, release, retired_urls)


class ArtifactDeployment:
    """A piece that is being made."""

    def __init__(
        self, target: ArtifactTarget, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> None:
        self.target, self.state, self.release, self.former = target, state, release, retired_urls
        self.now_s = int(target.clock())

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        release = replace(self.release, published_at=iso_utc(self.now_s))
        releases = (*self.state.deploy_state.releases, release)[-self.target.kept_releases :]
        kept = dict(self._kept(site, plan))
        digests = {path: (digest, since) for path, (digest, since, _) in kept.items()}
        beside = {
            **{path: data for path, (_, _, data) in kept.items()},
            **self.target.hosting.extra_files(site),
            **state_files(replace(self.state.deploy_state, releases=releases), manifest, self.former, digests),
        }
        try:
            bundle(self.target.place, self._files(site, beside, progress))
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            hint = "What stood there before is still there. Make room, or name another place, and publish again."
            raise PublishFailed([make_problem(str(self.target.place), message, hint)]) from None
        return release

    def _files(
        self, site: BuiltSite, beside: Mapping[str, bytes], progress: ProgressCallback
    ) -> Iterator[tuple[str, bytes]]:
        done, total = 0, len(site.manifest.entries)
        for number, entry in enumerate(site.manifest.entries, 1):
            for path, digest in self.target.hosting.sent_files(entry):
                data = site.read_file(path, digest)
                done += len(data)
                yield path, data
            progress("Writing the site", number, total, done)
        yield from sorted(beside.items())

    def _kept(self, site: BuiltSite, plan: Plan) -> Iterator[tuple[str, tuple[str, int, bytes]]]:
        """What open pages still ask for, fetched from where it is published now; what is not there is left out."""
        read, public = self.target.read, self.state.version
        if read is None or not isinstance(public, PublicState):
            return
        found = {entry.path: (entry.digest, self.now_s) for entry in grace_entries(plan.removed)}
        found.update(public.kept or {})
        ours = {path for entry in site.manifest.entries for path, _ in self.target.hosting.sent_files(entry)}
        folders = {str(parent) for path in ours for parent in Path(path).parents}
        for path, (digest, since) in sorted(found.items()):
            is_free = path not in ours and path not in folders and not ours.intersection(map(str, Path(path).parents))
            if is_free and since + self.target.grace_s > self.now_s:
                data = read(path)
                if data is not None and sha256(data).hexdigest() == digest:
                    yield path, (digest, since, data)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:  # noqa: ARG002 (the host does it)
        raise self.target.no_way_back(self.release.restores)

    def clean_up(self, progress: ProgressCallback) -> None:
        """The host removes what is old."""
