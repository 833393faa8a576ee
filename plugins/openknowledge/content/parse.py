"""A mapping to a record, or the Problems that stand in the way; the only user of pydantic."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import cache, lru_cache
from types import UnionType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from openknowledge.problems import Problem, suggest_spelling

from .frontmatter import FieldPath, LocatedFields

DATE_HINT = "Write it as YYYY-MM-DD, for example 2026-12-01."
TIME_HINT = "Write it as YYYY-MM-DDThh:mm+hh:mm, for example 2026-12-01T18:00+01:00."
NUMBER_HINT = "Write a whole number without quotes or separators."
LIST_HINT = "Write a list: [one, two], or one line each that begins with a dash."
MESSAGES = {
    "missing": ("this field is missing", "Add it to the front matter."),
    "datetime": ("{shown} is not a date with a time", TIME_HINT),
    "timezone": ("{shown} is not a date with a time", TIME_HINT),
    "date": ("{shown} is not a date", DATE_HINT),
    "int": ("{shown} is not a whole number", NUMBER_HINT),
    "float": ("{shown} is not a number", NUMBER_HINT),
    "bool": ("{shown} is neither true nor false", "Write true or false."),
    "tuple": ("{shown} is not a list", LIST_HINT),
    "list": ("{shown} is not a list", LIST_HINT),
    "string": ("{shown} is not text", 'Put it in quotes: "2014".'),
    "dataclass": ("{shown} is not a group of fields", 'Write its fields below it, indented: "name: value".'),
    "dict": ("{shown} is not a group of fields", 'Write its fields below it, indented: "name: value".'),
}
"""What pydantic's types of errors begin with: what is wrong, and how to mend it."""


@cache
def _adapter(model: type) -> TypeAdapter[Any]:
    return TypeAdapter(model)


class ValidationFailed(ValueError):
    """The mapping is no record. `errors` are all that is wrong with it, one by one, as `problem_of` wants them."""

    def __init__(self, errors: Iterable[Any]) -> None:
        super().__init__()
        self.errors = tuple(errors)


def build(model: type, data: Mapping[str, Any]) -> Any:
    """A value of `model`; raises `NotARecord`."""
    try:
        return _adapter(model).validate_python(data)
    except ValidationError as error:
        raise ValidationFailed(error.errors()) from None


def validate(model: type, data: Mapping[str, Any], where: LocatedFields) -> Any | tuple[Problem, ...]:
    """A value of `model` from one file's mapping, or its Problems with their lines."""
    try:
        return build(model, data)
    except ValidationFailed as error:
        return tuple(describe_error(model, item, where, item["loc"]) for item in error.errors)


def describe_error(model: type, error: Any, where: LocatedFields, place: FieldPath) -> Problem:
    """One of pydantic's errors in words for an editor; `place` is where the file has it."""
    name = format_field_path(place)
    line = where.find_line(place)
    message, hint = _in_words(model, error)
    if error["type"] == "unexpected_keyword_argument":
        return Problem(where.path, line, None, f'unknown field "{name}"', hint)
    return Problem(where.path, line, name or None, message, hint)


@lru_cache(maxsize=1024)
def format_field_path(place: FieldPath) -> str:
    """`("runs", 1, "starts")` as editors read it: `runs[1].starts`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def unknown_field_problem(name: str, known: Iterable[str], where: LocatedFields) -> Problem:
    """A field that the kind does not have."""
    known = sorted(known)
    near = suggest_spelling(name, known)
    message = f'unknown field "{name}"' + (f"; {near}" if near else "")
    hint = None if near else f"The fields of this file are: {', '.join(known)}."
    return Problem(where.path, where.find_line((name,)), None, message, hint)


def _in_words(model: type, error: Any) -> tuple[str, str | None]:
    """What is wrong, and how to mend it."""
    kind, given = error["type"], error.get("input")
    shown = f'"{given}"' if isinstance(given, str | int | float) else "this"
    if kind == "unexpected_keyword_argument":
        near = suggest_spelling(str(error["loc"][-1]), _siblings(model, error["loc"]))
        return "", near and near[:1].upper() + near[1:]
    if kind == "enum":
        choices = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        near = suggest_spelling(str(given), choices)
        message = f"{shown} is not a known value" + (f"; {near}" if near else "")
        return message, f"Write one of: {', '.join(choices)}."
    if kind == "value_error":
        return f"{shown} is not a date ({error['ctx']['error']})", "Write 2020, 2020-06 or 2020-06-16."
    for start, (message, hint) in MESSAGES.items():
        if kind.startswith(start):
            return message.format(shown=shown), hint
    return str(error["msg"]), None


def _siblings(model: type, place: FieldPath) -> Iterator[str]:
    """The fields that could have stood where an unknown one stands."""
    inner: Any = model
    for part in place[:-1]:
        inner = _step(inner, part)
        if inner is None:
            return
    if dataclasses.is_dataclass(inner):
        yield from (field.name for field in dataclasses.fields(inner))


def _step(holder: Any, part: str | int) -> Any:
    """The type of one part of `holder`, with optional and container types looked through."""
    if dataclasses.is_dataclass(holder) and isinstance(part, str):
        return strip_type(resolve_type_hints(typing.cast(type, holder)).get(part))
    arguments = typing.get_args(holder)
    if not arguments:
        return None
    return strip_type(arguments[0] if typing.get_origin(holder) is tuple else arguments[-1])


@cache
def resolve_type_hints(model: type) -> dict[str, Any]:
    """The types of a record's fields, with what they are marked with."""
    return typing.get_type_hints(model, include_extras=True)


def strip_type(hint: Any) -> Any:
    """A type without `| None` and without its marks."""
    if typing.get_origin(hint) is typing.Annotated:
        return strip_type(typing.get_args(hint)[0])
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        return strip_type(next(part for part in typing.get_args(hint) if part is not type(None)))
    return hint


def list_choices(hint: Any) -> tuple[str, ...]:
    """The values of an enumeration; `()` for any other type."""
    inner = strip_type(hint)
    return tuple(str(item.value) for item in inner) if isinstance(inner, type) and issubclass(inner, Enum) else ()
