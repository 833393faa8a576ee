"""Preview images: what platforms show of a page that is shared, with the item's title in the site's own type."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from blinker import signal

from openknowledge.catalogue.plugin import Plugin
from openknowledge.problems import Problem

__all__ = ["PLUGIN", "advise", "check", "register"]

PLUGIN = Plugin("share_pictures.generator:SharePicturesGenerator")


def add_extras(generator: Any, **arguments: Any) -> Any:
    """Return the picture of a page."""
    from .generator import page_extras

    return page_extras(generator, **arguments)


def advise(settings: Mapping[str, Any], site: Any) -> Iterable[Problem]:
    """Return the titles that no font can set, also where this build draws no pictures: the published one does."""
    from .glyphs import find_problems, missing_glyphs

    return find_problems(site.fork(), Path(settings["PATH"]), lambda kind: missing_glyphs(site.fork(), kind))


def check(settings: Mapping[str, Any], site: Any) -> Iterable[Problem]:
    """Return those titles where this build draws pictures."""
    from .generator import is_on

    return advise(settings, site) if is_on(settings) else ()


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    PLUGIN.register()
    signal("catalogue_page_extras").connect(add_extras)
