"""Catalogue: the site as one value, and a page for each thing in it."""

import logging
import sys
from typing import Any

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems


class PlainProblems(logging.Filter):
    """Prints an editor's problems without traceback, wrapped lines and prefix."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Print the problems of a record and drop it; return whether it is any other record."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ContentProblems):
            return True
        print(*error.problems, error, sep="\n", file=sys.stderr)
        return False


def check_settings(pelican: Any) -> None:
    """Raise `ContentProblems` for a wrong or missing setting."""
    if not BuildSession.of(pelican.settings).is_up_to_date:
        from .settings import CatalogueSettings

        CatalogueSettings.from_pelican(pelican.settings)


def add_generator(pelican: Any) -> Any:
    """Return the generator, unless the output is up to date."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import CatalogueGenerator

    return CatalogueGenerator


def save_caches(pelican: Any) -> None:
    """Save what was read, now that the pages are there."""
    for cache in BuildSession.of(pelican.settings).retained.values():
        cache.save()


def register() -> None:
    """Connect to Pelican's signals."""
    from pelican import signals

    logging.getLogger("pelican").addFilter(PlainProblems())
    signals.initialized.connect(check_settings)
    signals.get_generators.connect(add_generator)
    signals.finalized.connect(save_caches)
