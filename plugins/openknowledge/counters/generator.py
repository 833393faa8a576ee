"""The generator that offers the counters' JSON to the writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.engine.rules import Action, Description, Rule, run_rule, static_action
from openknowledge.manifest import CacheClass

from .documents import all_numbers_file, course_file
from .settings import CountersSettings

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["CountersGenerator", "counters_rule"]


class CountersGenerator(Generator):  # type: ignore[misc]
    """Requires `context["catalogue"]`; without it there is nothing to write."""

    def generate_output(self, writer: Any) -> None:
        """Build the document of all numbers and those of the courses."""
        site = self.context.get("catalogue")
        if site is None:
            return
        rule = counters_rule(CountersSettings.from_pelican(self.settings))
        run_rule(writer, rule, site, Path(self.output_path))


def counters_rule(settings: CountersSettings) -> Rule:
    """Return the rule for a document of all numbers, and one for each course with a series."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        yield ()
        yield from ((slug,) for slug in site.series)

    def plan(site: Site, slug: str = "") -> Action:
        return static_action(course_file(site, slug, settings) if slug else all_numbers_file(site, settings))

    words = {"counters": Description("the counters as JSON {slug}", ("*slug",))}
    return Rule("counters", "Writing numbers", keys, plan, cache=CacheClass.COUNTERS, descriptions=words)
