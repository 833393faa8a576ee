"""Counters: enrolments and totals on pages, and all numbers as JSON with which pages refresh themselves."""

from typing import Any

from blinker import signal

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]


def check_settings(settings: Any) -> None:
    """Check the settings, and offer the default values to the catalogue."""
    from .settings import CountersSettings

    settings.update(CountersSettings.from_pelican(settings).as_pelican())


def find_generator() -> Any:
    """Return the generator."""
    from .generator import CountersGenerator

    return CountersGenerator


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return what counters add to a page."""
    from .history import page_extras

    return page_extras(generator, **arguments)


PLUGIN = Plugin(check_settings, find_generator)


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    PLUGIN.register()
    signal("catalogue_page_extras").connect(add_extras)
