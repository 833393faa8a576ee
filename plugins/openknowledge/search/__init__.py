"""Search: an index for each language, searched in the browser."""

from typing import Any

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]


def enable_search(settings: Any) -> None:
    """Check the settings, and offer the paths of the indexes to the catalogue."""
    from .settings import SearchSettings

    settings["SEARCH_JSON"] = SearchSettings.from_pelican(settings).json
    settings["SEARCH_IS_ON"] = True


def find_generator() -> Any:
    """Return the generator."""
    from .generator import SearchGenerator

    return SearchGenerator


PLUGIN = Plugin(enable_search, find_generator)
register = PLUGIN.register
