"""The CDN that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..targets import ProgressCallback
from .cloudflare import BATCH_SIZE, Cloudflare
from .fastly import Fastly
from .varnish import VarnishServers

__all__ = ["FACTORIES", "Cdn", "NoCdn", "PurgeAll", "make_cdn"]


class Cdn(Protocol):
    """A cache in front of the site."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these paths of the site, and no others. Raises `PublishFailed` if that cannot be done."""
        ...

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge the whole site."""
        ...


@dataclass(frozen=True, slots=True)
class NoCdn:
    """No cache that can be purged: what readers get is as old as `Cache-Control` allows."""

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Do nothing."""

    def purge_all(self, progress: ProgressCallback) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class PurgeAll:
    """Purges the whole site whatever addresses it is asked to purge, because the operator wants that."""

    cdn: Cdn

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge the whole site."""
        progress("Purging the whole site", 0, len(addresses), 0)
        self.cdn.purge_all(progress)


def make_cdn(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """Make the CDN of a checked `PUBLISH_CDN`; `secrets` has variables of the environment."""
    return FACTORIES[options["kind"]](options, site_url, secrets)


def _make_cloudflare(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    batch_size = int(options.get("most", BATCH_SIZE))
    token = secrets["PUBLISH_CDN_TOKEN"]
    return Cloudflare(site_url=site_url, zone=options["zone"], token=token, batch_size=batch_size)


def _make_fastly(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    return Fastly(site_url=site_url, token=secrets["PUBLISH_CDN_TOKEN"], service=options.get("service", ""))


def _make_cloudfront(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    from .cloudfront import CloudFront

    return CloudFront(
        site_url=site_url,
        distribution=options["distribution"],
        access_key=secrets["PUBLISH_CDN_ACCESS_KEY"],
        secret_key=secrets["PUBLISH_CDN_SECRET_KEY"],
        session_token=secrets.get("PUBLISH_CDN_SESSION_TOKEN", ""),
    )


FACTORIES: Mapping[str, Callable[[Mapping[str, Any], str, Mapping[str, str]], Cdn]] = {
    "none": lambda _options, _site_url, _secrets: NoCdn(),
    "varnish": lambda options, site_url, _secrets: VarnishServers(site_url=site_url, servers=tuple(options["servers"])),
    "cloudflare": _make_cloudflare,
    "fastly": _make_fastly,
    "cloudfront": _make_cloudfront,
}
