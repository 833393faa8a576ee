"""A configuration for nginx, and the tables of redirects that it includes from the release that it serves.

A release brings tables and not directives, so a publisher decides where old addresses lead, and nothing else in a
program that root starts. nginx reads tables when it reloads; until then the pages that redirect answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from openknowledge.media_types import CONTENT_TYPES
from openknowledge.redirects.table import Redirect

from .redirect_regex import is_literal, redirect_location, source_regexes
from .server_config import LONG_SUFFIXES, ServerConfig, render_server

__all__ = ["PATHS_TABLE", "QUERIES_TABLE", "render_config", "render_tables"]

PATHS_TABLE, QUERIES_TABLE = "paths.nginx", "queries.nginx"
"""The tables of addresses without and with a query."""
MAX_KEY_B = 1_000
"""A longer source becomes an expression, because nginx's hash tables are made for short keys."""


def render_config(server: ServerConfig) -> str:
    """Render a file for `sites-enabled/`, which nginx includes inside of `http { … }`."""
    text = render_server(
        "nginx.conf.j2",
        server,
        _quote,
        paths_table=PATHS_TABLE,
        queries_table=QUERIES_TABLE,
        short_suffix_types=[
            (suffix, name) for suffix, name in CONTENT_TYPES.items() if suffix and suffix not in LONG_SUFFIXES
        ],
        long_suffix_types=[(suffix, CONTENT_TYPES[suffix]) for suffix in LONG_SUFFIXES],
    )
    return text.replace("$site_", f"${server.variable_prefix}_")


def render_tables(redirects: Iterable[Redirect]) -> dict[str, str]:
    """Render the tables of a release, by their names in its folder `.server`."""
    ordered = sorted(redirects)
    paths = [redirect for redirect in ordered if not redirect.query]
    folded = Counter(redirect.source.lower() for redirect in paths)
    return {
        PATHS_TABLE: "".join(_path_rows(redirect, folded[redirect.source.lower()] == 1) for redirect in paths),
        QUERIES_TABLE: "".join(row for redirect in ordered if redirect.query for row in _regex_rows(redirect, "")),
    }


def _path_rows(redirect: Redirect, is_unique: bool) -> str:
    """Return the rows of an address without a query.

    nginx looks keys up without regard to case, so the value of a key repeats it; that of an expression has a `*`.
    """
    if is_unique and is_literal(redirect.source) and len(redirect.source) < MAX_KEY_B:
        return f'"{redirect.source}" "{redirect.source} {redirect_location(redirect)}";\n'
    return "".join(_regex_rows(redirect, "* "))


def _regex_rows(redirect: Redirect, prefix: str) -> Iterator[str]:
    for expression in source_regexes(redirect):
        yield f'"~{expression}" "{prefix}{redirect_location(redirect)}";\n'


def _quote(value: str) -> str:
    """Quote a value; variables in it are ours, because no header or address here has a `$`."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
