"""Feeds: an RSS and an Atom file for every list of the site, and a calendar for every item with dates."""

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]

PLUGIN = Plugin("feeds.generator:FeedsGenerator", "feeds.settings:FeedsSettings.from_pelican")
register = PLUGIN.register
