"""The generator that offers the search indexes to the writer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.engine.rules import Action, Description, Rule, run_rule, static_action

from .documents import index_file, search_row
from .settings import SearchSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["SearchGenerator", "search_rule"]

DESCRIPTIONS = {
    "search": Description("the list that browsers search ({lang})", ("lang",)),
    "search-row": Description("what can be found of {item} ({lang})", ("kind", "slug", "lang")),
}


class SearchGenerator(Generator):  # type: ignore[misc]
    """Requires `context["catalogue"]`; without it there is nothing to write."""

    def generate_context(self) -> None:
        """Register the query for an item's searchable values."""
        site = self.context.get("catalogue")
        if site is not None:
            settings = SearchSettings.from_pelican(self.settings)
            site.register_query("search-row", partial(search_row, settings=settings), persist=True)

    def generate_output(self, writer: Any) -> None:
        """Build the index of each language."""
        site = self.context.get("catalogue")
        if site is None:
            return
        rule = search_rule(SearchSettings.from_pelican(self.settings))
        run_rule(writer, rule, site, Path(self.output_path))


def search_rule(settings: SearchSettings) -> Rule:
    """Return the rule for the index of each language."""

    def plan(site: Site, lang: str) -> Action:
        return static_action(index_file(site, lang, settings))

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        return ((lang,) for lang in site.langs)

    return Rule("search", "Writing what can be found", keys, plan, descriptions=DESCRIPTIONS)
