"""`python -m openknowledge.connectors.youtube --youtube-dump DIR`."""

from .sync import main

raise SystemExit(main())
