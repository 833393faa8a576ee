"""All numbers as JSON: what a page needs to refresh a number in place, and what others need to cite it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.site_generator import SiteGenerator
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.manifest import CacheClass

from .settings import CountersSettings

__all__ = ["CountersGenerator", "counters_rule"]

WORDS = ("label", "text", "short", "definition", "source")


class CountersGenerator(SiteGenerator):
    """Builds the document of all numbers and those of the courses."""

    def rules(self) -> Iterable[Rule]:
        """Return the rule for the documents."""
        return (counters_rule(CountersSettings.from_pelican(self.settings)),)


def counters_rule(settings: CountersSettings) -> Rule:
    """Return the rule for a document of all numbers, and one for each course with a series."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        yield ()
        yield from ((slug,) for slug in site.series)

    def plan(site: Site, slug: str = "") -> Action:
        if slug:
            path, document = settings.course_json.format(slug=slug), number_entry(site, f"counter:course/{slug}")
        else:
            path = settings.json
            document = {"numbers": {name: number_entry(site, name) for name in site.query("number-names")}}
        return static_action((path, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()))

    words = {"counters": Description("the counters as JSON {slug}", ("*slug",))}
    return Rule("counters", "Writing numbers", keys, plan, cache=CacheClass.COUNTERS, descriptions=words)


def number_entry(site: Site, name: str) -> dict[str, Any]:
    """Return one number: its language-independent values, then its words in each language."""
    numbers = {lang: number for lang in site.langs if (number := site.number(name, lang)) is not None}
    first = next(iter(numbers.values()))
    return {
        "name": name,
        "value": first.value,
        "as_of": first.as_of.iso if first.as_of else None,
        "sample": first.is_sample,
        "may_fall": first.may_fall,
        "source_url": first.source_url,
        **{word: {lang: getattr(number, word) for lang, number in numbers.items()} for word in WORDS},
        "date": {lang: number.as_of.text if number.as_of else None for lang, number in numbers.items()},
    }
