"""A site in an S3-compatible object store: files at their paths, and what a way back needs beside them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from openknowledge.manifest import ManifestProblem
from openknowledge.problems import Problem

from ..built_site import BuiltSite
from ..errors import PublishFailed, PublishRefused, make_problem
from ..manifest_pieces import Root, readable
from ..manifest_shards import Sharded
from ..release import Commit, Pending, Register, Release
from . import PREVIEWS, State, Told
from .lock import refusal
from .object_client import Objects, Tuning
from .object_deployment import FORMER, ObjectWork, Storing
from .rollback_store import MANIFESTS, SHARDS, Known
from .state_object import CONTROL, REGISTER, Keeper, lock_age_s

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = ["ObjectTarget", "ObjectWork", "Storing", "store_of"]

RESERVED = ((CONTROL, "the store keeps its register"), (PREVIEWS, "previews are published"))


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

    def problems(self, site: BuiltSite) -> tuple[Problem, ...]:
        hint = "Give the file another name."
        return tuple(
            make_problem(f"{site.output.name}/{entry.path}", f'"{folder}" is where {what}', hint)
            for entry in site.manifest.entries
            for folder, what in RESERVED
            if entry.path.startswith(f"{folder}/")
        )

    def look(self) -> State:
        found = self.objects.get(REGISTER)
        if found is None:
            self._refuse_strangers()
            return State(Register(self.site_url))
        register = Register.loaded(found.data, f"{self.name}/{REGISTER}").of_site(self.site_url, self.name)
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
            raise PublishRefused([make_problem(self.name, message, hint)])

    def _manifest(self, digest: str) -> Sharded:
        found = self.objects.get(f"{MANIFESTS}/{digest}")
        if found is None:
            raise self._unreadable(f"{MANIFESTS}/{digest}", "is not there")
        return self._read(digest, found.data)

    def _read(self, digest: str, data: bytes) -> Sharded:
        try:
            return Sharded(Root.unpacked(data, digest), self._pieces)
        except ManifestProblem as error:
            raise self._unreadable(f"{MANIFESTS}/{digest}", str(error)) from None

    def _pieces(self, names: Sequence[str]) -> Sequence[bytes]:
        found: dict[str, bytes] = {}

        async def get(name: str) -> None:
            found[name] = await self.objects.body(f"{SHARDS}/{name}")

        self.objects.each(names, get)
        for name, data in found.items():
            try:
                readable(data, name)
            except ManifestProblem as error:
                raise self._unreadable(f"{SHARDS}/{name}", str(error) if data else "is not there") from None
        return [found[name] for name in names]

    def _unreadable(self, key: str, why: str) -> PublishRefused:
        hint = "Restore it from the store's own versions; or publish to an empty place."
        return PublishRefused(
            [make_problem(f"{self.name}/{key}", f"this part of the manifest {why.rstrip('.')}", hint)]
        )

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

    def known_of(self, release: Release) -> Known:
        """A release that is forgotten, with its manifest if that is still there."""
        found = self.objects.get(f"{MANIFESTS}/{release.manifest}")
        return release, self._read(release.manifest, found.data) if found else None

    @contextmanager
    def at_work(self, state: State, release: Release, former: frozenset[str]) -> Iterator[ObjectWork]:
        register, lease_s = state.register, self.objects.tuning.lease_s
        version, written_s = state.version if isinstance(state.version, tuple) else (None, 0.0)
        if register.lock:
            age_s = lock_age_s(self.objects, written_s)
            if age_s < lease_s:
                raise refusal(register.lock, age_s, self.name, lease_s)
        keeper = Keeper(self.objects, register, version)
        pending = (*register.pending, Pending(release, is_visible=False))
        try:
            self._lock(keeper, lambda now: replace(now, lock=release.by, pending=pending))
            keeper.beat()
            yield self.work(keeper, state, release, former)
        finally:
            keeper.end()

    def _lock(self, keeper: Keeper, taken: Callable[[Register], Register]) -> None:
        try:
            keeper.write(taken)
        except PublishFailed:
            if not keeper.is_lost:
                raise
            message = "somebody else began to publish here at the same moment"
            raise PublishRefused(
                [make_problem(self.name, message, "Wait until that one has ended, then publish again.")]
            ) from None

    def work(self, keeper: Keeper, state: State, release: Release, former: frozenset[str]) -> ObjectWork:
        return ObjectWork(self, keeper, state, release, former)


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
