"""The headers of every response: how long it may be cached, who may use it, what a page may do in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from openknowledge.manifest import CacheClass, ManifestEntry

__all__ = [
    "DAY_S",
    "HeaderPolicy",
    "Headers",
    "cache_control",
    "cross_origin_headers",
    "error_cache_control",
    "is_cross_origin",
    "mtime_from_digest",
    "redirect_cache_control",
    "response_headers",
    "site_headers",
    "stored_headers",
]

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order in which they are sent; no name comes twice."""

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
YEAR_S = 365 * DAY_S

PLAYER = "https://www.youtube-nocookie.com"
"""The only other site that a page embeds: its videos, once a reader starts one."""

PLAYER_FEATURES = ("autoplay", "encrypted-media", "fullscreen", "picture-in-picture")
DENIED_FEATURES = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
"""What no page needs; only names that browsers know, because Chromium complains of others."""

SAME_ORIGIN_TYPES = ("text/html", "text/css", "text/javascript", "font/")
"""What only the site's own pages may use; other sites may show and read pictures, feeds and data."""


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
    def from_settings(cls, settings: Mapping[str, Any], *, is_preview: bool = False) -> HeaderPolicy:
        """Return the policy of a site's settings."""
        return cls(
            site_url=str(settings["SITEURL"]),
            shared_s=int(settings.get("PUBLISH_SHARED_CACHE_S", DAY_S)),
            is_preloaded=bool(settings.get("PUBLISH_HSTS_PRELOAD", False)),
            is_preview=is_preview,
        )

    @property
    def is_secure(self) -> bool:
        """Return whether the site is served over TLS."""
        return urlsplit(self.site_url).scheme == "https"

    @property
    def stored_digest(self) -> str:
        """Return the digest of what stored headers depend on but the file; if it changes, files are sent again."""
        return sha256(repr([cache_control(cache, self) for cache in CacheClass]).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """Return the digest of what responses depend on but the file; when it changes, hosts are configured again."""
        values = [
            site_headers(self),
            cross_origin_headers(),
            error_cache_control(),
            redirect_cache_control(),
            SAME_ORIGIN_TYPES,
        ]
        return sha256(repr([self.stored_digest, *values]).encode()).hexdigest()


def stored_headers(entry: ManifestEntry, policy: HeaderPolicy) -> Headers:
    """Return the headers that a store keeps with a file; a twin adds its Content-Encoding."""
    return (("Content-Type", entry.media_type), ("Cache-Control", cache_control(entry.cache, policy)))


def response_headers(entry: ManifestEntry, policy: HeaderPolicy) -> Headers:
    """Return all headers of a response with this file."""
    opened = dict(cross_origin_headers()) if is_cross_origin(entry.media_type) else {}
    return tuple({**dict(stored_headers(entry, policy)), **dict(site_headers(policy)), **opened}.items())


def cache_control(cache: CacheClass, policy: HeaderPolicy) -> str:
    """Return for how long browsers and shared caches may keep a file.

    Browsers request a page each time, which costs 304 and no body; shared caches keep it until it is purged
    (`s-maxage`), so a purge is all that a new version needs. What browsers may keep has no other time for shared
    caches, because they would send it with an `Age` at which it is stale already.
    """
    if cache is CacheClass.PAGE:
        shared = f", s-maxage={policy.shared_s}" if policy.shared_s else ""
        return f"public, max-age=0, must-revalidate{shared}"
    return _CACHE_CONTROL[cache]


_CACHE_CONTROL = {
    CacheClass.IMMUTABLE: f"public, max-age={YEAR_S}, immutable",
    CacheClass.MEDIA: f"public, max-age={DAY_S}",
    CacheClass.COUNTERS: f"public, max-age={5 * MINUTE_S}",
    CacheClass.FEED: f"public, max-age={HOUR_S}",
}


def error_cache_control() -> str:
    """Return the header of what is missing or gone: never kept, because it may be there after the next publication."""
    return "public, max-age=0, must-revalidate"


def redirect_cache_control() -> str:
    """Return the header of a redirect: without it browsers keep a 301 for good, and its address is never free again."""
    return f"public, max-age={HOUR_S}"


def is_cross_origin(media_type: str) -> bool:
    """Return whether pages of other sites may show and read such files: pictures in feed readers, feeds, data."""
    return not media_type.startswith(SAME_ORIGIN_TYPES)


def cross_origin_headers() -> Headers:
    """Return the headers of files that other sites may use, in place of those of `site_headers`.

    No response depends on cookies, so other sites can read nothing of a reader's own.
    """
    return (("Cross-Origin-Resource-Policy", "cross-origin"), ("Access-Control-Allow-Origin", "*"))


def site_headers(policy: HeaderPolicy) -> Headers:
    """Return the headers of every response: of pages, files, redirects and errors alike."""
    secure = (("Strict-Transport-Security", _transport_policy(policy)),) if policy.is_secure else ()
    hidden = (("X-Robots-Tag", "noindex, nofollow"),) if policy.is_preview else ()
    return (
        ("Content-Security-Policy", _content_policy(policy)),
        *secure,
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", _permissions_policy(policy)),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        *hidden,
    )


def _content_policy(policy: HeaderPolicy) -> str:
    """Return a policy by which everything comes from the site itself, and scripts make no markup of text."""
    own = ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src")
    rules = [
        "default-src 'none'",
        *(f"{name} 'self'" for name in own),
        " ".join(("frame-src", *(policy.frames or ("'none'",)))),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
        *(["upgrade-insecure-requests"] if policy.is_secure else []),
    ]
    return "; ".join(rules)


def _transport_policy(policy: HeaderPolicy) -> str:
    return f"max-age={2 * YEAR_S}; includeSubDomains{'; preload' if policy.is_preloaded else ''}"


def _permissions_policy(policy: HeaderPolicy) -> str:
    """Return what pages may do, and what they may allow the player."""
    allowed = " ".join(("self", *(f'"{site}"' for site in policy.frames)))
    return ", ".join(
        sorted([*(f"{name}=({allowed})" for name in PLAYER_FEATURES), *(f"{name}=()" for name in DENIED_FEATURES)])
    )


def mtime_from_digest(digest: str) -> int:
    """Return the time to give a served file, so that its ETag depends on its content.

    nginx and Caddy make an ETag of a file's time and size. With a time made of the file's digest (between 1970 and
    2004, so never in the future) equal bytes have equal ETags in every release and on every machine, and other bytes
    have others. The servers' configurations send no Last-Modified.
    """
    return int(digest[:8], 16) & 0x3FFFFFFF
