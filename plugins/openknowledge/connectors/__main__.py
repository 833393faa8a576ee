"""`python -m openknowledge.connectors`."""

import sys

from .command import main

INTERRUPTED = 130

try:
    status = main()
except KeyboardInterrupt:
    print("Interrupted. The next sync goes on from here.", file=sys.stderr)
    status = INTERRUPTED
raise SystemExit(status)
