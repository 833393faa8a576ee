"""Problems of the content, in words with which an editor can mend them."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from openknowledge.invisible_text import escape_invisible

__all__ = [
    *("ContentProblems", "Message", "Problem", "TextIssue", "add_suggestion", "count_noun", "sort_problems"),
    *("suggest_spelling", "summarize"),
]


class Message(str):
    """An English sentence that can be shown in another language: it has its message id and its values.

    `%(name)s` placeholders of the id are filled in; a value may be a Message itself. Its text is the English one.
    """

    __slots__ = ("message_id", "values")
    message_id: str
    values: dict[str, object]

    def __new__(cls, message_id: str, /, **values: object) -> Self:
        """Return the message that is `message_id`, a literal that the catalogues have."""
        self = super().__new__(cls, message_id % values if values else message_id)
        self.message_id, self.values = message_id, values
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Let workers send it."""
        return _restore_message, (type(self), self.message_id, self.values)

    def localize(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence in the language of `gettext`, which gives the translation of a message id."""
        values = {
            name: value.localize(gettext) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return gettext(self.message_id) % values if values else gettext(self.message_id)


def _restore_message(cls: type[Message], message_id: str, values: dict[str, object]) -> Message:
    return cls(message_id, **values)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake of an editor. `path` is relative to the project; `hint` says what to write instead."""

    path: str
    line: int | None = None
    field: str | None = None
    message: str = ""
    hint: str | None = None

    def __str__(self) -> str:
        location = self.path if self.line is None else f"{self.path}:{self.line}"
        message = f"{self.field}: {self.message}" if self.field else self.message
        hint = f"\n    {escape_invisible(self.hint)}" if self.hint else ""
        return f"{escape_invisible(f'{location}: {message}')}{hint}"


class TextIssue(NamedTuple):
    """What a reader finds wrong in a text; `line` counts from the text's first line, which is 1."""

    line: int
    message: str
    hint: str


class ContentProblems(Exception):
    """The content cannot be built; carries all problems and prints as a summary of them, with what came of it."""

    exitcode = 1

    def __init__(self, problems: Iterable[Problem], outcome: str = "Nothing was built.") -> None:
        self.problems, self.outcome = sort_problems(problems), outcome
        super().__init__(f"{summarize(self.problems)} {outcome}")

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...], str]]:
        """Let workers raise it."""
        return type(self), (self.problems, self.outcome)


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, then line, each once."""

    def order(problem: Problem) -> tuple[str, int, str, str]:
        return problem.path, problem.line or 0, problem.field or "", problem.message

    return tuple(sorted(set(problems), key=order))


def summarize(problems: tuple[Problem, ...]) -> str:
    """Return a sentence such as `2 problems in 1 file.`."""
    files = len({problem.path for problem in problems})
    return f"{count_noun(len(problems), 'problem')} in {count_noun(files, 'file')}."


def suggest_spelling(word: str, known: Iterable[str]) -> str | None:
    """Return `did you mean "title"?` where a known word is near, else None."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else None


def add_suggestion(message: str, word: str, known: Iterable[str]) -> str:
    """Return a message with the word that may have been meant, where one is near."""
    near = suggest_spelling(word, known)
    return f"{message}; {near}" if near else message


def count_noun(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
