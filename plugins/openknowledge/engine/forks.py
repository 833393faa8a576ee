"""Products made by copies of this process: each has the whole site, and tells what it asked and what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .graph_delta import DeltaRecorder, GraphDelta
from .query_graph import QueryGraph
from .rules import Action, Files, Rule
from .workers.broadcast import BroadcastRef
from .workers.pool import resolve, split_batches

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

    from .build_state import Artifact
    from .scheduler import Scheduler, WrittenFile

__all__ = ["ForkResult", "run_in_forks"]

FORK_BATCH = 48
"""How many products a copy is handed at a time."""


class ForkResult(NamedTuple):
    """What came of a batch: how many views were made, what the ledger says of each product whose files were, and these.

    `news` is None where there was no copy to do it, and our own book has it all.
    """

    planned: int
    entries: tuple[tuple[str, Artifact, tuple[WrittenFile, ...]], ...]
    delta: GraphDelta | None


@dataclass
class ForkContext:
    """What each copy has: how to make any product of a line. `works` are those that were at hand before."""

    scheduler: Scheduler
    rule: Rule
    site: Site
    parts: Mapping[str, Sequence[str]]
    actions: dict[str, tuple[str, Action, dict[int, None]]]
    base: int = 0
    parent_pid: int = field(default_factory=os.getpid)
    recorder: DeltaRecorder | None = None

    def __post_init__(self) -> None:
        self.base = len(self.book)

    @property
    def book(self) -> QueryGraph:
        return self.site.graph

    def run_batch(self, keys: Sequence[str]) -> ForkResult:
        """Make the products of some keys; here, or in a copy of this."""
        if self.recorder is None and os.getpid() != self.parent_pid:
            self.recorder = DeltaRecorder(self.book, self.base)
        viewed = sum(key not in self.actions for key in keys)
        made: list[tuple[str, Files]] = []
        for key in keys:
            at_hand = self.actions.pop(key) if key in self.actions else None
            _, work, notes = at_hand or self.scheduler.plan_action(self.rule, self.site, key, self.parts[key])
            if self.scheduler.record(self.book, key, work, notes):
                made.append((key, work.run()))
        written = self.scheduler.write(files for _, files in made)
        products = self.scheduler.state.artifacts
        entries = tuple((key, products[key], files) for (key, _), files in zip(made, written, strict=True))
        return ForkResult(viewed, entries, self.recorder.take() if self.recorder is not None else None)


def run_in_forks(
    making: Scheduler,
    line: Rule,
    site: Site,
    parts: Mapping[str, Sequence[str]],
    works: Sequence[tuple[str, Action, dict[int, None]]],
    keys: Sequence[str],
) -> Iterator[ForkResult]:
    """Make the products of some keys in copies of this process made now; of some of them the `works` are at hand."""
    apart = ForkContext(making, line, site, parts, {work[0]: work for work in works})
    with making.pool.forked_with(apart) as (hands, given):
        yield from hands.map(partial(_made, given), split_batches(keys, FORK_BATCH))


def _made(given: BroadcastRef, keys: Sequence[str]) -> Any:
    apart: ForkContext = resolve(given)
    return apart.run_batch(keys)
