"""Frozen values that are quick to pickle and to digest."""

import copyreg
from collections.abc import Callable
from copyreg import __newobj__  # type: ignore[attr-defined]  # typeshed lacks it
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, cast

__all__ = ["FastPickle", "astuple_except"]


class FastPickle:
    """The base of frozen dataclasses with slots that are pickled in a fraction of the time.

    The standard library (`dataclasses._dataclass_getstate`) looks up the fields of the class each time, and a large
    site is digested value by value. A class may have a state of its own.
    """

    __slots__ = ()

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "__getstate__" not in cls.__dict__:
            # For mypy these are methods of `object`, which are not assigned.
            cls.__getstate__ = _get_state  # type: ignore[method-assign, assignment]
            cls.__setstate__ = _set_state  # type: ignore[attr-defined]


def _get_state(value: Any) -> Any:
    """Return the fields of the first value of its class that is pickled; all others take a shorter way.

    Its bytes are the same: a function that is registered for a class is called before a value is asked for its parts.
    """
    model = value.__class__
    get, arguments = _getter(model), (model,)
    copyreg.pickle(model, lambda value: (__newobj__, arguments, get(value)))
    return get(value)


def _set_state(value: Any, state: Any) -> None:
    _setter(value.__class__)(value, state)


@cache
def _setter(model: Any) -> Callable[[Any, Any], None]:
    """Return the function that sets the fields of a value to the parts of a state; raises `ValueError` if they differ.

    It is compiled, as `dataclasses` compiles `__init__`: a loop over the fields takes four times the time.
    """
    names = _field_names(model)
    if not names:
        return lambda _value, _state: None
    setters = {f"field_{name}": getattr(model, name).__set__ for name in names}
    body = "".join(f"    field_{name}(value, part_{name})\n" for name in names)
    exec(f"def set_state(value, state):\n    {', '.join(f'part_{name}' for name in names)}, = state\n{body}", setters)
    return cast(Callable[[Any, Any], None], setters["set_state"])


@cache
def _field_names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(model))


def astuple_except(name: str, value: Any) -> tuple[Any, ...]:
    """Return the values of all fields but one, in their order."""
    return _getter(value.__class__, name)(value)


@cache
def _getter(model: Any, without: str | None = None) -> Callable[[Any], tuple[Any, ...]]:
    """Return the function that gives the fields of a value as a tuple."""
    names = tuple(name for name in _field_names(model) if name != without)
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names) if names else lambda _value: ()
