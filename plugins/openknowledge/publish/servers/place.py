"""What a server's configuration needs to know of the machine that it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..cache_patterns import CachePatterns
from ..headers import HeaderPolicy

__all__ = ["TABLES_FOLDER", "ServerConfig"]

TABLES_FOLDER = ".server"
"""The folder of a release with the tables of its redirects; its name keeps it from readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """A site on a server.

    `root` is the folder that holds the releases and the symlink `current`. `certificate` and `key` are files; Caddy
    finds its own certificate where there is none. `port` and `plain_port` are where TLS and plain HTTP are answered.
    """

    policy: HeaderPolicy
    root: str
    patterns: CachePatterns = field(default_factory=CachePatterns)
    certificate: str = ""
    key: str = ""
    port: int = 443
    http_port: int = 80

    def __post_init__(self) -> None:
        address = urlsplit(self.policy.site_url)
        if not address.hostname or address.path.strip("/"):
            raise ValueError(
                f'"{self.policy.site_url}" is not the address of a server: it needs a host and no path. '
                "A site below a path is served by the configuration of the site that it is part of."
            )
        if set(self.root + self.certificate + self.key) & set("\"\\${}\n'`;") or not self.root.startswith("/"):
            raise ValueError(f'"{self.root}" must be a whole path, and no path may have quotes, braces, "$" or ";".')

    @property
    def host(self) -> str:
        return str(urlsplit(self.policy.site_url).hostname)

    @property
    def variable_prefix(self) -> str:
        """What its variables begin with: several sites may live in one server."""
        return "site_" + re.sub(r"[^a-z0-9]+", "_", self.host.lower())

    @property
    def current(self) -> str:
        """The folder that is served, whichever release it leads to."""
        return f"{self.root.rstrip('/')}/current"

    @property
    def tables_folder(self) -> str:
        """Where the tables of the release that is served lie."""
        return f"{self.current}/{TABLES_FOLDER}"
