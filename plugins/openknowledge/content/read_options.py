"""How items are read, and the digest of all but an item's own files that decides what it is read as."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.engine.code_fingerprint import PACKAGE, package_versions, read_sources
from openknowledge.engine.digest import digest_bytes
from openknowledge.model.values import Lang

from .item_type import ItemType

__all__ = ["PARSER_SOURCES", "ReadOptions", "reading_fingerprint"]

PARSER_SOURCES = (
    *("content", "model", "engine/digest.py", "fast_pickle.py", "problems.py", "url_paths.py", "project_files.py"),
    *("invisible_text.py", "output_paths.py"),
)
"""The code that decides what a file is read as; a test compares it with what `read_item` imports."""
PARSER_PACKAGES = ("markdown", "nh3", "pydantic", "pydantic-core", "PyYAML", "linkify-it-py", "pillow", "pyromark")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How items are read: what every worker must know.

    `root` is the content folder, `langs` are the languages of the site, `reader` is the name of the Markdown reader,
    `types` are the types of items by name.
    """

    root: Path
    langs: tuple[Lang, ...]
    reader: str
    types: Mapping[str, ItemType]
    fingerprint: bytes

    @classmethod
    def create(cls, root: Path, langs: Sequence[Lang], reader: str, types: Iterable[ItemType]) -> ReadOptions:
        """Return the options with their fingerprint."""
        by_name = {item_type.name: item_type.to_item_type() for item_type in types}
        return cls(root, tuple(langs), reader, by_name, reading_fingerprint(by_name.values(), langs, reader))

    @property
    def is_shareable(self) -> bool:
        """Return whether every worker can import what the types are made of."""
        return all(item_type.is_own for item_type in self.types.values())


def reading_fingerprint(types: Collection[ItemType], langs: Sequence[Lang], reader: str) -> bytes:
    """Return the digest of the code, the packages, the types of items, the languages and the Markdown reader."""
    names = (
        item_type.name + (item_type.source or "") + item_type.model.__qualname__ + item_type.words.__qualname__
        for item_type in types
    )
    modules = {sys.modules[item_type.model.__module__].__file__ or "" for item_type in types}
    external = sorted(path for path in modules if path and not Path(path).is_relative_to(PACKAGE))
    sources = [*read_sources(PARSER_SOURCES), *(Path(path).read_bytes() for path in external)]
    text = "\n".join((reader, *langs, *map("".join, names), *package_versions(PARSER_PACKAGES)))
    return digest_bytes(b"\0".join((text.encode(), *sources)))
