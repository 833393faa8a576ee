"""Incremental: pages are written whole and only when they change; what is no longer made is removed."""

from __future__ import annotations

from typing import Any

from pelican import signals

from ..output import written
from .ledger import LEDGER, Ledger
from .report import final_line
from .writer import WholeFileWriter

ledger = Ledger()


def begin(pelican: Any) -> None:
    ledger.begin(pelican.output_path)


def note(path: Any, *, changed: bool) -> None:
    ledger.note(path, changed)


def offer_writer(_pelican: Any) -> type[WholeFileWriter]:
    """Pelican asks for a writer when it has read everything and begins to write."""
    ledger.open()
    return WholeFileWriter


def finish(_pelican: Any) -> None:
    ledger.finish()
    final_line(ledger)


def register() -> None:
    signals.initialized.connect(begin)
    written.connect(note)
    signals.get_writer.connect(offer_writer)
    signals.finalized.connect(finish)


__all__ = ["LEDGER", "register"]
