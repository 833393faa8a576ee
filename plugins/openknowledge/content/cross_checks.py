"""What an item's files take for granted of other files (references, numbers, links), and on which ones it depends."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from openknowledge.model.values import Html, Lang, NumberName, Record, RefTo

from .frontmatter import LocatedFields, format_field_path
from .local_links import find_local_links
from .markdown.render import list_placeholders
from .media_files import is_drawing
from .record_fields import walk

__all__ = ["CrossCheck", "collect_checks", "list_file_deps", "list_references", "pack_checks", "unpack_checks"]


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
                items.append(CrossCheck("ref", _resolve_reference(annotation, text), *location))
            else:
                numbers.append(CrossCheck("number", f"figure:{text}", *location, text))
    texts = (check for lang, file in located.items() for check in _collect_text_checks(record.words[lang].body, file))
    return (*items, *numbers, *texts)


def list_references(checks: Iterable[CrossCheck]) -> tuple[str, ...]:
    """Return the written references among checks, each once."""
    return tuple(dict.fromkeys(check.target for check in checks if check.type == "ref"))


def _resolve_reference(annotation: RefTo, text: str) -> str:
    """Return the written reference of the record that an annotated text points at."""
    if annotation.kind:
        return f"{annotation.kind}/{text}"
    kind, _, slug = text.partition("/")
    return f"{kind}/{slug}"


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
    path = next(iter(record.files), "")
    for words in record.words.values():
        for link in find_local_links(words.body, path):
            if link.has_prefix or (link.attribute == "src" and ":" not in link.target):
                yield link.path_in_content, is_drawing(link.file)
