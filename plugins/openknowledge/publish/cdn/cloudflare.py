"""Cloudflare: addresses by the hundred, through its API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..targets import ProgressCallback
from .addresses import batches, url_of
from .calls import ClientOptions, PurgeRequest, excerpt_response, send_all

__all__ = ["Cloudflare"]

BATCH_SIZE = 100
"""URLs in a request: 100 on the Free, Pro and Business plans, 500 on Enterprise."""
HINT = "Is PUBLISH_CDN_TOKEN a token with the permission Zone > Cache Purge, and the zone that of the site's host?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloudflare:
    """A zone of Cloudflare's. Cached are only addresses with a file's ending, unless a cache rule says all are."""

    site_url: str
    zone: str
    token: str = field(repr=False)
    batch_size: int = BATCH_SIZE
    api: str = "https://api.cloudflare.com/client/v4"
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=4))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        urls = [url_of(self.site_url, address) for address in addresses]
        self._call([({"files": batch}, len(batch)) for batch in batches(urls, self.batch_size)], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Have it forget all of the site's host, and no other host of the zone."""
        self._call([({"hosts": [urlsplit(self.site_url).hostname]}, 1)], progress)

    def _call(self, bodies: Sequence[tuple[Mapping[str, Any], int]], progress: ProgressCallback) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        url = f"{self.api}/zones/{self.zone}/purge_cache"
        calls = [PurgeRequest("POST", url, count, headers, json.dumps(body).encode()) for body, count in bodies]
        send_all(calls, self.options, progress, "Cloudflare", HINT, _wrong)


def _wrong(response: httpx.Response) -> str:
    """Its answers may say that they failed though their status is 200."""
    try:
        is_done = response.json()["success"] is True
    except (ValueError, KeyError, TypeError):
        is_done = False
    return "" if is_done else f"the answer was {excerpt_response(response)}"
