"""A site in a place with folders and symlinks: each release is a folder, and readers follow a link to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Protocol

from openknowledge.manifest import ManifestProblem
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, PendingRelease, Release, iso_utc
from . import ProgressCallback, PublishedState
from .lease import Lease
from .release_layout import (
    CURRENT,
    RELEASE_META,
    RETIRED_URLS,
    SERVER,
    STATE_FILE,
    PlanContext,
    ReleaseMeta,
    ReleasePlan,
    Retention,
    ServerFiles,
    forgotten_names,
    interrupted_folders,
    list_files,
    manifest_name,
    no_server_files,
    plan_release,
    plan_rollback,
    release_folder,
    shard_name,
)

__all__ = ["PlaceSnapshot", "ReleaseDirDeployment", "ReleaseDirTarget", "ReleaseFilesystem"]


@dataclass(frozen=True, slots=True)
class PlaceSnapshot:
    """What a place contains at one moment."""

    files: Mapping[str, bytes]
    """The small files of `SNAPSHOT_FILES` that exist."""
    current: int | None = None
    """The number of the release that readers get."""
    is_folder: bool = False
    """Whether something else than a link has the name of the link."""
    folders: tuple[str, ...] = ()
    foreign: str = ""
    """A file of others in a place without a deploy state."""
    lock: str = ""
    """The publisher that holds the lock, or held it when it was killed."""
    now_s: float = 0.0
    """The time at the place, as well as it is known without writing."""

    @property
    def version(self) -> str:
        """A text that differs after any other publication."""
        return sha256(b"%a %b" % (self.current, self.files.get(STATE_FILE, b""))).hexdigest()

    @property
    def meta(self) -> ReleaseMeta:
        """Return what the release folder says of itself."""
        return ReleaseMeta.load(self.files.get(f"{CURRENT}/{RELEASE_META}", b""))


class ReleaseFilesystem(Protocol):
    """The operations of a publication on a place; names are relative to it.

    Each raises `PublishFailed` if it cannot be done, those that take a lease also if the lock is another publisher's.
    """

    @property
    def where(self) -> str:
        """Return the folder's name for people."""

    def read_snapshot(self) -> PlaceSnapshot:
        """Return the state of the folder at this moment."""

    def read(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return the bytes of those of the small files that exist."""
        ...

    def lock(self, by: str) -> tuple[Lease, PlaceSnapshot]:
        """Take the lock and renew it from now on. Raises `PublishRefused` if another publisher holds it."""
        ...

    def write(self, lease: Lease, files: Mapping[str, bytes]) -> None:
        """Replace small files, each atomically, in this order."""
        ...

    def build(self, plan: ReleasePlan, site: BuiltSite | None, progress: ProgressCallback) -> None:
        """Make the folder of a release, all of it or none."""
        ...

    def switch(self, lease: Lease, number: int) -> float:
        """Have readers get a release once it is on the disk; return the time of that."""
        ...

    def run_after_switch(self) -> None:
        """Run what an operator wants to run when readers get another release."""
        ...

    def remove(self, lease: Lease, names: Sequence[str]) -> None:
        """Remove files and folders; those that do not exist are ignored."""
        ...


@dataclass(frozen=True)
class ReleaseDirTarget:
    """A place with folders of releases. `server_files` makes what a web server reads from the current release."""

    filesystem: ReleaseFilesystem
    site_url: str
    retention: Retention = field(default_factory=Retention)
    adopts: bool = False
    server_files: ServerFiles = no_server_files

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return self.filesystem.where

    @property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        return ""

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        return tuple(_check_names(site))

    def read_state(self) -> PublishedState:
        """Return what is published. A release that readers get counts as published, even if its run was killed."""
        snapshot = self.filesystem.read_snapshot()
        self._check_ownership(snapshot)
        state = self._load_state(snapshot)
        last = state.release
        manifests = self._read_manifests({*state.stale, *((last.manifest,) if last else ())})
        link_disagrees = snapshot.current != (last.number if last else None)
        visible = state.by_number(snapshot.current) if snapshot.current is not None else None
        visible = visible or last
        return PublishedState(
            state,
            manifest=manifests.get(last.manifest) or self.read_manifest(last) if last else None,
            uncertain=(self.read_manifest(visible),) if link_disagrees and visible else (),
            stale=tuple(manifests[digest] for digest in state.stale if digest in manifests),
            retired_urls=frozenset(snapshot.files.get(RETIRED_URLS, b"").decode().splitlines()),
            version=snapshot.version,
            has_due=bool(snapshot.meta.due(self.retention, snapshot.now_s))
            or len(state.releases) > self.retention.releases,
        )

    def _load_state(self, snapshot: PlaceSnapshot) -> DeployState:
        data = snapshot.files.get(STATE_FILE)
        if data is None:
            return DeployState(self.site_url, lock=snapshot.lock)
        state = DeployState.load(data, f"{self.name}/{STATE_FILE}").check_site(self.site_url, self.name)
        ended = tuple(pending for pending in state.pending if pending.release.number == snapshot.current)
        return replace(
            state,
            releases=(*state.releases, *(pending.release for pending in ended)),
            pending=tuple(pending for pending in state.pending if pending not in ended),
            lock=snapshot.lock,
        )

    def _check_ownership(self, snapshot: PlaceSnapshot) -> None:
        """Raise `PublishRefused` if the place holds files of others and is not to be adopted."""
        if snapshot.is_folder:
            message = f'"{CURRENT}" is no link, and has to become one'
            hint = "Move it away; readers get the site through that name once it is published."
            raise PublishRefused.at(f"{self.name}/{CURRENT}", message, hint)
        if snapshot.foreign and not self.adopts:
            message = f'this place is not ours: it holds files that were not published from here ("{snapshot.foreign}")'
            hint = "Publish to an empty folder. To take this one over all the same: invoke publish --adopt"
            raise PublishRefused.at(self.name, message, hint)

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release."""
        manifests = self._read_manifests([release.manifest])
        if release.manifest not in manifests:
            raise self._unreadable(manifest_name(release.manifest), "is not there")
        return manifests[release.manifest]

    def _read_manifests(self, digests: Iterable[str]) -> dict[str, ShardedManifest]:
        """Return those manifests that exist, by digest: stale ones are removed before the state forgets them."""
        names = {manifest_name(digest): digest for digest in sorted(set(digests))}
        bundles = self.filesystem.read(tuple(names)) if names else {}
        manifests = {}
        for name, data in bundles.items():
            try:
                manifests[names[name]] = ShardedManifest.from_bundle(data, names[name], self._fetch_shards)
            except ManifestProblem as error:
                raise self._unreadable(name, str(error).rstrip(".")) from None
        return manifests

    def find_manifests(self, releases: Iterable[Release]) -> dict[str, ShardedManifest]:
        """Return the manifests of releases by digest, as far as they exist."""
        return self._read_manifests([release.manifest for release in releases])

    def _fetch_shards(self, names: Sequence[str]) -> Sequence[bytes]:
        files = self.filesystem.read([shard_name(name) for name in names])
        for name in map(shard_name, names):
            if name not in files:
                raise self._unreadable(name, "is not there")
        return [files[shard_name(name)] for name in names]

    def _unreadable(self, name: str, why: str) -> PublishRefused:
        hint = "Restore it from a backup; or publish to an empty place."
        return PublishRefused.at(f"{self.name}/{name}", f"the manifest {why}", hint)

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[ReleaseDirDeployment]:
        """Take the lease and return the deployment; it is released on exit."""
        lease, snapshot = self.filesystem.lock(release.by)
        try:
            if snapshot.version != state.version:
                message = "somebody else has published here in the meantime"
                hint = "Publish again, if this is still to be published."
                raise PublishRefused.at(self.name, message, hint)
            if state.stale:
                self.filesystem.run_after_switch()
            yield ReleaseDirDeployment(self, lease, state, snapshot, release, retired_urls)
        finally:
            lease.end()


class ReleaseDirDeployment:
    """A publication under way in a place with folders of releases."""

    def __init__(
        self,
        target: ReleaseDirTarget,
        lease: Lease,
        state: PublishedState,
        snapshot: PlaceSnapshot,
        release: Release,
        retired_urls: frozenset[str],
    ) -> None:
        self.target, self.filesystem, self.lease = target, target.filesystem, lease
        self.state, self.snapshot, self.retired_urls = state, snapshot, retired_urls
        self.release = replace(release, published_at=iso_utc(snapshot.now_s))
        self.deploy_state = replace(state.deploy_state, lock="")
        self.meta = snapshot.meta

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Carry out the plan and return the release."""
        release_plan = plan_release(self.release.number, site, manifest, plan, self._context())
        shards = manifest.list_pieces(self.state.manifest).shards
        files = {shard_name(name): manifest.pack_piece(name) for name in shards}
        files[manifest_name(manifest.root.digest)] = manifest.to_bundle()
        return self._release(release_plan, site, files, progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Restore a release and return it as a new one."""
        number = self.release.restores or 0
        if str(number) not in self.snapshot.folders:
            message = f"the folder of release {number} was not kept"
            raise PublishFailed.at(self.target.name, message, "Build the commit of that release, and publish that.")
        name = f"{release_folder(number)}/{RELEASE_META}"
        meta = ReleaseMeta.load(self.filesystem.read([name]).get(name, b""))
        release_plan = plan_rollback(self.release.number, manifest, plan, (number, meta), self._context())
        return self._release(release_plan, None, {}, progress)

    def _context(self) -> PlanContext:
        last, before = self.state.release, None
        if last is not None and str(last.number) in self.snapshot.folders:
            before = last.number, self.meta if self.snapshot.current == last.number else ReleaseMeta()
        return PlanContext(int(self.snapshot.now_s), self.target.retention, self.target.server_files, before)

    def _release(
        self, plan: ReleasePlan, site: BuiltSite | None, pieces: Mapping[str, bytes], progress: ProgressCallback
    ) -> Release:
        """Record what is about to be published, make its folder, switch the link, and record that it is published."""
        self._remove_interrupted()
        before = (self.state.release.manifest,) if self.state.release else ()
        self.deploy_state = replace(
            self.deploy_state,
            pending=(PendingRelease(self.release, is_visible=False),),
            stale=tuple(dict.fromkeys((*self.deploy_state.stale, *before, self.release.manifest))),
        )
        self._write({**pieces, **self._retired_urls_file()})
        self.filesystem.build(plan, site, progress)
        self.lease.check()
        now_s = self.filesystem.switch(self.lease, plan.number)
        self.meta = plan.meta
        self.release = replace(self.release, published_at=iso_utc(now_s))
        self.deploy_state = replace(self.deploy_state, pending=(), releases=(*self.deploy_state.releases, self.release))
        self._write({})
        self.filesystem.run_after_switch()
        return self.release

    def _retired_urls_file(self) -> dict[str, bytes]:
        """Return the file with the URLs that either release has lost: it is not known yet which one readers get."""
        if self.retired_urls <= self.state.retired_urls:
            return {}
        urls = sorted(self.retired_urls | self.state.retired_urls)
        return {RETIRED_URLS: "".join(f"{url}\n" for url in urls).encode()}

    def _write(self, files: Mapping[str, bytes]) -> None:
        self.filesystem.write(self.lease, {**files, STATE_FILE: self.deploy_state.dump()})

    def _remove_interrupted(self) -> None:
        retained = {release.number for release in self.deploy_state.releases} | {self.snapshot.current or 0}
        folders = interrupted_folders(self.snapshot.folders, retained)
        if folders:
            self.filesystem.remove(self.lease, folders)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Remove releases that cannot be restored any more and grace files that are due; then forget them."""
        releases, retention = self.deploy_state.releases, self.target.retention
        old, retained = releases[: -retention.releases], releases[-retention.releases :]
        gone = (*old, *(pending.release for pending in self.state.deploy_state.pending))
        due = self.meta.due(retention, self.snapshot.now_s) if releases else ()
        folder = release_folder(releases[-1].number) if releases else ""
        manifests = self.target.find_manifests((*gone, *retained)) if gone else {}
        names = (*forgotten_names(gone, retained, manifests), *(f"{folder}/{path}" for path in due))
        if names:
            progress("Removing", 0, len(names), 0)
            self.filesystem.remove(self.lease, names)
            progress("Removing", len(names), len(names), 0)
        self.deploy_state = replace(self.deploy_state, releases=retained, stale=(), pending=())
        self.meta = self.meta.without(due)
        self._write({f"{folder}/{RELEASE_META}": self.meta.dump()} if due else {})


def _check_names(site: BuiltSite) -> Iterator[Problem]:
    for file in list_files(site.manifest.entries):
        where = f"{site.output.name}/{file.path}"
        if file.path.startswith(f"{SERVER}/"):
            message = f'"{SERVER}" is where a release keeps what is not for readers'
            yield make_problem(where, message, "Give the file another name.")
        elif not file.path.isprintable():
            yield make_problem(repr(where), "has a name that cannot be printed", "Give the file another name.")
