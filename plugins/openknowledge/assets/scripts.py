"""Scripts: modules that import each other by their published names."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["rewrite_imports"]

IMPORT = re.compile(
    r"""
    ( ^[ \t]* (?: import | (?:import|export)\s[\w\s{},*$]*?\bfrom ) \s*   # import "x", import {a} from "x"
    | \bimport\(\s*                                                       # import("x")
    )
    (["'])([^"'\n]+)\2
    """,
    re.MULTILINE | re.VERBOSE,
)


def rewrite_imports(script: str, published: Callable[[str, int], str]) -> str:
    """Return the script with `published(target, line)` in place of each file that it imports.

    Only targets that are written as a string count, and an import must be the first thing on its line.
    """

    def rewrite(match: re.Match[str]) -> str:
        before, quote, target = match.groups()
        line = script.count("\n", 0, match.start(2)) + 1
        return f"{before}{quote}{published(target, line)}{quote}"

    return IMPORT.sub(rewrite, script)
