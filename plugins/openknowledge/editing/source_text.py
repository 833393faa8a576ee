"""The source of a Markdown file with the place of each of its fields, so that it can be edited byte by byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Field", "FieldPath", "SourceText", "is_group", "is_list", "last_row", "read_source"]

BEGIN = re.compile(r"\ufeff?---[^\S\n]*\n")
END = re.compile(r"^---[^\S\n]*(?:\n|\Z)", re.MULTILINE)
FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Field:
    """A field or an entry of a list: where its name and its value begin and end in the front matter.

    `node` is the value as the library composes it; `key` is that of the name, None for an entry of a list.
    """

    path: FieldPath
    node: Any
    key: Any | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Return where the value begins and ends."""
        return self.node.start_mark.index, self.node.end_mark.index

    @property
    def first_row(self) -> int:
        """Return the row of the name, or of the value of an entry."""
        line: int = (self.key or self.node).start_mark.line
        return line

    @property
    def last_row(self) -> int:
        """Return the last row of the value; a group ends where its last value does."""
        return max(last_row(self.node), self.first_row)


@dataclass(frozen=True)
class SourceText:
    """A file in three parts, which are the file if they are put together: `front` are the rows of its fields."""

    head: str
    front: str
    tail: str

    @property
    def text(self) -> str:
        """Return the whole file."""
        return self.head + self.front + self.tail

    def root(self) -> Any:
        """Return the front matter as the library composes it."""
        return yaml.compose(self.front, Loader=yaml.SafeLoader)

    def fields(self) -> Iterator[Field]:
        """Yield all fields and entries, outer ones first."""
        root = self.root()
        yield from walk((), root) if root is not None else ()

    def find(self, path: FieldPath) -> Field | None:
        """Return the field at a path; None where the file has none."""
        return next((field for field in self.fields() if field.path == path), None)


def read_source(text: str) -> SourceText | None:
    """Return the parts of a file; None where it has no front matter. Line ends stay as they are."""
    begin = BEGIN.match(text)
    end = END.search(text, begin.end()) if begin else None
    if begin is None or end is None:
        return None
    return SourceText(text[: begin.end()], text[begin.end() : end.start()], text[end.start() :])


def is_group(node: Any) -> bool:
    """Return whether a node has fields."""
    return isinstance(node, yaml.MappingNode)


def is_list(node: Any) -> bool:
    """Return whether a node has entries."""
    return isinstance(node, yaml.SequenceNode)


def walk(path: FieldPath, node: Any) -> Iterator[Field]:
    """Yield what is inside a node, outer fields first."""
    if is_group(node):
        for key, value in node.value:
            yield Field((*path, key.value), value, key)
            yield from walk((*path, key.value), value)
    elif is_list(node):
        for index, value in enumerate(node.value):
            yield Field((*path, index), value)
            yield from walk((*path, index), value)


def last_row(node: Any) -> int:
    """Return the last row of a node; the library lets a group end where the next one begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(map(last_row, last)) if isinstance(last, tuple) else last_row(last)
    row: int = node.end_mark.line
    return row - 1 if node.end_mark.column == 0 and row > node.start_mark.line else row
