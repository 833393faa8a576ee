"""The base of generators that work on the catalogue's site."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openknowledge.engine.rules import Rule, run_rule

__all__ = ["SiteGenerator"]


class SiteGenerator:
    """A generator that adds to the site and offers rules; without a catalogue there is nothing to write.

    It is none of Pelican's own, each of which makes an environment of templates, and lists all of them.
    """

    def __init__(self, context: dict[str, Any], settings: dict[str, Any], output_path: str, **_: Any) -> None:
        self.context, self.settings, self.output_path = context, settings, output_path

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
