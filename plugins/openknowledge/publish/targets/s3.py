"""A site in an S3-compatible object store: files at their paths, and what a way back needs beside them."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from openknowledge.catalogue.problems import Problem
from openknowledge.manifest import Entry, ManifestProblem

from ..plan import Plan
from ..refusal import Failed, Refused, problem
from ..release import Commit, Pending, Register, Release, moment
from ..sharded import Root, Sharded, differences
from ..site import Site
from . import PREVIEWS, State, Told
from .objects import Objects, Tuning
from .register import CLOCK, CONTROL, LEASE_S, PLAIN, REGISTER, Keeper, lock_age_s, refusal_of

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = ["MANIFESTS", "SHARDS", "ObjectTarget", "ObjectWork", "Storing", "counting", "store_of"]

FORMER = f"{CONTROL}/former.txt"
MANIFESTS = f"{CONTROL}/manifests"
SHARDS = f"{CONTROL}/shards"
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Cache-Control": "no-store"}
PACKED_FOREVER = {**PACKED, "Cache-Control": "public, max-age=31536000, immutable"}
DELETED_AT_ONCE = 1000
RESERVED = ((CONTROL, "the store keeps its register"), (PREVIEWS, "previews are published"))


@dataclass(frozen=True)
class Storing:
    """How files are stored: with which headers, compressed or not, and what is kept of what went.

    `encoding` is `gzip`, `br`, or empty for files as they are. `headers` gives those of a file but its encoding;
    `policy` is the digest of what decides on them.
    """

    headers: Callable[[Entry], Mapping[str, str]]
    policy: str
    encoding: str = "gzip"
    kept_releases: int = 10
    grace_s: int = 24 * 3600

    def stored(self, entry: Entry) -> tuple[str, str, dict[str, str]]:
        """The file that is sent for an entry, its digest, and the headers that it is stored with."""
        headers = dict(self.headers(entry))
        for twin in entry.twins:
            if twin.encoding == self.encoding:
                return twin.path, twin.digest, {**headers, "Content-Encoding": twin.encoding}
        return entry.path, entry.digest, headers


def kept_key(entry: Entry, policy: str) -> str:
    """Where a file is kept once it was replaced: by all that is stored of it."""
    told = (
        entry.digest,
        entry.media_type,
        entry.cache,
        *((twin.encoding, twin.digest) for twin in entry.twins),
        policy,
    )
    return f"{CONTROL}/kept/{sha256(repr(told).encode()).hexdigest()}"


@dataclass(frozen=True)
class ObjectTarget:
    """A bucket, or a prefix in one. What is published there lies at its path; `CONTROL` has everything else."""

    objects: Objects
    site_url: str
    storing: Storing
    adopts: bool = False

    @property
    def name(self) -> str:
        return self.objects.where

    @cached_property
    def policy(self) -> str:
        return sha256(f"{self.storing.policy} {self.storing.encoding}".encode()).hexdigest()[:16]

    def problems(self, site: Site) -> tuple[Problem, ...]:
        hint = "Give the file another name."
        return tuple(
            problem(f"{site.output.name}/{entry.path}", f'"{folder}" is where {what}', hint)
            for entry in site.manifest.entries
            for folder, what in RESERVED
            if entry.path.startswith(f"{folder}/")
        )

    def look(self) -> State:
        found = self.objects.get(REGISTER)
        if found is None:
            self._refuse_strangers()
            return State(Register(self.site_url))
        register = Register.loaded(found.data, f"{self.name}/{REGISTER}")
        if register.site != self.site_url:
            message = f"this is where {register.site} is published, not {self.site_url}"
            raise Refused([problem(self.name, message, "Is PUBLISH_TARGET, or SITEURL, that of another site?")])
        return State(
            register,
            manifest=self.manifest_of(register.release) if register.release else None,
            uncertain=tuple(map(self.manifest_of, register.uncertain)),
            stale=tuple(map(self._manifest, register.stale)),
            former=self._former(),
            version=(found.version, found.time_s),
            has_due=any(since + self.storing.grace_s <= time.time() for _, since in register.removals),
        )

    def _refuse_strangers(self) -> None:
        stranger = None if self.adopts else self.objects.any_key(but=PREVIEWS)
        if stranger is not None:
            message = f'this place is not ours: it holds files that were not published from here ("{stranger}")'
            hint = "Publish to an empty bucket or prefix. To take this one over all the same: invoke publish --adopt"
            raise Refused([problem(self.name, message, hint)])

    def _manifest(self, digest: str) -> Sharded:
        return Sharded(self._told(f"{MANIFESTS}/{digest}", lambda data: Root.unpacked(data, digest)), self._shards)

    def _shards(self, names: Sequence[str]) -> Sequence[bytes]:
        found: dict[str, bytes] = {}

        async def get(name: str) -> None:
            found[name] = await self.objects.body(f"{SHARDS}/{name}")

        self.objects.each(names, get)
        return [found[name] for name in names]

    def _told(self, key: str, read: Callable[[bytes], Root]) -> Root:
        found = self.objects.get(key)
        try:
            if found is None:
                raise ManifestProblem("is not there.")
            return read(found.data)
        except ManifestProblem as error:
            hint = "Restore it from the store's own versions; or publish to an empty place."
            raise Refused([problem(f"{self.name}/{key}", f"the manifest {str(error).rstrip('.')}", hint)]) from None

    def _former(self) -> frozenset[str]:
        found = self.objects.get(FORMER)
        return frozenset(gzip.decompress(found.data).decode().splitlines()) if found else frozenset()

    def manifest_of(self, release: Release) -> Sharded:
        return self._manifest(release.manifest)

    def remove(self, state: State, by: str, told: Told) -> int:
        if state.version is None:
            return 0
        release = Release(state.register.next_number, "", self.policy, Commit(), by, 0, 0)
        with self.at_work(state, release, state.former) as work:
            return work.remove(told)

    @contextmanager
    def at_work(self, state: State, release: Release, former: frozenset[str]) -> Iterator[ObjectWork]:
        register = state.register
        version, written_s = state.version if isinstance(state.version, tuple) else (None, 0.0)
        if register.lock:
            age_s = lock_age_s(self.objects, written_s)
            if age_s < LEASE_S:
                raise refusal_of(register, age_s, self.name)
        keeper = Keeper(self.objects, register, version)
        pending = (*self.cut_off(register), Pending(release, is_visible=False))
        try:
            keeper.write(lambda now: replace(now, lock=release.by, pending=pending))
        except Failed:
            if not keeper.is_lost:
                raise
            message = "somebody else began to publish here at the same moment"
            raise Refused([problem(self.name, message, "Wait until that one has ended, then publish again.")]) from None
        keeper.beat()
        try:
            yield self.work(keeper, state, release, former)
        finally:
            keeper.end()

    def cut_off(self, register: Register) -> tuple[Pending, ...]:
        """The publications that have to be remembered though they did not end: those that changed what readers see."""
        return tuple(one for one in register.pending if one.is_visible)

    def work(self, keeper: Keeper, state: State, release: Release, former: frozenset[str]) -> ObjectWork:
        return ObjectWork(self, keeper, state, release, former)


class ObjectWork:
    """A publication under way in an object store."""

    def __init__(
        self, target: ObjectTarget, keeper: Keeper, state: State, release: Release, former: frozenset[str]
    ) -> None:
        self.target, self.keeper, self.state, self.release, self.former = target, keeper, state, release, former
        self.objects, self.storing = target.objects, target.storing
        self.now_s = 0.0

    def publish(self, site: Site, manifest: Sharded, plan: Plan, told: Told) -> Release:
        async def send(entry: Entry) -> None:
            self.keeper.check()
            path, digest, headers = self.storing.stored(entry)
            body = site.body(path, digest)
            await self.objects.send(entry.path, body, headers)
            count(len(body))

        self._begin(manifest, plan, told)
        for step, entries in plan.steps():
            count = counting(f"Publishing: {step}", len(entries), told)
            self.objects.each(entries, send)
        return self._end(manifest, plan)

    def restore(self, manifest: Sharded, plan: Plan, told: Told) -> Release:
        async def put_back(entry: Entry) -> None:
            self.keeper.check()
            if not await self.objects.copy(kept_key(entry, self.release.policy), entry.path):
                raise self._not_kept(entry)
            count(entry.size_b)

        async def look(entry: Entry) -> None:
            if not await self.objects.is_there(kept_key(entry, self.release.policy)):
                raise self._not_kept(entry)

        self.objects.each(plan.sent, look)
        self._begin(manifest, plan, told)
        for step, entries in plan.steps():
            count = counting(f"Restoring: {step}", len(entries), told)
            self.objects.each(entries, put_back)
        return self._end(manifest, plan)

    def _not_kept(self, entry: Entry) -> Failed:
        message = f"what stood at {entry.address} was not kept"
        return Failed([problem(self.target.name, message, "Build the commit of that release, and publish that.")])

    def _begin(self, manifest: Sharded, plan: Plan, told: Told) -> None:
        """Write down what is about to be, keep what will be replaced, and only then say that files may change."""
        self._write_manifest(manifest)
        self._remember()
        before = self.state.release
        if before is not None:
            count = counting("Keeping what is replaced", len(plan.replaced), told)

            async def keep(entry: Entry) -> None:
                self.keeper.check()
                await self.objects.copy(entry.path, kept_key(entry, before.policy))
                count(0)

            self.objects.each(plan.replaced, keep)
        self.keeper.write(self._visible)

    def _remember(self) -> None:
        """Write down the addresses that were published once."""
        if self.former != self.state.former:
            text = "".join(f"{address}\n" for address in sorted(self.former | self.state.former))
            self.objects.put(FORMER, gzip.compress(text.encode(), 6, mtime=0), PACKED)

    def _write_manifest(self, manifest: Sharded) -> None:
        """The shards that the last release has not, then the root; its time is the time of this publication."""
        there = set(self.state.manifest.root.shards) if self.state.manifest else set()

        async def send(name: str) -> None:
            await self.objects.send(f"{SHARDS}/{name}", manifest.packed(name), PACKED_FOREVER)

        self.objects.each(sorted(set(manifest.root.shards) - there), send)
        root = f"{MANIFESTS}/{manifest.root.digest}"
        self.objects.put(root, manifest.root.packed(), PACKED_FOREVER)
        self.now_s = self.objects.time_s(root)

    def _visible(self, register: Register) -> Register:
        """Files may change from now on. Until it is settled, this release is among what has to be looked at again."""
        before = (register.release.manifest,) if register.release else ()
        cut_off = tuple(release.manifest for release in register.uncertain)
        return replace(
            register,
            pending=(*register.pending[:-1], replace(register.pending[-1], is_visible=True)),
            stale=tuple(dict.fromkeys((*register.stale, *before, *cut_off, self.release.manifest))),
        )

    def _end(self, manifest: Sharded, plan: Plan) -> Release:
        """The moment from which on this release is the one that is published."""
        release = replace(self.release, published_at=moment(self.now_s))
        gone = {path: since for path, since in self.keeper.register.removals if manifest.get(path) is None}
        gone.update((entry.path, int(self.now_s)) for entry in plan.removed if entry.path not in gone)

        def ended(register: Register) -> Register:
            releases = (*register.releases, release)
            return replace(register, releases=releases, pending=(), removals=tuple(sorted(gone.items())))

        self.keeper.write(ended)
        return release

    def settle(self, told: Told) -> None:
        now_s = self.now_s or self._asked_time_s()
        due = [path for path, since in self.keeper.register.removals if since + self.storing.grace_s <= now_s]
        self._delete(due, told)
        forgotten = self._forgotten()
        self.keeper.write(
            lambda register: replace(
                register,
                stale=(),
                lock="",
                pending=tuple(one for one in register.pending if one.is_visible),
                releases=register.releases[-self._kept_count() :],
                removals=tuple(one for one in register.removals if one[0] not in due),
            )
        )
        self._delete(forgotten, told)

    def _kept_count(self) -> int:
        """How many releases can be restored."""
        return self.storing.kept_releases

    def remove(self, told: Told) -> int:
        """Remove all that is here, and the register when nothing else is left; how many files it was.

        The register says that there is nothing before there is: who is cut off can publish here, or remove again. What
        is here is asked of the store, for no manifest knows what a publication left that was cut off.
        """
        keys = [key for key in self.objects.every_key() if key != REGISTER]
        self.keeper.write(lambda register: Register(register.site, lock=register.lock))
        self._delete(keys, told)
        self.keeper.remove()
        return len(keys) + 1

    def _delete(self, keys: Sequence[str], told: Told) -> None:
        for start in range(0, len(keys), DELETED_AT_ONCE):
            self.keeper.check()
            told("Removing", start, len(keys), 0)
            self.objects.delete(keys[start : start + DELETED_AT_ONCE])

    def _asked_time_s(self) -> float:
        """The store's time, where nothing was written yet that could tell it."""
        self.objects.put(CLOCK, self.release.by.encode(), PLAIN)
        return self.objects.time_s(CLOCK)

    def _forgotten(self) -> list[str]:
        """The keys of what only releases need that are older than those that can be restored."""
        releases = self.keeper.register.releases
        old, kept = releases[: -self._kept_count()], releases[-self._kept_count() :]
        if not old:
            return []
        manifests = {release.number: self.target.manifest_of(release) for release in (*old, *kept)}
        shared: dict[str, tuple[Entry, ...]] = {}
        for manifest in manifests.values():
            manifest.known = shared
        files = {
            kept_key(entry, one.policy): entry.path
            for one, after in pairwise((*old, kept[0]))
            for entry in _replaced(manifests[one.number], manifests[after.number], one.policy != after.policy)
        }
        needed = {
            kept_key(entry, one.policy)
            for one in kept
            for path in set(files.values())
            if (entry := manifests[one.number].get(path)) is not None
        }
        shards = {name for one in kept for name in manifests[one.number].root.shards}
        pieces = {f"{SHARDS}/{name}" for one in old for name in manifests[one.number].root.shards if name not in shards}
        roots = {f"{MANIFESTS}/{one.manifest}" for one in old} - {f"{MANIFESTS}/{one.manifest}" for one in kept}
        return sorted((files.keys() - needed) | pieces | roots)


def _replaced(one: Sharded, after: Sharded, is_all: bool) -> Iterator[Entry]:
    """The entries of a manifest that are not in the next one, or got other headers there."""
    if is_all:
        yield from one.entries()
    else:
        yield from (old for _, old, _ in differences(one, after) if old is not None)


def counting(name: str, total: int, told: Told) -> Callable[[int], None]:
    done = [0, 0]
    turn = threading.Lock()

    def count(size_b: int) -> None:
        with turn:
            done[0] += 1
            done[1] += size_b
            told(name, done[0], total, done[1])

    return count


def store_of(place: Mapping[str, str], secrets: Mapping[str, str], tuning: Tuning) -> S3Store:
    """The client of a bucket: `bucket`, and where they are said `prefix`, `endpoint` and `region`.

    An endpoint without TLS is taken as it is said.
    """
    from obstore.store import S3Store

    endpoint = place.get("endpoint", "")
    told: dict[str, Any] = {
        "access_key_id": secrets["access_key"],
        "secret_access_key": secrets["secret_key"],
        "region": place.get("region", "us-east-1"),
        "client_options": {**tuning.client, "allow_http": endpoint.startswith("http://")},
        "retry_config": tuning.retries,
    }
    optional = {"endpoint": endpoint, "prefix": place.get("prefix", ""), "session_token": secrets.get("session_token")}
    told.update((name, value) for name, value in optional.items() if value)
    return S3Store(place["bucket"], **told)
