"""What the links and pictures of a text mean: which files of content/ they name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from openknowledge.model.values import Html, Record

from .markdown.render import list_links

__all__ = ["PELICAN_PREFIXES", "LocalLink", "find_local_links", "list_media", "parse_link", "resolve_path"]

PELICAN_PREFIXES = ("{filename}", "{static}", "{attach}")


class LocalLink(NamedTuple):
    """A link (`href`) or picture (`src`) of a text, as it is written and as it is meant.

    `file` is the path that it means, beginning with the content folder's name; `""` where it leads elsewhere.
    `is_marked` says that it is a path because one of `MARKS` says so.
    """

    attribute: str
    target: str
    file: str
    has_prefix: bool

    @property
    def path_in_content(self) -> str:
        """The path that it means, from the content folder."""
        return self.file.partition("/")[2]


@lru_cache(maxsize=8)
def find_local_links(markup: Html, path: str) -> tuple[LocalLink, ...]:
    """The links and pictures of a text of the file `path`, in order; each is looked at once for all who ask."""
    return tuple(parse_link(name, target, path) for name, target in list_links(markup))


def parse_link(name: str, target: str, path: str) -> LocalLink:
    """One link or picture of a text of the file `path`."""
    if target.startswith("{"):
        mark, brace, rest = target.partition("}")
        return LocalLink(name, target, resolve_path(path, rest.partition("#")[0]), mark + brace in PELICAN_PREFIXES)
    return LocalLink(name, target, resolve_path(path, target) if name == "src" else "", has_prefix=False)


def list_media(record: Record) -> set[str]:
    """The files of content/ that the pages of a record show or link to, by path from the content folder."""
    found = {record.image.path} if record.image is not None else set()
    path = next(iter(record.files), "")
    for words in record.words.values():
        found.update(
            one.path_in_content
            for one in find_local_links(words.body, path)
            if one.file and not one.file.endswith(".md")
        )
    return found


def resolve_path(path: str, target: str) -> str:
    """The path of a file that the file `path` names; both begin with the content folder's name.

    As in Pelican, a path that begins with a slash counts from the content folder.
    """
    start = path.split("/")[:1] if target.startswith("/") else path.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            start = start[:-1]
        elif part not in ("", "."):
            start.append(part)
    return "/".join(start)
