"""How a plugin takes part in a build: its code is only imported where the output is not up to date."""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from openknowledge.engine.session import BuildSession

__all__ = ["Plugin"]


@dataclass(frozen=True)
class Plugin:
    """A plugin of Pelican by the names of its parts, as entry points have them: `feeds.generator:FeedsGenerator`.

    `check` is a function that stops on wrong settings and may add to them.
    """

    generator: str
    check: str = ""

    def check_settings(self, pelican: Any) -> None:
        """Check the settings of a run."""
        if self.check and not BuildSession.of(pelican.settings).is_up_to_date:
            resolve_name(f"openknowledge.{self.check}")(pelican.settings)

    def add_generator(self, pelican: Any) -> Any:
        """Return the generator; None where the build session has nothing to do, or makes only what another makes."""
        session, room = BuildSession.of(pelican.settings), self.generator.partition(".")[0]
        is_needed = not session.is_up_to_date and (not session.only or room in ("catalogue", session.only))
        return resolve_name(f"openknowledge.{self.generator}") if is_needed else None

    def register(self) -> None:
        """Connect the plugin to Pelican's signals."""
        from pelican import signals

        signals.initialized.connect(self.check_settings)
        signals.get_generators.connect(self.add_generator)
