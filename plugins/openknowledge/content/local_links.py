"""What the links and pictures of a text mean: which files of content/ they name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from openknowledge.model.values import Html, Record

from .markdown.render import targets

__all__ = ["MARKS", "Pointer", "files_shown", "pointer", "pointers", "within"]

MARKS = ("{filename}", "{static}", "{attach}")


class Pointer(NamedTuple):
    """A link (`href`) or picture (`src`) of a text, as it is written and as it is meant.

    `file` is the path that it means, beginning with the content folder's name; `""` where it leads elsewhere.
    `is_marked` says that it is a path because one of `MARKS` says so.
    """

    name: str
    target: str
    file: str
    is_marked: bool

    @property
    def place(self) -> str:
        """The path that it means, from the content folder."""
        return self.file.partition("/")[2]


@lru_cache(maxsize=8)
def pointers(markup: Html, path: str) -> tuple[Pointer, ...]:
    """The links and pictures of a text of the file `path`, in order; each is looked at once for all who ask."""
    return tuple(pointer(name, target, path) for name, target in targets(markup))


def pointer(name: str, target: str, path: str) -> Pointer:
    """One link or picture of a text of the file `path`."""
    if target.startswith("{"):
        mark, brace, rest = target.partition("}")
        return Pointer(name, target, within(path, rest.partition("#")[0]), mark + brace in MARKS)
    return Pointer(name, target, within(path, target) if name == "src" else "", is_marked=False)


def files_shown(record: Record) -> set[str]:
    """The files of content/ that the pages of a record show or link to, by path from the content folder."""
    found = {record.image.path} if record.image is not None else set()
    path = next(iter(record.files), "")
    for words in record.words.values():
        found.update(one.place for one in pointers(words.body, path) if one.file and not one.file.endswith(".md"))
    return found


def within(path: str, wanted: str) -> str:
    """The path of a file that the file `path` names; both begin with the content folder's name.

    As in Pelican, a path that begins with a slash counts from the content folder.
    """
    start = path.split("/")[:1] if wanted.startswith("/") else path.split("/")[:-1]
    for part in wanted.split("/"):
        if part == "..":
            start = start[:-1]
        elif part not in ("", "."):
            start.append(part)
    return "/".join(start)
