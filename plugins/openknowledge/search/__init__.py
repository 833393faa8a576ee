"""Search: what can be found, as one list for each language that browsers search themselves."""

from __future__ import annotations

from typing import Any

from pelican import signals

__all__ = ["register"]


def enable_search(pelican: Any) -> None:
    """Stop on a wrong setting, and tell the catalogue that there is a search and where its lists are."""
    if not pelican.settings.get("UP_TO_DATE"):
        from .settings import SearchSettings

        pelican.settings["SEARCH_JSON"] = SearchSettings.from_pelican(pelican.settings).json
        pelican.settings["SEARCH_IS_ON"] = True


def add_generator(pelican: Any) -> Any:
    """The generator, unless everything is there already."""
    if pelican.settings.get("UP_TO_DATE"):
        return None
    from .generator import SearchGenerator

    return SearchGenerator


def register() -> None:
    signals.initialized.connect(enable_search)
    signals.get_generators.connect(add_generator)
