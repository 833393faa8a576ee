"""Assets: the theme's files with fingerprints in their names, its stylesheet in one piece."""

from __future__ import annotations

from typing import Any

from pelican import signals

from .generator import AssetsGenerator

__all__ = ["register"]


def add_generator(_pelican: Any) -> type[AssetsGenerator]:
    return AssetsGenerator


def register() -> None:
    signals.get_generators.connect(add_generator)
