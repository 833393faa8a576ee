"""`python -m openknowledge.connectors`."""

import atexit
import gc
import sys
from types import ModuleType

INTERRUPTED = 130


def run() -> int:
    """Return the status of a sync that neither collects garbage nor loads what it does not use."""
    # A sync makes many values and hardly any cycles: no collection need look through them, nor one at the end.
    gc.set_threshold(1_000_000)
    atexit.register(gc.freeze)
    # Where click is installed, httpx would load its own command line, which takes as long as httpx itself.
    sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
    from .command import main

    try:
        return main()
    except KeyboardInterrupt:
        print("Interrupted. The next sync goes on from here.", file=sys.stderr)
        return INTERRUPTED


raise SystemExit(run())
