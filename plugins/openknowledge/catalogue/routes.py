"""Where each page lives: patterns from the settings, in Pelican's naming."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from openknowledge.model.values import Lang

OWN_NAMES = ("slug", "initiative")
"""Parts that are an item's own name, which is never translated."""
UNQUOTED = re.compile(r"[A-Za-z0-9_.~/-]*")
"""A path that stands in an address as it is; most do."""


@dataclass(frozen=True, slots=True)
class Route:
    """An address below the site's root, without the first slash, and the file that answers it."""

    url: str
    save_as: str


@dataclass(frozen=True)
class Routes:
    """Patterns by name: `COURSE_URL` for the default language, `COURSE_LANG_URL` for the others.

    `words` translates parts of addresses (`{"it": {"webinar": "webinar", "year": "anno"}}`).
    """

    patterns: Mapping[str, str]
    default_lang: Lang
    words: Mapping[Lang, Mapping[str, str]]

    def route(self, name: str, lang: Lang, **parts: object) -> Route:
        """The route called `name` (`course`, `videos_year`) in `lang`; parts fill its pattern."""
        if parts:
            return self._filled(name, lang, parts)
        found = self._without_parts.get((name, lang))
        if found is None:
            found = self._without_parts[name, lang] = self._filled(name, lang, {})
        return found

    def translate(self, part: str, lang: Lang) -> str:
        """A part of an address in the language of the address."""
        return self.words.get(lang, {}).get(part, part)

    @cached_property
    def _without_parts(self) -> dict[tuple[str, Lang], Route]:
        """Routes in which nothing is left open: every page leads to some."""
        return {}

    def _filled(self, name: str, lang: Lang, parts: Mapping[str, object]) -> Route:
        values = {
            key: str(value) if key in OWN_NAMES else self.translate(str(value), lang) for key, value in parts.items()
        }
        url, save_as = self._patterns_of(name, lang, tuple(parts))
        made = url.format(lang=lang, **values)
        return Route(made, save_as.format(lang=lang, **values) if save_as else file_for_url(made))

    @cached_property
    def _patterns(self) -> dict[tuple[str, Lang, tuple[str, ...]], tuple[str, str | None]]:
        return {}

    def _patterns_of(self, name: str, lang: Lang, parts: tuple[str, ...]) -> tuple[str, str | None]:
        """The pattern of the address, and that of the file where the settings have one."""
        found = self._patterns.get((name, lang, parts))
        if found is None:
            file = self.patterns.get(self._setting(name, lang, "SAVE_AS"))
            found = self._patterns[name, lang, parts] = self._pattern(name, lang, parts), file
        return found

    def _setting(self, name: str, lang: Lang, what: str) -> str:
        infix = "" if lang == self.default_lang else "LANG_"
        return f"{name.upper()}_{infix}{what}"

    def _pattern(self, name: str, lang: Lang, parts: Iterable[str]) -> str:
        """The pattern from the settings, else one made of the route's name and parts."""
        given = self.patterns.get(self._setting(name, lang, "URL"))
        if given is not None:
            return given
        own = [] if name == "home" else [name.replace("_", "-")]
        steps = ["{lang}"] if lang != self.default_lang else []
        return "".join(f"{step}/" for step in [*steps, *own, *(f"{{{part}}}" for part in parts)])

    def with_kind(self, singular: str, plural: str) -> Routes:
        """The same routes, with those of a kind that the settings do not mention."""
        own = {
            f"{singular.upper()}_URL": f"{plural}/{{slug}}/",
            f"{singular.upper()}_LANG_URL": f"{{lang}}/{plural}/{{slug}}/",
            f"{plural.upper()}_URL": f"{plural}/",
            f"{plural.upper()}_LANG_URL": f"{{lang}}/{plural}/",
        }
        return Routes({**own, **self.patterns}, self.default_lang, self.words)


def file_for_url(url: str) -> str:
    """The file in output/ that a server answers `url` with."""
    return f"{url}index.html" if url == "" or url.endswith("/") else url


def quote_path(path: str) -> str:
    """A path as it stands in an address."""
    return path if UNQUOTED.fullmatch(path) else quote(path)
