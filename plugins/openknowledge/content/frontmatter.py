"""A Markdown file as its YAML front matter (with line numbers) and its body."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from openknowledge.problems import Problem

__all__ = ["FieldPath", "LocatedFields", "decode_text", "format_field_path", "load_yaml", "parse_front_matter"]

FieldPath = tuple[str | int, ...]
"""Where a value is inside a mapping: `("runs", 1, "starts")`."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
CONTROL_LEAD_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xC2, 0xEF])
"""The first bytes of all those characters in UTF-8: a file without any of these bytes need not be searched."""
BEGIN = re.compile(r"---[^\S\n]*(?=\n|\Z)")
END = re.compile(r"\n---[^\S\n]*(?:\n|\Z)")
TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class LocatedFields:
    """A mapping with the line of the file `path` on which each value of it is.

    `body` is what follows the front matter, from the line `body_line` on.
    """

    path: str
    data: dict[str, Any]
    lines: dict[FieldPath, int]
    body: str = ""
    body_line: int = 1

    def find_line(self, path: FieldPath) -> int | None:
        """Return the line of the innermost part of a path that the file has."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines.get(())

    def find_body_line(self, text: str) -> int | None:
        """Return the line on which a text first occurs in the body."""
        index = self.body.find(text)
        return None if index < 0 else self.body_line + self.body.count("\n", 0, index)

    def locate_problem(self, path: FieldPath, message: str, hint: str | None) -> Problem:
        """Return a problem of the value at a path."""
        return Problem(self.path, self.find_line(path), format_field_path(path) or None, message, hint)


@lru_cache(maxsize=1024)
def format_field_path(path: FieldPath) -> str:
    """Return `("runs", 1, "starts")` as editors read it: `runs[1].starts`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's plain values: `no` is a word, `12:30` is text, a date is text until its field reads it."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+\.[0-9]+\Z"), list("-+0123456789"))


def decode_text(data: bytes, shown_path: str) -> str | Problem:
    """Return the text that the bytes of a file are, with Unix line ends; a Problem where they are none."""
    if not data.strip():
        return Problem(shown_path, None, None, "the file is empty", "Write its front matter, or delete it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save the file with the encoding UTF-8 (in most editors: Save with encoding)."
        return Problem(shown_path, line, None, "the file is not UTF-8 text", hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(data.translate(None, CONTROL_LEAD_BYTES)) == len(data):
        return text
    control = CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - text.rfind("\n", 0, control.start())
        message = f"an invisible control character (U+{ord(control[0]):04X}) at column {column}"
        return Problem(shown_path, line, None, message, "Delete it; it often comes from copying out of a PDF.")
    return text


def parse_front_matter(data: bytes, path: str) -> LocatedFields | Problem:
    """Split a Markdown file; return a Problem where it is not text, or its front matter is missing or is not YAML."""
    text = decode_text(data, path)
    if isinstance(text, Problem):
        return text
    example = 'Begin the file with a line "---", then fields such as "title: …", then a line "---".'
    begin = BEGIN.match(text)
    if begin is None:
        return Problem(path, 1, None, "the file has no front matter", example)
    end = END.search(text, begin.end())
    if end is None:
        return Problem(path, 1, None, "the front matter does not end", 'Close it with a line "---".')
    fields = load_yaml(text[begin.end() + 1 : end.start()], path, first_line=2)
    if isinstance(fields, Problem):
        return fields
    body_line = text.count("\n", 0, end.start() + 1) + 2
    return LocatedFields(path, fields.data, fields.lines, text[end.end() :], body_line)


def load_yaml(text: str, path: str, first_line: int = 1) -> LocatedFields | Problem:
    """Return a YAML mapping; `first_line` is the line of the file on which `text` begins."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines: dict[FieldPath, int] = {(): first_line}
        data = {} if node is None else _construct(loader, node, (), lines, first_line)
    except yaml.MarkedYAMLError as error:
        return _describe_yaml_error(error, path, first_line, text)
    except yaml.YAMLError as error:
        return Problem(path, first_line, None, f"this is not YAML: {error}", None)
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        return Problem(path, first_line, None, "this is not a list of fields", 'Write "field: value" lines.')
    return LocatedFields(path, data, lines)


def _construct(loader: Any, node: yaml.Node, path: FieldPath, lines: dict[FieldPath, int], first_line: int) -> Any:
    """Return the value of a YAML node, and add the line of each part to `lines`."""
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                raise yaml.MarkedYAMLError(problem=f'"{key}" is given twice', problem_mark=key_node.start_mark)
            lines[(*path, key)] = key_node.start_mark.line + first_line
            mapping[key] = _construct(loader, value_node, (*path, key), lines, first_line)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + first_line
            items.append(_construct(loader, item, (*path, index), lines, first_line))
        return items
    return node.value if node.tag == TEXT else loader.construct_object(node)


def _describe_yaml_error(error: yaml.MarkedYAMLError, path: str, first_line: int, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    rows = text.split("\n")
    row = rows[mark.line] if mark and mark.line < len(rows) else ""
    reason = str(error.problem)
    if "\t" in row[: len(row) - len(row.lstrip())] or "'\\t'" in reason:
        message, hint = "a tab where YAML wants spaces", "Indent with two spaces instead."
    elif "is given twice" in reason:
        message, hint = reason, "Keep one of the two lines."
    elif "mapping values are not allowed" in reason:
        message = "a colon that YAML cannot place"
        hint = 'Put a text that has a colon in it in quotes: title: "Maths: a beginning".'
    else:
        message = f"this is not valid YAML: {error.problem or error}"
        hint = "Check quotes, brackets and indentation on this line and the one above it."
    return Problem(path, first_line + (mark.line if mark else 0), None, message, hint)
