"""The generator that offers the search indexes to the writer."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.rules import Action, Description, Rule, static_action

from .documents import index_file, search_row
from .settings import SearchSettings

__all__ = ["SearchGenerator"]

DESCRIPTIONS = {
    "search": Description("the list that browsers search ({lang})", ("lang",)),
    "search-row": Description("what can be found of {item} ({lang})", ("kind", "slug", "lang")),
}


class SearchGenerator(SiteGenerator):
    """Builds the index of each language."""

    def extend_site(self, site: Any) -> None:
        """Register the query for an item's searchable values."""
        row = partial(search_row, settings=SearchSettings.from_pelican(self.settings))
        site.register_query("search-row", row, persist=True)

    def rules(self) -> Iterable[Rule]:
        """Return the rule for the indexes."""
        settings = SearchSettings.from_pelican(self.settings)

        def plan(site: Site, lang: str) -> Action:
            return static_action(index_file(site, lang, settings))

        def keys(site: Site) -> Iterator[tuple[str, ...]]:
            return ((lang,) for lang in site.langs)

        return (Rule("search", "Writing what can be found", keys, plan, descriptions=DESCRIPTIONS),)
