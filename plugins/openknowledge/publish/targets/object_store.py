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
from ..manifest_pieces import ManifestRoot, verify_piece
from ..manifest_shards import ShardedManifest
from ..release import Commit, DeployState, PendingRelease, Release
from . import PREVIEWS_FOLDER, ProgressCallback, PublishedState
from .lock import refusal
from .object_client import ObjectClient, RetryPolicy
from .object_deployment import FORMER, ObjectStoreDeployment, StorageOptions
from .rollback_store import MANIFESTS, SHARDS, Known
from .state_object import CONTROL, REGISTER, StateWriter, lock_age_s

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = ["ObjectStoreDeployment", "ObjectStoreTarget", "StorageOptions", "make_store"]

RESERVED = ((CONTROL, "the store keeps its register"), (PREVIEWS_FOLDER, "previews are published"))


@dataclass(frozen=True)
class ObjectStoreTarget:
    """A bucket, or a prefix in one. What is published there lies at its path; `CONTROL` has everything else."""

    objects: ObjectClient
    site_url: str
    storing: StorageOptions
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

    def read_state(self) -> PublishedState:
        found = self.objects.get(REGISTER)
        if found is None:
            self._refuse_strangers()
            return PublishedState(DeployState(self.site_url))
        register = DeployState.load(found.data, f"{self.name}/{REGISTER}").check_site(self.site_url, self.name)
        return PublishedState(
            register,
            manifest=self.read_manifest(register.release) if register.release else None,
            uncertain=tuple(map(self.read_manifest, register.uncertain)),
            stale=tuple(map(self._manifest, register.stale)),
            retired_urls=self._former(),
            version=(found.version, found.time_s),
            has_due=any(since + self.storing.grace_s <= time.time() for _, since in register.removals),
        )

    def _refuse_strangers(self) -> None:
        stranger = None if self.adopts else self.objects.any_key(but=PREVIEWS_FOLDER)
        if stranger is not None:
            message = f'this place is not ours: it holds files that were not published from here ("{stranger}")'
            hint = "Publish to an empty bucket or prefix. To take this one over all the same: invoke publish --adopt"
            raise PublishRefused([make_problem(self.name, message, hint)])

    def _manifest(self, digest: str) -> ShardedManifest:
        found = self.objects.get(f"{MANIFESTS}/{digest}")
        if found is None:
            raise self._unreadable(f"{MANIFESTS}/{digest}", "is not there")
        return self._read(digest, found.data)

    def _read(self, digest: str, data: bytes) -> ShardedManifest:
        try:
            return ShardedManifest(ManifestRoot.unpack(data, digest), self._pieces)
        except ManifestProblem as error:
            raise self._unreadable(f"{MANIFESTS}/{digest}", str(error)) from None

    def _pieces(self, names: Sequence[str]) -> Sequence[bytes]:
        found: dict[str, bytes] = {}

        async def get(name: str) -> None:
            found[name] = await self.objects.body(f"{SHARDS}/{name}")

        self.objects.for_each(names, get)
        for name, data in found.items():
            try:
                verify_piece(data, name)
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

    def read_manifest(self, release: Release) -> ShardedManifest:
        return self._manifest(release.manifest)

    def remove(self, state: PublishedState, by: str, progress: ProgressCallback) -> int:
        if state.version is None:
            return 0
        release = Release(state.deploy_state.next_number, "", self.policy, Commit(), by, 0, 0)
        with self.start_deployment(state, release, state.retired_urls) as work:
            return work.remove(progress)

    def known_of(self, release: Release) -> Known:
        """A release that is forgotten, with its manifest if that is still there."""
        found = self.objects.get(f"{MANIFESTS}/{release.manifest}")
        return release, self._read(release.manifest, found.data) if found else None

    @contextmanager
    def start_deployment(
        self, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> Iterator[ObjectStoreDeployment]:
        register, lease_s = state.deploy_state, self.objects.policy.lease_s
        version, written_s = state.version if isinstance(state.version, tuple) else (None, 0.0)
        if register.lock:
            age_s = lock_age_s(self.objects, written_s)
            if age_s < lease_s:
                raise refusal(register.lock, age_s, self.name, lease_s)
        keeper = StateWriter(self.objects, register, version)
        pending = (*register.pending, PendingRelease(release, is_visible=False))
        try:
            self._lock(keeper, lambda now: replace(now, lock=release.by, pending=pending))
            keeper.beat()
            yield self.work(keeper, state, release, retired_urls)
        finally:
            keeper.end()

    def _lock(self, keeper: StateWriter, taken: Callable[[DeployState], DeployState]) -> None:
        try:
            keeper.write(taken)
        except PublishFailed:
            if not keeper.is_lost:
                raise
            message = "somebody else began to publish here at the same moment"
            raise PublishRefused(
                [make_problem(self.name, message, "Wait until that one has ended, then publish again.")]
            ) from None

    def work(
        self, keeper: StateWriter, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> ObjectStoreDeployment:
        return ObjectStoreDeployment(self, keeper, state, release, retired_urls)


def make_store(place: Mapping[str, str], secrets: Mapping[str, str], tuning: RetryPolicy) -> S3Store:
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
