"""The cache class of every file follows from its path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.publish.builders import a_site
from tests.publish.built import manifest_of

from openknowledge.manifest import CacheClass, FileRole, Manifest, ManifestEntry
from openknowledge.publish.errors import PublishRefused
from openknowledge.publish.publisher import Publisher
from openknowledge.publish.settings import PublishSettings
from openknowledge.serving.headers import SAME_ORIGIN_SUFFIXES, CachePatterns, find_mismatches, is_cross_origin

SITE = "https://open.example.edu"


def a_manifest(*entries: tuple[str, CacheClass]) -> Manifest:
    return Manifest.from_entries(
        SITE, [ManifestEntry(path, "0" * 64, 1, "", cache, FileRole.PAGE) for path, cache in entries]
    )


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("index.html", CacheClass.PAGE),
        ("corsi/theme/index.html", CacheClass.PAGE),
        ("theme/site.38948c63.css", CacheClass.IMMUTABLE),
        ("covers/course/coding.59a4c8a6.svg", CacheClass.IMMUTABLE),
        ("media/courses/foto.20200131.jpg", CacheClass.MEDIA),
        ("data/counters.json", CacheClass.COUNTERS),
        ("data/counters/coding.json", CacheClass.COUNTERS),
        ("data/counters/coding.csv", CacheClass.COUNTERS),
        ("data/counters.json.html", CacheClass.PAGE),
        ("data/search/it/index.json", CacheClass.PAGE),
        ("en/feeds/topic/physics.atom.xml", CacheClass.FEED),
        ("feed/all.rss.xml", CacheClass.FEED),
        ("feed/index.html", CacheClass.PAGE),
        ("sitemap.xml", CacheClass.PAGE),
    ],
)
def test_a_path_has_a_cache_class(path: str, cache: CacheClass) -> None:
    assert CachePatterns().classify(path) is cache


def test_counters_are_known_wherever_the_settings_put_them() -> None:
    patterns = CachePatterns.from_settings({"COUNTERS_JSON": "n.json", "COUNTERS_COURSE_JSON": "c/{slug}/n.json"})

    assert [patterns.classify(path) for path in ("n.json", "c/a/n.json")] == [CacheClass.COUNTERS] * 2
    assert CachePatterns.from_settings({}) == CachePatterns()


def test_no_pattern_has_more_than_one_star() -> None:
    assert {pattern.count("*") for pattern, _ in CachePatterns().classes} <= {0, 1}


def test_a_file_whose_path_misleads_is_reported() -> None:
    manifest = a_manifest(("theme/manifest.json", CacheClass.PAGE), ("theme/a.css", CacheClass.IMMUTABLE))

    problems = find_mismatches(manifest, CachePatterns())

    assert [problem.path for problem in problems] == ["theme/manifest.json"]
    assert "immutable" in problems[0].message


def refused(tmp_path: Path, kind: Mapping[str, str], **more: object) -> list[str]:
    """Return what is refused of a site with a page in the theme's folder, by its path."""
    a_site(tmp_path / "output", {"index.html": "x", "theme/list.html": "x"})
    plain = {"SITEURL": SITE, "OUTPUT_PATH": "output", "CACHE_PATH": ".cache", "PUBLISH_TARGET": kind, **more}
    secrets = {"PUBLISH_ACCESS_KEY": "key", "PUBLISH_SECRET_KEY": "secret"}
    try:
        Publisher(PublishSettings.from_pelican(plain, secrets, tmp_path), "somebody").open_site()
    except PublishRefused as refusal:
        return [problem.path for problem in refusal.problems]
    return []


DIRECTORY = {"kind": "directory", "path": "www"}


@pytest.mark.parametrize("kind", [DIRECTORY, {"kind": "ssh", "host": "server", "path": "/srv"}], ids=["folder", "ssh"])
def test_a_site_is_refused_whose_headers_our_servers_would_get_wrong(tmp_path: Path, kind: Mapping[str, str]) -> None:
    assert refused(tmp_path, kind) == ["theme/list.html"]


def test_a_server_that_is_configured_in_another_way_is_left_to_its_operator(tmp_path: Path) -> None:
    assert refused(tmp_path, DIRECTORY, PUBLISH_READ_BACK_AS="host") == []


@pytest.mark.parametrize(
    "kind",
    [{"kind": "s3", "bucket": "b"}, {"kind": "artifact", "path": "site", "host": "netlify"}],
    ids=["a store", "a host"],
)
def test_a_target_that_gets_the_headers_of_each_file_takes_any_path(tmp_path: Path, kind: Mapping[str, str]) -> None:
    assert refused(tmp_path, kind) == []


def test_no_file_of_the_site_misleads(real_site: Path) -> None:
    manifest = manifest_of(real_site)

    assert {entry.cache for entry in manifest.entries} >= {
        CacheClass.PAGE,
        CacheClass.IMMUTABLE,
        CacheClass.FEED,
        CacheClass.COUNTERS,
    }
    assert find_mismatches(manifest, CachePatterns()) == ()
    closed = {entry.path for entry in manifest.entries if entry.path.endswith(SAME_ORIGIN_SUFFIXES)}
    assert closed == {entry.path for entry in manifest.entries if not is_cross_origin(entry.media_type)}
