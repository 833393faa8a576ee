"""What the links and pictures of a text mean: which files of content/ they name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from openknowledge.model.values import Html, Record

from .markdown.render import list_links

__all__ = [
    *("PELICAN_PREFIXES", "LocalLink", "find_local_links", "leaves_content", "list_media", "names_other_server"),
    *("parse_link", "resolve_path"),
]

NOT_IN_TARGETS = re.compile(r"^[\x00-\x20]+|[\t\n\r]|[\x00-\x20]+$")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
PELICAN_PREFIXES = ("{filename}", "{static}", "{attach}")


class LocalLink(NamedTuple):
    """A link (`href`) or picture (`src`) of a text, as it is written and as it is meant.

    `file` is the path that it means, beginning with the content folder's name; `""` where it leads elsewhere.
    With `has_prefix` it is a path because one of `PELICAN_PREFIXES` says so.
    """

    attribute: str
    target: str
    file: str
    has_prefix: bool

    @property
    def path_in_content(self) -> str:
        """Return the path that it means, from the content folder."""
        return self.file.partition("/")[2]


@lru_cache(maxsize=8)
def find_local_links(markup: Html, path: str) -> tuple[LocalLink, ...]:
    """Return the links and pictures of a text of the file `path`, in order."""
    return tuple(parse_link(attribute, target, path) for attribute, target in list_links(markup))


def parse_link(attribute: str, target: str, path: str) -> LocalLink:
    """Return one link or picture of a text of the file `path`."""
    if target.startswith("{"):
        prefix, brace, rest = target.partition("}")
        file = resolve_path(path, rest.partition("#")[0])
        return LocalLink(attribute, target, file, prefix + brace in PELICAN_PREFIXES)
    return LocalLink(attribute, target, resolve_path(path, target) if attribute == "src" else "", has_prefix=False)


def list_media(record: Record) -> set[str]:
    """Return the files of content/ that a record's pages show or link to, by path from the content folder."""
    media = {record.image.path} if record.image is not None else set()
    path = next(iter(record.files), "")
    for words in record.words.values():
        links = find_local_links(words.body, path)
        media.update(link.path_in_content for link in links if link.file and not link.file.endswith(".md"))
    return media


def names_other_server(target: str) -> bool:
    """Return whether browsers take a target for an address of another server.

    They leave out blanks around it and tabs and line ends in it, and read a backslash as a slash (WHATWG URL Standard,
    section 4.4).
    """
    plain = NOT_IN_TARGETS.sub("", target).replace("\\", "/")
    return plain.startswith("//") or SCHEME.match(plain) is not None


def leaves_content(path: str, target: str) -> bool:
    """Return whether a target of the file `path` goes above the content folder."""
    depth = 0 if target.startswith("/") else path.count("/") - 1
    for step in target.split("/"):
        depth += -1 if step == ".." else step not in ("", ".")
        if depth < 0:
            return True
    return False


def resolve_path(path: str, target: str) -> str:
    """Return the path of a file that the file `path` names; both begin with the content folder's name.

    As in Pelican, a path that begins with a slash counts from the content folder.
    """
    steps = path.split("/")[:1] if target.startswith("/") else path.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
