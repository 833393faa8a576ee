"""Writes the lists that browsers search once the catalogue is known."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.engine.rules import Action, Rule, run_rule, static_action

from .documents import index_file, search_row
from .settings import SearchSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["SearchGenerator", "search_rule"]


class SearchGenerator(Generator):  # type: ignore[misc]
    """Needs `context["catalogue"]`; without one there is nothing to write."""

    def generate_context(self) -> None:
        """Teach the site what is to be found of an item."""
        site = self.context.get("catalogue")
        if site is not None:
            settings = SearchSettings.from_pelican(self.settings)
            site.register_query("search-row", partial(search_row, settings=settings), persist=True)

    def generate_output(self, writer: Any) -> None:
        site = self.context.get("catalogue")
        if site is None:
            return
        line = search_rule(SearchSettings.from_pelican(self.settings))
        run_rule(writer, line, site, Path(self.output_path))


def search_rule(settings: SearchSettings) -> Rule:
    """One list for each language."""

    def make_list(site: Site, lang: str) -> Action:
        return static_action(index_file(site, lang, settings))

    return Rule("search", "Writing what can be found", lambda site: ((lang,) for lang in site.langs), make_list)
