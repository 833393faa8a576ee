"""A site in an object store by content, for a router at the edge: one small write makes a whole release visible."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from itertools import chain
from typing import ClassVar

from openknowledge.manifest import CacheClass, ManifestEntry
from openknowledge.serving import headers

from ..built_site import BuiltSite
from ..errors import PublishFailed
from ..manifest_shards import ShardedManifest
from ..plan import Plan
from ..release import Release, iso_utc, split_releases
from . import ProgressCallback
from .object_client import CONTROL_PREFIX, ask_time_s
from .object_store import (
    REBUILD_HINT,
    FoundReleases,
    ObjectStoreDeployment,
    ObjectStoreTarget,
    StorageOptions,
    entries_not_in,
)

__all__ = ["ContentAddressedTarget", "dump_response_policy", "object_key", "response_policy_key"]

OBJECTS = f"{CONTROL_PREFIX}/objects"
RESPONSE_POLICIES = f"{CONTROL_PREFIX}/answers"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "application/octet-stream"}


class ContentAddressedDeployment(ObjectStoreDeployment):
    """A publication under way: what is written stays invisible until the deploy state names it."""

    target: "ContentAddressedTarget"
    own_headers = FOREVER

    def _key_of(self, entry: ManifestEntry) -> str:
        return object_key(entry, self.storage)

    def publish(self, site: BuiltSite, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:
        self._write_manifest(manifest)
        key = response_policy_key(self.target.policy)
        self.objects.put(key, self.target.response_policy, FOREVER)
        self._transfer("Publishing", plan.sent, partial(self._send, site), progress)
        return self._end(manifest, plan)

    def rollback(self, manifest: ShardedManifest, plan: Plan, progress: ProgressCallback) -> Release:  # noqa: ARG002
        """Make an earlier release the published one; no file is sent.

        The files are checked first, because an interrupted clean-up may have deleted some of them.
        """
        stored = self.objects.get(response_policy_key(self.release.policy))
        if stored is None:
            message = f"what answers said in release {self.release.restores} was not kept"
            raise PublishFailed.at(self.target.name, message, REBUILD_HINT)
        try:
            storage = replace(self.storage, encoding=str(json.loads(stored.data)["encoding"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            message = f"what answers said in release {self.release.restores} cannot be read"
            raise PublishFailed.at(self.target.name, message, REBUILD_HINT) from None
        self.objects.for_each(
            plan.sent, lambda entry: self._require(entry, self.objects.exists(object_key(entry, storage)))
        )
        self.now_s = ask_time_s(self.objects)
        self._write_retired_urls()
        return self._end(manifest, plan)

    def _removals(self, manifest: ShardedManifest, plan: Plan) -> tuple[tuple[str, int], ...]:  # noqa: ARG002
        return ()

    def _garbage_files(self, old: FoundReleases, retained: FoundReleases, unborn: FoundReleases) -> Iterable[str]:
        gone = (*old, *unborn)
        used = {response_policy_key(release.policy) for release, _ in retained}
        yield from {response_policy_key(release.policy) for release, _ in gone} - used
        living = [manifest for _, manifest in retained if manifest]
        for manifest in (manifest for _, manifest in gone if manifest):
            replaced = {object_key(entry, self.storage): entry.path for entry in entries_not_in(manifest, living[0])}
            others = chain.from_iterable(other.find(replaced.values()).values() for other in living if replaced)
            yield from replaced.keys() - {object_key(entry, self.storage) for entry in others}

    def _split_releases(self, releases: Sequence[Release]) -> tuple[Sequence[Release], tuple[Release, ...]]:
        """Return the releases that are not retained any more, and those that are.

        Readers may have pages open of any release that is younger than the grace period.
        """
        since = iso_utc(self.now_s - self.storage.grace_s)
        recent = sum(release.published_at >= since for release in releases)
        young = releases[-recent - 1 :] if self.storage.grace_s else ()
        _, lasting = split_releases(releases, self.storage.releases)
        retained = tuple(release for release in releases if release in young or release in lasting)
        return [release for release in releases if release not in retained], retained


@dataclass(frozen=True)
class ContentAddressedTarget(ObjectStoreTarget):
    """A bucket that `edge/router.js` answers from: readers get the last release of the deploy state.

    `response_policy` tells the router which headers to answer with. It is stored and restored with each release.
    """

    response_policy: bytes = b""
    deployment: ClassVar[type[ObjectStoreDeployment]] = ContentAddressedDeployment

    @cached_property
    def policy(self) -> str:
        """Return the digest of the header policy that the files were stored with."""
        stored = sha256(f"routed {self.storage.encoding}".encode()).hexdigest()[:16]
        return f"{stored}/{sha256(self.response_policy).hexdigest()[:32]}"


def object_key(entry: ManifestEntry, storage: StorageOptions) -> str:
    """Return the key of a file's bytes, by its path and the digest of what is stored; the router computes the same."""
    identity = f"{entry.path}\n{storage.choose_file(entry)[0].digest}"
    return f"{OBJECTS}/{sha256(identity.encode()).hexdigest()}"


def response_policy_key(policy: str) -> str:
    """Return the key of the response policy that a release's policy names."""
    return f"{RESPONSE_POLICIES}/{policy.partition('/')[2]}.json"


def dump_response_policy(policy: headers.HeaderPolicy, base: str, encoding: str) -> bytes:
    """Return what the router has to know beside a file's bytes.

    `base` is the path of the site's URL, without a slash at its end.
    """
    values = {
        "format": 1,
        "base": base,
        "encoding": encoding,
        "headers": headers.site_headers(policy),
        "open": headers.CROSS_ORIGIN_HEADERS,
        "closed": headers.SAME_ORIGIN_TYPES,
        "media_folder": headers.MEDIA_FOLDER,
        "media": headers.MEDIA_RULES,
        "cache": {cache.value: headers.cache_control(cache, policy) for cache in CacheClass},
        "error_cache": headers.ERROR_CACHE,
        "moved_cache": headers.REDIRECT_CACHE,
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode()
