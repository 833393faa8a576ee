"""Search: what can be found, as one list for each language that browsers search themselves."""

from __future__ import annotations

from typing import Any

from pelican import signals

from .generator import SearchGenerator
from .settings import SearchSettings

__all__ = ["register"]


def switch_on(pelican: Any) -> None:
    """Stop on a wrong setting, and tell the catalogue that there is a search and where its lists are."""
    pelican.settings["SEARCH_JSON"] = SearchSettings.from_pelican(pelican.settings).json
    pelican.settings["SEARCH_IS_ON"] = True


def add_generator(_pelican: Any) -> type[SearchGenerator]:
    return SearchGenerator


def register() -> None:
    signals.initialized.connect(switch_on)
    signals.get_generators.connect(add_generator)
