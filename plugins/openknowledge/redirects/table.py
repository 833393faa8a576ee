"""Old URLs and what becomes of them: rules, and the file `output/redirects.json` that publishing reads."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from openknowledge.output_paths import REDIRECTS_FILE
from openknowledge.problems import Message, Problem

__all__ = ["REDIRECTS_FILE", "Redirect", "RedirectRule", "ServedPath", "dump", "load"]


@dataclass(frozen=True, slots=True)
class ServedPath:
    """A path that this build serves, with its language and the item (`course/coding`) that it belongs to.

    `type` is `page`, `list`, `feed`, `data` or `file`. `path` is the file where an editor writes its aliases, if any.
    """

    type: str
    lang: str
    ref: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class RedirectRule:
    """What becomes of an old URL (`source`, normalized).

    `target` is a path of the site or a whole URL, None where the content is gone; `reason` says why, by language.
    `path`, `line` and `field` locate the rule in a file; a derived rule has no path.
    """

    source: str
    target: str | None
    path: str = ""
    line: int | None = None
    field: str | None = None
    reason: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)

    def problem(self, message: Message, hint: Message | None, field: str | None = None) -> Problem:
        """Return a problem at the rule's location."""
        return Problem(self.path, self.line, field or self.field, message, hint)


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
    return tuple(Redirect(**row) for row in json.loads(path.read_bytes())["forwards"]) if path.is_file() else ()
