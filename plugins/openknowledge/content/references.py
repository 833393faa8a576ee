"""Which records a record points at, read from the marks on its types."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

from openknowledge.model.values import NumberName, Record, RefTo

from .frontmatter import FieldPath
from .parse import resolve_type_hints, strip_type


def reference_target(mark: RefTo, text: str) -> str:
    """The record that a text with such a mark points at, as a written reference."""
    if mark.kind:
        return f"{mark.kind}/{text}"
    kind, _, slug = text.partition("/")
    return f"{kind}/{slug}"


def list_references(record: Record) -> Iterator[tuple[FieldPath, RefTo | NumberName, str]]:
    """Each text of the record that names something elsewhere, in the order of the fields: its place and its mark."""
    return _marked(record, ())


def _marked(value: object, place: FieldPath) -> Iterator[tuple[FieldPath, Any, str]]:
    model: Any = type(value)
    for name, mark, has_parts in _plan(model):
        inner = getattr(value, name)
        if not inner:
            continue
        parts = enumerate(inner) if isinstance(inner, tuple) else ((None, inner),)
        for index, part in parts:
            here = (*place, name) if index is None else (*place, name, index)
            if mark is not None:
                yield here, mark, part
            elif has_parts:
                yield from _marked(part, here)


@cache
def _plan(model: Any) -> tuple[tuple[str, RefTo | NumberName | None, bool], ...]:
    """The fields worth a look: those that are marked, and those that hold values with fields."""
    plan = []
    for name, hint in resolve_type_hints(model).items():
        if typing.get_origin(hint) is typing.ClassVar or name in ("words", "kind"):
            continue
        mark = _mark(hint)
        inner = strip_type(hint)
        if typing.get_origin(inner) is tuple:
            inner = strip_type(typing.get_args(inner)[0])
        has_parts = dataclasses.is_dataclass(inner)
        if mark is not None or has_parts:
            plan.append((name, mark, has_parts))
    return tuple(plan)


def _mark(hint: Any) -> RefTo | NumberName | None:
    """The mark on a type, looked for inside optional and tuple types."""
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, RefTo | NumberName):
            return mark
    for part in typing.get_args(hint):
        found = _mark(part)
        if found is not None:
            return found
    return None
