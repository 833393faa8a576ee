"""Assets: the theme's files with fingerprints in their names, its stylesheet in one piece."""

from typing import Any

from pelican import signals

from openknowledge.engine.session import BuildSession

__all__ = ["register"]


def add_generator(pelican: Any) -> Any:
    """Return the generator; None where the build session has nothing to do."""
    if BuildSession.of(pelican.settings).is_up_to_date:
        return None
    from .generator import AssetsGenerator

    return AssetsGenerator


def register() -> None:
    """Connect the plugin to Pelican's signals."""
    signals.get_generators.connect(add_generator)
