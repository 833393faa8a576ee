"""What an item's files take for granted of other files (references, numbers, links), and on which ones it depends."""

import marshal
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from openknowledge.model.values import Html, Lang, NumberName, Record, RefTo

from .frontmatter import LocatedFields, format_field_path
from .markdown.render import list_links, list_placeholders
from .media_files import is_drawing
from .parse import walk

__all__ = [
    *("PELICAN_PREFIXES", "CrossCheck", "collect_checks", "find_local_links", "list_file_deps", "list_media"),
    *("pack_checks", "parse_link", "resolve_path", "unpack_checks"),
]


class CrossCheck(NamedTuple):
    """Something that a file takes for granted of other files; `type` is `ref`, `number` or `page`.

    `shown` is how the editor wrote it, where that differs from the `target`.
    """

    type: str
    target: str
    path: str
    line: int | None
    field: str | None
    shown: str = ""


def pack_checks(checks: Iterable[CrossCheck]) -> bytes:
    """Return checks as bytes for the parse cache."""
    return marshal.dumps(tuple(map(tuple, checks)))


def unpack_checks(data: bytes) -> tuple[CrossCheck, ...]:
    """Return checks from their bytes. Raises `ValueError`, `EOFError` or `TypeError` if the bytes are none."""
    return tuple(map(CrossCheck._make, marshal.loads(data)))


def collect_checks(
    record: Record, located: Mapping[Lang, LocatedFields], fallback: LocatedFields | None = None
) -> tuple[CrossCheck, ...]:
    """Return what a record takes for granted: items, numbers, and that linked Markdown files are items.

    `located` are its files by language; `fallback` says where a record without files comes from.
    """
    fields = next(iter(located.values()), fallback or LocatedFields(next(iter(record.files), ""), {}, {}))
    items, numbers = [], []
    for path, annotation, text in walk(record):
        if isinstance(annotation, RefTo | NumberName):
            location = fields.path, fields.find_line(path), format_field_path(path)
            if isinstance(annotation, RefTo):
                kind, _, slug = (annotation.kind, "/", text) if annotation.kind else text.partition("/")
                items.append(CrossCheck("ref", f"{kind}/{slug}", *location))
            else:
                numbers.append(CrossCheck("number", f"figure:{text}", *location, text))
    texts = (check for lang, file in located.items() for check in _collect_text_checks(record.words[lang].body, file))
    return (*items, *numbers, *texts)


def _collect_text_checks(body: Html, file: LocatedFields) -> Iterator[CrossCheck]:
    for name in list_placeholders(body):
        yield CrossCheck("number", name, file.path, file.find_body_line(name), None, name)
    for link in find_local_links(body, file.path):
        target = link.target.partition("#")[0].partition("}")[2] if link.target.startswith("{") else ""
        if target.endswith(".md"):
            yield CrossCheck("page", link.file, file.path, file.find_body_line(target), None, link.target)


def list_file_deps(record: Record) -> Iterator[tuple[str, bool]]:
    """Yield the other files that decide whether a record is right, and whether their bytes matter.

    Of its picture the bytes matter; linked files only need to exist. Paths are relative to the content folder.
    """
    if record.image is not None:
        yield record.image.path, True
    for link in _links_of(record):
        if link.has_prefix or (link.attribute == "src" and ":" not in link.target):
            yield link.path_in_content, is_drawing(link.file)


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
    links = {link.path_in_content for link in _links_of(record) if link.file and not link.file.endswith(".md")}
    return links | ({record.image.path} if record.image is not None else set())


def _links_of(record: Record) -> Iterator[LocalLink]:
    path = next(iter(record.files), "")
    return chain.from_iterable(find_local_links(words.body, path) for words in record.words.values())


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
