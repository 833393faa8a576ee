"""Search: an index for each language, searched in the browser."""

from __future__ import annotations

from typing import Any

from pelican import signals

from openknowledge.engine.session import BuildSession

__all__ = ["register"]


def enable_search(pelican: Any) -> None:
    """Check the settings, and offer the paths of the indexes to the catalogue."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import SearchSettings

        pelican.settings["SEARCH_JSON"] = SearchSettings.from_pelican(pelican.settings).json
        pelican.settings["SEARCH_IS_ON"] = True


def add_generator(pelican: Any) -> Any:
    """Return the generator; None where the build session has nothing to do."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import SearchGenerator

    return SearchGenerator


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    signals.initialized.connect(enable_search)
    signals.get_generators.connect(add_generator)
