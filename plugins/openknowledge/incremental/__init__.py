"""Incremental: pages are written whole and only when they change; what is no longer made is removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican import signals

from ..output import written
from .ledger import Ledger
from .report import begin_report, final_line
from .writer import WholeFileWriter

__all__ = ["register"]

ledger = Ledger()


def begin(pelican: Any) -> None:
    """Pelican asks for generators at the beginning of every run; this plugin has none to give."""
    ledger.begin(pelican.output_path)
    begin_report()


def count_problems(generators: Any) -> None:
    ledger.problems = generators[0].context.get("problems", 0)


def note(path: Path, *, changed: bool) -> None:
    ledger.note(path, changed)


def offer_writer(_pelican: Any) -> type[WholeFileWriter]:
    """Pelican asks for a writer when it has read everything and begins to write."""
    ledger.open()
    return WholeFileWriter


def finish(_pelican: Any) -> None:
    ledger.finish()
    final_line(ledger)


def register() -> None:
    signals.get_generators.connect(begin)
    signals.all_generators_finalized.connect(count_problems)
    written.connect(note)
    signals.get_writer.connect(offer_writer)
    signals.finalized.connect(finish)
