"""Writes the theme's files into the output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pelican.generators import Generator

from openknowledge.catalogue.problems import ContentProblems
from openknowledge.output import write_if_changed
from openknowledge.products import Line, Work, make, plain_work

from .collect import Asset, collect

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["AssetsGenerator", "assets_line"]


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

    def generate_output(self, writer: Any) -> None:
        site = self.context.get("catalogue")
        if site is not None:
            make(writer, assets_line(self.assets), site, Path(self.output_path))
            return
        for asset in self.assets:
            write_if_changed(Path(self.output_path, asset.path), asset.data)


def assets_line(assets: Sequence[Asset]) -> Line:
    """The theme's files; each is made anew when its fingerprint changes."""
    by_name = {asset.name: asset for asset in assets}

    def make_asset(site: Site, name: str) -> Work:
        site.use("asset", name)
        return plain_work((by_name[name].path, by_name[name].data))

    return Line("theme", "Copying the theme", lambda _site: ((name,) for name in by_name), make_asset)
