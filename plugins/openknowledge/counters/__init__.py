"""Counters: enrolments and totals on pages, and all numbers as JSON with which pages refresh themselves."""

from __future__ import annotations

from typing import Any

from blinker import signal
from pelican import signals

from openknowledge.engine.session import BuildSession

__all__ = ["register"]


def check_settings(pelican: Any) -> None:
    """Check the settings, and offer the default values to the catalogue."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import CountersSettings

        for name, value in CountersSettings.from_pelican(pelican.settings).as_pelican().items():
            pelican.settings[name] = value


def add_generator(pelican: Any) -> Any:
    """Return the generator; None where the build session has nothing to do."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import CountersGenerator

    return CountersGenerator


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return what counters add to a page."""
    from .extras import page_extras

    return page_extras(generator, **arguments)


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
    signal("catalogue_page_extras").connect(add_extras)
