"""The cache that the settings name, ready for use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..targets import ProgressCallback
from .cloudflare import MOST, Cloudflare
from .fastly import Fastly
from .none import Nothing
from .varnish import Varnish

__all__ = ["Cache", "Everything", "cache_of"]


class Cache(Protocol):
    """A cache in front of the site."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Have it forget these paths of the site, and no others. Raises `Failed` where that cannot be done."""
        ...

    def everything(self, progress: ProgressCallback) -> None:
        """Have it forget the whole site."""
        ...


@dataclass(frozen=True)
class Everything:
    """A purger that takes every purge for one of the whole site, where the operator asks for that."""

    cache: Cache

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        progress("Purging the whole site", 0, len(addresses), 0)
        self.cache.everything(progress)


def cache_of(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cache:
    """The cache of a `PUBLISH_CDN` that was checked; `secrets` by their names in the environment."""
    return KINDS[told["kind"]](told, site_url, secrets)


def _varnish(told: Mapping[str, Any], site_url: str, _secrets: Mapping[str, str]) -> Cache:
    return Varnish(site_url=site_url, servers=tuple(told["servers"]))


def _cloudflare(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cache:
    most = int(told.get("most", MOST))
    return Cloudflare(site_url=site_url, zone=told["zone"], token=secrets["PUBLISH_CDN_TOKEN"], most=most)


def _fastly(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cache:
    return Fastly(site_url=site_url, token=secrets["PUBLISH_CDN_TOKEN"], service=told.get("service", ""))


def _cloudfront(told: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cache:
    from .cloudfront import CloudFront

    return CloudFront(
        site_url=site_url,
        distribution=told["distribution"],
        access_key=secrets["PUBLISH_CDN_ACCESS_KEY"],
        secret_key=secrets["PUBLISH_CDN_SECRET_KEY"],
        session_token=secrets.get("PUBLISH_CDN_SESSION_TOKEN", ""),
    )


KINDS: Mapping[str, Callable[[Mapping[str, Any], str, Mapping[str, str]], Cache]] = {
    "none": lambda _told, _site_url, _secrets: Nothing(),
    "varnish": _varnish,
    "cloudflare": _cloudflare,
    "fastly": _fastly,
    "cloudfront": _cloudfront,
}
