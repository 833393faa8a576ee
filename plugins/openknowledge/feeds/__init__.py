"""Feeds: an RSS and an Atom file for every list of the site."""

from typing import Any

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]


def check_settings(settings: Any) -> None:
    """Stop on a wrong or missing setting."""
    from .settings import FeedsSettings

    FeedsSettings.from_pelican(settings)


def find_generator() -> Any:
    """Return the generator."""
    from .generator import FeedsGenerator

    return FeedsGenerator


PLUGIN = Plugin(check_settings, find_generator)
register = PLUGIN.register
