"""The file of redirects, `output/redirects.json`: a build writes it, and publishing reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["REDIRECTS_FILE", "Redirect", "dump", "load"]

REDIRECTS_FILE = "redirects.json"
"""The path of the file below output/."""


@dataclass(frozen=True, slots=True, order=True)
class Redirect:
    """An old URL and what became of it.

    `source` is a path as it was published, unquoted, below the site's root (`/corsi/old/`). With a `query` (`id=203`)
    it holds only for requests with that query. `target` is a path of the site or a whole URL; None where the content
    is gone, and the page at `source` says how to go on.
    """

    source: str
    query: str = ""
    target: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return 410 if self.target is None else 301


def dump(redirects: Iterable[Redirect]) -> bytes:
    """Return the redirects as JSON, sorted by source."""
    rows = [asdict(row) for row in sorted(redirects, key=lambda row: (row.source, row.query))]
    return (json.dumps({"format": 1, "forwards": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def load(output: Path) -> tuple[Redirect, ...]:
    """Return the redirects of a built site; none where it has no such file."""
    path = output / REDIRECTS_FILE
    if not path.is_file():
        return ()
    return tuple(Redirect(**row) for row in json.loads(path.read_bytes())["forwards"])
