"""What somebody wants of an old address, and whether it can be had."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.problems import Problem

__all__ = ["RedirectRule", "ServedPath"]


@dataclass(frozen=True, slots=True)
class ServedPath:
    """Something that this build serves: in which language, and of which item (`course/coding`) it is the page.

    `sort` is `page`, `list`, `feed`, `data` or `file`; `path` is the file where an editor writes its aliases, if any.
    """

    type: str
    lang: str
    ref: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class RedirectRule:
    """An old address (`source`, tidy) and what becomes of it.

    `target` is a path of the site or a whole URL, None where what was there is gone; `why` says why, by language.
    `path`, `line` and `field` are where it is written; a wish that no editor wrote has no path.
    """

    source: str
    target: str | None
    path: str = ""
    line: int | None = None
    field: str | None = None
    reason: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def location(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path

    def problem(self, message: str, hint: str | None, field: str | None = None) -> Problem:
        return Problem(self.path, self.line, field or self.field, message, hint)
