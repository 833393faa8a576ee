"""A cache of markup that many pages share: `{{ cached(card, item, id) }}` in a template is `{{ card(item, id) }}`."""

from __future__ import annotations

from typing import Any

from jinja2 import TemplateRuntimeError, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro

CACHE_SIZE = 4096
"""The number of recent entries; as many older ones stay until they are used again or dropped."""
SINGLE_PROCESS_CACHE_SIZE = 16384
"""The same in a process that renders all pages, because it has the entries' values in memory anyway."""

Key = tuple[object, ...]
Entry = tuple[str, Macro, tuple[Any, ...], dict[str, Any]]


class MacroCache:
    """Caches the markup that macros make of frozen values, by the identity of the values and of the macro.

    Equality would not do: `Markup("<b>")` equals `"<b>"`, and `True` equals `1`, but pages show them differently. Only
    plain texts are compared. An entry holds its values, so that no other value takes their place in memory.

    Only for macros that see nothing but their arguments: those of a template imported without context.
    """

    def __init__(self, size: int = CACHE_SIZE) -> None:
        self._limit = size
        self._newer: dict[Key, Entry] = {}
        self._older: dict[Key, Entry] = {}

    @pass_eval_context
    def __call__(self, evaluation: EvalContext, macro: Macro, /, *values: Any, **named: Any) -> str:
        """Return the markup of the macro for these values."""
        key: Key = (
            id(macro),
            evaluation.autoescape,
            *[value if type(value) is str else id(value) for value in values],
        )
        if named:
            key += (None, *((name, value if type(value) is str else id(value)) for name, value in named.items()))
        entry = self._newer.get(key)
        if entry is None:
            entry = self._store(key, evaluation, macro, values, named)
        return entry[0]

    def _store(
        self, key: Key, evaluation: EvalContext, macro: Macro, values: tuple[Any, ...], named: dict[str, Any]
    ) -> Entry:
        entry = self._older.get(key)
        if entry is None:
            _require_immutable(macro, (*values, *named.values()))
            entry = macro(evaluation, *values, **named), macro, values, named
        if len(self._newer) >= self._limit:
            self._newer, self._older = {}, self._newer
        self._newer[key] = entry
        return entry


def _require_immutable(macro: Macro, values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, list | dict | set | bytearray):
            name, kind = macro.name, type(value).__name__
            raise TemplateRuntimeError(f'cached({name}, …) was given a {kind}, which can change: call "{name}" itself')
