"""The engine: a build reads, makes and writes only what changed, and removes what is not made any more."""

from __future__ import annotations

import atexit
import gc
from typing import Any

import pelican as pelican_package
from pelican import signals

__all__ = ["register"]

GC_THRESHOLDS = (1_000_000, 20, 100)
"""A build makes many values and hardly any cycles: fewer collections save a tenth of its time."""


def start_build(pelican: Any) -> None:
    """See whether there is anything to do, before any other plugin begins."""
    from .session import BuildSession

    pelican_package.console.quiet = False  # The summary of an earlier build in this process silenced it.
    BuildSession.of(pelican.settings).check_inputs(pelican.settings, pelican.output_path)


def provide_writer(pelican: Any) -> Any:
    """Lock the output when everything is read, and return Pelican's writer."""
    from .pelican_writer import IncrementalWriter, raising_problems
    from .session import BuildSession

    session = BuildSession.of(pelican.settings)
    if not session.is_up_to_date:
        with raising_problems():
            session.lock_output()
    return IncrementalWriter


def finish_build(pelican: Any) -> None:
    """Remove what is not made any more, write the manifest and the build state, and print the summary."""
    from .pelican_writer import print_summary, raising_problems
    from .session import BuildSession

    session = BuildSession.of(pelican.settings)
    with raising_problems():
        session.finish()
    print_summary(session)


def register() -> None:
    """Connect the engine to Pelican."""
    if not gc.get_freeze_count():
        # What is imported stays, and what exists at the end goes: no collection need look through either.
        gc.freeze()
        atexit.register(gc.freeze)
    gc.set_threshold(*GC_THRESHOLDS)
    signals.initialized.connect(start_build)
    signals.get_writer.connect(provide_writer)
    signals.finalized.connect(finish_build)
