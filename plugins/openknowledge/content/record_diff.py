"""Which fields of a record have changed since it was last read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from openknowledge.engine.digest import canonical_bytes
from openknowledge.model.values import Lang, Record

__all__ = ["find_changed_fields"]


def find_changed_fields(old: Record, new: Record) -> Iterator[str]:
    """The fields in which two forms of a record differ: `weeks`, `title (it)`."""
    for one in dataclasses.fields(new):
        before, after = getattr(old, one.name, None), getattr(new, one.name)
        if one.name == "words" and before is not None:
            for lang in {**before, **after}:
                yield from _differing_words(before.get(lang), after.get(lang), lang)
        elif canonical_bytes(before) != canonical_bytes(after):
            yield one.name


def _differing_words(before: Any, after: Any, lang: Lang) -> Iterator[str]:
    if before is None or after is None:
        yield f"words ({lang})"
        return
    for one in dataclasses.fields(after):
        if getattr(before, one.name, None) != getattr(after, one.name):
            yield f"{'text' if one.name == 'body' else one.name} ({lang})"
