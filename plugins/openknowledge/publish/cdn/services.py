"""The caches in front of a site that can be purged: Varnish, Cloudflare, Fastly, CloudFront, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import token_hex
from typing import Any, Protocol
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx

from openknowledge.problems import Problem

from ..errors import PublishFailed, make_problem
from ..http_client import site_path, site_url_of
from ..targets import ProgressCallback
from .client import ClientOptions, PurgeRequest, excerpt_response, send_all, split_batches

__all__ = ["Cdn", "CloudFront", "Cloudflare", "Fastly", "NoCdn", "PurgeAll", "VarnishServers", "make_cdn"]

CLOUDFLARE_BATCH = 100
"""URLs in a request: 100 on the Free, Pro and Business plans, 500 on Enterprise."""
CLOUDFRONT_BATCH = 3000
"""Paths that may be in progress at once in a distribution; more of them are refused for the moment."""
CLOUDFRONT_VERSION = "2020-05-31"
CLOUDFRONT_OPTIONS = ClientOptions(
    parallel=1,
    attempts=12,
    backoff_s=2.0,
    transient_markers=("TooManyInvalidationsInProgress", "Throttling", "Rate exceeded"),
)
HINTS = {
    "Varnish": "Does Varnish run there, and may this machine purge (`acl purgers` in its VCL)?",
    "Cloudflare": (
        "Is PUBLISH_CDN_TOKEN a token with the permission Zone > Cache Purge, and the zone that of the site's host?"
    ),
    "Fastly": "Is PUBLISH_CDN_TOKEN a token with the scope purge_select?",
    "CloudFront": (
        "Do PUBLISH_CDN_ACCESS_KEY and PUBLISH_CDN_SECRET_KEY belong to a key with the permission "
        "cloudfront:CreateInvalidation for this distribution?"
    ),
}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class VarnishServers:
    """Servers with a Varnish each, such as `http://10.0.0.5:6081`; docs/servers/varnish.vcl answers the requests.

    An address is a request to each server, and names the site's own host.
    """

    site_url: str
    servers: tuple[str, ...]
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=16))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these addresses at each server."""
        self._send([("PURGE", site_path(self.site_url, address)) for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge everything below the site's path."""
        self._send([("BAN", site_path(self.site_url, "/"))], progress)

    def _send(self, requests: Sequence[tuple[str, str]], progress: ProgressCallback) -> None:
        """Send the requests to each server, also after another one failed."""
        headers = {"Host": urlsplit(self.site_url).netloc}
        problems: list[Problem] = []
        for server in self.servers:
            url = server.rstrip("/")
            purges = [PurgeRequest(method, f"{url}{path}", 1, headers) for method, path in requests]
            try:
                send_all(purges, self.options, progress, url, HINTS["Varnish"])
            except PublishFailed as failed:
                problems += failed.problems
        if problems:
            raise PublishFailed(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloudflare:
    """A zone of Cloudflare's. It caches addresses with a file's ending alone, unless a cache rule names others."""

    site_url: str
    zone: str
    token: str = field(repr=False)
    batch_size: int = CLOUDFLARE_BATCH
    api: str = "https://api.cloudflare.com/client/v4"
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=4))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these addresses, by the hundred."""
        urls = [site_url_of(self.site_url, address) for address in addresses]
        self._send([({"files": batch}, len(batch)) for batch in split_batches(urls, self.batch_size)], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge the site's host, and no other host of the zone."""
        self._send([({"hosts": [urlsplit(self.site_url).hostname]}, 1)], progress)

    def _send(self, bodies: Sequence[tuple[Mapping[str, Any], int]], progress: ProgressCallback) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        url = f"{self.api}/zones/{self.zone}/purge_cache"
        requests = [PurgeRequest("POST", url, count, headers, json.dumps(body).encode()) for body, count in bodies]
        send_all(requests, self.options, progress, "Cloudflare", HINTS["Cloudflare"], _check_success)


def _check_success(response: httpx.Response) -> str:
    """Return what is wrong with a response of Cloudflare's, which may report a failure with status 200."""
    try:
        succeeded = response.json()["success"] is True
    except (ValueError, KeyError, TypeError):
        succeeded = False
    return "" if succeeded else f"the answer was {excerpt_response(response)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastly:
    """A service of Fastly's, which takes 100,000 purges an hour; only `purge_all` needs its name.

    An address is a request. Surrogate keys are not used, because files in an object store have no such header.
    """

    site_url: str
    token: str = field(repr=False)
    service: str = ""
    api: str = "https://api.fastly.com"
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=16))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these addresses."""
        host = urlsplit(self.site_url).netloc
        self._send([f"purge/{host}{site_path(self.site_url, address)}" for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge the whole service. Raises `PublishFailed` if the settings do not name it."""
        if not self.service:
            hint = 'Add it to PUBLISH_CDN: {"kind": "fastly", "service": "…"}'
            raise PublishFailed([make_problem("Fastly", "nobody said which service to purge everything of", hint)])
        self._send([f"service/{self.service}/purge_all"], progress)

    def _send(self, paths: Sequence[str], progress: ProgressCallback) -> None:
        headers = {"Fastly-Key": self.token, "Accept": "application/json"}
        requests = [PurgeRequest("POST", f"{self.api}/{path}", 1, headers) for path in paths]
        send_all(requests, self.options, progress, "Fastly", HINTS["Fastly"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFront:
    """A distribution of CloudFront's. 1,000 paths a month are free, and each further path costs half a cent.

    An invalidation takes effect about a minute after it was accepted, so verification has to wait as long.
    """

    site_url: str
    distribution: str
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    api: str = "https://cloudfront.amazonaws.com"
    options: ClientOptions = CLOUDFRONT_OPTIONS

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge each path by itself: a quoted path has no `*`, which would match others."""
        self._invalidate([site_path(self.site_url, address) for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge everything below the site's path."""
        self._invalidate([f"{site_path(self.site_url, '/')}*"], progress)

    def _invalidate(self, paths: Sequence[str], progress: ProgressCallback) -> None:
        """Send invalidations with a reference, by which a retried request is the same invalidation.

        The reference is random, because CloudFront ignores an invalidation whose paths and reference it has seen: a
        site that is rolled back and forth would not be purged the second time.
        """
        from httpx_auth import AWS4Auth

        reference = token_hex(8)
        url = f"{self.api}/{CLOUDFRONT_VERSION}/distribution/{self.distribution}/invalidation"
        headers = {"Content-Type": "application/xml"}
        requests = [
            PurgeRequest("POST", url, len(batch), headers, _invalidation(batch, reference))
            for batch in split_batches(paths, CLOUDFRONT_BATCH)
        ]
        token = {"security_token": self.session_token} if self.session_token else {}
        auth = AWS4Auth(self.access_key, self.secret_key, "us-east-1", "cloudfront", **token)
        send_all(requests, replace(self.options, auth=auth), progress, "CloudFront", HINTS["CloudFront"])


def _invalidation(paths: Sequence[str], reference: str) -> bytes:
    unique = f"{reference}-{sha256(' '.join(paths).encode()).hexdigest()[:16]}"
    items = "".join(f"<Path>{escape(path)}</Path>" for path in paths)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/{CLOUDFRONT_VERSION}/">'
        f"<Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
        f"<CallerReference>{unique}</CallerReference></InvalidationBatch>"
    ).encode()


def make_cdn(options: Mapping[str, Any], site_url: str, secrets: Mapping[str, str]) -> Cdn:
    """Make the CDN of a checked `PUBLISH_CDN`; `secrets` has variables of the environment.

    Raises `ValueError` for an unknown kind.
    """
    match options["kind"]:
        case "varnish":
            return VarnishServers(site_url=site_url, servers=tuple(options["servers"]))
        case "cloudflare":
            return Cloudflare(
                site_url=site_url,
                zone=options["zone"],
                token=secrets["PUBLISH_CDN_TOKEN"],
                batch_size=int(options.get("most", CLOUDFLARE_BATCH)),
            )
        case "fastly":
            service = options.get("service", "")
            return Fastly(site_url=site_url, token=secrets["PUBLISH_CDN_TOKEN"], service=service)
        case "cloudfront":
            return CloudFront(
                site_url=site_url,
                distribution=options["distribution"],
                access_key=secrets["PUBLISH_CDN_ACCESS_KEY"],
                secret_key=secrets["PUBLISH_CDN_SECRET_KEY"],
                session_token=secrets.get("PUBLISH_CDN_SESSION_TOKEN", ""),
            )
        case "none":
            return NoCdn()
        case kind:
            raise ValueError(f"there is no CDN of the kind {kind}")
