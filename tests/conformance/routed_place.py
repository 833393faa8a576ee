"""A place in a real object store that a router answers from: what it should have, and what readers get there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote

from tests.conformance.place import Place
from tests.publish.crawler import Public, Response

from openknowledge.publish.built_site import BuiltSite
from openknowledge.publish.manifest_shards import ShardedManifest
from openknowledge.publish.release import Release
from openknowledge.publish.targets.content_addressed import (
    ContentAddressedTarget,
    dump_response_policy,
    object_key,
    response_policy_key,
)
from openknowledge.publish.targets.object_client import CONTROL_PREFIX
from openknowledge.serving.headers import HeaderPolicy, response_headers

__all__ = ["RoutedPlace", "addresses_of", "is_of"]


@dataclass
class RoutedPlace(Place):
    """A prefix of a bucket by content. `port` is that of a router in front of it."""

    port: int = 0

    @property
    def policy(self) -> HeaderPolicy:
        return HeaderPolicy(site_url=self.site_url)

    @property
    def public(self) -> Public:
        return Public(self.port, is_store=False, site_url=self.site_url)

    def target(self, endpoint: str = "", *, is_later: bool = False) -> ContentAddressedTarget:
        answers = dump_response_policy(self.policy, "", self.encoding)
        return ContentAddressedTarget(
            self.objects(endpoint, is_later), self.site_url, self.storage, self.adopts, answers
        )

    def wrong(self, site: BuiltSite) -> Iterator[str]:
        """Yield what differs from this site as the last release should have left it."""
        keys = self.stored()
        yield from (
            f"{key} is no part of the register" for key in sorted(keys) if not key.startswith(f"{CONTROL_PREFIX}/")
        )
        target = self.target()
        last = target.read_state().deploy_state.releases[-1]
        yield from (f"{key} is missing" for key in sorted(self._retained(last, target.read_manifest(last)) - keys))
        public = self.public
        for address in addresses_of(site):
            response = public.get(address)
            if not is_of(site, address, response):
                yield f"{address} is another answer: {response.status}"
            entry = site.manifest.by_path.get(_path(address))
            text = {name.lower(): value for name, value in response_headers(entry, self.policy)} if entry else {}
            if response.status == 200 and not text.items() <= response.headers.items():
                yield f"{address} has other headers: {response.headers}"

    def _sure(self, needed: set[str]) -> set[str]:
        return {key for key in needed if key.count("/") > 1}

    def _retained(self, release: Release, manifest: ShardedManifest) -> set[str]:
        files = {object_key(entry, self.storage) for entry in manifest.entries()}
        return files | {response_policy_key(release.policy)}


def addresses_of(*sites: BuiltSite) -> list[str]:
    """Return all addresses of these versions."""
    return sorted({entry.url_path for site in sites for entry in site.manifest.entries})


def is_of(site: BuiltSite, address: str, response: Response) -> bool:
    """Return whether a router that serves this version gives this answer.

    Of what never changes it may have that of earlier versions too.
    """
    forward = next((one for one in site.redirects if one.source == address and not one.query), None)
    if forward is not None:
        moved = unquote(response.headers.get("location", "")) if response.status == 301 else None
        return (response.status, moved) == (forward.status, forward.target)
    entry = site.manifest.by_path.get(_path(address))
    if entry is not None:
        return response.status == 200 and sha256(response.body).hexdigest() == entry.digest
    return response.status == 404 or (response.status == 200 and "immutable" in response.headers["cache-control"])


def _path(address: str) -> str:
    return f"{address}index.html"[1:] if address.endswith("/") else address[1:]
