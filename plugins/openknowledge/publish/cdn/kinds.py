"""The cache that the settings name, ready for use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..targets import ProgressCallback
from .cloudflare import BATCH_SIZE, Cloudflare
from .fastly import Fastly
from .none import NoCdn
from .varnish import VarnishServers

__all__ = ["Cdn", "PurgeAll", "make_cdn"]


class Cdn(Protocol):
    """A cache in front of the site."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Have it forget these paths of the site, and no others. Raises `Failed` where that cannot be done."""
        ...

    def purge_all(self, progress: ProgressCallback) -> None:
        """Have it forget the whole site."""
        ...


@dataclass(frozen=True)
class PurgeAll:
    """A purger that takes every purge for one of the whole site, where the operator asks for that."""

    cache: Cdn

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        progress("Purging the whole site", 0, len(addresses), 0)
        self.cache.purge_all(progress)


def make_cdn(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """The cache of a `PUBLISH_CDN` that was checked; `secrets` by their names in the environment."""
    return KINDS[told["kind"]](told, site_url, secrets)


def _varnish(told: Mapping[str, Any], site_url: str, _secrets: Mapping[str, str]) -> Cdn:
    return VarnishServers(site_url=site_url, servers=tuple(told["servers"]))


def _cloudflare(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    most = int(told.get("most", BATCH_SIZE))
    return Cloudflare(site_url=site_url, zone=told["zone"], token=secrets["PUBLISH_CDN_TOKEN"], batch_size=most)


def _fastly(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    return Fastly(site_url=site_url, token=secrets["PUBLISH_CDN_TOKEN"], service=told.get("service", ""))


def _cloudfront(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    from .cloudfront import CloudFront

    return CloudFront(
        site_url=site_url,
        distribution=told["distribution"],
        access_key=secrets["PUBLISH_CDN_ACCESS_KEY"],
        secret_key=secrets["PUBLISH_CDN_SECRET_KEY"],
        session_token=secrets.get("PUBLISH_CDN_SESSION_TOKEN", ""),
    )


KINDS: Mapping[str, Callable[[Mapping[str, Any], str, Mapping[str, str]], Cdn]] = {
    "none": lambda _told, _site_url, _secrets: NoCdn(),
    "varnish": _varnish,
    "cloudflare": _cloudflare,
    "fastly": _fastly,
    "cloudfront": _cloudfront,
}
