"""The base of generators that work on the catalogue's site."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pelican.generators import Generator

from openknowledge.engine.rules import Rule, run_rule

__all__ = ["SiteGenerator"]


class SiteGenerator(Generator):  # type: ignore[misc]
    """A generator that adds to the site and offers rules; without a catalogue there is nothing to write."""

    def generate_context(self) -> None:
        """Let the plugin add to the site, where there is one."""
        if "catalogue" in self.context:
            self.extend_site(self.context["catalogue"])

    def extend_site(self, site: Any) -> None:
        """Register the queries and inputs of the plugin."""

    def rules(self) -> Iterable[Rule]:
        """Return the rules of what the plugin makes."""
        return ()

    def generate_output(self, writer: Any) -> None:
        """Build what the rules make."""
        if "catalogue" in self.context:
            for rule in self.rules():
                run_rule(writer, rule, self.context["catalogue"], Path(self.output_path))
