"""Catalogue: the site as one value, and a page for each thing in it."""

import logging
import sys
from typing import Any

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems

from .plugin import Plugin


class PlainProblems(logging.Filter):
    """Prints an editor's problems without traceback, wrapped lines and prefix."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Print the problems of a record and drop it; return whether it is any other record."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ContentProblems):
            return True
        print(*error.problems, error, sep="\n", file=sys.stderr)
        return False


PLUGIN = Plugin("catalogue.generator:CatalogueGenerator", "catalogue.settings:CatalogueSettings.from_pelican")


def save_caches(pelican: Any) -> None:
    """Save what was read, now that the pages are there."""
    for cache in BuildSession.of(pelican.settings).retained.values():
        cache.save()


def register() -> None:
    """Connect to Pelican's signals."""
    from pelican import signals

    logging.getLogger("pelican").addFilter(PlainProblems())
    PLUGIN.register()
    signals.finalized.connect(save_caches)
