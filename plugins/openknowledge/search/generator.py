"""Writes the lists that browsers search once the catalogue is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from openknowledge.output import write_if_changed

from .documents import documents
from .settings import SearchSettings

__all__ = ["SearchGenerator"]


class SearchGenerator(Generator):  # type: ignore[misc]
    """Needs `context["catalogue"]`; without one there is nothing to write."""

    def generate_output(self, _writer: Any) -> None:
        site = self.context.get("catalogue")
        if site is None:
            return
        for path, data in documents(site, SearchSettings.from_pelican(self.settings)):
            write_if_changed(Path(self.output_path, path), data)
