"""A site in an S3-compatible object store: each file at its path, and beside the site what a rollback needs."""

import gzip
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from itertools import pairwise
from typing import Any, ClassVar

from openknowledge.manifest import ManifestEntry, ManifestProblem, Twin
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_shards import ManifestRoot, ShardedManifest, diff_manifests, unpack
from ..plan import NEW_STEP, Plan
from ..release import Commit, DeployState, PendingRelease, Release, iso_utc, load_retired_urls, split_releases
from . import PREVIEWS_FOLDER, ProgressCallback, PublishedState
from .lease import lock_held
from .object_client import CONTROL_PREFIX, STATE_KEY, ObjectClient, StateWriter, ask_time_s, lock_age_s

__all__ = [
    *("MANIFESTS", "REBUILD_HINT", "SHARDS", "FoundReleases", "ObjectStoreDeployment", "ObjectStoreTarget"),
    *("StorageOptions", "backup_key", "entries_not_in"),
]

MANIFESTS = f"{CONTROL_PREFIX}/manifests"
SHARDS = f"{CONTROL_PREFIX}/shards"
RETIRED_URLS = f"{CONTROL_PREFIX}/former.txt"
RESERVED = ((CONTROL_PREFIX, "the store keeps its register"), (PREVIEWS_FOLDER, "previews are published"))
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Cache-Control": "no-store"}
PACKED_FOREVER = {**PACKED, "Cache-Control": "public, max-age=31536000, immutable"}
DELETE_BATCH = 1000
REBUILD_HINT = "Build the commit of that release, and publish that."

Transfer = Callable[[ManifestEntry], Awaitable[int]]
"""Transfers a file, and returns how many bytes were sent."""
FoundReleases = Sequence[tuple[Release, ShardedManifest | None]]
"""Releases, or interrupted publications, each with its manifest; None if that is deleted already."""


@dataclass(frozen=True)
class StorageOptions:
    """How files are stored, and how much is retained of what they replace."""

    headers: Callable[[ManifestEntry], Mapping[str, str]]
    """Returns the headers of a file without its Content-Encoding."""
    policy: str
    """The digest of what decides on the headers."""
    encoding: str = "gzip"
    """`gzip`, `br`, or empty for files that are not compressed."""
    releases: int = 10
    """How many releases can be restored."""
    grace_s: int = 24 * 3600
    """For how long a removed file stays."""

    def choose_file(self, entry: ManifestEntry) -> tuple[ManifestEntry | Twin, dict[str, str]]:
        """Return the form of a file that is stored, and its headers."""
        headers = dict(self.headers(entry))
        for twin in entry.twins:
            if twin.encoding == self.encoding:
                return twin, {**headers, "Content-Encoding": twin.encoding}
        return entry, headers


@dataclass
class ObjectStoreDeployment:
    """A publication under way: writes, backs up and deletes objects in an order that readers never notice."""

    target: "ObjectStoreTarget"
    writer: StateWriter
    state: PublishedState
    release: Release
    retired_urls: frozenset[str]
    now_s: float = 0.0
    own_headers: ClassVar[Mapping[str, str]] = {}
    """What all files are stored with."""

    def __post_init__(self) -> None:
        self.objects = self.target.objects.with_guard(self.writer.lease.check)
        self.storage = self.target.storage

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        return self._replace_files("Publishing", partial(self._send, site), manifest, plan, progress)

    async def _send(self, site: BuiltSite, entry: ManifestEntry) -> int:
        file, headers = self.storage.choose_file(entry)
        body = site.read_file(file.path, file.digest)
        await self.objects.send(self._key_of(entry), body, {**headers, **self.own_headers})
        return len(body)

    def _key_of(self, entry: ManifestEntry) -> str:
        return entry.path

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        async def restore(entry: ManifestEntry) -> int:
            await self._require(entry, self.objects.copy(backup_key(entry, policy), entry.path))
            return entry.size_b

        policy = self.release.policy
        self.objects.for_each(
            plan.sent, lambda entry: self._require(entry, self.objects.exists(backup_key(entry, policy)))
        )
        return self._replace_files("Restoring", restore, manifest, plan, progress)

    def _replace_files(
        self, verb: str, transfer: Transfer, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback
    ) -> Release:
        """Back up what will be replaced and write the files step by step.

        Before the first is written, the state says that files may change; before the first is replaced, that readers
        may find the new ones.
        """
        policy = self.state.release.policy if self.state.release else ""

        async def back_up(entry: ManifestEntry) -> int:
            await self.objects.copy(entry.path, backup_key(entry, policy))
            return 0

        self._write_manifest(manifest)
        self._transfer("Keeping what is replaced", plan.replaced, back_up, progress)
        self.writer.write(self._mark_visible)
        has_new = False
        for step, entries in plan.steps():
            if has_new and step != NEW_STEP:
                self.writer.write(partial(self._mark_visible, has_replaced=True))
            has_new = step == NEW_STEP
            self._transfer(f"{verb}: {step}", entries, transfer, progress)
        return self._end(manifest, plan)

    def _transfer(
        self, name: str, entries: Sequence[ManifestEntry], transfer: Transfer, progress: ProgressCallback
    ) -> None:
        """Transfer all entries, several at once, and report progress."""
        files = sent_b = 0

        async def run(entry: ManifestEntry) -> None:
            nonlocal files, sent_b
            size_b = await transfer(entry)
            files, sent_b = files + 1, sent_b + size_b
            progress(name, files, len(entries), sent_b)

        self.objects.for_each(entries, run)

    async def _require(self, entry: ManifestEntry, is_there: Awaitable[bool]) -> None:
        if not await is_there:
            raise PublishFailed.at(self.target.name, f"what stood at {entry.url_path} was not kept", REBUILD_HINT)

    def _write_manifest(self, manifest: ShardedManifest) -> None:
        """Write the root, then the branches and then the shards that the last release does not have.

        In this order every stored piece is reachable, however early this is interrupted. The time of the root is that
        of the publication.
        """

        async def send(name: str) -> None:
            await self.objects.send(f"{SHARDS}/{name}", manifest.pack_piece(name), PACKED_FOREVER)

        root = f"{MANIFESTS}/{manifest.root.digest}"
        self.objects.put(root, manifest.root.pack(), PACKED_FOREVER)
        self.now_s = self.objects.time_s(root)
        for names in manifest.list_pieces(self.state.manifest):
            self.objects.for_each(names, send)
        self._write_retired_urls()

    def _write_retired_urls(self) -> None:
        if self.retired_urls != self.state.retired_urls:
            text = "".join(f"{url}\n" for url in sorted(self.retired_urls | self.state.retired_urls))
            self.objects.put(RETIRED_URLS, gzip.compress(text.encode(), 6, mtime=0), PACKED)

    def _mark_visible(self, state: DeployState, has_replaced: bool = False) -> DeployState:
        last = replace(state.pending[-1], is_visible=True, has_replaced=has_replaced)
        return replace(state, pending=(*state.pending[:-1], last), stale=self._make_stale(state))

    def _make_stale(self, state: DeployState) -> tuple[str, ...]:
        releases = (*state.releases[-1:], *state.uncertain, self.release)
        return tuple(dict.fromkeys((*state.stale, *(release.manifest for release in releases))))

    def _end(self, manifest: ShardedManifest, plan: Plan) -> Release:
        """Make this release the published one."""
        release = replace(self.release, published_at=iso_utc(self.now_s))
        removals = self._removals(manifest, plan)

        def end(state: DeployState) -> DeployState:
            pending = tuple(replace(interrupted, is_visible=False) for interrupted in state.pending[:-1])
            state = replace(state, stale=self._make_stale(state), pending=pending, removals=removals)
            retired = len(self.retired_urls | self.state.retired_urls)
            return replace(state, releases=(*state.releases, release), retired=retired)

        self.writer.write(end)
        return release

    def _removals(self, manifest: ShardedManifest, plan: Plan) -> tuple[tuple[str, int], ...]:
        removals = dict(self.writer.state.removals)
        since = {path: removals[path] for path in removals.keys() - manifest.find(removals).keys()}
        return tuple(sorted({**since, **{entry.path: int(self.now_s) for entry in plan.removed}}.items()))

    def clean_up(self, progress: ProgressCallback) -> None:
        """Delete what is due and what no retained release needs; the state forgets it last, against interruptions."""
        self.now_s = self.now_s or ask_time_s(self.objects)
        state = self.writer.state
        due = [path for path, since in state.removals if since + self.storage.grace_s <= self.now_s]
        self._delete(due, progress)
        old, retained = self._split_releases(state.releases)
        living = {release.manifest for release in retained}
        pending = tuple(interrupted for interrupted in state.pending if interrupted.is_visible)
        hidden = (interrupted.release for interrupted in state.pending if not interrupted.is_visible)
        unborn = [release for release in hidden if release.manifest not in living]

        def forget(state: DeployState) -> DeployState:
            removals = tuple(removal for removal in state.removals if removal[0] not in due)
            return replace(state, stale=(), removals=removals)

        if old or unborn:
            # From here on no publication reads these manifests, so that they can be deleted.
            self.writer.write(forget)
            self._collect_garbage(old, retained, unborn, progress)
        self.writer.write(lambda state: replace(forget(state), lock="", pending=pending, releases=retained))

    def _collect_garbage(
        self, old: Sequence[Release], retained: Sequence[Release], unborn: Sequence[Release], progress: ProgressCallback
    ) -> None:
        gone, living, interrupted = (
            [(release, self.target.find_manifest(release.manifest)) for release in some]
            for some in (old, retained, unborn)
        )
        files = self._garbage_files(gone, living, interrupted)
        manifests = {release.manifest: manifest for release, manifest in (*gone, *interrupted) if manifest}
        others = [manifest for _, manifest in living]
        # A branch that is missing has no shards: they are written after it and deleted before it.
        unused = [manifest.list_pieces(*others, skips_missing=True) for manifest in manifests.values()]
        roots = manifests.keys() - {release.manifest for release in retained}
        self._delete(sorted(set(files)), progress)
        # The later ones lead to the earlier ones.
        self._delete(sorted({f"{SHARDS}/{name}" for names in unused for name in names.shards}), progress)
        self._delete(sorted({f"{SHARDS}/{name}" for names in unused for name in names.branches}), progress)
        self._delete(sorted(f"{MANIFESTS}/{name}" for name in roots), progress)

    def _garbage_files(self, old: FoundReleases, retained: FoundReleases, unborn: FoundReleases) -> Iterable[str]:  # noqa: ARG002
        """Return the keys of files that only releases need which cannot be restored, or that were interrupted."""
        files: dict[str, str] = {}
        for (release, manifest), (later, after) in pairwise((*old, *retained[:1])):
            if manifest is not None and after is not None:
                replaced = entries_not_in(manifest, after, is_all=release.policy != later.policy)
                files.update((backup_key(entry, release.policy), entry.path) for entry in replaced)
        paths = sorted(set(files.values()))
        for release, manifest in retained if paths else ():
            for entry in manifest.find(paths).values() if manifest else ():
                files.pop(backup_key(entry, release.policy), None)
        return files

    def _split_releases(self, releases: Sequence[Release]) -> tuple[Sequence[Release], tuple[Release, ...]]:
        """Return the releases that are not retained any more, and those that are."""
        return split_releases(releases, self.storage.releases)

    def remove(self, progress: ProgressCallback) -> int:
        """Delete everything, the state last; return the number of objects.

        The state is emptied first: after an interruption one can publish here, or remove again. The keys are listed,
        because no manifest knows what an interrupted publication has left.
        """
        keys = [key for key in self.objects.list_keys() if key != STATE_KEY]
        self.writer.write(lambda state: DeployState(state.site, lock=state.lock))
        self._delete(keys, progress)
        self.writer.remove()
        return len(keys) + 1

    def _delete(self, keys: Sequence[str], progress: ProgressCallback) -> None:
        for start in range(0, len(keys), DELETE_BATCH):
            progress("Removing", start, len(keys), 0)
            self.objects.delete(keys[start : start + DELETE_BATCH])


@dataclass(frozen=True)
class ObjectStoreTarget:
    """A bucket, or a prefix in one. All that is not the site is below `CONTROL_PREFIX`."""

    objects: ObjectClient
    site_url: str
    storage: StorageOptions
    adopts: bool = False
    pieces: dict[str, tuple[Any, ...]] = field(default_factory=dict, init=False, repr=False)
    """The pieces of manifests that were fetched, which all manifests share."""
    deployment: ClassVar[type[ObjectStoreDeployment]] = ObjectStoreDeployment

    @property
    def name(self) -> str:
        """Return the target's name for people."""
        return self.objects.where

    @cached_property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        return sha256(f"{self.storage.policy} {self.storage.encoding}".encode()).hexdigest()[:16]

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        """Return what the target would not take of a site."""
        hint = "Give the file another name."
        return tuple(
            make_problem(f"{site.output.name}/{entry.path}", f'"{folder}" is where {use}', hint)
            for entry in site.manifest.entries
            for folder, use in RESERVED
            if entry.path.startswith(f"{folder}/")
        )

    def read_state(self) -> PublishedState:
        """Return what the target has published."""
        stored = self.objects.get(STATE_KEY)
        if stored is None:
            self._check_ownership()
            return PublishedState(DeployState(self.site_url))
        state = DeployState.load(stored.data, f"{self.name}/{STATE_KEY}").check_site(self.site_url, self.name)
        urls = self.objects.get(RETIRED_URLS)
        return PublishedState(
            state,
            manifest=self.read_manifest(state.release) if state.release else None,
            uncertain=tuple(map(self.read_manifest, state.uncertain)),
            stale=tuple(map(self._read_manifest, state.stale)),
            retired_urls=load_retired_urls(
                urls.data if urls else None,
                f"{self.name}/{RETIRED_URLS}",
                unpack,
                least=0 if self.adopts else state.retired,
            ),
            version=(stored.version, stored.time_s),
            has_due=any(since + self.storage.grace_s <= time.time() for _, since in state.removals),
        )

    def _check_ownership(self) -> None:
        """Raise `PublishRefused` if the place holds files of others and is not to be adopted."""
        key = None if self.adopts else self.objects.any_key(but=PREVIEWS_FOLDER)
        if key is not None:
            message = f'this place is not ours: it holds files that were not published from here ("{key}")'
            hint = "Publish to an empty bucket or prefix. To take this one over all the same: invoke publish --adopt"
            raise PublishRefused.at(self.name, message, hint)

    def read_manifest(self, release: Release) -> ShardedManifest:
        """Return the manifest of a release."""
        return self._read_manifest(release.manifest)

    def _read_manifest(self, digest: str) -> ShardedManifest:
        manifest = self.find_manifest(digest)
        if manifest is None:
            raise self._unreadable(f"{MANIFESTS}/{digest}", "is not there")
        return manifest

    def find_manifest(self, digest: str) -> ShardedManifest | None:
        """Return the manifest with a digest; None if it is deleted already."""
        key = f"{MANIFESTS}/{digest}"
        stored = self.objects.get(key)
        try:
            root = ManifestRoot.unpack(stored.data, digest) if stored else None
        except ManifestProblem as error:
            raise self._unreadable(key, str(error)) from None
        return ShardedManifest(root, self._fetch_pieces, self.pieces, f"{self.name}/{SHARDS}") if root else None

    def _fetch_pieces(self, names: Sequence[str]) -> Sequence[bytes]:
        bodies: dict[str, bytes] = {}

        async def get(name: str) -> None:
            bodies[name] = await self.objects.read(f"{SHARDS}/{name}") or b""

        self.objects.for_each(names, get)
        return [bodies[name] for name in names]

    def _unreadable(self, key: str, why: str) -> PublishRefused:
        hint = "Restore it from the store's own versions; or publish to an empty place."
        return PublishRefused.at(f"{self.name}/{key}", f"this part of the manifest {why.rstrip('.')}", hint)

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        """Remove what is named, while the lease is held."""
        if state.version is None:
            return 0
        release = Release(state.deploy_state.next_number, "", self.policy, Commit(), by, 0, 0)
        with self.start_deployment(state, release, state.retired_urls) as deployment:
            return deployment.remove(progress)

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[ObjectStoreDeployment]:
        """Take the lease and return the deployment; it is released on exit."""
        current, lease_s = state.deploy_state, self.objects.policy.lease_s
        version, written_s = state.version if isinstance(state.version, tuple) else (None, 0.0)
        if current.lock:
            age_s = lock_age_s(self.objects, written_s)
            # A lock that is alive is renewed, with the store's time: a date in the future is no such lock's.
            if abs(age_s) < lease_s:
                raise lock_held(current.lock, age_s, self.name, lease_s)
        writer = StateWriter(self.objects, current, version)
        pending = (*current.pending, PendingRelease(release, is_visible=False))
        try:
            try:
                writer.write(lambda now: replace(now, lock=release.by, pending=pending))
            except PublishFailed:
                if not writer.lease.is_lost:
                    raise
                message = "somebody else began to publish here at the same moment"
                hint = "Wait until that one has ended, then publish again."
                raise PublishRefused.at(self.name, message, hint) from None
            writer.lease.start()
            yield self.deployment(self, writer, state, release, retired_urls)
        finally:
            writer.end()


def backup_key(entry: ManifestEntry, policy: str) -> str:
    """Return the key of a replaced file: it depends on its path and on all that is stored of it."""
    # Stores hold files under keys of this text, in which the class of the cache has the name that it once had.
    cache = f"<Cache.{entry.cache.name}: {entry.cache.value!r}>"
    twins = (repr((twin.encoding, twin.digest)) for twin in entry.twins)
    identity = ", ".join((*map(repr, (entry.path, entry.digest, entry.media_type)), cache, *twins, repr(policy)))
    return f"{CONTROL_PREFIX}/kept/{sha256(f'({identity})'.encode()).hexdigest()}"


def entries_not_in(
    manifest: ShardedManifest, other: ShardedManifest, *, is_all: bool = False
) -> Sequence[ManifestEntry]:
    """Return the entries of a manifest that another one does not have, or all of them.

    Return none if shards are missing: a publication interrupted so early has written no file, and an interrupted
    deletion has deleted the files first.
    """
    try:
        if is_all:
            return manifest.entries()
        return [pair.before for pair in diff_manifests(manifest, other) if pair.before is not None]
    except PublishRefused:
        return ()
