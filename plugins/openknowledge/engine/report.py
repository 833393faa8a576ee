"""The one line with which a build ends, and what is said where it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pelican as pelican_package

from openknowledge.problems import ContentProblems, Problem

if TYPE_CHECKING:
    from .session import BuildSession

__all__ = ["print_summary", "raising_problems", "reset_console"]


def reset_console() -> None:
    """Let Pelican speak: the last line of a build that came before had silenced it."""
    pelican_package.console.quiet = False


def raising_problems(step: Callable[[], None]) -> None:
    """Take a step of the build; what the folder or the disk refuses becomes `ContentProblems`."""
    from .session import OutputLocked

    try:
        step()
    except OutputLocked as busy:
        hint = "Wait until it has ended, or build into another folder: invoke build --output OTHER."
        raise ContentProblems((Problem(str(busy), None, None, "another build is writing here", hint),)) from None
    except OSError as error:
        hint = "Make room, or let the build write there, and build again: what is there is whole."
        where = str(error.filename or "output")
        raise ContentProblems((Problem(where, None, None, f"cannot be written: {error.strerror}", hint),)) from None


def print_summary(run: BuildSession) -> None:
    """`Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems.`"""
    counts = run.state.counts
    seconds = time.monotonic() - run.started_s
    problems = counts.get("problems", 0)
    found = _counted(problems, "problem") if problems else "no problems"
    changed = f"{_counted(run.changed, 'file')} changed, {run.removed} removed"
    made = f"{_counted(counts.get('pages', 0), 'page')} and {_counted(counts.get('feeds', 0), 'feed')}"
    left = counts.get("fell back", 0)
    said = f" The fast reader left {_counted(left, 'item')} to the default one." if left else ""
    line = f"Built {made} in {seconds:.1f} s: {changed}, {found}.{said}"
    pelican_package.console.print(line, soft_wrap=True, markup=False, highlight=False)
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican_package.console.quiet = True


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
