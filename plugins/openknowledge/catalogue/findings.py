"""All problems of a site together: its content, two files of one path, and what plugins find."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from openknowledge.problems import Problem

from .assemble import AssembledSite
from .output_owners import describe_conflicts, find_conflicts
from .site import Site

__all__ = ["ask_plugins", "find_problems"]


def find_problems(assembled: AssembledSite, settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield all problems for which a build stops.

    Items with problems are missing in the site; whoever looks for something there asks it what is `missing`.
    """
    site = assembled.site
    yield from assembled.problems
    yield from describe_conflicts(site.fork(), find_conflicts(site.fork()))
    yield from ask_plugins("check", settings, site)


def ask_plugins(function: str, settings: Mapping[str, Any], site: Site) -> Iterator[Problem]:
    """Yield what the plugins find wrong that have a function of settings and site.

    It is called `check` where a build would stop as well, and `advise` where it would not.
    """
    for name in settings["PLUGINS"]:
        check = getattr(import_module(str(name)), function, None)
        # A plugin may have a module of this name, as the catalogue itself has.
        if callable(check):
            yield from check(settings, site)
