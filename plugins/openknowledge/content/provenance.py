"""Which files of content/ items and pages are made of, and which of them changed before a build."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from openknowledge.engine.build_state import BuildState, BuildTrace
from openknowledge.engine.query_graph import SEPARATOR

from .item_table import Checkpoint
from .loader import ContentIndex
from .parse_cache import ParseCache

__all__ = ["Provenance", "trace_content"]

RECORD_PAGE_PREFIX = f"page{SEPARATOR}record{SEPARATOR}"
"""How the keys of pages begin that show one item; its language, kind and slug follow."""


class Provenance:
    """The files behind the items of the last build, from its state and the parse cache, which are read when needed."""

    def __init__(self, output: Path, cache: Path) -> None:
        self._output, self._cache = output, cache

    def files_behind(self, path: str) -> tuple[str, ...]:
        """Return the files of the item that a page of output/ shows, that of its language first.

        There are none for what shows many items (lists, feeds), for the theme's files, and for unknown pages.
        """
        key = self.state.files[path].artifact if path in self.state.files else ""
        if not key.startswith(RECORD_PAGE_PREFIX):
            return ()
        lang, kind, slug = key.removeprefix(RECORD_PAGE_PREFIX).split(SEPARATOR)
        return tuple(sorted(self.files_of_item(kind, slug), key=lambda file: not file.endswith(f".{lang}.md")))

    def files_of_item(self, kind: str, slug: str) -> tuple[str, ...]:
        """Return the files of an item, the main one first."""
        if self._checkpoint is None or f"{kind}/{slug}" not in self._checkpoint.table.positions:
            return ()
        return self._files[self._checkpoint.table.positions[f"{kind}/{slug}"]]

    def items_using(self, path: str) -> tuple[str, ...]:
        """Return the items, as `kind/slug`, that are made of a file or use it."""
        if self._checkpoint is None:
            return ()
        table, below = self._checkpoint.table, path.partition("/")[2]
        rows = zip(table.names, table.column("paths_by_lang"), table.column("file_deps"), strict=True)
        paths = ((name, {path for _, path in own} | {path for path, _ in used}) for name, own, used in rows)
        return tuple(name for name, files in paths if below in files)

    def is_read(self, path: str) -> bool:
        """Return whether builds read the bytes of a file."""
        return path.partition("/")[2] in self._extras.get("files", ())

    @cached_property
    def state(self) -> BuildState:
        """Return the state of the last build."""
        return BuildState.read(self._output)

    @cached_property
    def _files(self) -> list[tuple[str, ...]]:
        return self._checkpoint.table.column("files") if self._checkpoint is not None else []

    @cached_property
    def _checkpoint(self) -> Checkpoint | None:
        return Checkpoint.load(self._extras)

    @cached_property
    def _extras(self) -> Mapping[str, Any]:
        if not self._cache.is_dir():
            return {}
        cache = ParseCache(self._cache)
        cache.load()
        cache.unlock()
        return cache.extras


def trace_content(index: ContentIndex, trace: BuildTrace) -> None:
    """Record which files have changed since the checkpoint, and which items were therefore looked at and read."""
    tree, checkpoint, root = index.tree, index.checkpoint, index.tree.root.name
    before = checkpoint.file_digests if checkpoint is not None else {}
    changed = {path for path, digest in before.items() if tree.known.get(path, (None, None))[1] != digest}
    changed |= tree.changed.difference(before)
    trace.changed_files = sorted(f"{root}/{path}" for path in changed)
    trace.restamped_files = sorted(f"{root}/{path}" for path in tree.restamped.difference(changed))
    if checkpoint is not None and checkpoint.digests.discovery == index.discovery_digest:
        trace.suspects = sorted(map(str, index.checked_rows))
    trace.parsed = sorted(index.parsed)
