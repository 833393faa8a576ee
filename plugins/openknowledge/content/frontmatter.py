"""From a Markdown file to a record: its front matter with line numbers and its body, and what is wrong with both."""

import dataclasses
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from types import UnionType
from typing import Any, ClassVar, NoReturn

import yaml
from pydantic import TypeAdapter, ValidationError

from openknowledge.invisible_text import find_invisible
from openknowledge.model.addresses import AddressError
from openknowledge.model.values import NumberName, RefTo
from openknowledge.problems import Message, Problem, add_suggestion

__all__ = [
    *("DATE_HINT", "NUMBER_HINT", "FieldPath", "LocatedFields", "build", "decode_text", "describe_error"),
    *("describe_unknown_field", "format_field_path", "list_choices", "load_yaml", "parse_front_matter"),
    *("resolve_type_hints", "strip_type", "validate", "walk"),
]

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
ALIAS_HINT = Message("Write the values themselves.")
TAG_HINT = Message("Leave out the tag, which begins with an exclamation mark.")


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

    def locate_problem(self, path: FieldPath, message: Message, hint: Message | None) -> Problem:
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
        hint = Message("Write its front matter, or delete it.")
        return Problem(shown_path, None, None, Message("the file is empty"), hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = Message("Save the file with the encoding UTF-8 (in most editors: Save with encoding).")
        return Problem(shown_path, line, None, Message("the file is not UTF-8 text"), hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(data.translate(None, LEAD_BYTES)) == len(data):
        return text
    control = find_invisible(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - text.rfind("\n", 0, control.start())
        code = f"{ord(control[0]):04X}"
        message = Message("an invisible control character (U+%(code)s) at column %(column)s", code=code, column=column)
        return Problem(shown_path, line, None, message, Message("Delete it; it often comes from copying out of a PDF."))
    return text


def parse_front_matter(data: bytes, path: str) -> LocatedFields | Problem:
    """Split a Markdown file; return a Problem where it is not text, or its front matter is missing or is not YAML."""
    text = decode_text(data, path)
    if isinstance(text, Problem):
        return text
    example = Message('Begin the file with a line "---", then fields such as "title: …", then a line "---".')
    begin = BEGIN.match(text)
    if begin is None:
        return Problem(path, 1, None, Message("the file has no front matter"), example)
    end = END.search(text, begin.end())
    if end is None:
        return Problem(path, 1, None, Message("the front matter does not end"), Message('Close it with a line "---".'))
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
            return Problem(path, first_line, None, Message("this is not YAML: %(error)s", error=str(error)), None)
        break
    if not isinstance(data, dict):
        return Problem(
            path, first_line, None, Message("this is not a list of fields"), Message('Write "field: value" lines.')
        )
    lines = {field: line + first_line for field, line in builder.lines.items()}
    return LocatedFields(path, data, {**lines, (): first_line})


class _RefusedYaml(yaml.MarkedYAMLError):
    """YAML that is well written, and not read here: what is wrong, and how to mend it."""

    def __init__(self, message: Message, mark: Any, hint: Message) -> None:
        super().__init__(problem=message, problem_mark=mark)
        self.message, self.hint = message, hint


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
                _fail(Message('"*%(anchor)s" repeats what is not there', anchor=str(event.anchor)), event, ALIAS_HINT)
            self.aliased += size
            if self.aliased > MAX_ALIASED:
                _fail(Message("aliases repeat more than %(number)s values", number=MAX_ALIASED), event, ALIAS_HINT)
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
            _fail(Message("a second document begins here"), event, Message("Remove the line above it."))

    def _begin(self, event: Any) -> None:
        """Go on inside a mapping or a list."""
        if len(self.stack) >= MAX_DEPTH:
            hint = Message("Check the brackets and the indentation.")
            _fail(Message("more than %(number)s levels are nested here", number=MAX_DEPTH), event, hint)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, MAPPING if is_mapping else SEQUENCE):
            _fail(Message('"%(tag)s" is not known here', tag=event.tag), event, TAG_HINT)
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
            _fail(Message("the name of a field is not text"), event, Message('Write "name: value".'))
        key = str(event.value)
        if key in mapping:
            _fail(Message('"%(key)s" is given twice', key=key), event, Message("Keep one of the two lines."))
        return key

    def _scalar(self, event: Any) -> Any:
        """Return the value of a scalar: text, or what YAML 1.2's core schema makes of it."""
        text: str = event.value
        hidden = find_invisible(text)
        if hidden is not None:
            _fail(
                Message("an invisible control character (U+%(code)s) is written here", code=f"{ord(hidden[0]):04X}"),
                event,
                Message("Leave it out: readers do not see it."),
            )
        tag = event.tag
        if tag is None or tag == "!":
            tag = TEXT if tag == "!" else self.loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag == TEXT:
            return text
        known = SCALARS.get(tag)
        if known is None:
            _fail(Message('"%(tag)s" is not known here', tag=tag), event, TAG_HINT)
        pattern, convert = known
        if not pattern.fullmatch(text):
            _fail(Message('"%(text)s" is not what its tag says', text=text[:40]), event, TAG_HINT)
        if convert in (int, float) and len(text) > MAX_DIGITS:
            hint = Message("Put it in quotes if it is a name.")
            _fail(Message("a number of more than %(number)s digits", number=MAX_DIGITS), event, hint)
        return convert(text)


def _fail(message: Message, event: Any, hint: Message) -> NoReturn:
    raise _RefusedYaml(message, event.start_mark, hint)


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
        message, hint = Message("a tab where YAML wants spaces"), Message("Indent with two spaces instead.")
    elif isinstance(error, _RefusedYaml):
        message, hint = error.message, error.hint
    elif "mapping values are not allowed" in reason:
        message = Message("a colon that YAML cannot place")
        hint = Message('Put a text that has a colon in it in quotes: title: "Maths: a beginning".')
    else:
        message = Message("this is not valid YAML: %(error)s", error=str(error.problem or error))
        hint = Message("Check quotes, brackets and indentation on this line and the one above it.")
    return Problem(path, first_line + (mark.line if mark else 0), None, message, hint)


# From a mapping to a record

DATE_HINT = Message("Write it as YYYY-MM-DD, for example 2026-12-01.")
TIME_HINT = Message("Write it as YYYY-MM-DDThh:mm+hh:mm, for example 2026-12-01T18:00+01:00.")
NUMBER_HINT = Message("Write a whole number without quotes or separators.")
LIST_HINT = Message("Write a list: [one, two], or one line each that begins with a dash.")
GROUP_HINT = Message('Write its fields below it, indented: "name: value".')
MESSAGES: dict[str | tuple[str, ...], tuple[Message, Message]] = {
    "missing": (Message("this field is missing"), Message("Add it to the front matter.")),
    ("datetime", "timezone"): (Message("%(shown)s is not a date with a time"), TIME_HINT),
    "date": (Message("%(shown)s is not a date"), DATE_HINT),
    "int": (Message("%(shown)s is not a whole number"), NUMBER_HINT),
    "float": (Message("%(shown)s is not a number"), NUMBER_HINT),
    "bool": (Message("%(shown)s is neither true nor false"), Message("Write true or false.")),
    ("tuple", "list"): (Message("%(shown)s is not a list"), LIST_HINT),
    "string": (Message("%(shown)s is not text"), Message('Put it in quotes: "2014".')),
    ("dataclass", "dict"): (Message("%(shown)s is not a group of fields"), GROUP_HINT),
}
"""What the types of pydantic's errors begin with: what is wrong, and how to mend it."""


@cache
def _adapter(model: type) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def build(model: type, data: Mapping[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return a value of `model`, or None with pydantic's errors, as `describe_error` takes them."""
    try:
        return _adapter(model).validate_python(data), ()
    except ValidationError as error:
        return None, tuple(error.errors())


def validate(model: type, data: Mapping[str, Any], fields: LocatedFields) -> Any | tuple[Problem, ...]:
    """Return a value of `model` from one file's mapping, or its Problems with their lines."""
    value, errors = build(model, data)
    return tuple(describe_error(model, error, fields, error["loc"]) for error in errors) or value


def describe_error(model: type, error: Any, fields: LocatedFields, path: FieldPath) -> Problem:
    """Return one of pydantic's errors as a Problem; `path` is where the file has the value."""
    if error["type"] != "unexpected_keyword_argument":
        return fields.locate_problem(path, *_explain(error))
    message = Message('unknown field "%(name)s"', name=format_field_path(path))
    message = add_suggestion(message, str(error["loc"][-1]), _list_siblings(model, error["loc"]))
    return Problem(fields.path, fields.find_line(path), None, message, None)


def describe_unknown_field(name: str, known: Iterable[str], fields: LocatedFields) -> Problem:
    """Return the Problem of a field that the type of item does not have."""
    known = sorted(known)
    message = Message('unknown field "%(name)s"', name=name)
    suggestion = add_suggestion(message, name, known)
    hint = Message("The fields of this file are: %(names)s.", names=", ".join(known)) if suggestion == message else None
    return Problem(fields.path, fields.find_line((name,)), None, suggestion, hint)


def _explain(error: Any) -> tuple[Message, Message | None]:
    error_type, value = error["type"], error.get("input")
    shown = f'"{value}"' if isinstance(value, str | int | float) else Message("this")
    if error_type == "enum":
        choices = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        message = add_suggestion(Message("%(shown)s is not a known value", shown=shown), str(value), choices)
        return message, Message("Write one of: %(names)s.", names=", ".join(choices))
    if error_type == "value_error":
        cause = error["ctx"]["error"]
        if isinstance(cause, AddressError):
            return cause.message, cause.hint
        message = Message("%(shown)s is not a date (%(cause)s)", shown=shown, cause=str(cause))
        return message, Message("Write 2020, 2020-06 or 2020-06-16.")
    for start, (message, hint) in MESSAGES.items():
        if error_type.startswith(start):
            return Message(message.message_id, shown=shown), hint
    return Message("%(shown)s is not what this field takes", shown=shown), None


def _list_siblings(model: type, path: FieldPath) -> Iterator[str]:
    """Yield the fields that an unknown one may have been meant for."""
    holder: Any = model
    for part in path[:-1]:
        if dataclasses.is_dataclass(holder) and isinstance(part, str):
            holder = strip_type(resolve_type_hints(typing.cast(type, holder)).get(part))
        else:
            arguments = typing.get_args(holder)
            is_tuple = typing.get_origin(holder) is tuple
            holder = strip_type(arguments[0 if is_tuple else -1]) if arguments else None
    if dataclasses.is_dataclass(holder):
        yield from (field.name for field in dataclasses.fields(holder))


LANG = "lang"
SKIPPED = ("words", "files", "kind")
Annotation = RefTo | NumberName | str | None
"""What a value inside a record is: a text that names something, a code of a language (`LANG`), or a group of fields."""


def walk(value: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Annotation, Any]]:
    """Yield a group of fields, and then what is inside it, in the order of the fields: path, annotation and value."""
    yield path, None, value
    model: Any = type(value)
    for name, annotation in _fields_to_walk(model):
        inner = getattr(value, name)
        if not inner:
            continue
        is_list = isinstance(inner, tuple)
        for index, part in enumerate(inner if is_list else (inner,)):
            part_path = (*path, name, index) if is_list else (*path, name)
            if annotation is not None:
                yield part_path, annotation, part
            else:
                yield from walk(part, part_path)


@cache
def _fields_to_walk(model: Any) -> tuple[tuple[str, Annotation], ...]:
    """Return the fields that have annotated texts, codes of languages, or groups of fields."""
    chosen = []
    for name, hint in resolve_type_hints(model).items():
        if typing.get_origin(hint) is ClassVar or name in SKIPPED:
            continue
        annotation = LANG if name.endswith(("_langs", "lang")) else _find_annotation(hint)
        inner = strip_type(hint)
        if typing.get_origin(inner) is tuple:
            inner = strip_type(typing.get_args(inner)[0])
        if annotation is not None or dataclasses.is_dataclass(inner):
            chosen.append((name, annotation))
    return tuple(chosen)


def _find_annotation(hint: Any) -> RefTo | NumberName | None:
    for annotation in getattr(hint, "__metadata__", ()):
        if isinstance(annotation, RefTo | NumberName):
            return annotation
    inner = (_find_annotation(part) for part in typing.get_args(hint))
    return next((annotation for annotation in inner if annotation is not None), None)


@cache
def resolve_type_hints(model: type) -> dict[str, Any]:
    """Return the types of a record's fields, with their annotations."""
    return typing.get_type_hints(model, include_extras=True)


def strip_type(hint: Any) -> Any:
    """Return a type without `| None` and without its annotations."""
    if typing.get_origin(hint) is typing.Annotated:
        return strip_type(typing.get_args(hint)[0])
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        return strip_type(next(part for part in typing.get_args(hint) if part is not type(None)))
    return hint


def list_choices(hint: Any) -> tuple[str, ...]:
    """Return the values of an enumeration; `()` for any other type."""
    inner = strip_type(hint)
    return tuple(str(item.value) for item in inner) if isinstance(inner, type) and issubclass(inner, Enum) else ()
