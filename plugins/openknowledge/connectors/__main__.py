"""`python -m openknowledge.connectors`."""

import atexit
import gc
import sys

# A sync makes many values and hardly any cycles: no collection need look through them, nor one at the end.
gc.set_threshold(1_000_000)
atexit.register(gc.freeze)
# Where click is installed, httpx would load its own command line, which takes as long as httpx itself.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

from .command import main  # noqa: E402

INTERRUPTED = 130

try:
    status = main()
except KeyboardInterrupt:
    print("Interrupted. The next sync goes on from here.", file=sys.stderr)
    status = INTERRUPTED
raise SystemExit(status)
