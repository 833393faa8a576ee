"""Which files of content/ a page was made from, as the last build recorded it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from openknowledge.engine.build_state import BuildState
from openknowledge.engine.query_graph import SEPARATOR

from .checkpoint import Checkpoint
from .parse_cache import ParseCache

__all__ = ["Provenance"]

RECORD_PAGE_PREFIX = f"page{SEPARATOR}record{SEPARATOR}"
"""How the keys of pages begin that show one item; its language, kind and slug follow."""


class Provenance:
    """What the build state of a folder and the parse cache know of items and their pages; loaded when first needed."""

    def __init__(self, output: Path, cache: Path) -> None:
        self._output, self._cache = output, cache

    def files_behind(self, path: str) -> tuple[str, ...]:
        """Return the files of the item that a page of output/ shows, that of its language first.

        None for what shows many items (lists, feeds), for the theme's files, and for what is not known.
        """
        key = self.state.files[path][2] if path in self.state.files else ""
        if not key.startswith(RECORD_PAGE_PREFIX):
            return ()
        lang, kind, slug = key.removeprefix(RECORD_PAGE_PREFIX).split(SEPARATOR)
        return tuple(sorted(self.files_of_item(kind, slug), key=lambda file: not file.endswith(f".{lang}.md")))

    def files_of_item(self, kind: str, slug: str) -> tuple[str, ...]:
        """Return the files of an item, the main one first."""
        table = self._checkpoint.table if self._checkpoint is not None else None
        position = table.positions.get(f"{kind}/{slug}") if table is not None else None
        return () if table is None or position is None else tuple(table.column("files")[position])

    @cached_property
    def state(self) -> BuildState:
        """Return the state of the last build."""
        return BuildState.read(self._output)

    @cached_property
    def _checkpoint(self) -> Checkpoint | None:
        if not self._cache.is_dir():
            return None
        cache = ParseCache(self._cache)
        cache.load()
        cache.unlock()
        return Checkpoint.load(cache.extras)
