"""The shortest wishes, places and routes that tests of addresses begin with."""

from __future__ import annotations

import runpy

from tests.site.small import ROOT

from openknowledge.catalogue.assemble import declare_routes
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.routes import Routes
from openknowledge.redirects.model import RedirectRule, ServedPath
from openknowledge.redirects.route_patterns import RoutePattern, route_patterns

LANGS = ("it", "en")


def a_wish(source: str, target: str | None = None, line: int | None = None) -> RedirectRule:
    return RedirectRule(source, target, "content/redirects.yaml", line, "from")


def wishes(*several: RedirectRule) -> dict[str, RedirectRule]:
    return {one.source: one for one in several}


def a_page(ref: str = "course/coding", lang: str = "it", path: str = "") -> ServedPath:
    return ServedPath("page", lang, ref, path)


def the_routes() -> Routes:
    """The routes of the project's own settings."""
    settings = runpy.run_path(str(ROOT / "pelicanconf.py"))
    patterns = {name: one for name, one in settings.items() if name.endswith(("_URL", "_SAVE_AS"))}
    return declare_routes(Routes(patterns, "it", settings["ROUTE_WORDS"]), KINDS)


def the_patterns() -> tuple[RoutePattern, ...]:
    return route_patterns(the_routes(), [kind.name for kind in KINDS], LANGS)
