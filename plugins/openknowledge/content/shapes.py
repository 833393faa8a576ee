"""How a value that an editor gave would be written where a list, a group or words by language belong."""

import dataclasses
import json
import re
import typing
from collections.abc import Mapping
from typing import Any

from openknowledge.problems import Message

from .type_hints import resolve_type_hints, strip_type

__all__ = ["explain_shape"]

PLAIN = re.compile(r"[^\W_](?:[\w ./@'’-]*[\w./’])?")
"""A text that needs no quotes."""


def explain_shape(hint: Any, name: str | int, value: Any) -> Message | None:
    """Return how to write a value of a field of this type; None where nothing can be made of it.

    `name` is that of the field, or a number for an entry of a list.
    """
    rows = _write(strip_type(hint), value)
    if rows is None:
        return None
    if isinstance(name, int):
        return Message("Write %(rows)s.", rows=_quote(_as_entry(rows)))
    if len(rows) == 1 and rows[0][0] in "[{":
        return Message("Write %(rows)s.", rows=_quote([f"{name}: {rows[0]}"]))
    return Message('Write "%(name)s:" and, below it, indented by two blanks: %(rows)s.', name=name, rows=_quote(rows))


def _quote(rows: list[str]) -> str:
    return ", ".join(f'"{row}"' for row in rows)


def _write(kind: Any, value: Any) -> list[str] | None:
    """Return a value in the rows of a type, without the name of its field."""
    arguments = typing.get_args(kind)
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    if isinstance(value, Mapping) and any(isinstance(one, dict | list) for one in value.values()):
        return None
    if typing.get_origin(kind) is tuple:
        entry = strip_type(arguments[0])
        if not _is_group(entry):
            parts = value.split(",") if isinstance(value, str) else [value]
            return [f"[{', '.join(_plain(part) for part in parts)}]"] if _is_plain(value) else None
        rows = _write(entry, value)
        return _as_entry(rows) if rows else None
    if typing.get_origin(kind) is dict:
        return [f"{{it: {_plain(value)}}}"] if _is_plain(value) else None
    if not _is_group(kind):
        return None
    if isinstance(value, Mapping):
        return [f"{key}: {_plain(one)}" for key, one in value.items()] or None
    return [f"{_first_field(kind)}: {_plain(value)}"] if _is_plain(value) else None


def _as_entry(rows: list[str]) -> list[str]:
    return [f"{'  ' if index else '- '}{row}" for index, row in enumerate(rows)]


def _first_field(group: Any) -> str:
    """Return the field of a group that says the most: the first that must be there, else the first of all."""
    fields = [field for field in dataclasses.fields(group) if field.name in resolve_type_hints(group)]
    required = [field.name for field in fields if field.default is field.default_factory is dataclasses.MISSING]
    return (required or [field.name for field in fields])[0]


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _plain(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, bool) else str(value).strip()
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
