"""A site in a place with folders and symlinks: each release is a folder, and readers follow a link to one of them."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from openknowledge.manifest import ManifestProblem
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, PendingRelease, Release, iso_utc, load_retired_urls, split_releases
from . import Deployment, ProgressCallback, PublishedState
from . import release_layout as layout
from .lease import Lease
from .local_folder import LocalFilesystem
from .ssh import SshFilesystem

__all__ = ["LocalTarget", "ReleaseDirDeployment", "ReleaseDirTarget"]

REBUILD_HINT = "Build the commit of that release, and publish that."
MANIFESTS, SHARDS = layout.MANIFESTS, layout.SHARDS
_FOLDER = re.compile(r"([0-9]{1,9})(\.part)?")


@dataclass(frozen=True)
class ReleaseDirTarget:
    """A place with folders of releases.

    `server_files` returns what a web server reads from the current release (its redirects), by file name. `policy` is
    empty, because the server adds the headers.
    """

    filesystem: LocalFilesystem | SshFilesystem
    site_url: str
    retention: layout.Retention = field(default_factory=layout.Retention)
    adopts: bool = False
    server_files: Callable[[BuiltSite], Mapping[str, bytes]] = lambda _site: {}
    policy: str = ""

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return self.filesystem.where

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        problems = []
        for file in layout.list_files(site.manifest.entries):
            where, hint = f"{site.output.name}/{file.path}", "Give the file another name."
            if file.path.startswith(f"{layout.SERVER}/"):
                message = f'"{layout.SERVER}" is where a release keeps what is not for readers'
                problems.append(make_problem(where, message, hint))
            elif not file.path.isprintable():
                problems.append(make_problem(repr(where), "has a name that cannot be printed", hint))
        return tuple(problems)

    def read_state(self) -> PublishedState:
        """Return what is published. A release that readers get counts as published, even if its run was killed."""
        snapshot = self.filesystem.read_snapshot()
        self._check_ownership(snapshot)
        state = self._load_state(snapshot)
        last, current = state.release, snapshot.current
        manifests = self.find_manifests({*state.stale, *((last.manifest,) if last else ())})
        visible = (state.by_number(current) if current is not None else None) or last
        link_disagrees = current != (last.number if last else None)
        return PublishedState(
            state,
            manifest=manifests.get(last.manifest) or self.read_manifest(last) if last else None,
            uncertain=(self.read_manifest(visible),) if link_disagrees and visible else (),
            stale=tuple(manifests[digest] for digest in state.stale if digest in manifests),
            retired_urls=load_retired_urls(
                snapshot.files.get(layout.RETIRED_URLS),
                f"{self.name}/{layout.RETIRED_URLS}",
                least=0 if self.adopts else state.retired,
            ),
            version=snapshot.version,
            has_due=bool(snapshot.read_meta(self.name, adopts=self.adopts).due(self.retention, snapshot.now_s))
            or bool(split_releases(state.releases, self.retention.releases)[0]),
        )

    def _check_ownership(self, snapshot: layout.PlaceSnapshot) -> None:
        """Raise `PublishRefused` if the place holds files of others and is not to be adopted."""
        if snapshot.link == layout.NO_LINK:
            message = f'"{layout.CURRENT}" is no link to a release, and has to become one'
            hint = "Move it away; readers get the site through that name once it is published."
            raise PublishRefused.at(f"{self.name}/{layout.CURRENT}", message, hint)
        if snapshot.foreign and not self.adopts:
            message = f'this place is not ours: it holds files that were not published from here ("{snapshot.foreign}")'
            hint = "Publish to an empty folder. To take this one over all the same: invoke publish --adopt"
            raise PublishRefused.at(self.name, message, hint)

    def _load_state(self, snapshot: layout.PlaceSnapshot) -> DeployState:
        data = snapshot.files.get(layout.STATE_FILE)
        if data is None:
            return DeployState(self.site_url, lock=snapshot.lock)
        state = DeployState.load(data, f"{self.name}/{layout.STATE_FILE}").check_site(self.site_url, self.name)
        ended = tuple(pending.release for pending in state.pending if pending.release.number == snapshot.current)
        pending = tuple(pending for pending in state.pending if pending.release not in ended)
        return replace(state, releases=(*state.releases, *ended), pending=pending, lock=snapshot.lock)

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release."""
        return self._load_manifests(self._read_all([f"{MANIFESTS}/{release.manifest}"]))[release.manifest]

    def find_manifests(self, digests: Iterable[str]) -> dict[str, ShardedManifest]:
        """Return those manifests that exist, by digest: stale ones are removed before the state forgets them."""
        names = [f"{MANIFESTS}/{digest}" for digest in sorted(set(digests))]
        return self._load_manifests(self.filesystem.read(names)) if names else {}

    def _load_manifests(self, files: Mapping[str, bytes]) -> dict[str, ShardedManifest]:
        manifests = {}
        for name, data in files.items():
            digest = name.removeprefix(f"{MANIFESTS}/")
            try:
                manifests[digest] = ShardedManifest.from_bundle(
                    data, digest, self._fetch_shards, f"{self.name}/{SHARDS}"
                )
            except ManifestProblem as error:
                raise self._unreadable(name, str(error).rstrip(".")) from None
        return manifests

    def _fetch_shards(self, names: Sequence[str]) -> Sequence[bytes]:
        return list(self._read_all([f"{SHARDS}/{name}" for name in names]).values())

    def _read_all(self, names: Sequence[str]) -> dict[str, bytes]:
        files = self.filesystem.read(names)
        for name in names:
            if name not in files:
                raise self._unreadable(name, "is not there")
        return {name: files[name] for name in names}

    def _unreadable(self, name: str, why: str) -> PublishRefused:
        hint = "Restore it from a backup; or publish to an empty place."
        return PublishRefused.at(f"{self.name}/{name}", f"the manifest {why}", hint)

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[Deployment]:
        """Take the lease and return the deployment; it is released on exit."""
        with self._lock(state, release.by, "Publish again, if this is still to be published.") as (lease, snapshot):
            if state.stale:
                self.filesystem.run_after_switch()
            yield ReleaseDirDeployment(self, lease, state, snapshot, release, retired_urls)

    @contextmanager
    def _lock(self, state: PublishedState, by: str, hint: str) -> Iterator[tuple[Lease, layout.PlaceSnapshot]]:
        lease, snapshot = self.filesystem.lock(by)
        try:
            if snapshot.version != state.version:
                raise PublishRefused.at(self.name, "somebody else has published here in the meantime", hint)
            yield lease, snapshot
        finally:
            lease.end()


@dataclass(frozen=True)
class LocalTarget(ReleaseDirTarget):
    """Releases in a local folder, which can be removed as a whole, as previews are."""

    filesystem: LocalFilesystem

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Take the lock and remove everything; return the number of files, 0 if nothing was published."""
        if state.manifest is None:
            return 0
        root, count = self.filesystem.root, state.manifest.root.files
        # Readers lose the folder at once; if the removal is interrupted, what is left is at no URL.
        removed = root.with_name(f".{root.name}.removed")
        with self._lock(state, by, "Try it again."):
            progress("Removing", 0, count, 0)
            try:
                shutil.rmtree(removed, ignore_errors=True)
                root.rename(removed)
                shutil.rmtree(removed)
            except OSError as error:
                message = f"cannot be removed: {error.strerror}"
                raise PublishFailed.at(self.name, message, "Remove it by hand; nothing else is in it.") from None
        progress("Removing", count, count, 0)
        return count


@dataclass
class ReleaseDirDeployment:
    """A publication under way in a place with folders of releases."""

    target: ReleaseDirTarget
    lease: Lease
    state: PublishedState
    snapshot: layout.PlaceSnapshot
    release: Release
    retired_urls: frozenset[str]

    def __post_init__(self) -> None:
        self.filesystem = self.target.filesystem
        self.meta = self.snapshot.read_meta(self.target.name, adopts=self.target.adopts)
        self.release = replace(self.release, published_at=iso_utc(self.snapshot.now_s))
        self.deploy_state = replace(self.state.deploy_state, lock="")
        last = self.state.release
        self.source = last.number if last is not None and str(last.number) in self.snapshot.folders else None
        """The release before, if its folder was retained."""
        self.source_meta = self.meta if self.snapshot.current == self.source else layout.ReleaseMeta()

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        """Carry out the plan and return the release."""
        entries = manifest.entries() if site.has_only_counters else site.manifest.entries
        files, sent = tuple(layout.list_files(entries)), tuple(layout.list_files(plan.sent))
        listing = layout.digest_listing((file.path, file.size_b) for file in files)
        meta = layout.ReleaseMeta(listing, self._grace_files(plan))
        server_files = None if site.has_only_counters else self.target.server_files(site)
        whole = layout.ReleasePlan(self.release.number, meta, None, self.source, sent=files, server_files=server_files)
        plans = [whole]
        if self.source is not None:
            gone = layout.list_files((*plan.removed, *(entry for entry, _ in plan.changed)))
            dropped = {*(file.path for file in gone), *self.source_meta.grace_paths} - {file.path for file in sent}
            linked = replace(whole, source=self.source, dropped=tuple(sorted(dropped)), sent=sent)
            plans = [linked] if site.has_only_counters else [linked, whole]
        elif site.has_only_counters:
            message = "the folder of the last release was not kept"
            raise PublishFailed.at(self.target.name, message, "Publish the whole site: invoke publish")
        shards = manifest.list_pieces(self.state.manifest).shards
        pieces = {f"{SHARDS}/{name}": manifest.pack_piece(name) for name in shards}
        pieces[f"{MANIFESTS}/{manifest.root.digest}"] = manifest.to_bundle()
        return self._release(plans, site, pieces, progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:  # noqa: ARG002
        """Restore a release and return it as a new one."""
        number = self.release.restores or 0
        if str(number) not in self.snapshot.folders:
            raise PublishFailed.at(self.target.name, f"the folder of release {number} was not kept", REBUILD_HINT)
        name = f"{layout.release_folder(number)}/{layout.RELEASE_META}"
        restored = layout.ReleaseMeta.load(self.filesystem.read([name]).get(name), f"{self.target.name}/{name}")
        meta, dropped = replace(restored, grace_files=self._grace_files(plan)), restored.grace_paths
        release_plan = layout.ReleasePlan(self.release.number, meta, number, self.source, dropped, server_files=None)
        return self._release([release_plan], None, {}, progress)

    def _grace_files(self, plan: Plan) -> tuple[tuple[str, int], ...]:
        if self.source is None:
            return ()
        return self.source_meta.grace_files_after(plan, self.target.retention, self.snapshot.now_s)

    def _release(
        self,
        plans: Sequence[layout.ReleasePlan],
        site: BuiltSite | None,
        pieces: Mapping[str, bytes],
        progress: ProgressCallback,
    ) -> Release:
        """Record what is about to be published, make its folder, switch the link, and record that it is published."""
        # Interrupted publications have left folders of releases; other names are left alone.
        retained = {release.number for release in self.deploy_state.releases} | {self.snapshot.current or 0}
        matches = filter(None, map(_FOLDER.fullmatch, self.snapshot.folders))
        folders = [f"{layout.RELEASES}/{match[0]}" for match in matches if match[2] or int(match[1]) not in retained]
        if folders:
            self.filesystem.remove(self.lease, folders)
        before = (self.state.release.manifest,) if self.state.release else ()
        self.deploy_state = replace(
            self.deploy_state,
            pending=(PendingRelease(self.release, is_visible=False),),
            stale=tuple(dict.fromkeys((*self.deploy_state.stale, *before, self.release.manifest))),
        )
        # Either release may have lost them: it is not known yet which one readers get.
        urls = self.retired_urls | self.state.retired_urls
        if urls != self.state.retired_urls:
            pieces = {**pieces, layout.RETIRED_URLS: "".join(f"{url}\n" for url in sorted(urls)).encode()}
        self._write(pieces)
        self.meta = self._build(plans, site, progress)
        now_s = self.filesystem.switch(self.lease, self.release.number)
        self.release = replace(self.release, published_at=iso_utc(now_s))
        releases = (*self.deploy_state.releases, self.release)
        self.deploy_state = replace(self.deploy_state, pending=(), releases=releases, retired=len(urls))
        self._write({})
        self.filesystem.run_after_switch()
        return self.release

    def _build(
        self, plans: Sequence[layout.ReleasePlan], site: BuiltSite | None, progress: ProgressCallback
    ) -> layout.ReleaseMeta:
        """Make the folder of the release by the first plan that leads to a whole one: a place may have lost files."""
        try:
            for plan in plans:
                if self.filesystem.build(plan, site, progress):
                    return plan.meta
            folder = layout.release_folder(plans[0].source or self.release.number)
            raise PublishFailed.at(f"{self.target.name}/{folder}", "was not kept, or not whole", REBUILD_HINT)
        except BaseException:
            with suppress(PublishFailed):
                self.filesystem.remove(self.lease, [layout.partial_folder(self.release.number)])
            raise

    def _write(self, files: Mapping[str, bytes]) -> None:
        self.filesystem.write(self.lease, {**files, layout.STATE_FILE: self.deploy_state.dump()})

    def clean_up(self, progress: ProgressCallback) -> None:
        """Remove releases that cannot be restored any more and grace files that are due; then forget them."""
        releases, retention = self.deploy_state.releases, self.target.retention
        old, retained = split_releases(releases, retention.releases)
        gone = (*old, *(pending.release for pending in self.state.deploy_state.pending))
        due = self.meta.due(retention, self.snapshot.now_s) if releases else ()
        folder = layout.release_folder(releases[-1].number) if releases else ""
        names = (*self._forgotten_names(gone, retained), *(f"{folder}/{path}" for path in due))
        if names:
            progress("Removing", 0, len(names), 0)
            self.filesystem.remove(self.lease, names)
            progress("Removing", len(names), len(names), 0)
        self.deploy_state = replace(self.deploy_state, releases=retained, stale=(), pending=())
        grace_files = tuple(file for file in self.meta.grace_files if file[0] not in due)
        self.meta = replace(self.meta, grace_files=grace_files)
        self._write({f"{folder}/{layout.RELEASE_META}": self.meta.dump()} if due else {})

    def _forgotten_names(self, gone: Sequence[Release], retained: Sequence[Release]) -> Iterator[str]:
        """Yield the folders and pieces of manifests that only releases need which are gone."""
        digests = [release.manifest for release in (*gone, *retained)] if gone else ()
        pieces = {
            digest: {f"{MANIFESTS}/{digest}", *(f"{SHARDS}/{name}" for name in manifest.list_pieces().shards)}
            for digest, manifest in self.target.find_manifests(digests).items()
        }
        needed = {name for release in retained for name in pieces.get(release.manifest, ())}
        yield from (layout.release_folder(release.number) for release in gone)
        yield from sorted({name for release in gone for name in pieces.get(release.manifest, ())} - needed)
