"""Cache classes by path, for servers and hosts that know of a file no more than its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openknowledge.manifest import CacheClass, Manifest
from openknowledge.media_types import CONTENT_TYPES
from openknowledge.problems import Problem

from .headers import is_cross_origin

__all__ = ["SAME_ORIGIN_SUFFIXES", "CachePatterns", "find_mismatches", "to_regex"]

SAME_ORIGIN_SUFFIXES = tuple(ending for ending, name in CONTENT_TYPES.items() if ending and not is_cross_origin(name))
"""Suffixes of files that only the site's own pages may use."""


@dataclass(frozen=True)
class CachePatterns:
    """Patterns of paths with their cache classes; a path that matches none is a page.

    A pattern begins with `/` and has at most one `*`, which matches anything, so that every server and host has it.
    """

    counters: tuple[str, ...] = ("/data/counters.json", "/data/counters/*.json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> CachePatterns:
        """Return the patterns of a site's settings, which may have its counters elsewhere."""
        whole = settings.get("COUNTERS_JSON", "data/counters.json")
        course = settings.get("COUNTERS_COURSE_JSON", "data/counters/{slug}.json")
        return cls((f"/{whole}", "/" + str(course).replace("{slug}", "*")))

    @cached_property
    def classes(self) -> tuple[tuple[str, CacheClass], ...]:
        """Return each pattern with its class; no path matches two."""
        return (
            ("/theme/*", CacheClass.IMMUTABLE),
            ("/covers/*", CacheClass.IMMUTABLE),
            ("/media/*", CacheClass.MEDIA),
            *((pattern, CacheClass.COUNTERS) for pattern in self.counters),
            ("/*.rss.xml", CacheClass.FEED),
            ("/*.atom.xml", CacheClass.FEED),
        )

    def classify(self, path: str) -> CacheClass:
        """Return the cache class of a file by its path below output/."""
        matches = (cache for pattern, cache in self._compiled if pattern.fullmatch(f"/{path}"))
        return next(matches, CacheClass.PAGE)

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], CacheClass], ...]:
        return tuple((re.compile(to_regex(pattern)), cache) for pattern, cache in self.classes)


def to_regex(pattern: str) -> str:
    """Return a pattern as a regular expression that means the same to nginx, Caddy and Python."""
    return "^" + ".*".join(map(re.escape, pattern.split("*"))) + "$"


def find_mismatches(manifest: Manifest, patterns: CachePatterns) -> tuple[Problem, ...]:
    """Return a problem for each file whose class in the manifest is not that of its path."""
    hint = (
        "Have the plugin that makes it write it elsewhere, or say the other. A server that is configured in "
        'another way than by us: PUBLISH_READ_BACK_AS = "host"'
    )
    return tuple(
        Problem(
            entry.path,
            message=f"is to be kept as {entry.cache}, but by its path a server takes it for {by_path}",
            hint=hint,
        )
        for entry in manifest.entries
        if (by_path := patterns.classify(entry.path)) is not entry.cache
    )
