"""Where each page lives: patterns from the settings, in Pelican's naming."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple, Self
from urllib.parse import quote

from openknowledge.model.values import Lang
from openknowledge.problems import ContentProblems, operator_problem

MEDIA_FOLDER, PICTURES_FOLDER = "media/", "pictures/"
"""Where files of the content are published, and what is made of pictures."""
OWN_NAMES = ("slug", "initiative")
"""Parts that are an item's own name, which is never translated."""
UNQUOTED = re.compile(r"[A-Za-z0-9_.~/-]*")
"""A path that needs no quoting in a URL; most need none."""


class UrlParts(NamedTuple):
    """What the paths of an item's pages are made of besides the patterns; `""` for what the item has not.

    `initiative` is the slug of the initiative that a hub item belongs to, `save_as` a file that replaces the pattern's.
    """

    slug: str
    year: str
    initiative: str
    format: str
    save_as: str
    slugs: Mapping[Lang, str]

    @classmethod
    def parse(cls, address: tuple[str, ...]) -> Self:
        """Return the parts from an item's row, where languages with a slug of their own come last (`en:waves`)."""
        slug, year, initiative, hub_format, save_as, *own = address
        return cls(slug, year, initiative, hub_format, save_as, dict(text.split(":", 1) for text in own))

    def slug_in(self, lang: Lang) -> str:
        """Return the slug in a language's paths."""
        return self.slugs.get(lang, self.slug)


@dataclass(frozen=True, slots=True)
class Route:
    """A URL below the site's root, without the first slash, and the file that answers it."""

    url: str
    save_as: str


@dataclass(frozen=True)
class Routes:
    """Patterns by name: `COURSE_URL` for the default language, `COURSE_LANG_URL` for the others.

    `words` translates parts of paths (`{"it": {"webinar": "webinar", "year": "anno"}}`).
    """

    patterns: Mapping[str, str]
    default_lang: Lang
    words: Mapping[Lang, Mapping[str, str]]
    _static_routes: dict[tuple[str, Lang], Route] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Routes without parts that were asked for before: every page leads to some."""
    _patterns: dict[tuple[str, Lang, tuple[str, ...]], tuple[str, str | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def route(self, name: str, lang: Lang, **parts: object) -> Route:
        """Return the route called `name` (`course`, `videos_year`) in `lang`; parts fill its pattern."""
        if parts:
            return self._fill(name, lang, parts)
        route = self._static_routes.get((name, lang))
        if route is None:
            route = self._static_routes[name, lang] = self._fill(name, lang, {})
        return route

    def below(self, route: Route, lang: Lang, word: str, name: str = "") -> Route:
        """Return the route of a page that belongs to another one: `/temi/fisica/` has `/temi/fisica/pagina/onde/`.

        The word is translated, and the name is not.
        """
        above = route.url if route.url.endswith("/") else f"{route.url.rpartition('.')[0] or route.url}/"
        url = above + "".join(f"{step}/" for step in (self.translate(word, lang), name) if step)
        return Route(url, file_for_url(url))

    def translate(self, part: str, lang: Lang) -> str:
        """Return a part of a path in a language."""
        return self.words.get(lang, {}).get(part, part)

    def with_kinds(self, kinds: Iterable[tuple[str, str]]) -> Self:
        """Return the same routes, with those of kinds that the settings do not mention, by singular and plural."""
        own: dict[str, str] = {}
        for singular, plural in kinds:
            own[f"{singular.upper()}_URL"] = f"{plural}/{{slug}}/"
            own[f"{singular.upper()}_LANG_URL"] = f"{{lang}}/{plural}/{{slug}}/"
            own[f"{plural.upper()}_URL"] = f"{plural}/"
            own[f"{plural.upper()}_LANG_URL"] = f"{{lang}}/{plural}/"
        return replace(self, patterns={**own, **self.patterns})

    def _fill(self, name: str, lang: Lang, parts: Mapping[str, object]) -> Route:
        values = {
            key: str(value) if key in OWN_NAMES else self.translate(str(value), lang) for key, value in parts.items()
        }
        url_pattern, save_as = self._patterns_of(name, lang, tuple(parts))
        try:
            url = url_pattern.format(lang=lang, **values)
        except (LookupError, ValueError) as error:
            message = f'the pattern "{url_pattern}" cannot be filled ({error})'
            hint = f"It may have {', '.join(f'{{{part}}}' for part in ('lang', *values))}."
            problem = operator_problem("pelicanconf.py", None, self._setting(name, lang, "URL"), message, hint)
            raise ContentProblems([problem]) from None
        return Route(url, save_as.format(lang=lang, **values) if save_as else file_for_url(url))

    def _patterns_of(self, name: str, lang: Lang, parts: tuple[str, ...]) -> tuple[str, str | None]:
        """Return the pattern of the URL, and that of the file where the settings have one."""
        patterns = self._patterns.get((name, lang, parts))
        if patterns is None:
            file = self.patterns.get(self._setting(name, lang, "SAVE_AS"))
            patterns = self._patterns[name, lang, parts] = self._pattern(name, lang, parts), file
        return patterns

    def _setting(self, name: str, lang: Lang, suffix: str) -> str:
        infix = "" if lang == self.default_lang else "LANG_"
        return f"{name.upper()}_{infix}{suffix}"

    def _pattern(self, name: str, lang: Lang, parts: Iterable[str]) -> str:
        """Return the pattern from the settings, else one made of the route's name and parts."""
        pattern = self.patterns.get(self._setting(name, lang, "URL"))
        if pattern is not None:
            return pattern
        own = [] if name == "home" else [name.replace("_", "-")]
        steps = ["{lang}"] if lang != self.default_lang else []
        return "".join(f"{step}/" for step in [*steps, *own, *(f"{{{part}}}" for part in parts)])


def file_for_url(url: str) -> str:
    """Return the file in output/ that a server answers `url` with."""
    return f"{url}index.html" if url == "" or url.endswith("/") else url


@lru_cache(maxsize=4096)
def quote_path(path: str) -> str:
    """Return a path as it is written in a URL; the same few thousand lead from each page to others."""
    return path if UNQUOTED.fullmatch(path) else quote(path)


def media_path(path: str) -> str:
    """Return where a file of content/ is published, below output/."""
    return f"{MEDIA_FOLDER}{path}"
