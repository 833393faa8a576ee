"""Varnish: purges addresses by a request each to each server (docs/servers/varnish.vcl answers them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from openknowledge.problems import Problem

from ..errors import PublishFailed
from ..http_client import site_path
from ..targets import ProgressCallback
from .client import ClientOptions, PurgeRequest, send_all

__all__ = ["VarnishServers"]

HINT = "Does Varnish run there, and may this machine purge (`acl purgers` in its VCL)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class VarnishServers:
    """Servers with a Varnish each, such as `http://10.0.0.5:6081`; requests name the site's own host."""

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
                send_all(purges, self.options, progress, url, HINT)
            except PublishFailed as failed:
                problems += failed.problems
        if problems:
            raise PublishFailed(problems)
