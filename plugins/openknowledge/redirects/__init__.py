"""Redirects: every URL that was published serves, redirects or says that its content is gone."""

from collections.abc import Iterable
from typing import Any

from openknowledge.catalogue.plugin import Plugin
from openknowledge.problems import Problem

__all__ = ["PLUGIN", "check", "register"]


def check_settings(settings: Any) -> None:
    """Check the settings. Raises `ContentProblems`."""
    from .sources import RedirectsSettings

    RedirectsSettings.from_pelican(settings)


def find_generator() -> Any:
    """Return the generator."""
    from .generator import RedirectsGenerator

    return RedirectsGenerator


def check(settings: Any, site: Any) -> Iterable[Problem]:
    """Return the problems of old URLs for `invoke check`, without a build."""
    from .resolver import RedirectResolver
    from .sources import RedirectsSettings

    resolver = RedirectResolver(RedirectsSettings.from_pelican(settings))
    resolver.register_inputs(site)
    resolution = resolver.resolve(site)
    return (*resolution.problems, *resolution.losses)


PLUGIN = Plugin(check_settings, find_generator)
register = PLUGIN.register
