"""Feeds: an RSS and an Atom file for every list of the site."""

from __future__ import annotations

from typing import Any

from pelican import signals

from openknowledge.engine.session import BuildSession

__all__ = ["register"]


def check_settings(pelican: Any) -> None:
    """Stop on a wrong or missing setting."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import FeedsSettings

        FeedsSettings.from_pelican(pelican.settings)


def add_generator(pelican: Any) -> Any:
    """Return the generator; None where the build session has nothing to do."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import FeedsGenerator

    return FeedsGenerator


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
