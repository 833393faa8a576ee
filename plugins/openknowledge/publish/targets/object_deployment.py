"""A publication under way in an object store: in which order files are written, kept and removed."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openknowledge.manifest import ManifestEntry

from ..built_site import BuiltSite
from ..errors import PublishFailed, make_problem
from ..manifest_shards import ShardedManifest, find_new_pieces
from ..plan import NEW_STEP, Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .rollback_store import MANIFESTS, SHARDS, Known, backup_key, forgotten, replaced_files, sharing
from .state_object import CLOCK, CONTROL, PLAIN, REGISTER, StateWriter

if TYPE_CHECKING:
    from .object_store import ObjectStoreTarget

__all__ = ["FORMER", "ObjectStoreDeployment", "StorageOptions", "counting"]

FORMER = f"{CONTROL}/former.txt"
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Cache-Control": "no-store"}
PACKED_FOREVER = {**PACKED, "Cache-Control": "public, max-age=31536000, immutable"}
DELETED_AT_ONCE = 1000


@dataclass(frozen=True)
class StorageOptions:
    """How files are stored: with which headers, compressed or not, and what is kept of what went.

    `encoding` is `gzip`, `br`, or empty for files as they are. `headers` gives those of a file but its encoding;
    `policy` is the digest of what decides on them.
    """

    headers: Callable[[ManifestEntry], Mapping[str, str]]
    policy: str
    encoding: str = "gzip"
    kept_releases: int = 10
    grace_s: int = 24 * 3600

    def stored(self, entry: ManifestEntry) -> tuple[str, str, dict[str, str]]:
        """The file that is sent for an entry, its digest, and the headers that it is stored with."""
        headers = dict(self.headers(entry))
        for twin in entry.twins:
            if twin.encoding == self.encoding:
                return twin.path, twin.digest, {**headers, "Content-Encoding": twin.encoding}
        return entry.path, entry.digest, headers


class ObjectStoreDeployment:
    """A publication under way in an object store."""

    def __init__(
        self,
        target: ObjectStoreTarget,
        keeper: StateWriter,
        state: PublishedState,
        release: Release,
        retired_urls: frozenset[str],
    ) -> None:
        self.target, self.keeper, self.state, self.release, self.former = target, keeper, state, release, retired_urls
        self.objects, self.storing = target.objects.with_guard(keeper.check), target.storing
        self.now_s = 0.0

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        async def send(entry: ManifestEntry) -> None:
            path, digest, headers = self.storing.stored(entry)
            body = site.read_file(path, digest)
            await self.objects.send(entry.path, body, headers)
            count(len(body))

        self._begin(manifest, plan, progress)
        for step, entries in self._steps(plan):
            count = counting(f"Publishing: {step}", len(entries), progress)
            self.objects.for_each(entries, send)
        return self._end(manifest, plan)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        async def put_back(entry: ManifestEntry) -> None:
            if not await self.objects.copy(backup_key(entry, self.release.policy), entry.path):
                raise self._not_kept(entry)
            count(entry.size_b)

        async def look(entry: ManifestEntry) -> None:
            if not await self.objects.exists(backup_key(entry, self.release.policy)):
                raise self._not_kept(entry)

        self.objects.for_each(plan.sent, look)
        self._begin(manifest, plan, progress)
        for step, entries in self._steps(plan):
            count = counting(f"Restoring: {step}", len(entries), progress)
            self.objects.for_each(entries, put_back)
        return self._end(manifest, plan)

    def _steps(self, plan: Plan) -> Iterator[tuple[str, tuple[ManifestEntry, ...]]]:
        """What becomes visible one after the other; that new files are there is said before readers find them."""
        has_new = False
        for step, entries in plan.steps():
            if has_new and step != NEW_STEP:
                self.keeper.write(self._replacing)
            has_new = step == NEW_STEP
            yield step, entries

    def _replacing(self, register: DeployState) -> DeployState:
        return replace(register, pending=(*register.pending[:-1], replace(register.pending[-1], has_replaced=True)))

    def _not_kept(self, entry: ManifestEntry) -> PublishFailed:
        message = f"what stood at {entry.url_path} was not kept"
        return PublishFailed(
            [make_problem(self.target.name, message, "Build the commit of that release, and publish that.")]
        )

    def _begin(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> None:
        """Write down what is about to be, keep what will be replaced, and only then say that files may change."""
        self._write_manifest(manifest)
        self._remember()
        before = self.state.release
        if before is not None:
            count = counting("Keeping what is replaced", len(plan.replaced), progress)

            async def keep(entry: ManifestEntry) -> None:
                await self.objects.copy(entry.path, backup_key(entry, before.policy))
                count(0)

            self.objects.for_each(plan.replaced, keep)
        self.keeper.write(self._visible)

    def _remember(self) -> None:
        """Write down the addresses that were published once."""
        if self.former != self.state.retired_urls:
            text = "".join(f"{address}\n" for address in sorted(self.former | self.state.retired_urls))
            self.objects.put(FORMER, gzip.compress(text.encode(), 6, mtime=0), PACKED)

    def _write_manifest(self, manifest: ShardedManifest) -> None:
        """The root, then the branches and then the shards that the last release has not.

        So whatever is there is found from what is there already. The root's time is the time of this publication.
        """

        async def send(name: str) -> None:
            await self.objects.send(f"{SHARDS}/{name}", manifest.pack_piece(name), PACKED_FOREVER)

        root = f"{MANIFESTS}/{manifest.root.digest}"
        self.objects.put(root, manifest.root.pack(), PACKED_FOREVER)
        self.now_s = self.objects.time_s(root)
        for names in find_new_pieces(manifest, self.state.manifest):
            self.objects.for_each(names, send)

    def _visible(self, register: DeployState) -> DeployState:
        before = (register.release.manifest,) if register.release else ()
        cut_off = tuple(release.manifest for release in register.uncertain)
        return replace(
            register,
            pending=(*register.pending[:-1], replace(register.pending[-1], is_visible=True)),
            stale=tuple(dict.fromkeys((*register.stale, *before, *cut_off, self.release.manifest))),
        )

    def _end(self, manifest: ShardedManifest, plan: Plan) -> Release:
        """The moment from which on this release is the one that is published."""
        release = replace(self.release, published_at=iso_utc(self.now_s))
        gone = {path: since for path, since in self.keeper.register.removals if manifest.get(path) is None}
        gone.update((entry.path, int(self.now_s)) for entry in plan.removed)

        def ended(register: DeployState) -> DeployState:
            releases = (*register.releases, release)
            settled = tuple(replace(one, is_visible=False) for one in register.pending)
            return replace(register, releases=releases, pending=settled, removals=tuple(sorted(gone.items())))

        self.keeper.write(ended)
        return release

    def clean_up(self, progress: ProgressCallback) -> None:
        """Remove what is due and what nothing needs any more.

        What is said of it in the register goes last, so that a run that is cut off here leaves nothing behind for good.
        """
        self.now_s = self.now_s or self._asked_time_s()
        register = self.keeper.register
        due = [path for path, since in register.removals if since + self.storing.grace_s <= self.now_s]
        self._delete(due, progress)
        old, kept = register.releases[: -self._kept_count()], register.releases[-self._kept_count() :]
        living = {release.manifest for release in kept}
        begun = [one.release for one in register.pending if not one.is_visible and one.release.manifest not in living]

        def done(register: DeployState) -> DeployState:
            removals = tuple(one for one in register.removals if one[0] not in due)
            return replace(register, stale=(), removals=removals)

        if old or begun:
            # From here on nobody looks at these manifests any more, and then they go.
            self.keeper.write(done)
            past, living_ones, never = (list(map(self.target.known_of, some)) for some in (old, kept, begun))
            sharing(*past, *living_ones, *never)
            files = self._files_of(past, living_ones, never)
            for keys in forgotten([*past, *never], living_ones, files):
                self._delete(keys, progress)
        pending = tuple(one for one in register.pending if one.is_visible)
        self.keeper.write(lambda now: replace(done(now), lock="", pending=pending, releases=kept))

    def _files_of(self, old: Sequence[Known], kept: Sequence[Known], never: Sequence[Known]) -> Iterable[str]:  # noqa: ARG002
        """The keys of files that only releases need which are too old to be restored, or that never came to be."""
        return replaced_files(old, kept)

    def _kept_count(self) -> int:
        """How many releases can be restored."""
        return self.storing.kept_releases

    def remove(self, progress: ProgressCallback) -> int:
        """Remove all that is here, and the register when nothing else is left; how many files it was.

        The register says that there is nothing before there is: who is cut off can publish here, or remove again. What
        is here is asked of the store, for no manifest knows what a publication left that was cut off.
        """
        keys = [key for key in self.objects.list_keys() if key != REGISTER]
        self.keeper.write(lambda register: DeployState(register.site, lock=register.lock))
        self._delete(keys, progress)
        self.keeper.remove()
        return len(keys) + 1

    def _delete(self, keys: Sequence[str], progress: ProgressCallback) -> None:
        for start in range(0, len(keys), DELETED_AT_ONCE):
            progress("Removing", start, len(keys), 0)
            self.objects.delete(keys[start : start + DELETED_AT_ONCE])

    def _asked_time_s(self) -> float:
        """The store's time, where nothing was written yet that could tell it."""
        self.objects.put(CLOCK, self.release.by.encode(), PLAIN)
        return self.objects.time_s(CLOCK)


def counting(name: str, total: int, progress: ProgressCallback) -> Callable[[int], None]:
    done = [0, 0]
    turn = threading.Lock()

    def count(size_b: int) -> None:
        with turn:
            done[0] += 1
            done[1] += size_b
            progress(name, done[0], total, done[1])

    return count
