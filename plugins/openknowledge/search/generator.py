"""The generator that offers the pieces of the search index to the writer."""

from collections.abc import Iterable
from pathlib import Path

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.digest import digest
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.engine.session import BuildSession

from .index_file import index_file
from .settings import SearchSettings
from .shards import QUERIES, group_files, word_bases, word_files
from .synonyms import read_synonyms

__all__ = ["SearchGenerator"]

DESCRIPTIONS = {
    "search": Description("the list of the pieces that browsers search ({lang})", ("lang",)),
    "search-items": Description("what results show of some items of a kind ({kind})", ("kind", "group")),
    "search-words": Description("where words stand that begin with {base} ({lang})", ("lang", "base")),
    "search-layout": Description("how the index of the search is cut"),
    "search-groups": Description("which groups of items are found together"),
    "search-members": Description("which items of a kind ({kind}) are found together", ("kind", "group")),
    "search-group": Description("what can be found of some items of a kind ({kind})", ("kind", "group")),
    "search-initials": Description("with what words of some items begin ({kind})", ("kind", "group")),
    "search-all-initials": Description("with what words begin that can be found"),
    "search-lines": Description(
        "what can be found of some items of a kind ({kind}) by words that begin with {initial}",
        ("kind", "group", "initial"),
    ),
    "search-stamps": Description("which words can be found that begin with {initial} ({lang})", ("lang", "initial")),
    "search-stamp": Description("which words can be found that begin with {base} ({lang})", ("lang", "base")),
    "search-starts": Description("how the words that begin with {base} are cut ({lang})", ("lang", "base")),
    "synonyms": Description("the words that are looked for together", (), "content/synonyms.yaml"),
}
NOT_PERSISTED = {"search-group", "search-stamp"}
"""What comes from another answer at once, and what is large and has an answer of its own for each of its parts."""


class SearchGenerator(SiteGenerator):
    """Builds the index of each language."""

    def extend_site(self, site: Site) -> None:
        """Register what is asked of the site, and what is wrong with the synonyms."""
        groups, problems = read_synonyms(Path(self.settings["PATH"]))
        BuildSession.of(self.settings).output_checks.append(lambda: problems)
        site.register_input("synonyms", lambda: digest(groups), lambda: groups)
        site.register_queries(QUERIES, persisted=QUERIES.keys() - NOT_PERSISTED)

    def rules(self) -> Iterable[Rule]:
        """Return the rules for what results show, for words, and for the list of both."""
        settings = SearchSettings.from_pelican(self.settings)

        def item_keys(site: Site) -> tuple[tuple[str, ...], ...]:
            groups: tuple[tuple[str, ...], ...] = site.query("search-groups")
            return groups

        def plan_items(site: Site, kind: str, group: str) -> Action:
            return static_action(*group_files(site, settings.folder, kind, group))

        def word_keys(site: Site) -> list[tuple[str, ...]]:
            return [(lang, base) for lang in site.langs for base in word_bases(site, lang)]

        def plan_words(site: Site, lang: str, base: str) -> Action:
            return static_action(*word_files(site, settings.folder, lang, base))

        def plan_index(site: Site, lang: str) -> Action:
            return static_action((settings.json.format(lang=lang), index_file(site, lang)))

        label = "Writing what can be found"
        return (
            Rule("search-items", label, item_keys, plan_items, descriptions=DESCRIPTIONS),
            Rule("search-words", label, word_keys, plan_words),
            Rule("search", label, lambda site: [(lang,) for lang in site.langs], plan_index),
        )
