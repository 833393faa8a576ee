"""A Markdown file as its YAML front matter (with line numbers) and its body."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NoReturn

import yaml

from openknowledge.invisible_text import find_invisible
from openknowledge.problems import Problem

__all__ = [*("FieldPath", "LocatedFields", "decode_text", "format_field_path", "load_yaml", "parse_front_matter")]

FieldPath = tuple[str | int, ...]
"""Where a value is inside a mapping: `("runs", 1, "starts")`."""

LEAD_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xC2, 0xE2, 0xEF])
"""The first bytes of all invisible characters in UTF-8: a file without any of these bytes need not be searched."""
BEGIN = re.compile(r"---[^\S\n]*(?=\n|\Z)")
END = re.compile(r"\n---[^\S\n]*(?:\n|\Z)")
TEXT, MAPPING, SEQUENCE = (f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))
SURROGATES = re.compile(r"((?<!\\)(?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""Two escapes that JSON writes for one character outside the Basic Multilingual Plane (RFC 8259, section 7)."""
MAX_DEPTH = 32
MAX_ALIASED = 1_000
"""How many values aliases may repeat: nine lines of them can stand for billions."""
MAX_DIGITS = 30
ALIAS_HINT = "Write the values themselves."
TAG_HINT = "Leave out the tag, which begins with an exclamation mark."


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


SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "tag:yaml.org,2002:bool": (re.compile(r"(?:true|false)\Z"), lambda text: text == "true"),
    "tag:yaml.org,2002:null": (re.compile(r"(?:~|null|)\Z"), lambda _text: None),
    "tag:yaml.org,2002:int": (re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), int),
    "tag:yaml.org,2002:float": (re.compile(r"[-+]?[0-9]+\.[0-9]+\Z"), float),
}
"""The plain values that are no text, by tag: how they are written, and what they are."""
for _tag, _first in zip(SCALARS, ("tf", ("~", "n", ""), "-+0123456789", "-+0123456789"), strict=True):
    _Loader.add_implicit_resolver(_tag, SCALARS[_tag][0], list(_first))


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
    if len(data.translate(None, LEAD_BYTES)) == len(data):
        return text
    control = find_invisible(text)
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
    for _ in range(1 + text.count("\\u")):
        builder = _YamlBuilder(text)
        try:
            data = builder.build()
        except yaml.MarkedYAMLError as error:
            joined = _join_surrogates(text, error)
            if joined != text:
                text = joined
                continue
            return _describe_yaml_error(error, path, first_line, text)
        except yaml.YAMLError as error:
            return Problem(path, first_line, None, f"this is not YAML: {error}", None)
        break
    if not isinstance(data, dict):
        return Problem(path, first_line, None, "this is not a list of fields", 'Write "field: value" lines.')
    lines = {field: line + first_line for field, line in builder.lines.items()}
    return LocatedFields(path, data, {**lines, (): first_line})


class _RefusedYaml(yaml.MarkedYAMLError):
    """YAML that is well written, and not read here; its `note` says how to mend it."""


@dataclass(slots=True)
class _Collection:
    """A mapping or list under way: `size` counts the values in it, `key` is that of the next value of a mapping."""

    path: FieldPath
    value: dict[str, Any] | list[Any]
    anchor: str | None
    size: int = 1
    key: str | None = None


class _YamlBuilder:
    """Builds the value of a YAML document from its events, without recursion, and notes the line of each field.

    What a document may cost is bounded: the depth, the values that aliases repeat, the digits of a number.
    """

    def __init__(self, text: str) -> None:
        self.loader = _Loader(text)
        self.lines: dict[FieldPath, int] = {}
        self.stack: list[_Collection] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.aliased = 0
        self.result: Any = {}

    def build(self) -> Any:
        """Return the value. Raises `yaml.YAMLError` if the text is no YAML, or more of it than is read."""
        try:
            while self.loader.check_event():
                self._take(self.loader.get_event())
        finally:
            self.loader.dispose()
        return self.result

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(event, self._scalar(event), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            value, size = self.anchors.get(str(event.anchor), (None, 0))
            if not size:
                _fail(f'"*{event.anchor}" repeats what is not there', event, ALIAS_HINT)
            self.aliased += size
            if self.aliased > MAX_ALIASED:
                _fail(f"aliases repeat more than {MAX_ALIASED} values", event, ALIAS_HINT)
            self._add(event, value, None, size)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self.stack.pop()
            if ended.anchor:
                self.anchors[ended.anchor] = ended.value, ended.size
            if self.stack:
                self.stack[-1].size += ended.size
        elif isinstance(event, yaml.DocumentStartEvent) and self.lines:
            _fail("a second document begins here", event, "Remove the line above it.")

    def _begin(self, event: Any) -> None:
        """Go on inside a mapping or a list."""
        if len(self.stack) >= MAX_DEPTH:
            _fail(f"more than {MAX_DEPTH} levels are nested here", event, "Check the brackets and the indentation.")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, MAPPING if is_mapping else SEQUENCE):
            _fail(f'"{event.tag}" is not known here', event, TAG_HINT)
        value: dict[str, Any] | list[Any] = {} if is_mapping else []
        path = self._add(event, value, None, 0)
        self.stack.append(_Collection(path, value, event.anchor))

    def _add(self, event: Any, value: Any, anchor: str | None, size: int = 1) -> FieldPath:
        """Add a value to the collection under way, or take it for its next key; return its path."""
        if anchor:
            self.anchors[anchor] = value, size
        if not self.stack:
            self.result = value
            return ()
        outer = self.stack[-1]
        outer.size += size
        if isinstance(outer.value, dict) and outer.key is not None:
            path = (*outer.path, outer.key)
            outer.value[outer.key], outer.key = value, None
            return path
        if isinstance(outer.value, list):
            path = (*outer.path, len(outer.value))
            outer.value.append(value)
        else:
            outer.key = self._key(outer.value, event)
            path = (*outer.path, outer.key)
        self.lines[path] = event.start_mark.line
        return path

    def _key(self, mapping: Mapping[str, Any], event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            _fail("the name of a field is not text", event, 'Write "name: value".')
        key = str(event.value)
        if key in mapping:
            _fail(f'"{key}" is given twice', event, "Keep one of the two lines.")
        return key

    def _scalar(self, event: Any) -> Any:
        """Return the value of a scalar: text, or what YAML 1.2's core schema makes of it."""
        text: str = event.value
        hidden = find_invisible(text)
        if hidden is not None:
            _fail(
                f"an invisible control character (U+{ord(hidden[0]):04X}) is written here",
                event,
                "Leave it out: readers do not see it.",
            )
        tag = event.tag
        if tag is None or tag == "!":
            tag = TEXT if tag == "!" else self.loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag == TEXT:
            return text
        known = SCALARS.get(tag)
        if known is None:
            _fail(f'"{tag}" is not known here', event, TAG_HINT)
        pattern, convert = known
        if not pattern.fullmatch(text):
            _fail(f'"{text[:40]}" is not what its tag says', event, TAG_HINT)
        if convert in (int, float) and len(text) > MAX_DIGITS:
            _fail(f"a number of more than {MAX_DIGITS} digits", event, "Put it in quotes if it is a name.")
        return convert(text)


def _fail(message: str, event: Any, hint: str) -> NoReturn:
    raise _RefusedYaml(problem=message, problem_mark=event.start_mark, note=hint)


def _join_surrogates(text: str, error: yaml.MarkedYAMLError) -> str:
    """Return a text with the halves of characters joined that JSON writes as two escapes, on the line of an error."""
    if "Unicode character escape" not in str(error.problem) or error.problem_mark is None:
        return text
    rows = text.split("\n")
    number = min(error.problem_mark.line, len(rows) - 1)

    def join(match: re.Match[str]) -> str:
        high, low = int(match[2], 16), int(match[3], 16)
        return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08x}"

    rows[number] = SURROGATES.sub(join, rows[number])
    return "\n".join(rows)


def _describe_yaml_error(error: yaml.MarkedYAMLError, path: str, first_line: int, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    rows = text.split("\n")
    row = rows[mark.line] if mark and mark.line < len(rows) else ""
    reason = str(error.problem)
    if "\t" in row[: len(row) - len(row.lstrip())] or "'\\t'" in reason:
        message, hint = "a tab where YAML wants spaces", "Indent with two spaces instead."
    elif isinstance(error, _RefusedYaml):
        message, hint = reason, str(error.note)
    elif "mapping values are not allowed" in reason:
        message = "a colon that YAML cannot place"
        hint = 'Put a text that has a colon in it in quotes: title: "Maths: a beginning".'
    else:
        message = f"this is not valid YAML: {error.problem or error}"
        hint = "Check quotes, brackets and indentation on this line and the one above it."
    return Problem(path, first_line + (mark.line if mark else 0), None, message, hint)
