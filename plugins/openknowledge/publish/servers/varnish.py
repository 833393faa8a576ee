"""A configuration for Varnish in front of an object store: all that a store cannot answer itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from openknowledge.forwarding import Forward

from ..headers import CLOSED, Headers, Policy, error_cache_control, moved_cache_control, open_headers, site_headers
from .matching import GONE, location, source_regexes

__all__ = ["Front", "vcl"]

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_")
"""Characters that a request has as they are, and that mean themselves in expressions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A Varnish, and the store behind it.

    `host` and `port` are where the store answers without TLS; `root` is the path of the site in it: `/bucket/prefix`.
    `purgers` are the machines that may purge, as addresses or names.
    """

    policy: Policy
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


def vcl(front: Front, forwards: Iterable[Forward] = ()) -> str:
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
        "OPEN_HEADERS": _set(open_headers(), 8),
        "CLOSED": "|".join(map(re.escape, CLOSED)),
        "ERROR": error_cache_control(),
        "MOVED": moved_cache_control(),
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


def _forwards(forwards: Iterable[Forward], base: str) -> Iterator[str]:
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


def _leads_to(forward: Forward, base: str) -> Iterator[str]:
    target = location(forward)
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


TEXT = """\
vcl 4.1;

# @SITE_URL@, from an object store whose files are stored with Content-Encoding: gzip.
# Made by `python -m openknowledge.publish.servers varnish`; made anew and loaded again where redirects have changed:
#     varnishadm vcl.load NAME FILE && varnishadm vcl.use NAME
# Varnish speaks no TLS: hitch or nginx does so in front of it (with the PROXY protocol, or with X-Forwarded-For, so
# that nobody from outside may purge), and stunnel behind it where the store insists.

import std;

backend store {
    .host = "@HOST@";
    .port = "@PORT@";
    .connect_timeout = 5s;
    .first_byte_timeout = 30s;
    .between_bytes_timeout = 15s;
}

acl purgers {
@PURGERS@
}

# Old addresses: they lead elsewhere, or are gone and say so.
sub forwards {
@FORWARDS@
}

sub vcl_recv {
    if (req.restarts > 0) {
        # The page that says what is wrong, chosen by vcl_deliver.
        return (hash);
    }
    unset req.http.X-Status;
    unset req.http.X-Folder;
    unset req.http.X-Missing;
    unset req.http.X-Location;
    unset req.http.Cookie;
    unset req.http.Authorization;
    # One object for each address, under whichever name and with whichever query it is asked for.
    set req.http.host = "@SITE@";
    if (req.method == "PURGE" || req.method == "BAN") {
        if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403));
        }
        if (req.method == "BAN") {
            ban("req.http.host == " + req.http.host);
            return (synth(200, "Forgotten"));
        }
    } elseif (req.method != "GET" && req.method != "HEAD") {
        return (synth(405));
    }
@BASE_CHECK@
    set req.http.X-Asked = req.url;
    set req.url = regsub(req.url, "[?#].*$", "");
    set req.http.X-Path = regsub(req.url, "/index[.]html$", "/");
    if (req.method != "PURGE") {
        # The store's own register, and paths that a store may read in another way than it is written here.
        if (req.url ~ "(?i)^/(?:_|%5f)|/(?:[.]|%2e){1,2}(?:/|$)|//|%2f|%5c|%00") {
            return (synth(404));
        }
        call forwards;
    }
    if (req.url ~ "/$") {
        set req.url = req.url + "index.html";
    } elseif (req.url !~ "[.][^/]*$") {
        # A folder without its slash, if there is one: readers are led to it once it was found.
        set req.http.X-Folder = "@BASE@" + req.url + "/";
        set req.url = req.url + "/index.html";
    }
    if (req.method == "PURGE") {
        return (purge);
    }
    return (hash);
}

sub vcl_backend_fetch {
    if (bereq.retries == 0) {
        set bereq.http.host = "@STORE@";
        set bereq.url = "@ROOT@" + bereq.url;
    }
    unset bereq.http.X-Asked;
    unset bereq.http.X-Path;
    unset bereq.http.X-Status;
    unset bereq.http.X-Folder;
    unset bereq.http.X-Missing;
    unset bereq.http.X-Forwarded-For;
}

sub vcl_backend_response {
    unset beresp.http.Set-Cookie;
    unset beresp.http.Last-Modified;
    unset beresp.http.x-amz-request-id;
    unset beresp.http.x-amz-id-2;
    unset beresp.http.x-amz-server-side-encryption;
    unset beresp.http.x-amz-version-id;
    unset beresp.http.seaweed-x-amz-etag;
    unset beresp.http.seaweed-x-amz-owner;
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        if (bereq.retries < 2) {
            return (retry);
        }
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    if (beresp.status == 403 || beresp.status == 404) {
        # A store that may not be listed says 403 of what is not there. A publication purges new addresses, too.
        set beresp.status = 404;
        set beresp.ttl = 60s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        return (deliver);
    }
    if (beresp.http.Content-Encoding == "gzip") {
        # Varnish unpacks it for those who take no gzip.
        set beresp.http.Vary = "Accept-Encoding";
    }
    # For how long an object counts is what its Cache-Control says (s-maxage, max-age). While a new one is fetched, and
    # while the store is down, the old one is better than nothing; what has changed was purged and is never sent.
    set beresp.grace = 1d;
    set beresp.keep = 1d;
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.is_bgfetch) {
        return (abandon);
    }
    if (bereq.retries < 2) {
        return (retry);
    }
    set beresp.http.Content-Type = "text/plain; charset=utf-8";
    set beresp.http.Retry-After = "5";
    set beresp.body = "The site cannot be reached for a moment. Try again.";
    return (deliver);
}

sub site_headers {
@SITE_HEADERS@
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    unset resp.http.Server;
}

sub vcl_deliver {
    if (resp.status == 404 && req.http.X-Missing != "everywhere") {
        # Told in the language of the address: by the page of its first folder, or by the one at the top.
        unset req.http.X-Folder;
        if (!req.http.X-Status) {
            set req.http.X-Status = "404";
        }
        if (!req.http.X-Missing && req.http.X-Path ~ "^/[A-Za-z0-9_-]+/") {
            set req.http.X-Missing = "in its folder";
            set req.url = regsub(req.http.X-Path, "^(/[A-Za-z0-9_-]+/).*$", "\\1404.html");
        } else {
            set req.http.X-Missing = "everywhere";
            set req.url = "/404.html";
        }
        return (restart);
    }
    if (resp.status == 404) {
        # The site has no such page: what the store says is for nobody.
        return (synth(std.integer(req.http.X-Status, 404)));
    }
    if (req.http.X-Folder && resp.status == 200) {
        set req.http.X-Location = req.http.X-Folder;
        return (synth(301));
    }
    if (req.http.X-Status) {
        set resp.status = std.integer(req.http.X-Status, 404);
    }
    if (resp.status >= 400) {
        set resp.http.Cache-Control = "@ERROR@";
        unset resp.http.ETag;
    }
    call site_headers;
    if (resp.status < 300 && resp.http.Content-Type && resp.http.Content-Type !~ "^(?:@CLOSED@)") {
        # Files for everybody: pictures, feeds, data.
@OPEN_HEADERS@
    }
    return (deliver);
}

sub vcl_synth {
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    set resp.http.Cache-Control = "@ERROR@";
    if (resp.status == 301) {
        set resp.http.Location = req.http.X-Location;
        set resp.http.Cache-Control = "@MOVED@";
    }
    if (resp.status == 404 && req.restarts == 0) {
        set req.http.X-Status = "404";
        set req.http.X-Missing = "everywhere";
        set req.url = "/404.html";
        return (restart);
    }
    call site_headers;
    synthetic(resp.reason);
    return (deliver);
}
"""
