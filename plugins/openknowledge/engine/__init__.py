"""The engine: a build reads, makes and writes only what changed, and removes what is not made any more."""

import atexit
import gc

__all__ = ["register"]

GC_THRESHOLDS = (1_000_000, 20, 100)
"""A build makes many values and hardly any cycles: fewer collections save a tenth of its time."""


def register() -> None:
    """Connect the engine to Pelican, which other programs do without."""
    from pelican import signals

    from .pelican_writer import finish_build, provide_writer, start_build

    if gc.get_threshold() != GC_THRESHOLDS:
        # What is imported stays, and what exists at the end goes: no collection need look through either.
        gc.freeze()
        atexit.register(gc.freeze)
        gc.set_threshold(*GC_THRESHOLDS)
    signals.initialized.connect(start_build)
    signals.get_writer.connect(provide_writer)
    signals.finalized.connect(finish_build)
