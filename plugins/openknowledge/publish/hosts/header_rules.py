"""The file `_headers` of Netlify and Cloudflare Pages: one form, and two ideas of what two rules for one path mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from openknowledge.manifest import CacheClass, Manifest
from openknowledge.media_types import CONTENT_TYPES

from ..cache_patterns import CachePatterns
from ..headers import HeaderPolicy, Headers, cache_control, cross_origin_headers, site_headers

__all__ = ["HeaderRule", "cloudflare_headers", "format_headers", "netlify_headers"]

FEEDS = ("/*.rss.xml", "/*.atom.xml")
OPEN = ("/covers/*", "/media/*", "/data/*", *FEEDS)
"""What pages of other sites may show and read, of all that they could want."""
CLOSED = ("/theme/*",)
RESOURCES = "Cross-Origin-Resource-Policy"


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """The headers of all paths that fit a pattern; `instead` takes the place of what an earlier rule said."""

    pattern: str
    headers: Headers = ()
    overrides: Headers = ()


def format_headers(rules: Iterable[HeaderRule]) -> str:
    """The file; `!` takes back what an earlier rule said, where a host knows it."""
    return "\n".join(line for rule in rules for line in _lines(rule)) + "\n"


def _lines(rule: HeaderRule) -> Iterator[str]:
    yield rule.pattern
    yield from (f"  ! {name}" for name, _ in rule.overrides)
    yield from (f"  {name}: {value}" for name, value in (*rule.overrides, *rule.headers))


def cloudflare_headers(manifest: Manifest, policy: HeaderPolicy, patterns: CachePatterns) -> tuple[HeaderRule, ...]:
    """Cloudflare joins what two rules say of one header with a comma, in the order of the file; so a later rule takes
    back first what it says otherwise."""
    unpurged = _unpurged(policy)
    page = ("Cache-Control", cache_control(CacheClass.PAGE, unpurged))
    opened = dict(cross_origin_headers())
    resources = ((RESOURCES, opened.pop(RESOURCES)),)
    return (
        HeaderRule("/*", (*site_headers(unpurged), page)),
        *(HeaderRule(pattern, tuple(opened.items()), resources) for pattern in OPEN),
        *(HeaderRule(pattern, (), (_kept(cache, unpurged),)) for pattern, cache in patterns.classes),
        *(HeaderRule(address, (), (_kept(cache, unpurged),)) for address, cache in _exceptions(manifest, patterns)),
        *_feeds(),
    )


def netlify_headers(manifest: Manifest, policy: HeaderPolicy, patterns: CachePatterns) -> tuple[HeaderRule, ...]:
    """On Netlify no two rules for one path name the same header, for what comes of it is not documented.

    So nothing is said of how pages are kept: it does by itself what we would say. And of who may use a file only in
    folders of one sort, which pages are not: `frame-ancestors` keeps those from being shown elsewhere.
    """
    unpurged = _unpurged(policy)
    everywhere = tuple(row for row in site_headers(unpurged) if row[0] != RESOURCES)
    own = tuple(row for row in site_headers(unpurged) if row[0] == RESOURCES)
    return (
        HeaderRule("/*", everywhere),
        *(HeaderRule(pattern, cross_origin_headers()) for pattern in OPEN),
        *(HeaderRule(pattern, own) for pattern in CLOSED),
        *(HeaderRule(pattern, (_kept(cache, unpurged),)) for pattern, cache in patterns.classes),
        *(
            HeaderRule(address, (_kept(cache, unpurged),))
            for address, cache in _exceptions(manifest, patterns)
            if cache is not CacheClass.PAGE
        ),
        *_feeds(),
    )


def _unpurged(policy: HeaderPolicy) -> HeaderPolicy:
    """These hosts empty their own caches with each deployment, and nobody else's."""
    return replace(policy, shared_s=0)


def _kept(cache: CacheClass, policy: HeaderPolicy) -> tuple[str, str]:
    return ("Cache-Control", cache_control(cache, policy))


def _exceptions(manifest: Manifest, patterns: CachePatterns) -> Iterator[tuple[str, CacheClass]]:
    """Files that are kept otherwise than their paths say, by their addresses."""
    for entry in manifest.entries:
        if patterns.classify(entry.path) is not entry.cache:
            yield quote(entry.url_path), entry.cache


def _feeds() -> Iterator[HeaderRule]:
    """The last ending alone would make any XML of them."""
    for pattern in FEEDS:
        yield HeaderRule(pattern, (("Content-Type", CONTENT_TYPES[pattern.removeprefix("/*")]),))
