"""Varnish: one `PURGE` for each address, at each of its servers (docs/servers/varnish.vcl is ready for it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from openknowledge.problems import Problem

from ..errors import PublishFailed
from ..targets import ProgressCallback
from .addresses import path_of
from .calls import ClientOptions, PurgeRequest, send_all

__all__ = ["VarnishServers"]

HINT = "Does Varnish run there, and may this machine purge (`acl purgers` in its VCL)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class VarnishServers:
    """Servers with a Varnish each: `http://10.0.0.5:6081`. They are asked for the site's own host."""

    site_url: str
    servers: tuple[str, ...]
    options: ClientOptions = field(default_factory=lambda: ClientOptions(parallel=16))

    def purge(self, addresses: Sequence[str], progress: ProgressCallback) -> None:
        self._at_each([("PURGE", path_of(self.site_url, address)) for address in addresses], progress)

    def purge_all(self, progress: ProgressCallback) -> None:
        """Have them forget the whole site: all below its path."""
        self._at_each([("BAN", path_of(self.site_url, "/"))], progress)

    def _at_each(self, requests: Sequence[tuple[str, str]], progress: ProgressCallback) -> None:
        """A server that fails does not keep the others from being purged."""
        headers = {"Host": urlsplit(self.site_url).netloc}
        problems: list[Problem] = []
        for server in self.servers:
            place = server.rstrip("/")
            calls = [PurgeRequest(method, f"{place}{path}", 1, headers) for method, path in requests]
            try:
                send_all(calls, self.options, progress, place, HINT)
            except PublishFailed as failed:
                problems += failed.problems
        if problems:
            raise PublishFailed(problems)
