"""Assets: the theme's files with fingerprints in their names, its stylesheet in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican import signals

from openknowledge.catalogue.problems import ContentProblems

from .collect import collect
from .generator import AssetsGenerator

__all__ = ["register"]


def name_assets(pelican: Any) -> None:
    """Put the address of each file, below the site's root, into `settings["ASSETS"]`."""
    assets, problems = collect(Path(pelican.settings["THEME"]))
    if problems:
        raise ContentProblems(problems)
    pelican.settings["ASSETS"] = {asset.name: asset.url for asset in assets}


def add_generator(_pelican: Any) -> type[AssetsGenerator]:
    return AssetsGenerator


def register() -> None:
    signals.initialized.connect(name_assets)
    signals.get_generators.connect(add_generator)
