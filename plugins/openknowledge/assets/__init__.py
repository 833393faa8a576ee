"""Assets: the theme's files with fingerprints in their names, its stylesheet in one piece."""

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]

PLUGIN = Plugin("assets.generator:AssetsGenerator")
register = PLUGIN.register
