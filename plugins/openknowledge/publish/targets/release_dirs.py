"""A site in a place that has folders and symlinks: every release is a folder, readers follow a link to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from openknowledge.manifest import ManifestProblem
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import ShardedManifest, find_new_pieces
from ..plan import Plan
from ..release import DeployState, PendingRelease, Release, iso_utc
from . import ProgressCallback, PublishedState
from .filesystem import PlaceSnapshot, ReleaseFilesystem
from .lock import Lease
from .release_layout import (
    CURRENT,
    FORMER,
    NOTE,
    REGISTER,
    SERVER,
    Draft,
    Note,
    Retention,
    ServerFiles,
    Terms,
    files_of,
    folder,
    folders_to_sweep,
    forgotten,
    manifest_name,
    no_files,
    released,
    restored,
    shard_name,
)

__all__ = ["DiskWork", "ReleaseDirTarget"]


@dataclass(frozen=True)
class ReleaseDirTarget:
    """A place with releases. `server` makes what a web server needs to know of a site, kept with each release."""

    filesystem: ReleaseFilesystem
    site_url: str
    retention: Retention = field(default_factory=Retention)
    adopts: bool = False
    server: ServerFiles = no_files

    @property
    def name(self) -> str:
        return self.filesystem.where

    @property
    def policy(self) -> str:
        return ""

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        return tuple(_bad_names(site))

    def read_state(self) -> PublishedState:
        return self.parse_state(self.filesystem.read_snapshot())

    def parse_state(self, seen: PlaceSnapshot) -> PublishedState:
        """What is published, from what was seen. A release that readers get was published, whoever was cut off then."""
        self._refuse_strangers(seen)
        register = self._register(seen)
        last = register.release
        published = {digest for digest in (last and last.manifest, *register.stale) if digest}
        manifests = self.manifests(published)
        is_astray = seen.current != (last.number if last else None)
        there = register.by_number(seen.current) if seen.current is not None else None
        astray = there if there is not None else last
        return PublishedState(
            register,
            manifest=manifests.get(last.manifest) or self.read_manifest(last) if last else None,
            uncertain=(self.read_manifest(astray),) if is_astray and astray else (),
            stale=tuple(manifests[digest] for digest in register.stale if digest in manifests),
            retired_urls=frozenset(seen.files.get(FORMER, b"").decode().splitlines()),
            version=seen.version,
            has_due=bool(seen.note.due(self.retention, seen.now_s)) or len(register.releases) > self.retention.releases,
        )

    def _register(self, seen: PlaceSnapshot) -> DeployState:
        data = seen.files.get(REGISTER)
        if data is None:
            return DeployState(self.site_url, lock=seen.lock)
        register = DeployState.load(data, f"{self.name}/{REGISTER}").check_site(self.site_url, self.name)
        ended = tuple(one.release for one in register.pending if one.release.number == seen.current)
        left = tuple(one for one in register.pending if one.release not in ended)
        return replace(register, releases=(*register.releases, *ended), pending=left, lock=seen.lock)

    def _refuse_strangers(self, seen: PlaceSnapshot) -> None:
        if seen.is_folder:
            message = f'"{CURRENT}" is no link, and has to become one'
            hint = "Move it away; readers get the site through that name once it is published."
            raise PublishRefused([make_problem(f"{self.name}/{CURRENT}", message, hint)])
        if seen.stranger and not self.adopts:
            message = f'this place is not ours: it holds files that were not published from here ("{seen.stranger}")'
            hint = "Publish to an empty folder. To take this one over all the same: invoke publish --adopt"
            raise PublishRefused([make_problem(self.name, message, hint)])

    def read_manifest(self, release: Release) -> ShardedManifest:
        found = self.manifests([release.manifest])
        if release.manifest not in found:
            raise _unreadable(f"{self.name}/{manifest_name(release.manifest)}", "is not there")
        return found[release.manifest]

    def manifests(self, digests: Iterable[str]) -> dict[str, ShardedManifest]:
        """Those manifests that are there. Stale ones go before the register forgets them."""
        names = {manifest_name(digest): digest for digest in sorted(set(digests))}
        found = self.filesystem.read(tuple(names)) if names else {}
        return {names[name]: self._manifest(name, data, names[name]) for name, data in found.items()}

    def _manifest(self, name: str, data: bytes, digest: str) -> ShardedManifest:
        try:
            return ShardedManifest.from_bundle(data, digest, self._shards)
        except ManifestProblem as error:
            raise _unreadable(f"{self.name}/{name}", str(error).rstrip(".")) from None

    def _shards(self, names: Sequence[str]) -> Sequence[bytes]:
        found = self.filesystem.read([shard_name(name) for name in names])
        for name in names:
            if shard_name(name) not in found:
                raise _unreadable(f"{self.name}/{shard_name(name)}", "is not there")
        return [found[shard_name(name)] for name in names]

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[DiskWork]:
        held, seen = self.filesystem.lock(release.by)
        lease = Lease(self.name, lambda: self.filesystem.renew(held), lambda: self.filesystem.unlock(held))
        try:
            if seen.version != state.version:
                message = "somebody else has published here in the meantime"
                raise PublishRefused(
                    [make_problem(self.name, message, "Publish again, if this is still to be published.")]
                )
            if state.stale:
                self.filesystem.after()
            yield DiskWork(self, lease, held, state, seen, release, retired_urls)
        finally:
            lease.end()


class DiskWork:
    """A publication under way in a place with releases."""

    def __init__(
        self,
        target: ReleaseDirTarget,
        lease: Lease,
        held: int,
        state: PublishedState,
        seen: PlaceSnapshot,
        release: Release,
        retired_urls: frozenset[str],
    ) -> None:
        self.target, self.disk, self.lease, self.held = target, target.filesystem, lease, held
        self.state, self.seen, self.former = state, seen, retired_urls
        self.release = replace(release, published_at=iso_utc(seen.now_s))
        self.register = replace(state.deploy_state, lock="")
        self.note = seen.note
        self.terms = Terms(int(seen.now_s), target.retention, target.server)

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        draft = released(self.release.number, site, manifest, plan, self._before(), self.terms)
        return self._put_in_place(draft, site, self._new_pieces(manifest), progress)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        number = self.release.restores or 0
        if str(number) not in self.seen.folders:
            message = f"the folder of release {number} was not kept"
            raise PublishFailed(
                [make_problem(self.target.name, message, "Build the commit of that release, and publish that.")]
            )
        name = f"{folder(number)}/{NOTE}"
        wanted = Note.loaded(self.disk.read([name]).get(name, b""))
        draft = restored(self.release.number, manifest, plan, (number, wanted), self._before(), self.terms)
        return self._put_in_place(draft, None, {}, progress)

    def _before(self) -> tuple[int, Note] | None:
        """The release whose files are taken over, if its folder is still there."""
        last = self.state.release
        if last is None or str(last.number) not in self.seen.folders:
            return None
        return last.number, self.note if self.seen.current == last.number else Note()

    def _new_pieces(self, manifest: ShardedManifest) -> dict[str, bytes]:
        _, new = find_new_pieces(manifest, self.state.manifest)
        pieces = {shard_name(name): manifest.pack_piece(name) for name in new}
        return {**pieces, manifest_name(manifest.root.digest): manifest.to_bundle()}

    def _put_in_place(
        self, draft: Draft, site: BuiltSite | None, pieces: Mapping[str, bytes], progress: ProgressCallback
    ) -> Release:
        """Write down what is about to be; then make it, where nobody sees it; then have readers get it."""
        self._sweep()
        before = (self.state.release.manifest,) if self.state.release else ()
        self.register = replace(
            self.register,
            pending=(PendingRelease(self.release, is_visible=False),),
            stale=tuple(dict.fromkeys((*self.register.stale, *before, self.release.manifest))),
        )
        self._write({**pieces, **self._former()})
        self.disk.build(draft, site, progress)
        self.lease.check()
        now_s = self.disk.switch(self.held, draft.number)
        self.note = draft.note
        self.release = replace(self.release, published_at=iso_utc(now_s))
        self.register = replace(self.register, pending=(), releases=(*self.register.releases, self.release))
        self._write({})
        self.disk.after()
        return self.release

    def _former(self) -> dict[str, bytes]:
        """All addresses that either release has lost, for it is not known yet which one readers will have."""
        if self.former <= self.state.retired_urls:
            return {}
        return {FORMER: "".join(f"{address}\n" for address in sorted(self.former | self.state.retired_urls)).encode()}

    def _write(self, files: Mapping[str, bytes]) -> None:
        self.disk.write(self.held, {**files, REGISTER: self.register.dump()})

    def _sweep(self) -> None:
        kept = {release.number for release in self.register.releases} | {self.seen.current or 0}
        stale = folders_to_sweep(self.seen.folders, kept)
        if stale:
            self.disk.remove(self.held, stale)

    def clean_up(self, progress: ProgressCallback) -> None:
        """Remove what cannot be restored any more, and what no page needs any more; then forget it."""
        releases = self.register.releases
        old, kept = releases[: -self.target.retention.releases], releases[-self.target.retention.releases :]
        gone = (*old, *(one.release for one in self.state.deploy_state.pending))
        due = self.note.due(self.target.retention, self.seen.now_s) if releases else ()
        here = folder(releases[-1].number) if releases else ""
        names = (*self._forgotten(gone, kept), *(f"{here}/{path}" for path in due))
        if names:
            progress("Removing", 0, len(names), 0)
            self.disk.remove(self.held, names)
            progress("Removing", len(names), len(names), 0)
        self.register = replace(self.register, releases=kept, stale=(), pending=())
        self.note = self.note.without(due)
        self._write({f"{here}/{NOTE}": self.note.dumped()} if due else {})

    def _forgotten(self, gone: Sequence[Release], kept: Sequence[Release]) -> tuple[str, ...]:
        if not gone:
            return ()
        return forgotten(gone, kept, self.target.manifests([one.manifest for one in (*gone, *kept)]))


def _unreadable(where: str, message: str) -> PublishRefused:
    hint = "Restore it from a backup; or publish to an empty place."
    return PublishRefused([make_problem(where, f"the manifest {message}", hint)])


def _bad_names(site: BuiltSite) -> Iterator[Problem]:
    for file in files_of(site.manifest.entries):
        where = f"{site.output.name}/{file.path}"
        if file.path.startswith(f"{SERVER}/"):
            message = f'"{SERVER}" is where a release keeps what is not for readers'
            yield make_problem(where, message, "Give the file another name.")
        elif not file.path.isprintable():
            yield make_problem(repr(where), "has a name that cannot be printed", "Give the file another name.")
