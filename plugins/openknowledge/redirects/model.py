"""Rules for old URLs, and the paths that a build serves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.problems import Problem

__all__ = ["RedirectRule", "ServedPath"]


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

    @property
    def location(self) -> str:
        """The file and line of the rule, as problems show them."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def problem(self, message: str, hint: str | None, field: str | None = None) -> Problem:
        """Return a problem at the rule's location."""
        return Problem(self.path, self.line, field or self.field, message, hint)
