"""Catalogue: the site as one value, and a page for each thing in it."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems

from .plugin import Plugin


class PlainProblems(logging.Filter):
    """Prints an editor's problems in the language of the site, without traceback, wrapped lines and prefix."""

    settings: Mapping[str, Any] | None = None

    def use_settings(self, pelican: Any) -> None:
        """Know the language of messages from now on."""
        self.settings = pelican.settings

    def filter(self, record: logging.LogRecord) -> bool:
        """Print the problems of a record and drop it; return whether it is any other record."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ContentProblems):
            return True
        if self.settings is None:
            print(error.localize(str), file=sys.stderr)
        else:
            from openknowledge.rendering.locale import load_gettext

            print(error.localize(load_gettext(self.settings)), file=sys.stderr)
        return False


PRINTER = PlainProblems()
PLUGIN = Plugin("catalogue.generator:CatalogueGenerator", "catalogue.settings:CatalogueSettings.from_pelican")


def save_caches(pelican: Any) -> None:
    """Save what was read, now that the pages are there."""
    for cache in BuildSession.of(pelican.settings).retained.values():
        cache.save()


def register() -> None:
    """Connect to Pelican's signals."""
    from pelican import signals

    # Once, however often a preview builds: another filter each time would stay.
    logging.getLogger("pelican").addFilter(PRINTER)
    signals.initialized.connect(PRINTER.use_settings, weak=False)
    PLUGIN.register()
    signals.finalized.connect(save_caches)
