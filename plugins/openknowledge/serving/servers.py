"""Configurations of nginx, Caddy and Varnish, and the tables of redirects that the first two read from a release.

`python -m openknowledge.serving.servers nginx --root DIR` prints the configuration of a web server for the site.

A release brings tables and not directives, so a publisher decides where old addresses lead, and nothing else in a
program that root starts. Servers read tables when they reload; until then the pages that redirect answer.
"""

import argparse
import re
import runpy
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit

from openknowledge.manifest import CacheClass
from openknowledge.media_types import CONTENT_TYPES, OCTET_STREAM
from openknowledge.redirects.table import Redirect, load
from openknowledge.rendering.text_templates import load_template

from . import headers
from .headers import CachePatterns, HeaderPolicy, cache_control, to_regex

__all__ = [
    *("TABLES_FOLDER", "ServerConfig", "VarnishConfig", "load_settings", "main", "quote_url", "redirect_location"),
    *("render_config", "render_tables", "render_vcl", "source_regexes"),
]

TABLES_FOLDER = ".server"
"""The folder of a release with the tables of its redirects; its name keeps it from readers."""
TEMPLATES_FOLDER = Path(__file__).parent / "templates"
TEMPLATES = {"nginx": "nginx.conf.j2", "caddy": "Caddyfile.j2"}
"""The servers that answer from a folder."""
GONE = "410"
"""What a table has in place of a target for an address that is gone."""
UNQUOTED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_")
"""Characters that a request never quotes, without a meaning of their own in regular expressions."""
LITERAL = UNQUOTED | frozenset("~:@,=!+%&.")
"""Characters without a meaning of their own in both servers' tables; in regular expressions `+` and `.` have one."""
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
SAFE = "/:?#@!&'()*+,;=%~"
"""Characters of an address that are not quoted; `%` is among them, so a quoted address is not quoted again."""
MAX_PERMUTED_PAIRS = 3
"""A query with more pairs is matched in the order in which it was published alone."""
MAX_KEY_B = 1_000
"""A longer source becomes an expression, because nginx's hash tables are made for short keys."""


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


def render_config(name: str, server: ServerConfig) -> str:
    """Render a file for nginx's `sites-enabled/`, or a Caddyfile.

    Each site's variables have a prefix of their own, because several sites may live in one server.
    """
    suffixes: dict[str, list[str]] = {}
    for suffix, media_type in CONTENT_TYPES.items():
        suffixes.setdefault(media_type, []).append(suffix)
    prefix = "site_" + re.sub(r"[^a-z0-9]+", "_", server.host.lower())
    current = f"{server.root.rstrip('/')}/current"
    text = _render(
        TEMPLATES[name],
        server.policy,
        _quote,
        server=server,
        prefix=prefix,
        current=current,
        tables=f"{current}/{TABLES_FOLDER}",
        page_cache=cache_control(CacheClass.PAGE, server.policy),
        cache_rules=[(to_regex(path), cache_control(item, server.policy)) for path, item in server.patterns.classes],
        same_origin_suffixes=headers.SAME_ORIGIN_SUFFIXES,
        media_expressions=[(expression, dict(sent)) for expression, sent in headers.media_expressions()],
        types=[(suffix, media_type) for suffix, media_type in CONTENT_TYPES.items() if suffix],
        # Types with a suffix such as `.rss.xml` come first, because the first match counts.
        suffixes_by_type=sorted(suffixes.items(), key=lambda row: not any(suffix.count(".") > 1 for suffix in row[1])),
        default_type=OCTET_STREAM,
        page_type=CONTENT_TYPES[".html"],
    )
    return text.replace("$site_", f"${prefix}_")


def render_vcl(varnish: VarnishConfig, redirects: Iterable[Redirect] = ()) -> str:
    """Render a `default.vcl`; redirects are part of it, so it has to be loaded again when they change."""
    # Redirects with a query come first, because their address without it may lead elsewhere.
    ordered = sorted(redirects, key=lambda redirect: (not redirect.query, redirect))
    site = urlsplit(varnish.policy.site_url)
    return _render(
        "varnish.vcl.j2",
        varnish.policy,
        _quote_vcl,
        varnish=varnish,
        site=site.netloc,
        base=site.path.rstrip("/"),
        store=varnish.host if varnish.port == 80 else f"{varnish.host}:{varnish.port}",
        redirects=[(condition, redirect_location(item)) for item in ordered for condition in _vcl_conditions(item)],
        same_origin_types="|".join(map(re.escape, headers.SAME_ORIGIN_TYPES)),
        media_folder=headers.MEDIA_FOLDER,
        media_rules=[("|".join(map(re.escape, types)), sent) for types, sent in headers.MEDIA_RULES],
    )


def _render(name: str, policy: HeaderPolicy, quote_value: Callable[[str], str], **context: object) -> str:
    """Render a template of this package; its filter `quote` makes a value a string of the server's language."""
    template = load_template(TEMPLATES_FOLDER / name, quote=quote_value, escape_regex=re.escape)
    return template.render(
        policy=policy,
        site_headers=dict(headers.site_headers(policy)),
        cross_origin_headers=dict(headers.CROSS_ORIGIN_HEADERS),
        error_cache=headers.ERROR_CACHE,
        redirect_cache=headers.REDIRECT_CACHE,
        media_names=sorted({name for _, sent in headers.MEDIA_RULES for name, _ in sent}),
        **context,
    )


def _quote(value: str) -> str:
    """Quote a value for nginx and Caddy; no header or address here has a `$` or a backslash."""
    return '"' + value.replace('"', '\\"') + '"'


def _quote_vcl(value: str) -> str:
    """Quote a text in VCL, in long quotes where it has a quote itself."""
    return f'{{"{value}"}}' if '"' in value else f'"{value}"'


def render_tables(redirects: Iterable[Redirect]) -> dict[str, str]:
    """Render the tables of a release for nginx and Caddy, by their names in its folder `.server`."""
    ordered = sorted(redirects)
    folded = Counter(redirect.source.lower() for redirect in ordered if not redirect.query)
    tables: dict[str, list[str]] = {f"{table}.{server}": [] for server in TEMPLATES for table in ("paths", "queries")}
    for redirect in ordered:
        source, location = redirect.source, redirect_location(redirect)
        table, found = ("queries", "") if redirect.query else ("paths", "* ")
        expressions = [f"~{expression}" for expression in source_regexes(redirect)]
        is_literal = not redirect.query and LITERAL.issuperset(source)
        tables[f"{table}.caddy"] += [f'"{key}" "{location}"\n' for key in ([source] if is_literal else expressions)]
        # nginx looks keys up without regard to case, so the value of a key repeats it; that of an expression has a `*`.
        if is_literal and folded[source.lower()] == 1 and len(source) < MAX_KEY_B:
            tables["paths.nginx"].append(f'"{source}" "{source} {location}";\n')
        else:
            tables[f"{table}.nginx"] += [f'"{expression}" "{found}{location}";\n' for expression in expressions]
    return {name: "".join(rows) for name, rows in tables.items()}


def redirect_location(redirect: Redirect) -> str:
    """Return the `Location` of a redirect, in ASCII without a space, a quote, a brace or a `$`; GONE without target."""
    return GONE if redirect.target is None else quote_url(redirect.target)


def quote_url(address: str) -> str:
    """Quote an address, leaving what is quoted already."""
    return quote(LONE_PERCENT.sub("%25", address), safe=SAFE)


def source_regexes(redirect: Redirect) -> Iterator[str]:
    """Yield expressions of which one matches a request for the redirect, as `path?query`, or as `path` without query.

    They mean the same to nginx and to Caddy. A query matches wherever its pairs are among others, and in any order.
    """
    path = _escape(redirect.source)
    if not redirect.query:
        yield f"^{path}$"
        return
    pairs = redirect.query.split("&")
    for order in permutations(pairs) if len(pairs) <= MAX_PERMUTED_PAIRS else [pairs]:
        yield rf"^{path}\?(?:.*&)?{'&(?:.*&)?'.join(map(_pair_regex, order))}(?:&.*)?$"


def _pair_regex(pair: str) -> str:
    """Return an expression for a pair of a query, as it was published or quoted as browsers do."""
    plain = unquote_plus(pair)
    name, equals, value = plain.partition("=")
    quoted = quote(name, safe="") + equals + quote(value, safe="")
    forms = dict.fromkeys((pair, plain, quoted, quoted.replace("%20", "+")))
    return f"(?:{'|'.join(map(_escape, forms))})" if len(forms) > 1 else _escape(pair)


def _escape(text: str) -> str:
    """Return an expression for a text without quotes, braces, spaces and `$`, so that any quotes can hold it."""
    return "".join(
        rf"\x{ord(sign):02x}" if sign.isascii() and (sign not in LITERAL or sign in "+.") else sign for sign in text
    )


def _vcl_conditions(redirect: Redirect) -> Iterator[str]:
    """Yield conditions in VCL of which one holds for a request for the redirect."""
    source = re.sub("/index[.]html$", "/", redirect.source)
    path = "".join(map(_escape_vcl, source))
    if redirect.query:
        for expression in source_regexes(replace(redirect, source="")):
            yield f"req.http.X-Asked ~ {_quote_vcl(f'^{path}{expression[1:]}')}"
    elif path == source:
        yield f"req.http.X-Path == {_quote_vcl(path)}"
    else:
        yield f"req.http.X-Path ~ {_quote_vcl(f'^{path}$')}"


def _escape_vcl(sign: str) -> str:
    """Return an expression for a character of a path, which Varnish sees as it was requested: quoted or not."""
    if sign in UNQUOTED:
        return sign
    quoted = "".join(f"%(?i:{byte:02x})" for byte in sign.encode())
    return f"(?:\\x{ord(sign):02x}|{quoted})" if sign.isascii() and sign != "%" else quoted


def main(argv: Sequence[str], settings: Mapping[str, Any]) -> int:
    """Print the configuration that the arguments ask for; return 1 where there can be none, and print why."""
    parser = _make_parser()
    arguments = parser.parse_args(argv)
    store, is_varnish = urlsplit(arguments.store), arguments.server == "varnish"
    if is_varnish and (store.scheme != "http" or not store.hostname):
        parser.error("varnish needs --store, an address that begins with http://: it speaks no TLS")
    if not is_varnish and not arguments.root:
        parser.error(f"{arguments.server} needs --root")
    policy = HeaderPolicy.from_settings(settings, is_preview=arguments.preview)
    try:
        if is_varnish:
            host, port, root = str(store.hostname), store.port or 80, store.path.rstrip("/")
            purgers = tuple(arguments.purger) or ("localhost",)
            varnish = VarnishConfig(policy=policy, host=host, port=port, root=root, purgers=purgers)
            print(render_vcl(varnish, load(Path(arguments.output))), end="")
        else:
            patterns = CachePatterns.from_settings(settings)
            root, certificate, key = arguments.root, arguments.certificate, arguments.key
            server = ServerConfig(policy=policy, root=root, patterns=patterns, certificate=certificate, key=key)
            print(render_config(arguments.server, server), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openknowledge.serving.servers", description="Print a server's configuration."
    )
    parser.add_argument("server", choices=sorted((*TEMPLATES, "varnish")))
    parser.add_argument("--root", default="", help="the folder that holds the releases and the symlink `current`")
    parser.add_argument("--store", default="", help="for Varnish, the bucket: http://store.example.edu:8333/bucket")
    parser.add_argument("--purger", action="append", default=[], help="for Varnish, a machine that may purge")
    parser.add_argument("--output", default="output", help="for Varnish, the built site, which has the redirects")
    parser.add_argument("--certificate", default="", help="the certificate's file; Caddy gets one by itself")
    parser.add_argument("--key", default="", help="the certificate's key")
    parser.add_argument("--preview", action="store_true", help="tell search engines to stay away")
    parser.add_argument(
        "--settings", default="publishconf.py", help="the file with Pelican's settings (publishconf.py)"
    )
    return parser


def load_settings(path: Path) -> dict[str, Any]:
    """Return the settings of a file of Pelican's, which may import others beside it."""
    sys.path.insert(0, str(path.resolve().parent))
    try:
        return {name: value for name, value in runpy.run_path(str(path)).items() if name.isupper()}
    finally:
        sys.path.pop(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], load_settings(Path(_make_parser().parse_args(sys.argv[1:]).settings))))
