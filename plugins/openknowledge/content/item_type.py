"""What reading knows of an item before its files are read: its type, and which files it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from openknowledge.model.values import Lang, Record, Ref, Words

__all__ = ["ItemType", "SourceItem"]

OWN_PACKAGE = "openknowledge."


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemType:
    """What reading needs of a kind of content; the catalogue's `Kind` extends it.

    `name` is `course`, say; `model` and `words` are the classes of its records and of their words. `source` is the
    glob of its Markdown files below content/, where a file called `index.md` has its folder's name as slug; None where
    records only come from snapshots. `from_path` takes facts from slug and path (a hub item's format from its folder).
    """

    name: str
    model: type[Record]
    words: type[Words] = Words
    source: str | None = None
    from_path: Callable[[str, str], dict[str, Any]] | None = None

    @property
    def is_own(self) -> bool:
        """Return whether every worker can import what the type is made of."""
        parts = (self.model, self.words, self.from_path)
        return all(part is None or part.__module__.startswith(OWN_PACKAGE) for part in parts)

    def to_item_type(self) -> ItemType:
        """Return the type without what a subclass adds, which may not be picklable."""
        return ItemType(**{field.name: getattr(self, field.name) for field in fields(ItemType)})


@dataclass(frozen=True, slots=True)
class SourceItem:
    """What one record is made of: its files, in the order of the site's languages, and perhaps a row of a snapshot.

    The first file holds the facts. Paths are relative to the content folder.
    """

    kind: str
    slug: str
    paths_by_lang: tuple[tuple[Lang, str], ...] = ()
    has_snapshot_row: bool = False

    @property
    def ref(self) -> Ref:
        """Return the reference of the record."""
        return Ref(self.kind, self.slug)
