"""Which addresses are those of items, and which are of lists that the site makes by itself: by the routes' patterns."""

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
"""Parts of addresses of which there are few, and the settings have them all."""


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """The addresses of one route in one language.

    `kind` is empty for a list; `fixed` counts the steps that are written out.
    """

    kind: str
    lang: str
    expression: re.Pattern[str]
    literal_steps: int


def route_patterns(routes: Routes, kinds: Iterable[str], langs: Sequence[str]) -> tuple[RoutePattern, ...]:
    """The patterns of all routes; Pelican's own, for pages that this site does not have, do not end with a slash."""
    names = {kind.upper(): kind for kind in kinds}
    found = []
    for setting, pattern in sorted(routes.patterns.items()):
        named = SETTING.fullmatch(setting)
        if named is None or not pattern.endswith("/") or ":" in pattern:
            continue
        for lang in langs[1:] if named["lang"] else langs[:1]:
            found.append(_pattern(routes, names.get(named["name"], ""), lang, pattern))
    return tuple(found)


def match(patterns: Iterable[RoutePattern], address: str) -> tuple[RoutePattern, Mapping[str, str]] | None:
    """The pattern that says most about an address, with the parts in it; an item's wins over a list's."""
    fits = ((one, found) for one in patterns if (found := one.expression.fullmatch(address)))
    best = max(fits, key=lambda fit: (fit[0].literal_steps, bool(fit[0].kind)), default=None)
    return (best[0], best[1].groupdict()) if best is not None else None


def _pattern(routes: Routes, kind: str, lang: str, pattern: str) -> RoutePattern:
    steps = list(_steps(routes, lang, pattern))
    fixed = sum("(?P<" not in step for step in steps)
    return RoutePattern(kind, lang, re.compile("/" + "".join(f"{step}/" for step in steps)), fixed)


def _steps(routes: Routes, lang: str, pattern: str) -> Iterator[str]:
    for step in pattern.strip("/").split("/"):
        parts = PLACEHOLDER.split(step.replace("{lang}", lang))
        yield "".join(_part(routes, lang, one) if at % 2 else re.escape(one) for at, one in enumerate(parts))


def _part(routes: Routes, lang: str, name: str) -> str:
    if name in WORDS:
        return f"(?P<{name}>{'|'.join(map(re.escape, sorted(_words(routes, lang))))})"
    return f"(?P<{name}>{NUMBERS.get(name, '[^/]+')})"


def _words(routes: Routes, lang: str) -> set[str]:
    return {routes.translate(part, lang) for words in routes.words.values() for part in words}


def untranslate(routes: Routes, lang: str, parts: Mapping[str, str]) -> dict[str, Any]:
    """The parts of an address as routes want them: words of a language's addresses become what they stand for."""
    meant = {routes.translate(part, lang): part for words in routes.words.values() for part in sorted(words)}
    return {name: one if name in OWN_NAMES else meant.get(one, one) for name, one in parts.items()}
