"""The rendering of pages by any process: a small configuration that can be sent, and the function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from openknowledge.model.values import Lang

from .environment import CACHE_SIZE, PageEnvironment, create_environments
from .locale import load_languages

CONFIGS = 4
"""The number of configurations whose environments are cached: each change of the theme makes a new one."""


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Everything that markup depends on besides template and view. Equal configurations share their environments.

    `overrides` and `theme` are folders of templates, in order of precedence; `simple` is Pelican's own. `locales` and
    `options` are pairs, sorted by name. `revision` changes whenever a template or a catalogue does, because processes
    outlive both. `bytecode` is the folder of compiled templates. `cache_size` is the size of each macro cache.
    """

    theme: str
    simple: str
    overrides: tuple[str, ...]
    locale: str
    langs: tuple[Lang, ...]
    timezone: str
    locales: tuple[tuple[Lang, str], ...]
    options: tuple[tuple[str, object], ...]
    bytecode: str | None = None
    revision: str = ""
    cache_size: int = CACHE_SIZE

    def folders(self) -> tuple[str, ...]:
        """Return the folders of this machine's disk that rendering reads."""
        return tuple(dict.fromkeys((self.theme, self.simple, *self.overrides, self.locale)))

    def relocated(self, folders: Mapping[str, str]) -> Self:
        """Return the configuration for a machine where the folders have other paths."""
        return replace(
            self,
            theme=folders[self.theme],
            simple=folders[self.simple],
            overrides=tuple(folders[folder] for folder in self.overrides),
            locale=folders[self.locale],
            bytecode=None,
        )


def freeze_mapping(mapping: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return a mapping of plain data as a value that can be compared and sent: lists become tuples."""
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in mapping.items()))


def template_loader(overrides: Sequence[str], theme: str, simple: str) -> BaseLoader:
    """Return a loader that searches like Pelican's generators, also for `!theme/…` and `!simple/…`."""
    own, stock = FileSystemLoader(theme), FileSystemLoader(simple)
    return ChoiceLoader([FileSystemLoader([*overrides, theme]), stock, PrefixLoader({"!simple": stock, "!theme": own})])


def render(config: RenderConfig, lang: Lang, template: str, view: Any) -> bytes:
    """Return the bytes of a page."""
    return _environments(config)[lang].get_template(template).render(view=view).encode()


@lru_cache(maxsize=CONFIGS)
def _environments(config: RenderConfig) -> dict[Lang, PageEnvironment]:
    languages = load_languages(Path(config.locale), config.langs, config.timezone, dict(config.locales))
    loader = template_loader(config.overrides, config.theme, config.simple)
    bytecode = Path(config.bytecode) if config.bytecode else None
    return create_environments(loader, languages, dict(config.options), bytecode, config.cache_size)


def clear_environments() -> None:
    """Drop all environments, so that templates are read again."""
    _environments.cache_clear()
