"""A configuration for nginx, and the tables of redirects that it takes from the release that it serves.

A release brings tables and not directives: who may publish says where old addresses lead, and nothing else to a
program that is started by root. nginx reads them when it is told to reload; until then the pages that redirect answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from openknowledge.media_types import CONTENT_TYPES, OCTET_STREAM
from openknowledge.redirects.table import Redirect

from ..cache_patterns import SAME_ORIGIN_SUFFIXES, to_regex
from ..headers import cache_control, cross_origin_headers, error_cache_control, redirect_cache_control, site_headers
from .matching import GONE, is_literal, redirect_location, source_regexes
from .place import ServerConfig

__all__ = ["PATHS_TABLE", "QUERIES_TABLE", "render_config", "render_tables"]

PATHS_TABLE, QUERIES_TABLE = "paths.nginx", "queries.nginx"
"""The tables: for addresses as such, and for those with a query."""

LONGEST_KEY_B = 1_000
"""A longer source is looked up as an expression: nginx's tables are made for short ones."""

LONG_ENDINGS = tuple(ending for ending in CONTENT_TYPES if ending.count(".") > 1)


def render_config(place: ServerConfig) -> str:
    """The text of a file for `sites-enabled/`, which nginx reads inside of `http { … }`."""
    text = "\n".join((*_head(place), *_variables(place), *_servers(place)))
    return text.replace("$site_", f"${place.variable_prefix}_")


def render_tables(forwards: Iterable[Redirect]) -> dict[str, str]:
    """The tables of a release by their names, to be written into its folder `.server`."""
    everything = sorted(forwards)
    paths = [one for one in everything if not one.query]
    folded = Counter(one.source.lower() for one in paths)
    is_alone = {one.source for one in paths if folded[one.source.lower()] == 1}
    return {
        PATHS_TABLE: "".join(line for one in paths for line in _path_rows(one, one.source in is_alone)),
        QUERIES_TABLE: "".join(line for one in everything if one.query for line in _rows(one, "")),
    }


def _path_rows(forward: Redirect, is_alone: bool) -> Iterator[str]:
    """nginx looks words up without regard to case, so a word's value repeats it; an expression has a `*` there."""
    if is_alone and is_literal(forward.source) and len(forward.source) < LONGEST_KEY_B:
        yield f'"{forward.source}" "{forward.source} {redirect_location(forward)}";\n'
    else:
        yield from _rows(forward, "* ")


def _rows(forward: Redirect, before: str) -> Iterator[str]:
    for expression in source_regexes(forward):
        yield f'"~{expression}" "{before}{redirect_location(forward)}";\n'


def _head(place: ServerConfig) -> Iterator[str]:
    yield f"# {place.policy.site_url}, from {place.current}: made by `python -m openknowledge.publish.servers nginx`."
    yield "# It needs ngx_brotli's static module (Debian: libnginx-mod-http-brotli-static)."
    yield f"# Redirects are tables of the release in {place.tables_folder}; `nginx -s reload` after a publish reads them."  # noqa: E501
    yield ""
    yield "# Once in all of nginx: a second site's file leaves these two out."
    yield "map_hash_max_size 65536;"
    yield "map_hash_bucket_size 4096;"
    yield ""


def _variables(place: ServerConfig) -> Iterator[str]:
    cache = [(f'"~{to_regex(pattern)}"', cache_control(kept, place.policy)) for pattern, kept in place.patterns.classes]
    page = place.patterns.classify("index.html")
    kept = [("default", cache_control(page, place.policy)), *cache]
    yield from _map("$uri", "kept", kept)
    errors = [("default", "$site_kept"), ("301", redirect_cache_control()), ('"~^[45]"', error_cache_control())]
    yield from _map("$status", "cache_control", errors)
    closed = f'"~(?:/|{"|".join(f"[.]{ending[1:]}" for ending in SAME_ORIGIN_SUFFIXES)})$"'
    for name, value in cross_origin_headers():
        otherwise = dict(site_headers(place.policy)).get(name, "")
        yield from _map("$uri", _variable(name), [("default", value), (closed, otherwise)])
    yield from _map("$uri", "folder", [("default", ""), (r'"~^/(?<first_folder>[\w-]+)/"', "$first_folder")])
    yield from _forwarding(place)


def _forwarding(place: ServerConfig) -> Iterator[str]:
    """`$site_forward` is where a request leads: a Location, GONE, or nothing."""
    yield from _map("$uri", "entry", [("default", "")], f"{place.tables_folder}/{PATHS_TABLE}*")
    # The word that was found must be the path, letter by letter; "*" was found by an expression.
    same = r'"~(?s)^(.+) (?:\1|[*]) (?<leads_to>[^ ]+)$"'
    yield from _map('"$uri $site_entry"', "path_forward", [("default", ""), (same, "$leads_to")])
    yield from _map("$args", "asked", [("default", "$uri?$args"), ('""', "")])
    yield from _map("$site_asked", "query_forward", [("default", "")], f"{place.tables_folder}/{QUERIES_TABLE}*")
    either = [("default", "$site_query_forward"), ('""', "$site_path_forward")]
    yield from _map("$site_query_forward", "forward", either)


def _map(source: str, name: str, rows: Iterable[tuple[str, str]], table: str = "") -> Iterator[str]:
    """A variable that depends on another; a table that is not there is an empty one, because of its `*`."""
    yield f"map {source} $site_{name} {{"
    yield from (f"    {key} {_quoted(value)};" for key, value in rows)
    if table:
        yield f"    include {table};"
    yield "}"
    yield ""


def _servers(place: ServerConfig) -> Iterator[str]:
    if place.policy.is_secure:
        yield from _redirecting(place)
    yield "server {"
    yield from (f"    {line}" if line else "" for line in _serving(place))
    yield "}"
    yield ""


def _redirecting(place: ServerConfig) -> Iterator[str]:
    port = "" if place.port == 443 else f":{place.port}"
    yield "server {"
    yield from (f"    listen {listen};" for listen in _both(place.http_port))
    yield f"    server_name {place.host};"
    yield "    server_tokens off;"
    yield f"    location ^~ /.well-known/acme-challenge/ {{ root {place.root.rstrip('/')}/acme; }}"
    yield f"    location / {{ return 301 https://{place.host}{port}$request_uri; }}"
    yield "}"
    yield ""


def _serving(place: ServerConfig) -> Iterator[str]:
    yield from _listening(place)
    yield ""
    yield from _files(place)
    yield ""
    yield from _sent(place)
    yield ""
    yield from _answers()


def _listening(place: ServerConfig) -> Iterator[str]:
    if place.policy.is_secure:
        # `listen … http2` is what Debian's nginx knows; newer ones call it `http2 on;` and still take this.
        yield from (f"listen {listen} ssl http2;" for listen in _both(place.port))
        name = f"/etc/letsencrypt/live/{place.host}"
        yield f"ssl_certificate {place.certificate or f'{name}/fullchain.pem'};"
        yield f"ssl_certificate_key {place.key or f'{name}/privkey.pem'};"
        yield "ssl_protocols TLSv1.2 TLSv1.3;"
    else:
        yield from (f"listen {listen};" for listen in _both(place.http_port))
    yield f"server_name {place.host};"
    yield "server_tokens off;"
    yield "absolute_redirect off;"


def _both(port: int) -> tuple[str, str]:
    return (str(port), f"[::]:{port}")


def _files(place: ServerConfig) -> Iterator[str]:
    yield f"root {place.current};"
    yield "index index.html;"
    yield "charset off;"
    yield f"default_type {OCTET_STREAM};"
    yield "types {"
    for ending, name in CONTENT_TYPES.items():
        if ending and ending not in LONG_ENDINGS:
            yield f"    {_quoted(name)} {ending[1:]};"
    yield "}"
    yield ""
    yield "# Twins that the build has made; `gzip_proxied`, because a CDN in front counts as a proxy."
    yield from ("gzip off;", "gzip_static on;", "brotli_static on;", "gzip_vary on;", "gzip_proxied any;", "etag on;")


def _sent(place: ServerConfig) -> Iterator[str]:
    """Headers stand here alone: a location with one of its own would lose all of these."""
    opened = dict(cross_origin_headers())
    yield "add_header Cache-Control $site_cache_control always;"
    for name, value in site_headers(place.policy):
        if name not in opened:
            yield f"add_header {name} {_quoted(value)} always;"
    for name in opened:
        yield f"add_header {name} $site_{_variable(name)} always;"
    yield "# ETags are of content (see `modified_s`), times are not."
    yield 'add_header Last-Modified "";'


def _answers() -> Iterator[str]:
    yield f'if ($site_forward = "{GONE}") {{ return {GONE}; }}'
    yield "if ($site_forward) { return 301 $site_forward; }"
    yield ""
    yield "# What does not exist is told in the language of its address; what has gone says so itself, and leads on."
    yield "error_page 403 404 =404 @missing;"
    yield f"error_page {GONE} @gone;"
    yield "location @missing { try_files /$site_folder/404.html /404.html =404; }"
    yield f"location @gone {{ try_files ${{uri}}index.html $uri $uri/index.html /404.html ={GONE}; }}"
    yield ""
    yield r"location ~ /\.(?!well-known/) { return 404; }"
    for ending in LONG_ENDINGS:
        default_type = _quoted(CONTENT_TYPES[ending])
        yield f"location ~ {ending.replace('.', '[.]')}$ {{ types {{ }} default_type {default_type}; }}"


def _variable(header: str) -> str:
    return header.lower().replace("-", "_")


def _quoted(value: str) -> str:
    """A value in quotes; variables in it are ours, for no header or address that comes here has a `$`."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
