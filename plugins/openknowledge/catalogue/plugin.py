"""How plugins take part in a build: settings are checked first, and generators exist only where something changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import Generator

from openknowledge.engine.rules import Rule, run_rule
from openknowledge.engine.session import BuildSession

__all__ = ["Plugin", "SiteGenerator"]


@dataclass(frozen=True)
class Plugin:
    """A plugin of Pelican; both functions are called only where the output is not up to date.

    `check` stops on wrong settings and may add to them. `find_generator` imports the generator and returns it.
    """

    check: Callable[[dict[str, Any]], object]
    find_generator: Callable[[], type[Generator]]

    def check_settings(self, pelican: Any) -> None:
        """Check the settings of a run."""
        if not BuildSession.of(pelican.settings).is_up_to_date:
            self.check(pelican.settings)

    def add_generator(self, pelican: Any) -> Any:
        """Return the generator; None where the build session has nothing to do."""
        return None if BuildSession.of(pelican.settings).is_up_to_date else self.find_generator()

    def register(self) -> None:
        """Connect the plugin to Pelican's signals."""
        signals.initialized.connect(self.check_settings)
        signals.get_generators.connect(self.add_generator)


class SiteGenerator(Generator):  # type: ignore[misc]
    """A generator that works on the catalogue's site; without a catalogue there is nothing to write."""

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
