"""The shortest rules, served paths and routes for the tests of redirects."""

from __future__ import annotations

import runpy

from tests.site.small import ROOT

from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.routes import Routes
from openknowledge.redirects.auto_rules import RoutePattern, route_patterns
from openknowledge.redirects.table import RedirectRule, ServedPath

LANGS = ("it", "en")


def a_rule(source: str, target: str | None = None, line: int | None = None) -> RedirectRule:
    return RedirectRule(source, target, "content/redirects.yaml", line, "from")


def by_source(*rules: RedirectRule) -> dict[str, RedirectRule]:
    return {rule.source: rule for rule in rules}


def a_page(ref: str = "course/coding", lang: str = "it", path: str = "") -> ServedPath:
    return ServedPath("page", lang, ref, path)


def the_routes() -> Routes:
    """Return the routes of the project's own settings."""
    settings = runpy.run_path(str(ROOT / "pelicanconf.py"))
    patterns = {name: value for name, value in settings.items() if name.endswith(("_URL", "_SAVE_AS"))}
    routes = Routes(patterns, "it", settings["ROUTE_WORDS"])
    return routes.with_kinds([(kind.name, kind.plural) for kind in KINDS])


def the_patterns() -> tuple[RoutePattern, ...]:
    return route_patterns(the_routes(), KINDS, LANGS)
