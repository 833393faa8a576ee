"""The fields of records by their types: what each may hold, and a walk over all values that need a check."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, ClassVar, NamedTuple

from openknowledge.model.values import NumberName, RefTo

from .frontmatter import FieldPath

__all__ = ["Walked", "list_choices", "resolve_type_hints", "strip_type", "walk"]


class Walked(NamedTuple):
    """A value inside a record: a text with its annotation, a code of a language (`LANG`), or a group of fields."""

    path: FieldPath
    annotation: RefTo | NumberName | str | None
    value: Any


LANG = "lang"
SKIPPED = ("words", "files", "kind")


def walk(value: Any, path: FieldPath = ()) -> Iterator[Walked]:
    """Yield a group of fields, and then what is inside it, in the order of the fields."""
    yield Walked(path, None, value)
    model: Any = type(value)
    for name, annotation in _fields_to_walk(model):
        inner = getattr(value, name)
        if not inner:
            continue
        is_list = isinstance(inner, tuple)
        for index, part in enumerate(inner if is_list else (inner,)):
            part_path = (*path, name, index) if is_list else (*path, name)
            if annotation is not None:
                yield Walked(part_path, annotation, part)
            else:
                yield from walk(part, part_path)


@cache
def _fields_to_walk(model: Any) -> tuple[tuple[str, RefTo | NumberName | str | None], ...]:
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
    """Return the annotation of a type, or of a type inside it."""
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
