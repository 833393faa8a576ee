"""Products made by copies of this process: each has the whole site, and tells what it asked and what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .graph_delta import Listener, News
from .query_graph import Book
from .rules import Files, Line, Work
from .workers.broadcast import Given
from .workers.pool import in_batches, received

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

    from .build_state import Product
    from .scheduler import Made, Making

__all__ = ["Outcome", "made_apart"]

BATCH = 48
"""How many products a copy is handed at a time."""


class Outcome(NamedTuple):
    """What came of a batch: how many views were made, what the ledger says of each product whose files were, and these.

    `news` is None where there was no copy to do it, and our own book has it all.
    """

    viewed: int
    entries: tuple[tuple[str, Product, tuple[Made, ...]], ...]
    news: News | None


@dataclass
class Apart:
    """What each copy has: how to make any product of a line. `works` are those that were at hand before."""

    making: Making
    line: Line
    site: Site
    parts: Mapping[str, Sequence[str]]
    works: dict[str, tuple[str, Work, dict[int, None]]]
    base: int = 0
    home: int = field(default_factory=os.getpid)
    listener: Listener | None = None

    def __post_init__(self) -> None:
        self.base = len(self.book)

    @property
    def book(self) -> Book:
        return self.site.inputs.graph

    def outcome(self, keys: Sequence[str]) -> Outcome:
        """Make the products of some keys; here, or in a copy of this."""
        if self.listener is None and os.getpid() != self.home:
            self.listener = Listener(self.book, self.base)
        viewed = sum(key not in self.works for key in keys)
        made: list[tuple[str, Files]] = []
        for key in keys:
            at_hand = self.works.pop(key) if key in self.works else None
            _, work, notes = at_hand or self.making.work(self.line, self.site, key, self.parts[key])
            if self.making.settle(self.book, key, work, notes):
                made.append((key, work.done()))
        written = self.making.written(files for _, files in made)
        products = self.making.ledger.products
        entries = tuple((key, products[key], files) for (key, _), files in zip(made, written, strict=True))
        return Outcome(viewed, entries, self.listener.news() if self.listener is not None else None)


def made_apart(
    making: Making,
    line: Line,
    site: Site,
    parts: Mapping[str, Sequence[str]],
    works: Sequence[tuple[str, Work, dict[int, None]]],
    keys: Sequence[str],
) -> Iterator[Outcome]:
    """Make the products of some keys in copies of this process made now; of some of them the `works` are at hand."""
    apart = Apart(making, line, site, parts, {work[0]: work for work in works})
    with making.hands.knowing(apart) as (hands, given):
        yield from hands.each(partial(_made, given), in_batches(keys, BATCH))


def _made(given: Given, keys: Sequence[str]) -> Any:
    apart: Apart = received(given)
    return apart.outcome(keys)
