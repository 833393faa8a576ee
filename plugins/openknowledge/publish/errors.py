"""Why a site is not published, or only in part, with what an operator can do about it."""

import sys
from collections.abc import Iterable
from typing import Self

from openknowledge.invisible_text import escape_invisible
from openknowledge.problems import Problem, operator_problem, sort_problems

__all__ = ["Interrupted", "PublishFailed", "PublishRefused", "make_problem", "report_retry"]


class _PublishStopped(Exception):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort_problems(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, where: str, message: str, hint: str) -> Self:
        """Return the exception of one problem that has no line."""
        return cls([make_problem(where, message, hint)])


class PublishRefused(_PublishStopped):
    """Publishing would be wrong: nothing was changed."""


class PublishFailed(_PublishStopped):
    """Publishing could not go on: readers have a working site, and the next run completes the publication."""


def make_problem(where: str, message: str, hint: str) -> Problem:
    """Make a problem without a line: of a target, a file of the site, a setting."""
    return operator_problem(where, None, None, message, hint)


def report_retry(where: str, error: object, attempt: int, attempts: int) -> None:
    """Print that a place is asked again, and why."""
    text = str(error).lower()
    reasons = {"reset": "resets connections", "refused": "refuses connections", "resolve": "has no known address"}
    reason = next((reason for mark, reason in reasons.items() if mark in text), "does not answer as it should")
    print(escape_invisible(f"{where} {reason}; try {attempt} of {attempts}"), file=sys.stderr, flush=True)


class Interrupted(KeyboardInterrupt):
    """A signal has ended this program, or the build that it waited for; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
