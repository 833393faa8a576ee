"""What a server's configuration depends on, and the templates that it is rendered from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openknowledge.media_types import CONTENT_TYPES, OCTET_STREAM

from ..cache_patterns import SAME_ORIGIN_SUFFIXES, CachePatterns, to_regex
from ..headers import (
    HeaderPolicy,
    cache_control,
    cross_origin_headers,
    error_cache_control,
    redirect_cache_control,
    site_headers,
)
from ..text_templates import load_template

__all__ = ["LONG_SUFFIXES", "TABLES_FOLDER", "ServerConfig", "render_server", "render_template"]

TABLES_FOLDER = ".server"
"""The folder of a release with the tables of its redirects; its name keeps it from readers."""
LONG_SUFFIXES = tuple(suffix for suffix in CONTENT_TYPES if suffix.count(".") > 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """A site on a server.

    `root` is the folder that holds the releases and the symlink `current`. `certificate` and `key` are files; Caddy
    gets its own certificate where there is none. `port` and `http_port` are those of TLS and of plain HTTP.
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
        """Return the site's host name, without a port."""
        return str(urlsplit(self.policy.site_url).hostname)

    @property
    def variable_prefix(self) -> str:
        """Return what the site's variables begin with, because several sites may live in one server."""
        return "site_" + re.sub(r"[^a-z0-9]+", "_", self.host.lower())

    @property
    def current(self) -> str:
        """Return the folder that is served, whichever release it leads to."""
        return f"{self.root.rstrip('/')}/current"

    @property
    def tables_folder(self) -> str:
        """Return the folder with the redirect tables of the release that is served."""
        return f"{self.current}/{TABLES_FOLDER}"


def render_server(name: str, server: ServerConfig, quote: Callable[[str], str], **context: object) -> str:
    """Render the template of a server that answers from a folder, with the headers of each path and media type."""
    return render_template(
        name,
        server.policy,
        quote,
        server=server,
        page_cache=cache_control(server.patterns.classify("index.html"), server.policy),
        cache_rules=[(to_regex(path), cache_control(cache, server.policy)) for path, cache in server.patterns.classes],
        same_origin_suffixes=SAME_ORIGIN_SUFFIXES,
        default_type=OCTET_STREAM,
        **context,
    )


def render_template(name: str, policy: HeaderPolicy, quote: Callable[[str], str], **context: Any) -> str:
    """Render a template of this package; its filter `quote` makes a value a string of the server's language."""
    template = load_template(
        Path(__file__).parent / "templates",
        name,
        quote=quote,
        escape_regex=re.escape,
        variable=lambda header: header.lower().replace("-", "_"),
    )
    return template.render(
        policy=policy,
        site_headers=dict(site_headers(policy)),
        cross_origin_headers=dict(cross_origin_headers()),
        error_cache=error_cache_control(),
        redirect_cache=redirect_cache_control(),
        **context,
    )
