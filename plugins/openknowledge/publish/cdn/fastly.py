"""Fastly: purges addresses by a request each, through its API.

Surrogate keys are not used, because files in an object store have no such header, and addresses are as exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..errors import PublishFailed, make_problem
from ..http_client import site_path
from ..targets import ProgressCallback
from .client import ClientOptions, PurgeRequest, send_all

__all__ = ["Fastly"]

HINT = "Is PUBLISH_CDN_TOKEN a token with the scope purge_select?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastly:
    """A service of Fastly's, which takes 100,000 purges an hour; only `purge_all` needs its name."""

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
        send_all(requests, self.options, progress, "Fastly", HINT)
