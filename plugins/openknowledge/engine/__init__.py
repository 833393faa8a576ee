"""Incremental: only what changed is read, made and written; what is no longer made is removed."""

from __future__ import annotations

import atexit
import gc
from pathlib import Path
from typing import Any

from pelican import signals

from .atomic_files import written
from .report import begin_report, final_line

__all__ = ["register"]

FEWER_COLLECTIONS = (1_000_000, 20, 100)
"""A build makes many values and hardly any cycles: looking for those less often saves a tenth of the time.

What is read of a large site at its beginning is some hundred thousand values, which all stay.
"""


def look(pelican: Any) -> None:
    """See whether there is anything to do, before any other plugin begins."""
    from . import pelican_writer

    begin_report()
    pelican_writer.begin()
    pelican_writer.run.look(pelican.settings, pelican.output_path)


def count_problems(generators: Any) -> None:
    from .pelican_writer import run

    context = generators[0].context
    run.problems = context.get("problems", 0)
    run.fell_back = getattr(context.get("read"), "fallback_count", 0)


def note(path: Path, *, changed: bool) -> None:
    from .pelican_writer import run

    run.note(path, changed)


def offer_writer(_pelican: Any) -> Any:
    """Pelican asks for a writer when it has read everything and begins to write."""
    from .pelican_writer import WholeFileWriter, run
    from .report import told

    if not run.is_up_to_date:
        told(run.open)
    return WholeFileWriter


def finish(_pelican: Any) -> None:
    from .pelican_writer import run
    from .report import told

    told(run.finish)
    final_line(run)


def register() -> None:
    if not gc.get_freeze_count():
        # What is imported stays, and what is there at the end goes: nobody need look through it for cycles.
        gc.freeze()
        atexit.register(gc.freeze)
    gc.set_threshold(*FEWER_COLLECTIONS)
    signals.initialized.connect(look)
    signals.all_generators_finalized.connect(count_problems)
    written.connect(note)
    signals.get_writer.connect(offer_writer)
    signals.finalized.connect(finish)
