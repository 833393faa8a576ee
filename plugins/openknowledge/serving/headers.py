"""The headers of every response: how long it may be cached, who may use it, what a page may do in a browser."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from typing import Any, Self
from urllib.parse import urlsplit

from openknowledge.assets.speculation import speculation_rules
from openknowledge.content.players import frame_sources, read_players
from openknowledge.manifest import CacheClass, Manifest, ManifestEntry
from openknowledge.media_types import CONTENT_TYPES
from openknowledge.problems import Problem, operator_problem

__all__ = [
    *("ATTACHED", "CROSS_ORIGIN_HEADERS", "ERROR_CACHE", "MEDIA_FOLDER", "MEDIA_RULES", "REDIRECT_CACHE"),
    *("SAME_ORIGIN_SUFFIXES", "SAME_ORIGIN_TYPES"),
    *("CachePatterns", "HeaderPolicy", "Headers", "cache_control", "find_mismatches", "is_cross_origin"),
    *(
        "media_expressions",
        "media_headers",
        "mtime_from_digest",
        "response_headers",
        "site_headers",
        "stored_headers",
        "to_regex",
    ),
]

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order in which they are sent; no name comes twice."""

DAY_S = 86_400
YEAR_S = 365 * DAY_S
ERROR_CACHE = "public, max-age=0, must-revalidate"
"""The Cache-Control of what is missing or gone: never kept, because it may be there after the next publication."""
REDIRECT_CACHE = "public, max-age=3600"
"""The Cache-Control of a redirect: without it browsers keep a 301 for good, and its address is never free again."""
CACHE_CONTROL = {
    CacheClass.IMMUTABLE: f"public, max-age={YEAR_S}, immutable",
    CacheClass.MEDIA: f"public, max-age={DAY_S}",
    CacheClass.COUNTERS: "public, max-age=300, stale-while-revalidate=600",
    CacheClass.FEED: "public, max-age=3600",
}

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; frame-src {frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'{upgrade}"
)
"""By it everything comes from the site itself, and scripts make no markup of text."""
PLAYER = "https://www.youtube-nocookie.com"
"""The player of the site's own videos: without other players a page embeds nothing else."""
PLAYER_FEATURES = ("autoplay", "encrypted-media", "fullscreen", "picture-in-picture")
DENIED_FEATURES = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *("identity-credentials-get", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
    *("otp-credentials", "payment", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock"),
    *("serial", "storage-access", "usb", "window-management", "xr-spatial-tracking"),
)
"""What no page needs; only names that browsers know, because Chromium complains of others."""

SAME_ORIGIN_TYPES = ("text/html", "text/css", "text/javascript", "font/")
"""What only the site's own pages may use; other sites may show and read pictures, feeds and data."""
SAME_ORIGIN_SUFFIXES = tuple(
    suffix for suffix, media_type in CONTENT_TYPES.items() if suffix and media_type.startswith(SAME_ORIGIN_TYPES)
)
CROSS_ORIGIN_HEADERS: Headers = (
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Access-Control-Allow-Origin", "*"),
)
"""The headers of files that other sites may use, in place of those of `site_headers`.

No response depends on cookies, so other sites can read nothing of a reader's own.
"""

MEDIA_FOLDER = "media/"
"""Where the files of the content are, which are never to act as the site, even if one that can run gets there."""
MEDIA_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""By it a file that is opened by itself is of no site, runs nothing and requests nothing but what it shows."""
SHOWN_TYPES = (
    *("audio/", "image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff", "image/vnd."),
    *("image/webp", "text/plain", "video/"),
)
"""What browsers show by themselves and never run. All else is downloaded, but pages may show it as a picture (SVG)."""
ATTACHED: Headers = (("Content-Disposition", "attachment"),)
SANDBOXED: Headers = (("Content-Security-Policy", MEDIA_POLICY),)
MEDIA_RULES: tuple[tuple[tuple[str, ...], Headers], ...] = (
    # Viewers of PDF may refuse a sandbox. With `nosniff` a PDF is never a page, so it keeps the policy of the site.
    (("application/pdf",), ()),
    (SHOWN_TYPES, SANDBOXED),
    (("",), (*SANDBOXED, *ATTACHED)),
)
"""Beginnings of media types, and what files of them add to or replace in the site's headers; the first counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderPolicy:
    """What the operator decides about headers.

    `shared_s` is for how long a cache that is purged may answer with a page without asking again, 0 where none is. A
    purge makes the page new at once, and a lost purge heals after that time. `is_preloaded` asks for the list of sites
    that browsers never visit without TLS, which is hard to leave. `frames` are the sites that pages may embed.
    """

    site_url: str
    shared_s: int = DAY_S
    is_preloaded: bool = False
    is_preview: bool = False
    frames: tuple[str, ...] = (PLAYER,)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], *, is_preview: bool = False) -> Self:
        """Return the policy of a site's settings."""
        return cls(
            site_url=str(settings["SITEURL"]),
            shared_s=int(settings.get("PUBLISH_SHARED_CACHE_S", DAY_S)),
            is_preloaded=bool(settings.get("PUBLISH_HSTS_PRELOAD", False)),
            is_preview=is_preview,
            frames=frame_sources(read_players(settings.get("PLAYERS", ("youtube",)))),
        )

    @property
    def is_secure(self) -> bool:
        """Return whether the site is served over TLS."""
        return urlsplit(self.site_url).scheme == "https"

    @property
    def stored_digest(self) -> str:
        """Return the digest of what stored headers depend on but the file; if it changes, files are sent again."""
        values = [*(cache_control(cache_class, self) for cache_class in CacheClass), SHOWN_TYPES, ATTACHED]
        return sha256(repr(values).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """Return the digest of what responses depend on but the file; when it changes, hosts are configured again."""
        values = [site_headers(self), CROSS_ORIGIN_HEADERS, ERROR_CACHE, REDIRECT_CACHE, SAME_ORIGIN_TYPES]
        return sha256(repr([self.stored_digest, *values, MEDIA_RULES]).encode()).hexdigest()


def stored_headers(entry: ManifestEntry, policy: HeaderPolicy) -> Headers:
    """Return the headers that a store keeps with a file; a twin adds its Content-Encoding."""
    own = (("Content-Type", entry.media_type), ("Cache-Control", cache_control(entry.cache, policy)))
    return (*own, *(header for header in media_headers(entry) if header in ATTACHED))


def response_headers(entry: ManifestEntry, policy: HeaderPolicy) -> Headers:
    """Return all headers of a response with this file."""
    opened = CROSS_ORIGIN_HEADERS if is_cross_origin(entry.media_type) else ()
    return tuple(dict((*stored_headers(entry, policy), *site_headers(policy), *opened, *media_headers(entry))).items())


def media_headers(entry: ManifestEntry) -> Headers:
    """Return what a file of the content has in addition to the site's headers, or in place of one of them."""
    if not entry.path.startswith(MEDIA_FOLDER):
        return ()
    return next(sent for types, sent in MEDIA_RULES if entry.media_type.startswith(types))


def media_expressions() -> Iterator[tuple[str, Headers]]:
    """Yield `MEDIA_RULES` as regular expressions of paths, for servers that know of a file no more than its path."""
    for types, sent in MEDIA_RULES:
        suffixes = [suffix[1:] for suffix, kind in CONTENT_TYPES.items() if suffix and kind.startswith(types)]
        ending = "" if "" in types else f".*[.](?:{'|'.join(map(re.escape, suffixes))})$"
        yield f"(?i)^/{MEDIA_FOLDER}{ending}", sent


def cache_control(cache_class: CacheClass, policy: HeaderPolicy) -> str:
    """Return for how long browsers and shared caches may keep a file.

    Browsers request a page each time, which costs 304 and no body; shared caches keep it until it is purged
    (`s-maxage`), so a purge is all that a new version needs. What browsers may keep has no other time for shared
    caches, because they would send it with an `Age` at which it is stale already.
    """
    shared = f", s-maxage={policy.shared_s}" if policy.shared_s else ""
    return CACHE_CONTROL.get(cache_class, f"public, max-age=0, must-revalidate{shared}")


def is_cross_origin(media_type: str) -> bool:
    """Return whether pages of other sites may show and read such files: pictures in feed readers, feeds, data."""
    return not media_type.startswith(SAME_ORIGIN_TYPES)


def site_headers(policy: HeaderPolicy) -> Headers:
    """Return the headers of every response: of pages, files, redirects and errors alike."""
    frames, preload = " ".join(policy.frames) or "'none'", "; preload" if policy.is_preloaded else ""
    upgrade = "; upgrade-insecure-requests" if policy.is_secure else ""
    # What pages may do, and what they may allow the player.
    allowed = " ".join(("self", *(f'"{site}"' for site in policy.frames)))
    features = {**dict.fromkeys(PLAYER_FEATURES, allowed), **dict.fromkeys(DENIED_FEATURES, "")}
    base = urlsplit(policy.site_url).path.rstrip("/")
    headers = {
        "Content-Security-Policy": CONTENT_POLICY.format(frames=frames, upgrade=upgrade),
        "Strict-Transport-Security": f"max-age={2 * YEAR_S}; includeSubDomains{preload}" if policy.is_secure else "",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": ", ".join(sorted(f"{name}=({sites})" for name, sites in features.items())),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Speculation-Rules": f'"{base}/{speculation_rules(policy.site_url)[0]}"',
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow" if policy.is_preview else "",
    }
    return tuple((name, value) for name, value in headers.items() if value)


def mtime_from_digest(digest: str) -> int:
    """Return the time to give a served file, so that its ETag depends on its content.

    nginx and Caddy make an ETag of a file's time and size. With a time made of the file's digest (between 1970 and
    2004, so never in the future) equal bytes have equal ETags in every release and on every machine, and other bytes
    have others. The servers' configurations send no Last-Modified.
    """
    return int(digest[:8], 16) & 0x3FFFFFFF


@dataclass(frozen=True)
class CachePatterns:
    """Patterns of paths with their cache classes, for servers and hosts that know of a file no more than its path.

    A pattern begins with `/` and has at most one `*`, which matches anything, so that every server and host has it.
    """

    counters: tuple[str, ...] = ("/data/counters.json", "/data/counters/*.json", "/data/counters/*.csv")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the patterns of a site's settings, which may have its counters elsewhere."""
        whole = settings.get("COUNTERS_JSON", "data/counters.json")
        course = settings.get("COUNTERS_COURSE_JSON", "data/counters/{slug}.json")
        history = settings.get("COUNTERS_HISTORY_CSV", "data/counters/{slug}.csv")
        return cls((f"/{whole}", *("/" + str(path).replace("{slug}", "*") for path in (course, history))))

    @cached_property
    def classes(self) -> tuple[tuple[str, CacheClass], ...]:
        """Return each pattern with its class; no path matches two."""
        return (
            ("/theme/*", CacheClass.IMMUTABLE),
            ("/covers/*", CacheClass.IMMUTABLE),
            ("/pictures/*", CacheClass.IMMUTABLE),
            ("/share/*", CacheClass.IMMUTABLE),
            ("/media/*", CacheClass.MEDIA),
            ("/icons/*", CacheClass.MEDIA),
            ("/favicon.ico", CacheClass.MEDIA),
            ("/apple-touch-icon.png", CacheClass.MEDIA),
            *((pattern, CacheClass.COUNTERS) for pattern in self.counters),
            ("/*.rss.xml", CacheClass.FEED),
            ("/*.atom.xml", CacheClass.FEED),
        )

    def classify(self, path: str) -> CacheClass:
        """Return the cache class of a file by its path below output/; one that no pattern matches is a page."""
        found = self._regex.fullmatch(f"/{path}")
        return self.classes[found.lastindex - 1][1] if found and found.lastindex else CacheClass.PAGE

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """All patterns as one regular expression, with a group for each."""
        return re.compile("|".join(f"({to_regex(pattern)})" for pattern, _ in self.classes))


@cache
def to_regex(pattern: str) -> str:
    """Return a pattern as a regular expression that means the same to nginx, Caddy and Python."""
    return "^" + ".*".join(map(re.escape, pattern.split("*"))) + "$"


def find_mismatches(manifest: Manifest, patterns: CachePatterns) -> tuple[Problem, ...]:
    """Return a problem for each file whose class in the manifest is not that of its path."""
    hint = (
        "Have the plugin that makes it write it elsewhere, or say the other. A server that is configured in "
        'another way than by us: PUBLISH_READ_BACK_AS = "host"'
    )
    message = "is to be kept as {}, but by its path a server takes it for {}"
    return tuple(
        operator_problem(entry.path, None, None, message.format(entry.cache, by_path), hint)
        for entry in manifest.entries
        if (by_path := patterns.classify(entry.path)) is not entry.cache
    )
