"""Search: an index for each language, searched in the browser."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openknowledge.catalogue.plugin import Plugin
from openknowledge.problems import Problem

__all__ = ["PLUGIN", "check", "register"]

PLUGIN = Plugin("search.generator:SearchGenerator", "search.settings:enable_search")
register = PLUGIN.register


def check(settings: Mapping[str, Any], _site: Any) -> Iterable[Problem]:
    """Return what is wrong with the synonyms."""
    from .synonyms import read_synonyms

    return read_synonyms(Path(settings["PATH"]))[1]
