"""Counters: enrolments and totals on pages, and all numbers as JSON that pages refresh themselves from."""

from __future__ import annotations

from typing import Any

from blinker import signal
from pelican import signals

from .extras import page_extras
from .generator import CountersGenerator
from .settings import CountersSettings

__all__ = ["register"]


def check_settings(pelican: Any) -> None:
    """Stop on a wrong setting, and let the catalogue see those that nobody wrote."""
    for name, value in CountersSettings.from_pelican(pelican.settings).as_pelican().items():
        pelican.settings[name] = value


def add_generator(_pelican: Any) -> type[CountersGenerator]:
    return CountersGenerator


def register() -> None:
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
    signal("catalogue_page_extras").connect(page_extras)
