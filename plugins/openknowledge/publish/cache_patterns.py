"""Which paths have which headers, for servers and hosts that know of a file no more than its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openknowledge.manifest import CacheClass, Manifest, ManifestEntry
from openknowledge.media_types import CONTENT_TYPES
from openknowledge.problems import Problem

from .headers import is_cross_origin

__all__ = ["SAME_ORIGIN_SUFFIXES", "CachePatterns", "find_mismatches", "to_regex"]

SAME_ORIGIN_SUFFIXES = tuple(ending for ending, name in CONTENT_TYPES.items() if ending and not is_cross_origin(name))
"""Endings of files that belong to our own pages alone."""


@dataclass(frozen=True)
class CachePatterns:
    """Paths by how long they may be kept; what none fits is a page.

    A pattern begins with `/` and has at most one `*`, which stands for anything: so every server and host can have it.
    """

    counters: tuple[str, ...] = ("/data/counters.json", "/data/counters/*.json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> CachePatterns:
        """The patterns of a site's settings: its counters may lie elsewhere."""
        whole = settings.get("COUNTERS_JSON", "data/counters.json")
        course = settings.get("COUNTERS_COURSE_JSON", "data/counters/{slug}.json")
        return cls((f"/{whole}", "/" + str(course).replace("{slug}", "*")))

    @cached_property
    def classes(self) -> tuple[tuple[str, CacheClass], ...]:
        """Each pattern with its class; no path fits two."""
        return (
            ("/theme/*", CacheClass.IMMUTABLE),
            ("/covers/*", CacheClass.IMMUTABLE),
            ("/media/*", CacheClass.MEDIA),
            *((pattern, CacheClass.COUNTERS) for pattern in self.counters),
            ("/*.rss.xml", CacheClass.FEED),
            ("/*.atom.xml", CacheClass.FEED),
        )

    def classify(self, path: str) -> CacheClass:
        """How long a file may be kept, judged by its path below output/."""
        found = (cache for pattern, cache in self._compiled if pattern.fullmatch(f"/{path}"))
        return next(found, CacheClass.PAGE)

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], CacheClass], ...]:
        return tuple((re.compile(to_regex(pattern)), cache) for pattern, cache in self.classes)


def to_regex(pattern: str) -> str:
    """A pattern as a regular expression, as nginx, Caddy and Python read it alike."""
    return "^" + ".*".join(map(re.escape, pattern.split("*"))) + "$"


def find_mismatches(manifest: Manifest, patterns: CachePatterns) -> tuple[Problem, ...]:
    """The files that a server would send other headers with than the manifest says, because their paths mislead."""
    return tuple(_misfits(manifest.entries, patterns))


def _misfits(entries: Iterable[ManifestEntry], patterns: CachePatterns) -> Iterable[Problem]:
    for entry in entries:
        seems = patterns.classify(entry.path)
        if seems is not entry.cache:
            message = f"is to be kept as {entry.cache}, but by its path a server takes it for {seems}"
            hint = (
                "Have the plugin that makes it write it elsewhere, or say the other. A server that is configured in "
                'another way than by us: PUBLISH_READ_BACK_AS = "host"'
            )
            yield Problem(entry.path, None, None, message, hint)
