"""Fastly: one request for each address, through its API.

Not by surrogate keys: files in an object store have no header of that name, and a list of addresses is as exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..errors import PublishFailed, make_problem
from ..targets import ProgressCallback
from .addresses import path_of
from .calls import ClientOptions, PurgeRequest, send_all

__all__ = ["Fastly"]

HINT = "Is PUBLISH_CDN_TOKEN a token with the scope purge_select?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastly:
    """A service of Fastly's; only purging everything needs to know which. It takes 100,000 purges an hour."""

    site_url: str
    token: str = field(repr=False)
    service: str = ""
    api: str = "https://api.fastly.com"
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=16))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        host = urlsplit(self.site_url).netloc
        self._call([f"purge/{host}{path_of(self.site_url, address)}" for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Have it forget all that its service has."""
        if not self.service:
            hint = 'Add it to PUBLISH_CDN: {"kind": "fastly", "service": "…"}'
            raise PublishFailed([make_problem("Fastly", "nobody said which service to purge everything of", hint)])
        self._call([f"service/{self.service}/purge_all"], progress)

    def _call(self, paths: Sequence[str], progress: ProgressCallback) -> None:
        headers = {"Fastly-Key": self.token, "Accept": "application/json"}
        calls = [PurgeRequest("POST", f"{self.api}/{path}", 1, headers) for path in paths]
        send_all(calls, self.options, progress, "Fastly", HINT)
