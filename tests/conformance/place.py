"""A prefix of a real object store: publishers, what it holds, and what it should hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import obstore
from tests.publish.builders import SITE
from tests.publish.crawler import Public
from tests.servers.programs import until
from tests.servers.seaweed import Seaweed

from openknowledge.manifest import ManifestEntry
from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.errors import PublishFailed, PublishRefused
from openknowledge.publish.manifest_shards import ShardedManifest
from openknowledge.publish.pipeline import Publication, Purger, publish, roll_back
from openknowledge.publish.release import Release
from openknowledge.publish.result import PublishResult
from openknowledge.publish.targets import ProgressCallback
from openknowledge.publish.targets.object_client import CLOCK, CONTROL_PREFIX, ObjectClient, RetryPolicy, make_store
from openknowledge.publish.targets.object_store import ObjectStoreTarget, StorageOptions, backup_key
from openknowledge.serving.headers import HeaderPolicy, stored_headers

__all__ = ["BUCKET", "CLOUDFRONT_OPTIONS", "HASTY", "READER", "SECRETS", "LaterObjects", "Place", "headers_of"]

BUCKET = "site"
SECRETS = {"PUBLISH_ACCESS_KEY": "publisher", "PUBLISH_SECRET_KEY": "publishers-secret"}
READER = {"PUBLISH_ACCESS_KEY": "looker", "PUBLISH_SECRET_KEY": "lookers-secret"}
HASTY = RetryPolicy(parallel=8, timeout_s=0.6, attempts=3, patience_s=3.0, backoff_s=0.02, lease_s=60.0)
"""As impatient as a server on the loopback interface allows."""
CLOUDFRONT_OPTIONS = RetryPolicy(parallel=8, backoff_s=0.1)


class LaterObjects(ObjectClient):
    """A store at a time when every lock has expired."""

    def time_s(self, key: str) -> float:
        return super().time_s(key) + (10_000 if key == CLOCK else 0)


class NoCache:
    """A purger without a cache."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Do nothing."""


def headers_of(entry: ManifestEntry) -> dict[str, str]:
    return dict(stored_headers(entry, HeaderPolicy(site_url=SITE, shared_s=0)))


@dataclass
class Place:
    """A prefix of a bucket."""

    server: Seaweed
    prefix: str
    site_url: str = SITE
    encoding: str = "gzip"
    grace_s: int = 0
    retained_releases: int = 10
    tuning: RetryPolicy = CLOUDFRONT_OPTIONS
    through_proxy: RetryPolicy = HASTY
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS)
    bucket: str = BUCKET
    purger: Purger = field(default_factory=NoCache)
    adopts: bool = False
    by: str = "somebody"

    @property
    def public(self) -> Public:
        return Public(self.server.port, f"/{self.bucket}/{self.prefix}", site_url=self.site_url)

    def target(self, endpoint: str = "", *, is_later: bool = False) -> ObjectStoreTarget:
        """Return the target of a publisher; through a proxy it waits only shortly."""
        return ObjectStoreTarget(self.objects(endpoint, is_later), self.site_url, self.storage, self.adopts)

    @property
    def storage(self) -> StorageOptions:
        return StorageOptions(headers_of, "policy", self.encoding, self.retained_releases, self.grace_s)

    def objects(self, endpoint: str, is_later: bool) -> ObjectClient:
        tuning = self.through_proxy if endpoint else self.tuning
        output = {"bucket": self.bucket, "prefix": self.prefix, "endpoint": endpoint or self.server.endpoint}
        store = make_store(output, self.secrets, tuning)
        return (LaterObjects if is_later else ObjectClient)(store, f"s3://{self.bucket}/{self.prefix}", tuning)

    def run(self, endpoint: str = "", *, is_later: bool = False) -> Publication:
        target = self.target(endpoint, is_later=is_later)
        return Publication(target, self.purger, lambda *_: (0, ()), self.by, Path(), lambda *_: None)

    def publish(self, site: BuiltSite, endpoint: str = "", *, is_later: bool = False) -> PublishResult:
        run = self.run(endpoint, is_later=is_later)
        return publish(run, site, run.target.read_state())

    def restore(self, number: int | None = None, endpoint: str = "", *, is_later: bool = False) -> PublishResult:
        run = self.run(endpoint, is_later=is_later)
        return roll_back(run, run.target.read_state(), number)

    def tried(self, do: str, *output: object, **options: object) -> PublishResult | PublishFailed | PublishRefused:
        """Return the result of a publication, or the error that stopped it."""
        try:
            return getattr(self, do)(*output, **options)  # type: ignore[no-any-return]
        except (PublishFailed, PublishRefused) as stopped:
            return stopped

    def is_writable(self) -> bool:
        store = self.target().objects.store
        try:
            obstore.put(store, "trial", b"")
            obstore.delete(store, "trial")
        except obstore.exceptions.BaseError:
            return False
        return True

    def wait_until_writable(self) -> None:
        until(self.is_writable, "SeaweedFS", self.server.process)

    def fill(self) -> None:
        """Write until the store takes no more."""
        store = Place(self.server, "ballast").target().objects.store
        for number in range(400):
            try:
                obstore.put(store, f"{number}", os.urandom(8 << 20), use_multipart=False)
            except obstore.exceptions.BaseError:
                return
        raise AssertionError("it is never full")

    def stored(self) -> set[str]:
        """Return all keys that the store lists below the prefix."""
        store = self.target().objects.store
        found = [one["path"] for page in obstore.list(store) for one in page]
        return {key.removeprefix(f"{self.prefix}/") for key in found}

    def wrong(self, site: BuiltSite) -> Iterator[str]:
        """Yield what differs from this site as the last release should have left it."""
        target = self.target()
        register = target.read_state().deploy_state
        keys = self.stored()
        there = {key for key in keys if not key.startswith(f"{CONTROL_PREFIX}/")}
        wanted = site.manifest.by_path
        yield from (f"{path} is missing" for path in sorted(wanted.keys() - there))
        waiting = {path for path, _ in register.removals}
        yield from (f"{path} was left over" for path in sorted(there - wanted.keys() - waiting))
        public = self.public
        for path, entry in wanted.items():
            response = public.get(f"/{path}")
            if response.status != 200 or sha256(response.body).hexdigest() != entry.digest:
                yield f"{path} is another file"
            if any(response.headers.get(name.lower()) != value for name, value in headers_of(entry).items()):
                yield f"{path} has other headers: {response.headers}"

    def left_behind(self) -> Iterator[str]:
        """Yield what the next publication should have cleaned up, apart from the site itself."""
        target = self.target()
        register, keys = target.read_state().deploy_state, self.stored()
        if register.lock:
            yield "the lock is not let go of"
        if len(register.releases) > self.retained_releases:
            yield "more releases are listed than are kept"
        needed = self._needed(target)
        yield from (f"{key} leaks" for key in sorted(keys - needed) if key.startswith(f"{CONTROL_PREFIX}/"))
        yield from (f"{key} of a release is missing" for key in sorted(self._sure(needed) - keys))

    def _needed(self, target: ObjectStoreTarget) -> set[str]:
        register = target.read_state().deploy_state
        needed = {f"{CONTROL_PREFIX}/{name}" for name in ("register.json", "former.txt", "clock")}
        for release in register.releases:
            manifest = target.read_manifest(release)
            needed.add(f"{CONTROL_PREFIX}/manifests/{release.manifest}")
            needed |= {f"{CONTROL_PREFIX}/shards/{name}" for names in manifest.list_pieces() for name in names}
            needed |= self._retained(release, manifest)
        return needed

    def _sure(self, needed: set[str]) -> set[str]:
        """Return which of the needed keys must exist: here a file is stored only once it was replaced."""
        return set()

    def _retained(self, release: Release, manifest: ShardedManifest) -> set[str]:
        """Return the keys at which files of a release may lie beside the site."""
        return {backup_key(entry, release.policy) for entry in manifest.entries()}
