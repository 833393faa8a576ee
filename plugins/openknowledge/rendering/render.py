"""What a process needs to render pages on its own: a small value that can be sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from openknowledge.model.values import Lang

from .environment import PageEnvironment
from .i18n import create_environments, load_languages
from .macro_cache import CACHE_SIZE

CONFIGS = 4
"""So many setups keep their environments: a living process meets a new one with every change to the theme."""


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Everything that markup depends on besides template and view. Equal ones share their environments.

    `overrides` and `theme` are folders of templates, the first ones win; `simple` is Pelican's own.
    `locales` and `options` are pairs, sorted by name. `revision` changes whenever a template or a
    catalogue of words does: processes live longer than both. `bytecode` keeps compiled templates. So many
    pieces of markup that pages share are `kept` in each language.
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
        """All that is read of this machine's disk."""
        return tuple(dict.fromkeys((self.theme, self.simple, *self.overrides, self.locale)))

    def relocated(self, folders: Mapping[str, str]) -> RenderConfig:
        """The same setup on a machine where the folders are in other places."""
        return replace(
            self,
            theme=folders[self.theme],
            simple=folders[self.simple],
            overrides=tuple(folders[one] for one in self.overrides),
            locale=folders[self.locale],
            bytecode=None,
        )


def freeze_mapping(mapping: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A mapping of plain data as a value that can be compared and sent: lists become tuples."""
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in mapping.items()))


def template_loader(overrides: Sequence[str], theme: str, simple: str) -> BaseLoader:
    """Looks for templates where Pelican's generators do, also by `!theme/…` and `!simple/…`."""
    own, stock = FileSystemLoader(theme), FileSystemLoader(simple)
    return ChoiceLoader([FileSystemLoader([*overrides, theme]), stock, PrefixLoader({"!simple": stock, "!theme": own})])


def render(setup: RenderConfig, lang: Lang, template: str, view: Any) -> bytes:
    """The page as its file has it."""
    return _environments(setup)[lang].get_template(template).render(view=view).encode()


@lru_cache(maxsize=CONFIGS)
def _environments(setup: RenderConfig) -> dict[Lang, PageEnvironment]:
    languages = load_languages(Path(setup.locale), setup.langs, setup.timezone, dict(setup.locales))
    loader = template_loader(setup.overrides, setup.theme, setup.simple)
    bytecode = Path(setup.bytecode) if setup.bytecode else None
    return create_environments(loader, languages, dict(setup.options), bytecode, setup.cache_size)


def clear_environments() -> None:
    """Read all templates anew from now on."""
    _environments.cache_clear()
