"""Cloudflare: purges addresses by the hundred, through its API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..http_client import site_url_of
from ..targets import ProgressCallback
from .client import ClientOptions, PurgeRequest, excerpt_response, send_all, split_batches

__all__ = ["BATCH_SIZE", "Cloudflare"]

BATCH_SIZE = 100
"""URLs in a request: 100 on the Free, Pro and Business plans, 500 on Enterprise."""
HINT = "Is PUBLISH_CDN_TOKEN a token with the permission Zone > Cache Purge, and the zone that of the site's host?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloudflare:
    """A zone of Cloudflare's. It caches addresses with a file's ending alone, unless a cache rule names others."""

    site_url: str
    zone: str
    token: str = field(repr=False)
    batch_size: int = BATCH_SIZE
    api: str = "https://api.cloudflare.com/client/v4"
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=4))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        """Purge these addresses."""
        urls = [site_url_of(self.site_url, address) for address in addresses]
        self._send([({"files": batch}, len(batch)) for batch in split_batches(urls, self.batch_size)], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Purge the site's host, and no other host of the zone."""
        self._send([({"hosts": [urlsplit(self.site_url).hostname]}, 1)], progress)

    def _send(self, bodies: Sequence[tuple[Mapping[str, Any], int]], progress: ProgressCallback) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        url = f"{self.api}/zones/{self.zone}/purge_cache"
        requests = [PurgeRequest("POST", url, count, headers, json.dumps(body).encode()) for body, count in bodies]
        send_all(requests, self.options, progress, "Cloudflare", HINT, _check)


def _check(response: httpx.Response) -> str:
    """Return what is wrong with a response, which may report a failure with status 200."""
    try:
        succeeded = response.json()["success"] is True
    except (ValueError, KeyError, TypeError):
        succeeded = False
    return "" if succeeded else f"the answer was {excerpt_response(response)}"
