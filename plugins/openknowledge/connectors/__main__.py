"""`python -m openknowledge.connectors`."""

from .command import main

raise SystemExit(main())
