"""A configuration for Caddy, and the tables of redirects that it takes from the release that it serves.

Caddy reads the tables when it is told to reload; until then the pages that redirect answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openknowledge.media_types import CONTENT_TYPES, OCTET_STREAM
from openknowledge.redirects.table import Redirect

from ..cache_patterns import SAME_ORIGIN_SUFFIXES, to_regex
from ..headers import cache_control, cross_origin_headers, error_cache_control, redirect_cache_control, site_headers
from .matching import GONE, is_literal, redirect_location, source_regexes
from .place import ServerConfig

__all__ = ["PATHS_TABLE", "QUERIES_TABLE", "render_config", "render_tables"]

PATHS_TABLE, QUERIES_TABLE = "paths.caddy", "queries.caddy"
"""The tables: for addresses as such, and for those with a query."""

PAGE = CONTENT_TYPES[".html"]
LONG_ENDINGS = tuple(ending for ending in CONTENT_TYPES if ending.count(".") > 1)


def render_config(place: ServerConfig) -> str:
    """The text of a Caddyfile, or of a file that it imports where the ports are the usual ones."""
    lines = (*_head(place), *_snippet(place), *_site(place))
    return "".join(f"{line}\n" for line in lines)


def render_tables(forwards: Iterable[Redirect]) -> dict[str, str]:
    """The tables of a release by their names, to be written into its folder `.server`."""
    everything = sorted(forwards)
    return {
        PATHS_TABLE: "".join(line for one in everything if not one.query for line in _rows(one)),
        QUERIES_TABLE: "".join(line for one in everything if one.query for line in _rows(one)),
    }


def _rows(forward: Redirect) -> Iterator[str]:
    if not forward.query and is_literal(forward.source):
        yield f'"{forward.source}" "{redirect_location(forward)}"\n'
        return
    for expression in source_regexes(forward):
        yield f'"~{expression}" "{redirect_location(forward)}"\n'


def _head(place: ServerConfig) -> Iterator[str]:
    yield f"# {place.policy.site_url}, from {place.current}: made by `python -m openknowledge.publish.servers caddy`."
    yield f"# Redirects are tables of the release in {place.tables_folder}; `caddy reload` after a publish reads them."
    yield ""
    if (place.port, place.http_port) != (443, 80):
        yield from ("{", f"\thttp_port {place.http_port}", f"\thttps_port {place.port}", "}", "")


def _snippet(place: ServerConfig) -> Iterator[str]:
    """What every answer says, errors too: those begin anew."""
    yield f"({place.variable_prefix}_headers) {{"
    yield "\theader {"
    yield from (f"\t\t{name} {_quoted(value)}" for name, value in site_headers(place.policy))
    yield "\t}"
    # What is taken away is taken away at the end, and would take the block along in which it stands.
    yield from ("\t# ETags are of content, times are not.", "\theader -Last-Modified", "\theader -Server", "}", "")


def _site(place: ServerConfig) -> Iterator[str]:
    yield f"{'https' if place.policy.is_secure else 'http'}://{place.host} {{"
    yield f"\troot * {place.current}"
    if place.certificate:
        yield f"\ttls {place.certificate} {place.key}"
    yield ""
    inside = (*_variables(place), *_serving(place), *_errors(place))
    yield from (f"\t{line}" if line else "" for line in inside)
    yield "}"


def _variables(place: ServerConfig) -> Iterator[str]:
    kept = [(f"~{to_regex(pattern)}", cache_control(cache, place.policy)) for pattern, cache in place.patterns.classes]
    page = cache_control(place.patterns.classify("index.html"), place.policy)
    yield from _map("{path}", "kept", kept, page)
    yield from _map("{path}", "type", _types(), OCTET_STREAM)
    yield from _map("{path}", "folder", [(r"~^/([\w-]+)/", "${1}")], "")
    yield from _map("{path}", "path_forward", [], "", f"{place.tables_folder}/{PATHS_TABLE}*")
    yield from _map("{path}?{query}", "query_forward", [], "", f"{place.tables_folder}/{QUERIES_TABLE}*")
    yield from _map("{query_forward}", "forward", [("~^(.+)$", "${1}")], "{path_forward}")


def _types() -> Iterator[tuple[str, str]]:
    """The endings of each type, the long ones first: the first that fits counts."""
    named = {
        name: [ending for ending in CONTENT_TYPES if ending and CONTENT_TYPES[ending] == name]
        for name in CONTENT_TYPES.values()
    }
    for name, endings in sorted(named.items(), key=lambda row: not set(row[1]) & set(LONG_ENDINGS)):
        fits = [ending.replace(".", "[.]") for ending in endings] + (["/"] if name == PAGE else [])
        if fits:
            yield f"~(?:{'|'.join(fits)})$", name


def _map(source: str, name: str, rows: Iterable[tuple[str, str]], default: str, table: str = "") -> Iterator[str]:
    """A placeholder that depends on others; a table that is not there is an empty one, because of its `*`."""
    yield f"map {source} {{{name}}} {{"
    if table:
        yield f"\timport {table}"
    yield from (f"\t{_quoted(key)} {_quoted(value)}" for key, value in rows)
    yield from (f"\tdefault {_quoted(default)}", "}", "")


def _serving(place: ServerConfig) -> Iterator[str]:
    """In the order in which it is written: `route` keeps Caddy from sorting it."""
    closed = "|".join(ending.replace(".", "[.]") for ending in SAME_ORIGIN_SUFFIXES)
    yield f"@open not path_regexp (?:/|{closed})$"
    yield f"@gone vars {{forward}} {GONE}"
    yield '@moved not vars {forward} ""'
    yield "route {"
    yield f"\timport {place.variable_prefix}_headers"
    yield from ("\theader Cache-Control {kept}", "\theader Content-Type {type}", "\theader @open {")
    yield from (f"\t\t{name} {_quoted(value)}" for name, value in cross_origin_headers())
    yield from ("\t}", "", f"\terror @gone {GONE}")
    yield f"\theader @moved Cache-Control {_quoted(redirect_cache_control())}"
    yield from ("\tredir @moved {forward} 301", "", *_file_server(1), "}", "")


def _errors(place: ServerConfig) -> Iterator[str]:
    """What does not exist is told in the language of its address; what has gone says so itself, and leads on."""
    yield "handle_errors {"
    yield f"\timport {place.variable_prefix}_headers"
    yield f"\theader Cache-Control {_quoted(error_cache_control())}"
    yield f"\theader Content-Type {_quoted(PAGE)}"
    yield from ("\theader -Access-Control-Allow-Origin", "", f"\t@lost vars {{forward}} {GONE}", "\thandle @lost {")
    yield "\t\ttry_files {path}index.html {path} {path}/index.html /404.html"
    yield from (*_file_server(2), "\t}", "", "\thandle {", "\t\ttry_files /{folder}/404.html /404.html")
    yield from (*_file_server(2), "\t}", "}")


def _file_server(depth: int) -> Iterator[str]:
    yield from ("\t" * depth + line for line in ("file_server {", "\tprecompressed br gzip", "\thide .*", "}"))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '\\"') + '"'
