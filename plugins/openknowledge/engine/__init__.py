"""Incremental: only what changed is read, made and written; what is no longer made is removed."""

from __future__ import annotations

import atexit
import gc
from pathlib import Path
from typing import Any

from pelican import signals

from .atomic_files import file_written
from .report import print_summary, reset_console

__all__ = ["register"]

GC_THRESHOLDS = (1_000_000, 20, 100)
"""A build makes many values and hardly any cycles: looking for those less often saves a tenth of the time.

What is read of a large site at its beginning is some hundred thousand values, which all stay.
"""


def check_inputs(pelican: Any) -> None:
    """See whether there is anything to do, before any other plugin begins."""
    from . import pelican_writer

    reset_console()
    pelican_writer.start_session()
    pelican_writer.session.check_inputs(pelican.settings, pelican.output_path)


def record_problem_counts(generators: Any) -> None:
    from .pelican_writer import session

    context = generators[0].context
    session.problems = context.get("problems", 0)
    session.fallback_count = getattr(context.get("read"), "fallback_count", 0)


def record_external_file(path: Path, *, changed: bool) -> None:
    from .pelican_writer import session

    session.record_external(path, changed)


def provide_writer(_pelican: Any) -> Any:
    """Pelican asks for a writer when it has read everything and begins to write."""
    from .pelican_writer import IncrementalWriter, session
    from .report import raising_problems

    if not session.is_up_to_date:
        raising_problems(session.lock_output)
    return IncrementalWriter


def finish_build(_pelican: Any) -> None:
    from .pelican_writer import session
    from .report import raising_problems

    raising_problems(session.finish)
    print_summary(session)


def register() -> None:
    if not gc.get_freeze_count():
        # What is imported stays, and what is there at the end goes: nobody need look through it for cycles.
        gc.freeze()
        atexit.register(gc.freeze)
    gc.set_threshold(*GC_THRESHOLDS)
    signals.initialized.connect(check_inputs)
    signals.all_generators_finalized.connect(record_problem_counts)
    file_written.connect(record_external_file)
    signals.get_writer.connect(provide_writer)
    signals.finalized.connect(finish_build)
