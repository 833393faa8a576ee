"""Search: an index for each language, searched in the browser."""

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]

PLUGIN = Plugin("search.generator:SearchGenerator", "search.settings:enable_search")
register = PLUGIN.register
