"""A configuration for Varnish in front of an object store: all that a store cannot answer itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from openknowledge.redirects.table import Redirect

from ..headers import (
    SAME_ORIGIN_TYPES,
    HeaderPolicy,
    Headers,
    cross_origin_headers,
    error_cache_control,
    redirect_cache_control,
    site_headers,
)
from .matching import GONE, redirect_location, source_regexes
from .varnish_text import TEXT

__all__ = ["VarnishConfig", "render_vcl"]

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_")
"""Characters that a request has as they are, and that mean themselves in expressions."""


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
        """The host that readers know."""
        return urlsplit(self.policy.site_url).netloc

    @property
    def base(self) -> str:
        """What all addresses of the site begin with; mostly nothing."""
        return urlsplit(self.policy.site_url).path.rstrip("/")

    @property
    def store(self) -> str:
        return self.host if self.port == 80 else f"{self.host}:{self.port}"


def render_vcl(front: VarnishConfig, forwards: Iterable[Redirect] = ()) -> str:
    """The text of a `default.vcl`. Forwards are part of it, so it is loaded anew where they have changed."""
    words = {
        "SITE_URL": front.policy.site_url,
        "SITE": front.site,
        "BASE": front.base,
        "BASE_CHECK": _base_check(front.base),
        "HOST": front.host,
        "PORT": str(front.port),
        "STORE": front.store,
        "ROOT": front.root.rstrip("/"),
        "PURGERS": "\n".join(f'    "{one}";' for one in front.purgers),
        "FORWARDS": "\n".join(_forwards(sorted(forwards), front.base)),
        "SITE_HEADERS": _set(site_headers(front.policy), 4),
        "OPEN_HEADERS": _set(cross_origin_headers(), 8),
        "CLOSED": "|".join(map(re.escape, SAME_ORIGIN_TYPES)),
        "ERROR": error_cache_control(),
        "MOVED": redirect_cache_control(),
    }
    return re.sub("@([A-Z_]+)@", lambda found: words[found[1]], TEXT)


def _base_check(base: str) -> str:
    if not base:
        return ""
    return f"""
    # The site is a part of its host.
    if (req.url ~ "^{re.escape(base)}(?:[?]|$)") {{
        set req.http.X-Location = "{base}/";
        return (synth(301));
    }}
    if (req.url !~ "^{re.escape(base)}/") {{
        return (synth(404));
    }}
    set req.url = regsub(req.url, "^{re.escape(base)}", "");"""


def _forwards(forwards: Iterable[Redirect], base: str) -> Iterator[str]:
    """One after the other: those with a query first, for without it their address may mean something else."""
    for forward in sorted(forwards, key=lambda one: (not one.query, one)):
        source = re.sub("/index[.]html$", "/", forward.source)
        path = "".join(map(_sign, source))
        if forward.query:
            for expression in source_regexes(replace(forward, source="")):
                yield f"    if (req.http.X-Asked ~ {_text(f'^{path}{expression[1:]}')}) {{"
                yield from _leads_to(forward, base)
        else:
            same = f"== {_text(path)}" if path == source else f"~ {_text(f'^{path}$')}"
            yield f"    if (req.http.X-Path {same}) {{"
            yield from _leads_to(forward, base)


def _sign(sign: str) -> str:
    """A character of a path as requests may have it: Varnish sees them as they were written, quoted or not."""
    if sign in PLAIN:
        return sign
    quoted = "".join(f"%(?i:{byte:02x})" for byte in sign.encode())
    return f"(?:\\x{ord(sign):02x}|{quoted})" if sign.isascii() and sign != "%" else quoted


def _leads_to(forward: Redirect, base: str) -> Iterator[str]:
    target = redirect_location(forward)
    if target == GONE:
        yield '        set req.http.X-Status = "410";'
        yield "        return;"
    else:
        below = base if target.startswith("/") else ""
        yield f"        set req.http.X-Location = {_text(below + target)};"
        yield "        return (synth(301));"
    yield "    }"


def _set(headers: Headers, indent: int) -> str:
    return "\n".join(f"{' ' * indent}set resp.http.{name} = {_text(value)};" for name, value in headers)


def _text(value: str) -> str:
    """A text in VCL, where nothing in it means anything but its end."""
    return f'{{"{value}"}}' if '"' in value else f'"{value}"'
