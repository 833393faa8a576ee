"""From a Markdown file to a record: its front matter with line numbers and its body, and what is wrong with both."""

import dataclasses
import os
import re
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from functools import cache
from typing import Any, ClassVar, NamedTuple

from pydantic import TypeAdapter, ValidationError

from openknowledge.invisible_text import find_invisible
from openknowledge.model.addresses import AddressError
from openknowledge.model.values import License, NumberName, PartialDate, RefTo
from openknowledge.problems import Message, Problem, add_suggestion, find_near

from .located_yaml import FieldPath, LocatedFields, RecoveredFields, format_field_path, load_yaml, recover_fields
from .shapes import explain_shape
from .type_hints import resolve_type_hints, strip_type

__all__ = [
    *("DATE_HINT", "NUMBER_HINT", "TIME_HINT", "build", "decode_text", "describe_error", "describe_unknown_field"),
    *("find_hint", "is_misspelt", "list_choices", "parse_front_matter", "recover_front_matter"),
    *("validate", "walk"),
]

# Pydantic looks for plugins of its own in the metadata of all packages, which takes longer than to read an item.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
LEAD_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xC2, 0xE2, 0xEF])
"""The first bytes of all invisible characters in UTF-8: a file without any of these bytes need not be searched."""
BEGIN = re.compile(r"---[^\S\n]*(?=\n|\Z)")
END = re.compile(r"\n---[^\S\n]*(?:\n|\Z)")


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
    parts = _split_file(data, path)
    if isinstance(parts, Problem):
        return parts
    fields = load_yaml(parts.front, path, first_line=2)
    return fields if isinstance(fields, Problem) else replace(fields, body=parts.body, body_line=parts.body_line)


def recover_front_matter(data: bytes, path: str, problem: Problem) -> RecoveredFields:
    """Return what can be read of a Markdown file where a `problem` stops the reading of all."""
    parts = _split_file(data, path)
    if isinstance(parts, Problem):
        return RecoveredFields(LocatedFields(path, {}, {}), frozenset({()}), (problem,))
    recovered = recover_fields(parts.front, path, problem, first_line=2)
    fields = replace(recovered.fields, body=parts.body, body_line=parts.body_line)
    return recovered._replace(fields=fields)


class _FileParts(NamedTuple):
    """The front matter of a file from its second line on, and what follows it."""

    front: str
    body: str
    body_line: int


def _split_file(data: bytes, path: str) -> _FileParts | Problem:
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
    body_line = text.count("\n", 0, end.start() + 1) + 2
    return _FileParts(text[begin.end() + 1 : end.start()], text[end.end() :], body_line)


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
SHAPES = ("tuple", "list", "dataclass", "dict")
"""What those types begin with that say that a value has the wrong shape."""


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
        message, hint = explain_error(error)
        if error["type"].startswith(SHAPES):
            hint = explain_shape(find_hint(model, error["loc"]), path[-1], error.get("input")) or hint
        return fields.locate_problem(path, message, hint)
    message = Message('unknown field "%(name)s"', name=format_field_path(path))
    message = add_suggestion(message, str(error["loc"][-1]), _list_siblings(model, error["loc"]))
    return Problem(fields.path, fields.find_line(path), None, message, None)


def is_misspelt(model: type, path: FieldPath, written: Collection[str]) -> bool:
    """Return whether a missing field is there under nearly its own name, which is reported as unknown."""
    known = {*_list_siblings(model, path)}
    return any(find_near(name, known) == path[-1] for name in written if name not in known)


def describe_unknown_field(name: str, known: Iterable[str], fields: LocatedFields) -> Problem:
    """Return the Problem of a field that the type of item does not have."""
    known = sorted(known)
    message = Message('unknown field "%(name)s"', name=name)
    suggestion = add_suggestion(message, name, known)
    hint = Message("The fields of this file are: %(names)s.", names=", ".join(known)) if suggestion == message else None
    return Problem(fields.path, fields.find_line((name,)), None, suggestion, hint)


LICENSES = frozenset(map(str, License))


def explain_error(error: Any) -> tuple[Message, Message | None]:
    """Return what one of pydantic's errors says of a value, and how to mend it."""
    error_type, value = error["type"], error.get("input")
    shown = f'"{value}"' if isinstance(value, str | int | float) else Message("this")
    if error_type == "enum":
        choices = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        message = Message("%(shown)s is not a known value", shown=shown)
        if not LICENSES.issuperset(choices):
            # A licence that was nearly written may grant more than the one that was meant.
            message = add_suggestion(message, str(value), choices)
        return message, Message("Write one of: %(names)s.", names=", ".join(choices))
    if error_type == "value_error":
        cause = error["ctx"]["error"]
        if isinstance(cause, AddressError):
            return cause.message, cause.hint
        return Message("%(shown)s is not a date", shown=shown), Message("Write 2020, 2020-06 or 2020-06-16.")
    for start, (message, hint) in MESSAGES.items():
        if error_type.startswith(start):
            return Message(message.message_id, shown=shown), hint
    return Message("%(shown)s is not what this field takes", shown=shown), None


def _list_siblings(model: type, path: FieldPath) -> Iterator[str]:
    """Yield the fields that an unknown one may have been meant for."""
    holder = find_hint(model, path[:-1])
    if dataclasses.is_dataclass(holder):
        yield from (field.name for field in dataclasses.fields(holder))


def find_hint(model: type, path: FieldPath) -> Any:
    """Return the type of the value at a path inside a record."""
    holder: Any = model
    for part in path:
        if dataclasses.is_dataclass(holder) and isinstance(part, str):
            holder = strip_type(resolve_type_hints(typing.cast(type, holder)).get(part))
        else:
            arguments = typing.get_args(holder)
            is_tuple = typing.get_origin(holder) is tuple
            holder = strip_type(arguments[0 if is_tuple else -1]) if arguments else None
    return holder


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
        if annotation is not None or (dataclasses.is_dataclass(inner) and inner is not PartialDate):
            chosen.append((name, annotation))
    return tuple(chosen)


def _find_annotation(hint: Any) -> RefTo | NumberName | None:
    for annotation in getattr(hint, "__metadata__", ()):
        if isinstance(annotation, RefTo | NumberName):
            return annotation
    inner = (_find_annotation(part) for part in typing.get_args(hint))
    return next((annotation for annotation in inner if annotation is not None), None)


def list_choices(hint: Any) -> tuple[str, ...]:
    """Return the values of an enumeration; `()` for any other type."""
    inner = strip_type(hint)
    return tuple(str(item.value) for item in inner) if isinstance(inner, type) and issubclass(inner, Enum) else ()
