"""A site in an object store by content, for a router at the edge: one small write makes a whole release visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from openknowledge.manifest import CacheClass, ManifestEntry

from ..built_site import BuiltSite
from ..errors import PublishFailed, make_problem
from ..headers import (
    SAME_ORIGIN_TYPES,
    HeaderPolicy,
    cache_control,
    cross_origin_headers,
    error_cache_control,
    redirect_cache_control,
    site_headers,
)
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .object_deployment import ObjectStoreDeployment, StorageOptions, counting
from .object_store import ObjectStoreTarget
from .rollback_store import Known, not_in
from .state_object import CONTROL, StateWriter

__all__ = ["ANSWERS", "RoutedTarget", "dump_response_policy", "object_key", "response_policy_key"]

OBJECTS = f"{CONTROL}/objects"
ANSWERS = f"{CONTROL}/answers"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class RoutedTarget(ObjectStoreTarget):
    """A bucket that a router answers from (`edge/router.js`): the release in the register is what readers see.

    `answers` is what the router has to know of headers; it goes with each release, and comes back with it.
    """

    response_policy: bytes = b""

    @cached_property
    def policy(self) -> str:
        stored = sha256(f"routed {self.storing.encoding}".encode()).hexdigest()[:16]
        return f"{stored}/{sha256(self.response_policy).hexdigest()[:32]}"

    def work(
        self, keeper: StateWriter, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> RoutedWork:
        return RoutedWork(self, keeper, state, release, retired_urls)


class RoutedWork(ObjectStoreDeployment):
    """A publication under way: whatever is put in the store is nobody's until the register names it."""

    target: RoutedTarget

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        async def send(entry: ManifestEntry) -> None:
            path, digest, headers = self.storing.stored(entry)
            body = site.read_file(path, digest)
            await self.objects.send(self._key(entry), body, {**headers, **FOREVER})
            count(len(body))

        self._begin(manifest, plan, progress)
        self.objects.put(f"{ANSWERS}/{response_policy_key(self.target.policy)}", self.target.response_policy, FOREVER)
        count = counting("Publishing", len(plan.sent), progress)
        self.objects.for_each(plan.sent, send)
        return self._end(manifest, plan)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:  # noqa: ARG002
        """Nothing travels: what a release that is kept needs is there.

        One that is listed is not always kept: whoever began to forget it may have been cut off.
        """
        storing = self._stored_then()

        async def look(entry: ManifestEntry) -> None:
            if not await self.objects.exists(object_key(entry, storing)):
                raise self._not_kept(entry)

        self.objects.for_each(plan.sent, look)
        self.now_s = self._asked_time_s()
        self._remember()
        return self._end(manifest, plan)

    def _stored_then(self) -> StorageOptions:
        """How the files of this release were stored when they came here first."""
        answers = self.objects.get(f"{ANSWERS}/{response_policy_key(self.release.policy)}")
        if answers is None:
            message = f"what answers said in release {self.release.restores} was not kept"
            raise PublishFailed(
                [make_problem(self.target.name, message, "Build the commit of that release, and publish that.")]
            )
        return replace(self.storing, encoding=json.loads(answers.data)["encoding"])

    def _begin(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> None:  # noqa: ARG002
        self._write_manifest(manifest)
        self._remember()

    def _end(self, manifest: ShardedManifest, plan: Plan) -> Release:  # noqa: ARG002
        release = replace(self.release, published_at=iso_utc(self.now_s))
        before = (self.state.release.manifest,) if self.state.release else ()
        mine = self.release.manifest

        def ended(register: DeployState) -> DeployState:
            releases, stale = (*register.releases, release), tuple(dict.fromkeys((*register.stale, *before, mine)))
            return replace(register, releases=releases, stale=stale, pending=register.pending[:-1])

        self.keeper.write(ended)
        return release

    def _key(self, entry: ManifestEntry) -> str:
        return object_key(entry, self.storing)

    def _files_of(self, old: Sequence[Known], kept: Sequence[Known], never: Sequence[Known]) -> Iterable[str]:
        said = {response_policy_key(release.policy) for release, _ in kept}
        yield from (
            f"{ANSWERS}/{key}" for one, _ in (*old, *never) if (key := response_policy_key(one.policy)) not in said
        )
        living = [manifest for _, manifest in kept if manifest]
        for _, one in (*old, *never):
            lost = not_in(one, living[0]) if one else ()
            for other in living if lost else ():
                other.load_for(entry.path for entry in lost)
            for entry in lost:
                if all(self._key_at(other, entry) != self._key(entry) for other in living):
                    yield self._key(entry)

    def _kept_count(self) -> int:
        """Those that were published a short time ago are kept as well: readers may have pages of theirs open."""
        since = iso_utc(self.now_s - self.storing.grace_s)
        recent = sum(release.published_at >= since for release in self.keeper.register.releases)
        return max(self.storing.kept_releases, recent + 1 if self.storing.grace_s else 0)

    def _key_at(self, manifest: ShardedManifest, entry: ManifestEntry) -> str:
        there = manifest.get(entry.path)
        return self._key(there) if there is not None else ""


def object_key(entry: ManifestEntry, storing: StorageOptions) -> str:
    """Where the bytes of a file are: by its path and the digest of what is stored; the router reckons the same."""
    _, digest, _ = storing.stored(entry)
    told = "\n".join((entry.path, digest))
    return f"{OBJECTS}/{sha256(told.encode()).hexdigest()}"


def response_policy_key(policy: str) -> str:
    """The part of a release's policy that names what its answers say."""
    return f"{policy.partition('/')[2]}.json"


def dump_response_policy(policy: HeaderPolicy, base: str, encoding: str) -> bytes:
    """What the router says beside a file's bytes. `base` is the path of the site's address, without a last slash."""
    told = {
        "format": 1,
        "base": base,
        "encoding": encoding,
        "headers": site_headers(policy),
        "open": cross_origin_headers(),
        "closed": SAME_ORIGIN_TYPES,
        "cache": {cache.value: cache_control(cache, policy) for cache in CacheClass},
        "error_cache": error_cache_control(),
        "moved_cache": redirect_cache_control(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
