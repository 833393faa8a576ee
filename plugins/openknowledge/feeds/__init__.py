"""Feeds: an RSS and an Atom file for every list of the site."""

from __future__ import annotations

from typing import Any

from pelican import signals

from .generator import FeedsGenerator
from .settings import FeedsSettings

__all__ = ["register"]


def check_settings(pelican: Any) -> None:
    """Stop on a wrong or missing setting."""
    FeedsSettings.from_pelican(pelican.settings)


def add_generator(_pelican: Any) -> type[FeedsGenerator]:
    return FeedsGenerator


def register() -> None:
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
