"""The headers of each file, and those of every response."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.serving.observatories import directives

from openknowledge.content.media_files import RUNNABLE
from openknowledge.manifest import CacheClass, FileRole, ManifestEntry
from openknowledge.media_types import guess_media_type
from openknowledge.serving.headers import (
    HeaderPolicy,
    cache_control,
    is_cross_origin,
    media_expressions,
    media_headers,
    mtime_from_digest,
    response_headers,
    site_headers,
    stored_headers,
)

POLICY = HeaderPolicy(site_url="https://open.example.edu")
PLAIN = HeaderPolicy(site_url="http://127.0.0.1:8000")
PLAYER = "https://www.youtube-nocookie.com"


def an_entry(media_type: str = "text/html; charset=utf-8", cache: CacheClass = CacheClass.PAGE) -> ManifestEntry:
    return ManifestEntry("index.html", "0" * 64, 1, media_type, cache, FileRole.PAGE)


def content(policy: HeaderPolicy) -> dict[str, set[str]]:
    return directives(dict(site_headers(policy))["Content-Security-Policy"]) or {}


@pytest.mark.parametrize(
    ("cache", "value"),
    [
        (CacheClass.IMMUTABLE, "public, max-age=31536000, immutable"),
        (CacheClass.MEDIA, "public, max-age=86400"),
        (CacheClass.COUNTERS, "public, max-age=300, stale-while-revalidate=600"),
        (CacheClass.FEED, "public, max-age=3600"),
        (CacheClass.PAGE, "public, max-age=0, must-revalidate, s-maxage=86400"),
    ],
)
def test_a_cache_class_has_a_cache_control(cache: CacheClass, value: str) -> None:
    assert dict(stored_headers(an_entry(cache=cache), POLICY)) == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": value,
    }


def test_shared_caches_without_a_purge_request_pages_too() -> None:
    assert cache_control(CacheClass.PAGE, replace(POLICY, shared_s=0)) == "public, max-age=0, must-revalidate"


def test_only_pages_are_cached_longer_by_shared_caches_than_by_browsers() -> None:
    assert [cache for cache in CacheClass if "s-maxage" in cache_control(cache, POLICY)] == [CacheClass.PAGE]


def test_nothing_is_allowed_but_what_the_site_needs() -> None:
    own = {
        name: {"'self'"} for name in ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src")
    }

    assert content(POLICY) == {
        **own,
        "default-src": {"'none'"},
        "frame-src": {PLAYER},
        "form-action": {"'self'"},
        "base-uri": {"'none'"},
        "frame-ancestors": {"'none'"},
        "require-trusted-types-for": {"'script'"},
        "trusted-types": {"'none'"},
        "upgrade-insecure-requests": set(),
    }


def test_a_site_without_tls_has_no_header_about_it() -> None:
    assert "upgrade-insecure-requests" not in content(PLAIN)
    assert "Strict-Transport-Security" not in dict(site_headers(PLAIN))


def test_tls_is_promised_for_two_years_and_forever_only_where_the_operator_says_so() -> None:
    transport = dict(site_headers(POLICY))["Strict-Transport-Security"]
    preloaded = dict(site_headers(replace(POLICY, is_preloaded=True)))["Strict-Transport-Security"]

    assert transport == "max-age=63072000; includeSubDomains"
    assert preloaded == f"{transport}; preload"


def test_a_site_without_videos_shows_nothing_of_others() -> None:
    alone = replace(POLICY, frames=())

    assert content(alone)["frame-src"] == {"'none'"}
    assert PLAYER not in str(site_headers(alone))


def test_only_the_player_may_do_what_a_player_must() -> None:
    rules = dict(site_headers(POLICY))["Permissions-Policy"].split(", ")
    allowed = {rule.partition("=")[0] for rule in rules if PLAYER in rule}

    assert allowed == {"autoplay", "encrypted-media", "fullscreen", "picture-in-picture"}
    assert {"camera=()", "geolocation=()", "microphone=()"} < set(rules)
    assert rules == sorted(rules)


def test_a_preview_is_in_no_search_engine() -> None:
    assert ("X-Robots-Tag", "noindex, nofollow") in site_headers(replace(POLICY, is_preview=True))
    assert "X-Robots-Tag" not in dict(site_headers(POLICY))


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/html; charset=utf-8", False),
        ("text/css; charset=utf-8", False),
        ("text/javascript; charset=utf-8", False),
        ("font/woff2", False),
        ("image/svg+xml; charset=utf-8", True),
        ("application/atom+xml; charset=utf-8", True),
        ("application/json; charset=utf-8", True),
    ],
)
def test_pictures_feeds_and_data_are_for_other_sites_too(media_type: str, expected: bool) -> None:
    sent = dict(response_headers(an_entry(media_type), POLICY))

    assert is_cross_origin(media_type) is expected
    assert sent.get("Access-Control-Allow-Origin") == ("*" if expected else None)
    assert sent["Cross-Origin-Resource-Policy"] == ("cross-origin" if expected else "same-origin")


@pytest.mark.parametrize(
    ("path", "is_sandboxed", "is_downloaded"),
    [
        ("media/a.png", True, False),
        ("media/a.mp4", True, False),
        ("media/a.txt", True, False),
        ("media/a.PDF", False, False),
        ("media/a.svg", True, True),
        ("media/a", True, True),
        *((f"media/a{suffix}", True, True) for suffix in sorted(RUNNABLE)),
        ("index.html", False, False),
        ("theme/a.svg", False, False),
        ("covers/a.svg", False, False),
    ],
)
def test_a_file_of_the_content_is_sandboxed_and_is_downloaded_where_it_could_run(
    path: str, is_sandboxed: bool, is_downloaded: bool
) -> None:
    entry = replace(an_entry(guess_media_type(path)), path=path)
    sent = dict(response_headers(entry, POLICY))
    expressions = (dict(sent) for expression, sent in media_expressions() if re.search(expression, f"/{path}"))

    assert sent["Content-Security-Policy"].startswith("sandbox;") is is_sandboxed
    assert sent.get("Content-Disposition") == ("attachment" if is_downloaded else None)
    assert next(expressions, {}) == dict(media_headers(entry))
    assert "Content-Security-Policy" not in dict(stored_headers(entry, POLICY))
    assert ("Content-Disposition" in dict(stored_headers(entry, POLICY))) is is_downloaded


def test_no_header_comes_twice() -> None:
    names = [name for name, _ in response_headers(an_entry("application/json"), replace(POLICY, is_preview=True))]

    assert len(names) == len({name.lower() for name in names})


@pytest.mark.parametrize(
    "changed", [{"shared_s": 60}, {"is_preloaded": True}, {"is_preview": True}, {"frames": ("https://v.example",)}]
)
def test_changed_headers_are_noticed(changed: dict[str, object]) -> None:
    assert replace(POLICY, **changed).digest != POLICY.digest
    assert HeaderPolicy(site_url=POLICY.site_url).digest == POLICY.digest


def test_files_are_stored_again_only_if_their_stored_headers_change() -> None:
    """A store of a million files is not sent again for a header that a CDN adds."""
    assert replace(POLICY, frames=(), is_preloaded=True).stored_digest == POLICY.stored_digest
    assert replace(POLICY, shared_s=60).stored_digest != POLICY.stored_digest


def test_the_headers_do_not_depend_on_where_the_site_lives() -> None:
    assert HeaderPolicy(site_url="https://elsewhere.example").digest == POLICY.digest


def test_the_policy_is_in_the_settings() -> None:
    settings = {"SITEURL": "https://a.example", "PUBLISH_SHARED_CACHE_S": 60, "PUBLISH_HSTS_PRELOAD": True}

    policy = HeaderPolicy.from_settings(settings, is_preview=True)

    assert policy == HeaderPolicy(site_url="https://a.example", shared_s=60, is_preloaded=True, is_preview=True)
    assert HeaderPolicy.from_settings({"SITEURL": POLICY.site_url}) == POLICY


def test_the_time_of_a_file_is_made_of_its_bytes_and_never_in_the_future() -> None:
    assert mtime_from_digest("ffffffff" + "0" * 56) == 0x3FFFFFFF
    assert mtime_from_digest("00000001" + "0" * 56) == 1
    assert mtime_from_digest("f" * 64) < 1_100_000_000
