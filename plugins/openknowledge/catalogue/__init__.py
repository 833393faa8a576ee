"""Catalogue: everything that the site knows, and a page for each thing."""

from __future__ import annotations

import logging
import sys
from typing import Any

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems


class PlainProblems(logging.Filter):
    """Prints an editor's problems as they are: no traceback, no wrapped lines, no prefix."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ContentProblems):
            return True
        print(*error.problems, error, sep="\n", file=sys.stderr)
        return False


def check_settings(pelican: Any) -> None:
    """Stop on a wrong or missing setting."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import CatalogueSettings

        CatalogueSettings.from_pelican(pelican.settings)


def add_generator(pelican: Any) -> Any:
    """The generator, unless everything is there already."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import CatalogueGenerator

    return CatalogueGenerator


def save_caches(pelican: Any) -> None:
    """Write what was read when the pages exist: a page need not wait for it."""
    for cache in BuildSession.of(pelican.settings).retained.values():
        cache.save()


def register() -> None:
    from pelican import signals

    logging.getLogger("pelican").addFilter(PlainProblems())
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
    signals.finalized.connect(save_caches)
