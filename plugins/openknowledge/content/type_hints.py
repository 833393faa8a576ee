"""The types of a record's fields, as checks and examples need them."""

import typing
from functools import cache
from types import UnionType
from typing import Any

__all__ = ["resolve_type_hints", "strip_type"]


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
