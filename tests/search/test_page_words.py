"""Every text that a field may have is found, also in fields that are added later."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, date, datetime
from enum import Enum
from itertools import count
from types import NoneType, UnionType
from typing import Any

import pytest
from tests.builders import a_site

from openknowledge.catalogue.kinds import KINDS
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.values import Html, NumberName, PartialDate, Record, RefTo, Words
from openknowledge.search.page_words import find_page_texts

UNSEARCHED = frozenset(
    (
        *("slug", "files", "aliases", "seo_title", "path", "alt"),  # No page shows these as words.
        *("title", "heading", "abstract", "body"),  # Of an item itself: its card and its body.
        *("description",),  # The channel's text is the body of its page.
    )
)
PLAIN: dict[Any, Any] = {
    **{int: 1, bool: False, date: date(2026, 1, 1), datetime: datetime(2026, 1, 1, tzinfo=UTC)},
    **{PartialDate: PartialDate(2026), float: 1.0},
}


class Filler:
    """Makes values in which every text is another word, and notes the words that have to be found."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self._numbers = count(1)

    def fill(self, hint: Any, name: str, holder: type) -> Any:
        marks = list(getattr(hint, "__metadata__", ()))
        if marks:
            if any(isinstance(mark, RefTo | NumberName | AddressSyntax) for mark in marks):
                return "x"
            return self.fill(typing.get_args(hint)[0], name, holder)
        inner = [part for part in typing.get_args(hint) if part is not NoneType]
        origin = typing.get_origin(hint)
        if origin in (UnionType, typing.Union):
            return self.fill(inner[0], name, holder)
        if origin is tuple:
            return (self.fill(inner[0], name, holder),)
        if origin is dict:
            return {"it": self.fill(inner[1], name, holder)}
        return self._value(hint, name, holder)

    def _value(self, hint: Any, name: str, holder: type) -> Any:
        if dataclasses.is_dataclass(hint) and hint not in PLAIN:
            return self.build(typing.cast(type, hint))
        if issubclass(hint, Enum):
            return next(iter(hint))
        if not issubclass(hint, str):
            return PLAIN[hint]
        word = f"word{next(self._numbers)}"
        if name == "slug":
            return word
        is_own = issubclass(holder, Words | Record) or name not in (
            "title",
            "abstract",
            "body",
            "heading",
            "description",
        )
        if not (name in UNSEARCHED and is_own) and not name.endswith("lang"):
            self.words[word] = f"{holder.__name__}.{name}"
        return hint(f"<p>{word}</p>") if hint is Html else word

    def build(self, model: type) -> Any:
        hints = typing.get_type_hints(model, include_extras=True)
        names = [field.name for field in dataclasses.fields(model)]  # type: ignore[arg-type]
        return model(**{name: self.fill(hints[name], name, model) for name in names})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_text_of_every_field_of_an_item_is_found(kind: Any) -> None:
    filler = Filler()
    record = filler.build(kind.model)

    texts, labels, _ = find_page_texts(a_site(record).fork(), record, "it")

    found = {*" ".join(texts).split(), *labels}
    assert filler.words
    assert {field for word, field in filler.words.items() if word not in found} == set()
