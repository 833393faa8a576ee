"""Writes the theme's files into the output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from openknowledge.catalogue.problems import ContentProblems
from openknowledge.output import write_if_changed

from .collect import collect

__all__ = ["AssetsGenerator"]


class AssetsGenerator(Generator):  # type: ignore[misc]
    """Names the theme's files in `settings["ASSETS"]` for the plugins after it, and writes those very bytes.

    The files are read once a run: an edit in between cannot part a page from the file that it names.
    """

    def generate_context(self) -> None:
        """Read the files; raises `ContentProblems` with all that is wrong with them."""
        self.assets, problems = collect(Path(self.settings["THEME"]))
        if problems:
            raise ContentProblems(problems)
        self.settings["ASSETS"] = {asset.name: asset.url for asset in self.assets}

    def generate_output(self, _writer: Any) -> None:
        for asset in self.assets:
            write_if_changed(Path(self.output_path, asset.path), asset.data)
