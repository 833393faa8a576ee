"""What is wrong with the content, said so that an editor can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `path` is relative to the project; `hint` says what to write instead."""

    path: str
    line: int | None = None
    field: str | None = None
    message: str = ""
    hint: str | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        what = f"{self.field}: {self.message}" if self.field else self.message
        first = f"{where}: {what}"
        return f"{first}\n    {self.hint}" if self.hint else first


class ContentProblems(Exception):
    """The content cannot be built; carries all problems and prints as a summary of them."""

    exitcode = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sort_problems(problems)
        super().__init__(summarize(self.problems))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file, then line, each once."""
    return tuple(
        sorted(
            set(problems),
            key=lambda problem: (problem.path, problem.line or 0, problem.field or "", problem.message),
        )
    )


def summarize(problems: tuple[Problem, ...]) -> str:
    """`2 problems in 1 file. Nothing was built.`"""
    files = len({problem.path for problem in problems})
    return f"{_counted(len(problems), 'problem')} in {_counted(files, 'file')}. Nothing was built."


def suggest_spelling(word: str, known: Iterable[str]) -> str | None:
    """`did you mean "title"?` where a known word is near, else None."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else None


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
