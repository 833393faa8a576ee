"""Discovery: what search engines, browsers and finders of weaknesses ask a site for at addresses that all know."""

from openknowledge.catalogue.plugin import Plugin

__all__ = ["PLUGIN", "register"]

PLUGIN = Plugin("discovery.generator:DiscoveryGenerator", "discovery.settings:check_settings")
register = PLUGIN.register
