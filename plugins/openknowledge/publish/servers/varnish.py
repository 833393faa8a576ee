"""A configuration for Varnish in front of an object store, which answers what a store cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from openknowledge.redirects.table import Redirect

from ..headers import SAME_ORIGIN_TYPES, HeaderPolicy
from .redirect_regex import redirect_location, source_regexes
from .server_config import render_template

__all__ = ["VarnishConfig", "render_vcl"]

LITERAL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_")
"""Characters that a request never quotes, without a meaning of their own in regular expressions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VarnishConfig:
    """A Varnish, and the store behind it.

    `host` and `port` are where the store answers without TLS; `root` is the path of the site in it: `/bucket/prefix`.
    `purgers` are the machines that may purge, as addresses or names.
    """

    policy: HeaderPolicy
    host: str
    port: int = 80
    root: str = ""
    purgers: tuple[str, ...] = ("localhost",)

    def __post_init__(self) -> None:
        words = (self.host, self.root, *self.purgers)
        if not all(re.fullmatch(r"[\w./:\[\]-]*", word) for word in words) or (self.root and self.root[0] != "/"):
            raise ValueError(
                f"{', '.join(map(repr, words))}: these must be hosts, a path that begins with /, addresses."
            )

    @property
    def site(self) -> str:
        """Return the host under which readers get the site."""
        return urlsplit(self.policy.site_url).netloc

    @property
    def base(self) -> str:
        """Return the path that all addresses of the site begin with; mostly empty."""
        return urlsplit(self.policy.site_url).path.rstrip("/")

    @property
    def store(self) -> str:
        """Return the store's host, with its port where that is not the usual one."""
        return self.host if self.port == 80 else f"{self.host}:{self.port}"


def render_vcl(varnish: VarnishConfig, redirects: Iterable[Redirect] = ()) -> str:
    """Render a `default.vcl`; redirects are part of it, so it has to be loaded again when they change."""
    # Redirects with a query come first, because their address without it may lead elsewhere.
    ordered = sorted(redirects, key=lambda redirect: (not redirect.query, redirect))
    return render_template(
        "varnish.vcl.j2",
        varnish.policy,
        _quote,
        varnish=varnish,
        redirects=[
            (condition, _location(redirect, varnish.base))
            for redirect in ordered
            for condition in _conditions(redirect)
        ],
        same_origin_types="|".join(map(re.escape, SAME_ORIGIN_TYPES)),
    )


def _conditions(redirect: Redirect) -> Iterator[str]:
    """Yield conditions in VCL of which one holds for a request for the redirect."""
    source = re.sub("/index[.]html$", "/", redirect.source)
    path = "".join(map(_escape, source))
    if redirect.query:
        for expression in source_regexes(replace(redirect, source="")):
            yield f"req.http.X-Asked ~ {_quote(f'^{path}{expression[1:]}')}"
    elif path == source:
        yield f"req.http.X-Path == {_quote(path)}"
    else:
        yield f"req.http.X-Path ~ {_quote(f'^{path}$')}"


def _escape(sign: str) -> str:
    """Return an expression for a character of a path, which Varnish sees as it was requested: quoted or not."""
    if sign in LITERAL:
        return sign
    quoted = "".join(f"%(?i:{byte:02x})" for byte in sign.encode())
    return f"(?:\\x{ord(sign):02x}|{quoted})" if sign.isascii() and sign != "%" else quoted


def _location(redirect: Redirect, base: str) -> str:
    location = redirect_location(redirect)
    return base + location if location.startswith("/") else location


def _quote(value: str) -> str:
    """Quote a text in VCL, in long quotes where it has a quote itself."""
    return f'{{"{value}"}}' if '"' in value else f'"{value}"'
