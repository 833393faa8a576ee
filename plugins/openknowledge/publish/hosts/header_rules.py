"""The file `_headers` of Netlify and Cloudflare Pages: one form, and two ideas of what two rules for one path mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from openknowledge.manifest import CacheClass, Manifest
from openknowledge.media_types import CONTENT_TYPES

from ..cache_patterns import Patterns
from ..headers import Headers, Policy, cache_control, open_headers, site_headers

__all__ = ["Rule", "cloudflare_headers", "header_text", "netlify_headers"]

FEEDS = ("/*.rss.xml", "/*.atom.xml")
OPEN = ("/covers/*", "/media/*", "/data/*", *FEEDS)
"""What pages of other sites may show and read, of all that they could want."""
CLOSED = ("/theme/*",)
RESOURCES = "Cross-Origin-Resource-Policy"


@dataclass(frozen=True, slots=True)
class Rule:
    """The headers of all paths that fit a pattern; `instead` takes the place of what an earlier rule said."""

    pattern: str
    headers: Headers = ()
    instead: Headers = ()


def header_text(rules: Iterable[Rule]) -> str:
    """The file; `!` takes back what an earlier rule said, where a host knows it."""
    return "\n".join(line for rule in rules for line in _lines(rule)) + "\n"


def _lines(rule: Rule) -> Iterator[str]:
    yield rule.pattern
    yield from (f"  ! {name}" for name, _ in rule.instead)
    yield from (f"  {name}: {value}" for name, value in (*rule.instead, *rule.headers))


def cloudflare_headers(manifest: Manifest, policy: Policy, patterns: Patterns) -> tuple[Rule, ...]:
    """Cloudflare joins what two rules say of one header with a comma, in the order of the file; so a later rule takes
    back first what it says otherwise."""
    unpurged = _unpurged(policy)
    page = ("Cache-Control", cache_control(CacheClass.PAGE, unpurged))
    opened = dict(open_headers())
    resources = ((RESOURCES, opened.pop(RESOURCES)),)
    return (
        Rule("/*", (*site_headers(unpurged), page)),
        *(Rule(pattern, tuple(opened.items()), resources) for pattern in OPEN),
        *(Rule(pattern, (), (_kept(cache, unpurged),)) for pattern, cache in patterns.kept),
        *(Rule(address, (), (_kept(cache, unpurged),)) for address, cache in _exceptions(manifest, patterns)),
        *_feeds(),
    )


def netlify_headers(manifest: Manifest, policy: Policy, patterns: Patterns) -> tuple[Rule, ...]:
    """On Netlify no two rules for one path name the same header, for what comes of it is not documented.

    So nothing is said of how pages are kept: it does by itself what we would say. And of who may use a file only in
    folders of one sort, which pages are not: `frame-ancestors` keeps those from being shown elsewhere.
    """
    unpurged = _unpurged(policy)
    everywhere = tuple(row for row in site_headers(unpurged) if row[0] != RESOURCES)
    own = tuple(row for row in site_headers(unpurged) if row[0] == RESOURCES)
    return (
        Rule("/*", everywhere),
        *(Rule(pattern, open_headers()) for pattern in OPEN),
        *(Rule(pattern, own) for pattern in CLOSED),
        *(Rule(pattern, (_kept(cache, unpurged),)) for pattern, cache in patterns.kept),
        *(
            Rule(address, (_kept(cache, unpurged),))
            for address, cache in _exceptions(manifest, patterns)
            if cache is not CacheClass.PAGE
        ),
        *_feeds(),
    )


def _unpurged(policy: Policy) -> Policy:
    """These hosts empty their own caches with each deployment, and nobody else's."""
    return replace(policy, shared_s=0)


def _kept(cache: CacheClass, policy: Policy) -> tuple[str, str]:
    return ("Cache-Control", cache_control(cache, policy))


def _exceptions(manifest: Manifest, patterns: Patterns) -> Iterator[tuple[str, CacheClass]]:
    """Files that are kept otherwise than their paths say, by their addresses."""
    for entry in manifest.entries:
        if patterns.cache(entry.path) is not entry.cache:
            yield quote(entry.url_path), entry.cache


def _feeds() -> Iterator[Rule]:
    """The last ending alone would make any XML of them."""
    for pattern in FEEDS:
        yield Rule(pattern, (("Content-Type", CONTENT_TYPES[pattern.removeprefix("/*")]),))
