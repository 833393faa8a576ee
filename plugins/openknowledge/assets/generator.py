"""Writes the theme's files into the output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from openknowledge.output import write_if_changed

from .collect import collect

__all__ = ["AssetsGenerator"]


class AssetsGenerator(Generator):  # type: ignore[misc]
    """The files that `settings["ASSETS"]` names."""

    def generate_output(self, _writer: Any) -> None:
        assets, _ = collect(Path(self.settings["THEME"]))
        for asset in assets:
            write_if_changed(Path(self.output_path, asset.path), asset.data)
