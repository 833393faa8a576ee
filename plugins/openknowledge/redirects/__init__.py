"""Redirects: every URL that was published serves, redirects or says that its content is gone."""

from collections.abc import Iterable
from typing import Any

from openknowledge.catalogue.plugin import Plugin
from openknowledge.problems import Problem

__all__ = ["PLUGIN", "check", "register"]

PLUGIN = Plugin("redirects.generator:RedirectsGenerator", "redirects.sources:RedirectsSettings.from_pelican")
register = PLUGIN.register


def check(settings: Any, site: Any) -> Iterable[Problem]:
    """Return the problems of old URLs for `invoke check`, without a build."""
    from .resolver import RedirectResolver
    from .sources import RedirectsSettings

    resolver = RedirectResolver(RedirectsSettings.from_pelican(settings))
    resolver.register_inputs(site)
    return resolver.find_problems(site)
