"""Patterns of the site's routes: which URLs belong to items, and which to lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openknowledge.catalogue.routes import OWN_NAMES, Routes

__all__ = ["RoutePattern", "match", "route_patterns"]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SETTING = re.compile(r"(?P<name>\w+?)(?P<lang>_LANG)?_URL")
NUMBERS = {"year": r"\d{4}", "page": r"\d+"}
WORDS = ("facet", "format")
"""Parts of URLs whose few values are all in the settings."""


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """The URLs of one route in one language.

    `kind` is empty for a list. `literal_steps` counts the steps without a placeholder.
    """

    kind: str
    lang: str
    expression: re.Pattern[str]
    literal_steps: int


def route_patterns(routes: Routes, kinds: Iterable[str], langs: Sequence[str]) -> tuple[RoutePattern, ...]:
    """Return the patterns of all routes.

    Pelican's own settings for pages that this site does not have do not end with a slash, and are skipped.
    """
    names = {kind.upper(): kind for kind in kinds}
    route_patterns = []
    for setting, pattern in sorted(routes.patterns.items()):
        setting_match = SETTING.fullmatch(setting)
        if setting_match is None or not pattern.endswith("/") or ":" in pattern:
            continue
        for lang in langs[1:] if setting_match["lang"] else langs[:1]:
            route_patterns.append(_pattern(routes, names.get(setting_match["name"], ""), lang, pattern))
    return tuple(route_patterns)


def match(patterns: Iterable[RoutePattern], address: str) -> tuple[RoutePattern, Mapping[str, str]] | None:
    """Return the most specific pattern that fits a URL, with its parts; an item's pattern wins over a list's."""
    fits = ((pattern, fit) for pattern in patterns if (fit := pattern.expression.fullmatch(address)))
    best = max(fits, key=lambda fit: (fit[0].literal_steps, bool(fit[0].kind)), default=None)
    return (best[0], best[1].groupdict()) if best is not None else None


def _pattern(routes: Routes, kind: str, lang: str, pattern: str) -> RoutePattern:
    steps = list(_steps(routes, lang, pattern))
    literal_steps = sum("(?P<" not in step for step in steps)
    return RoutePattern(kind, lang, re.compile("/" + "".join(f"{step}/" for step in steps)), literal_steps)


def _steps(routes: Routes, lang: str, pattern: str) -> Iterator[str]:
    for step in pattern.strip("/").split("/"):
        parts = PLACEHOLDER.split(step.replace("{lang}", lang))
        yield "".join(_part(routes, lang, part) if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _part(routes: Routes, lang: str, name: str) -> str:
    if name in WORDS:
        return f"(?P<{name}>{'|'.join(map(re.escape, sorted(_words(routes, lang))))})"
    return f"(?P<{name}>{NUMBERS.get(name, '[^/]+')})"


def _words(routes: Routes, lang: str) -> set[str]:
    return {routes.translate(part, lang) for words in routes.words.values() for part in words}


def untranslate(routes: Routes, lang: str, parts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of a URL as routes take them: a language's words become the values that they stand for."""
    values = {routes.translate(part, lang): part for words in routes.words.values() for part in sorted(words)}
    return {name: part if name in OWN_NAMES else values.get(part, part) for name, part in parts.items()}
