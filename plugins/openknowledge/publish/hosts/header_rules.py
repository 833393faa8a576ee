"""The file `_headers` of Netlify and Cloudflare Pages, which disagree about two rules that match one path."""

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
CROSS_ORIGIN = ("/covers/*", "/media/*", "/data/*", *FEEDS)
"""What pages of other sites may show and read."""
SAME_ORIGIN = ("/theme/*",)
RESOURCE_POLICY = "Cross-Origin-Resource-Policy"
FEED_TYPES = tuple((pattern, ("Content-Type", CONTENT_TYPES[pattern.removeprefix("/*")])) for pattern in FEEDS)
"""Types of feeds, which their last suffix alone would make any XML."""


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """The headers of all paths that match a pattern; `overrides` replace those of an earlier rule."""

    pattern: str
    headers: Headers = ()
    overrides: Headers = ()


def format_headers(rules: Iterable[HeaderRule]) -> str:
    """Format the file; `!` removes what an earlier rule has set, where a host knows it."""
    return "\n".join(line for rule in rules for line in _format_rule(rule)) + "\n"


def _format_rule(rule: HeaderRule) -> Iterator[str]:
    yield rule.pattern
    yield from (f"  ! {name}" for name, _ in rule.overrides)
    yield from (f"  {name}: {value}" for name, value in (*rule.overrides, *rule.headers))


def cloudflare_headers(manifest: Manifest, policy: HeaderPolicy, patterns: CachePatterns) -> tuple[HeaderRule, ...]:
    """Return the rules for Cloudflare, which joins two rules' values of a header, so that a later rule overrides."""
    unpurged = replace(policy, shared_s=0)
    opened = dict(cross_origin_headers())
    resource_policy = ((RESOURCE_POLICY, opened.pop(RESOURCE_POLICY)),)
    return (
        HeaderRule("/*", (*site_headers(unpurged), _cache_header(CacheClass.PAGE, policy))),
        *(HeaderRule(pattern, tuple(opened.items()), resource_policy) for pattern in CROSS_ORIGIN),
        *(HeaderRule(pattern, (), (_cache_header(cache, policy),)) for pattern, cache in patterns.classes),
        *(
            HeaderRule(address, (), (_cache_header(cache, policy),))
            for address, cache in _exceptions(manifest, patterns)
        ),
        *(HeaderRule(pattern, (header,)) for pattern, header in FEED_TYPES),
    )


def netlify_headers(manifest: Manifest, policy: HeaderPolicy, patterns: CachePatterns) -> tuple[HeaderRule, ...]:
    """Return the rules for Netlify, of which no two set the same header for one path: the result is not documented.

    So pages have no `Cache-Control`, because Netlify sends the same by itself, and the resource policy is set in
    folders without pages alone: `frame-ancestors` keeps pages from being shown elsewhere.
    """
    everywhere = site_headers(replace(policy, shared_s=0))
    resource_policy = tuple(header for header in everywhere if header[0] == RESOURCE_POLICY)
    exceptions = [(path, cache) for path, cache in _exceptions(manifest, patterns) if cache is not CacheClass.PAGE]
    return (
        HeaderRule("/*", tuple(header for header in everywhere if header[0] != RESOURCE_POLICY)),
        *(HeaderRule(pattern, cross_origin_headers()) for pattern in CROSS_ORIGIN),
        *(HeaderRule(pattern, resource_policy) for pattern in SAME_ORIGIN),
        *(HeaderRule(path, (_cache_header(cache, policy),)) for path, cache in (*patterns.classes, *exceptions)),
        *(HeaderRule(pattern, (header,)) for pattern, header in FEED_TYPES),
    )


def _cache_header(cache: CacheClass, policy: HeaderPolicy) -> tuple[str, str]:
    """Return the header for caches without a purge: hosts purge their own with each deployment, and no others."""
    return ("Cache-Control", cache_control(cache, replace(policy, shared_s=0)))


def _exceptions(manifest: Manifest, patterns: CachePatterns) -> Iterator[tuple[str, CacheClass]]:
    """Yield the addresses of files with another cache class than their paths have."""
    for entry in manifest.entries:
        if patterns.classify(entry.path) is not entry.cache:
            yield quote(entry.url_path), entry.cache
