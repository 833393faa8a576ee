"""Which files of content/ a page was made from, as the last build noted it."""

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
    """What the ledger of a folder and the reading cache know of items and their pages; read when first asked."""

    def __init__(self, output: Path, cache: Path) -> None:
        self._output, self._cache = output, cache

    def files_behind(self, path: str) -> tuple[str, ...]:
        """The files of the item that a page of output/ shows, that of its language first.

        None for what shows many (lists, feeds), for the theme's files, and where nobody knows.
        """
        key = self.state.files[path][2] if path in self.state.files else ""
        if not key.startswith(RECORD_PAGE_PREFIX):
            return ()
        lang, kind, slug = key.removeprefix(RECORD_PAGE_PREFIX).split(SEPARATOR)
        return tuple(sorted(self.files_of_item(kind, slug), key=lambda file: not file.endswith(f".{lang}.md")))

    def files_of_item(self, kind: str, slug: str) -> tuple[str, ...]:
        """The files of an item, the main one first."""
        place = self._places.get(f"{kind}/{slug}")
        return () if place is None else tuple(self._files[place])

    @cached_property
    def state(self) -> BuildState:
        return BuildState.read(self._output)

    @property
    def _places(self) -> dict[str, int]:
        return self._sound.table.positions if self._sound is not None else {}

    @cached_property
    def _files(self) -> list[tuple[str, ...]]:
        return self._sound.table.column("files") if self._sound is not None else []

    @cached_property
    def _sound(self) -> Checkpoint | None:
        if not self._cache.is_dir():
            return None
        cache = ParseCache(self._cache)
        cache.load()
        cache.unlock()
        return Checkpoint.load(cache.extras)
