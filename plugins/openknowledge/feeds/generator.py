"""Writes the feeds once the catalogue is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from openknowledge.output import write_if_changed

from .documents import documents
from .selection import by_key, items_of
from .settings import FeedsSettings

__all__ = ["FeedsGenerator"]


class FeedsGenerator(Generator):  # type: ignore[misc]
    """Needs `context["catalogue"]`; without one there is nothing to write."""

    def generate_output(self, _writer: Any) -> None:
        site = self.context.get("catalogue")
        if site is None:
            return
        settings = FeedsSettings.from_pelican(self.settings)
        for lang in site.langs:
            lists = by_key(site.summaries(lang))
            for one in site.feed_lists(lang):
                rss, atom = documents(one, items_of(one, lists, settings.max_items), settings)
                write_if_changed(Path(self.output_path, one.rss_path.lstrip("/")), rss)
                write_if_changed(Path(self.output_path, one.atom_path.lstrip("/")), atom)
