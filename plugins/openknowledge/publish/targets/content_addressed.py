"""A site in an object store by content, for a router at the edge: one small write makes a whole release visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from openknowledge.manifest import CacheClass, ManifestEntry

from ..built_site import BuiltSite
from ..errors import PublishFailed
from ..headers import (
    CROSS_ORIGIN_HEADERS,
    ERROR_CACHE,
    REDIRECT_CACHE,
    SAME_ORIGIN_TYPES,
    HeaderPolicy,
    cache_control,
    site_headers,
)
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import DeployState, Release, iso_utc
from . import ProgressCallback, PublishedState
from .object_store import REBUILD_HINT, ObjectStoreDeployment, ObjectStoreTarget, StorageOptions
from .rollback_store import KnownRelease, entries_not_in
from .state_object import CONTROL_PREFIX, StateWriter

__all__ = [
    "RESPONSE_POLICIES",
    "ContentAddressedTarget",
    "dump_response_policy",
    "object_key",
    "response_policy_key",
]

OBJECTS = f"{CONTROL_PREFIX}/objects"
RESPONSE_POLICIES = f"{CONTROL_PREFIX}/answers"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class ContentAddressedTarget(ObjectStoreTarget):
    """A bucket that `edge/router.js` answers from: readers get the last release of the deploy state.

    `response_policy` tells the router which headers to answer with. It is stored and restored with each release.
    """

    response_policy: bytes = b""

    @cached_property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        stored = sha256(f"routed {self.storage.encoding}".encode()).hexdigest()[:16]
        return f"{stored}/{sha256(self.response_policy).hexdigest()[:32]}"

    def make_deployment(
        self, writer: StateWriter, state: PublishedState, release: Release, retired_urls: frozenset[str]
    ) -> ContentAddressedDeployment:
        """Return the deployment that a lease allows."""
        return ContentAddressedDeployment(self, writer, state, release, retired_urls)


class ContentAddressedDeployment(ObjectStoreDeployment):
    """A publication under way: what is written stays invisible until the deploy state names it."""

    target: ContentAddressedTarget

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        async def send(entry: ManifestEntry) -> int:
            file = self.storage.choose_file(entry)
            body = site.read_file(file.path, file.digest)
            await self.objects.send(object_key(entry, self.storage), body, {**file.headers, **FOREVER})
            return len(body)

        self._write_manifest(manifest)
        self._write_retired_urls()
        key = f"{RESPONSE_POLICIES}/{response_policy_key(self.target.policy)}"
        self.objects.put(key, self.target.response_policy, FOREVER)
        self._transfer("Publishing", plan.sent, send, progress)
        return self._end(manifest, plan)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:  # noqa: ARG002
        """Make an earlier release the published one; no file is sent.

        The files are checked first, because an interrupted clean-up may have deleted some of them.
        """
        storage = self._storage_of_release()
        self._check_backups(plan.sent, lambda entry: object_key(entry, storage))
        self.now_s = self._ask_time_s()
        self._write_retired_urls()
        return self._end(manifest, plan)

    def _storage_of_release(self) -> StorageOptions:
        """Return how the files of the restored release were stored."""
        stored = self.objects.get(f"{RESPONSE_POLICIES}/{response_policy_key(self.release.policy)}")
        if stored is None:
            message = f"what answers said in release {self.release.restores} was not kept"
            raise PublishFailed.at(self.target.name, message, REBUILD_HINT)
        return replace(self.storage, encoding=json.loads(stored.data)["encoding"])

    def _end(self, manifest: ShardedManifest, plan: Plan) -> Release:  # noqa: ARG002
        release = replace(self.release, published_at=iso_utc(self.now_s))
        before = (self.state.release.manifest,) if self.state.release else ()

        def end(state: DeployState) -> DeployState:
            stale = tuple(dict.fromkeys((*state.stale, *before, release.manifest)))
            return replace(state, releases=(*state.releases, release), stale=stale, pending=state.pending[:-1])

        self.writer.write(end)
        return release

    def _garbage_files(
        self, old: Sequence[KnownRelease], retained: Sequence[KnownRelease], unborn: Sequence[KnownRelease]
    ) -> Iterable[str]:
        gone = (*old, *unborn)
        used = {response_policy_key(known.release.policy) for known in retained}
        policies = (response_policy_key(known.release.policy) for known in gone)
        yield from (f"{RESPONSE_POLICIES}/{key}" for key in policies if key not in used)
        living = [known.manifest for known in retained if known.manifest]
        for manifest in (known.manifest for known in gone if known.manifest):
            unused = entries_not_in(manifest, living[0])
            for other in living if unused else ():
                other.load_for(entry.path for entry in unused)
            for entry in unused:
                if all(self._key_at(other, entry.path) != object_key(entry, self.storage) for other in living):
                    yield object_key(entry, self.storage)

    def _retained_count(self) -> int:
        """Return the number of releases to retain.

        Readers may have pages open of any release that is younger than the grace period.
        """
        since = iso_utc(self.now_s - self.storage.grace_s)
        recent = sum(release.published_at >= since for release in self.writer.state.releases)
        return max(self.storage.releases, recent + 1 if self.storage.grace_s else 0)

    def _key_at(self, manifest: ShardedManifest, path: str) -> str:
        entry = manifest.get(path)
        return object_key(entry, self.storage) if entry is not None else ""


def object_key(entry: ManifestEntry, storage: StorageOptions) -> str:
    """Return the key of a file's bytes, by its path and the digest of what is stored; the router computes the same."""
    identity = f"{entry.path}\n{storage.choose_file(entry).digest}"
    return f"{OBJECTS}/{sha256(identity.encode()).hexdigest()}"


def response_policy_key(policy: str) -> str:
    """Return the file name of the response policy that a release's policy names."""
    return f"{policy.partition('/')[2]}.json"


def dump_response_policy(policy: HeaderPolicy, base: str, encoding: str) -> bytes:
    """Return what the router has to know beside a file's bytes.

    `base` is the path of the site's URL, without a slash at its end.
    """
    values = {
        "format": 1,
        "base": base,
        "encoding": encoding,
        "headers": site_headers(policy),
        "open": CROSS_ORIGIN_HEADERS,
        "closed": SAME_ORIGIN_TYPES,
        "cache": {cache.value: cache_control(cache, policy) for cache in CacheClass},
        "error_cache": ERROR_CACHE,
        "moved_cache": REDIRECT_CACHE,
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode()
