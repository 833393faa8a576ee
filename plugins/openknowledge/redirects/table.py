"""Where addresses that were published once lead now, as those who publish the site need to know it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["REDIRECTS_FILE", "Redirect", "dump", "load"]

REDIRECTS_FILE = "redirects.json"
"""Where a build leaves the forwards of its folder."""


@dataclass(frozen=True, slots=True, order=True)
class Redirect:
    """An old address and what became of it.

    `source` is a path as it was published, not quoted, below the site's root (`/corsi/old/`); with a `query`
    (`id=203`) it counts only for requests that have it. `target` is a path of the site or a whole URL; None where what
    was there is gone, and the page at `source` tells how to go on.
    """

    source: str
    query: str = ""
    target: str | None = None

    @property
    def status(self) -> int:
        return 410 if self.target is None else 301


def dump(redirects: Iterable[Redirect]) -> bytes:
    """The forwards as JSON, sorted."""
    rows = [asdict(forward) for forward in sorted(redirects, key=lambda one: (one.source, one.query))]
    return (json.dumps({"format": 1, "forwards": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def load(output: Path) -> tuple[Redirect, ...]:
    """The forwards of a built site; none where it has no such file."""
    place = output / REDIRECTS_FILE
    if not place.is_file():
        return ()
    return tuple(Redirect(**row) for row in json.loads(place.read_bytes())["forwards"])
