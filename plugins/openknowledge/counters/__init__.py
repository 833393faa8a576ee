"""Counters: enrolments and totals on pages, and all numbers as JSON with which pages refresh themselves."""

from typing import Any

from blinker import signal

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]

PLUGIN = Plugin("counters.generator:CountersGenerator", "counters.settings:offer_settings")


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return what counters add to a page."""
    from .history import page_extras

    return page_extras(generator, **arguments)


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    PLUGIN.register()
    signal("catalogue_page_extras").connect(add_extras)
