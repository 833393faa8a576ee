"""A configuration for Caddy, and the tables of redirects that it imports from the release that it serves.

Caddy reads the tables when it reloads; until then the pages that redirect answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openknowledge.media_types import CONTENT_TYPES
from openknowledge.redirects.table import Redirect

from .redirect_regex import is_literal, redirect_location, source_regexes
from .server_config import LONG_SUFFIXES, ServerConfig, render_server

__all__ = ["PATHS_TABLE", "QUERIES_TABLE", "render_config", "render_tables"]

PATHS_TABLE, QUERIES_TABLE = "paths.caddy", "queries.caddy"
"""The tables of addresses without and with a query."""
PAGE_TYPE = CONTENT_TYPES[".html"]


def render_config(server: ServerConfig) -> str:
    """Render a Caddyfile, or a file that one imports where the ports are the usual ones."""
    return render_server(
        "Caddyfile.j2",
        server,
        _quote,
        paths_table=PATHS_TABLE,
        queries_table=QUERIES_TABLE,
        suffixes_by_type=tuple(_suffixes_by_type()),
        page_type=PAGE_TYPE,
    )


def render_tables(redirects: Iterable[Redirect]) -> dict[str, str]:
    """Render the tables of a release, by their names in its folder `.server`."""
    ordered = sorted(redirects)
    return {
        PATHS_TABLE: "".join(row for redirect in ordered if not redirect.query for row in _rows(redirect)),
        QUERIES_TABLE: "".join(row for redirect in ordered if redirect.query for row in _rows(redirect)),
    }


def _rows(redirect: Redirect) -> Iterator[str]:
    if not redirect.query and is_literal(redirect.source):
        yield f'"{redirect.source}" "{redirect_location(redirect)}"\n'
        return
    for expression in source_regexes(redirect):
        yield f'"~{expression}" "{redirect_location(redirect)}"\n'


def _suffixes_by_type() -> Iterator[tuple[list[str], str]]:
    """Yield the suffixes of each type as expressions; long ones come first, because the first match counts."""
    named = {
        name: [suffix for suffix in CONTENT_TYPES if suffix and CONTENT_TYPES[suffix] == name]
        for name in CONTENT_TYPES.values()
    }
    for name, suffixes in sorted(named.items(), key=lambda row: not set(row[1]) & set(LONG_SUFFIXES)):
        expressions = [suffix.replace(".", "[.]") for suffix in suffixes] + (["/"] if name == PAGE_TYPE else [])
        if expressions:
            yield expressions, name


def _quote(value: str) -> str:
    return '"' + value.replace('"', '\\"') + '"'
