"""Problems of the content, in words with which an editor can mend them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, NamedTuple, Self

from openknowledge.invisible_text import escape_invisible

__all__ = [
    *(
        "MOST_LISTED",
        "MOST_OF_FILE",
        "ContentProblems",
        "Gettext",
        "Message",
        "Problem",
        "TextIssue",
        "add_suggestion",
        "count_files",
        "count_noun",
    ),
    *("count_problems", "find_near", "operator_problem", "sort_problems", "suggest_spelling", "summarize", "total"),
    "total_files",
]


MOST_LISTED = 500
"""How many problems are listed one by one; of more, the first `MOST_OF_FILE` of each file, up to this number."""
MOST_OF_FILE = 20
Gettext = Callable[[str], str]
"""A function that gives the translation of a message id."""


class Message(str):
    """An English sentence that can be shown in another language: it has its message id and its values.

    `%(name)s` placeholders of the id are filled in; a value may be a Message itself. Its text is the English one.
    """

    __slots__ = ("message_id", "values")
    message_id: str
    values: dict[str, str | int]

    def __new__(cls, message_id: str, /, **values: str | int) -> Self:
        """Return the message that is `message_id`, a literal that the catalogues have."""
        self = super().__new__(cls, message_id % values if values else message_id)
        self.message_id, self.values = message_id, values
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Let workers send it."""
        return _restore_message, (type(self), self.message_id, self.values)

    def localize(self, gettext: Gettext) -> str:
        """Return the sentence in the language of `gettext`."""
        # Catalogues keep their header under the empty message.
        sentence = gettext(self.message_id) if self.message_id else ""
        values = {
            name: value.localize(gettext) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return sentence % values if values else sentence


def _restore_message(cls: type[Message], message_id: str, values: dict[str, str | int]) -> Message:
    return cls(message_id, **values)


EMPTY = ""
NOTHING = Message(EMPTY)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake of an editor. `path` is relative to the project; `hint` says what to write instead.

    One that stands for others (`count`) says how many more there are of a file, or of `files` files below a folder.
    """

    path: str
    line: int | None = None
    field: str | None = None
    message: Message = NOTHING
    hint: Message | None = None
    count: int = 1
    files: int = 1

    def __str__(self) -> str:
        return self.localize(str)

    @property
    def location(self) -> str:
        """Return `path:line`, or the path alone."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    def as_row(self, gettext: Gettext) -> dict[str, str | int | None]:
        """Return its parts by name, in a language."""
        message, hint = self.message.localize(gettext), self.hint.localize(gettext) if self.hint else None
        row: dict[str, str | int | None] = {"path": self.path, "line": self.line, "field": self.field}
        return {**row, "message": message, "hint": hint, "count": self.count, "files": self.files}

    def localize(self, gettext: Gettext) -> str:
        """Return it as a line for the editor, and one for the hint; names of fields are the same in all languages."""
        message = self.message.localize(gettext)
        message = f"{self.field}: {message}" if self.field else message
        hint = f"\n    {escape_invisible(self.hint.localize(gettext))}" if self.hint else ""
        return f"{escape_invisible(f'{self.location}: {message}')}{hint}"


def operator_problem(path: str, line: int | None, field: str | None, message: str, hint: str | None) -> Problem:
    """Return a problem that operators read: of settings, the theme, a server. It is told in English only."""
    return Problem(path, line, field, Message(message), Message(hint) if hint else None)


class TextIssue(NamedTuple):
    """What a reader finds wrong in a text; `line` counts from the text's first line, which is 1."""

    line: int
    message: Message
    hint: Message


NOTHING_BUILT = Message("Nothing was built.")


class ContentProblems(Exception):
    """The content cannot be built; carries all problems and prints as a summary of them, with what came of it."""

    exitcode = 1

    def __init__(self, problems: Iterable[Problem], outcome: Message = NOTHING_BUILT) -> None:
        self.problems, self.outcome = sort_problems(problems), outcome
        self.summary = Message("%(summary)s %(outcome)s", summary=summarize(self.problems), outcome=outcome)
        super().__init__(self.summary)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...], Message]]:
        """Let workers raise it."""
        return type(self), (self.problems, self.outcome)

    def localize(self, gettext: Gettext) -> str:
        """Return all problems and the summary, for a terminal."""
        return "\n".join((*(problem.localize(gettext) for problem in self.problems), self.summary.localize(gettext)))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, then line, each once.

    Of more than `MOST_LISTED` the first of each file are left, and for the others one that says how many they are.
    """

    def order(problem: Problem) -> tuple[str, int, str, str]:
        return problem.path, problem.line or 0, problem.field or "", problem.message

    found = tuple(sorted(set(problems), key=order))
    return tuple(_leave_out(found)) if total(found) > MOST_LISTED else found


def _leave_out(problems: Iterable[Problem]) -> Iterator[Problem]:
    left, others = MOST_LISTED, list[Problem]()
    for _, group in groupby(problems, attrgetter("path")):
        found = sorted(group, key=lambda problem: problem.count > 1)
        shown = [problem for problem in found[: min(left, MOST_OF_FILE)] if problem.count == 1]
        left -= len(shown)
        yield from shown
        if shown:
            yield from _add_up(found[len(shown) :])
        else:
            others += found
    yield from _add_up(others)


def _add_up(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return one problem in place of several, which says how many they are, where they lie and what to do."""
    if len(problems) < 2:
        return problems
    names = takewhile(lambda names: len({*names}) == 1, zip(*(one.path.split("/") for one in problems), strict=False))
    path = "/".join(name for name, *_ in names) or "…"
    message = Message("%(number)s more are not listed", number=total(problems))
    hint = Message("Correct those that are listed, and look again.")
    return (Problem(path, message=message, hint=hint, count=total(problems), files=total_files(problems)),)


def total(problems: Iterable[Problem]) -> int:
    """Return how many mistakes problems stand for."""
    return sum(problem.count for problem in problems)


def total_files(problems: Sequence[Problem]) -> int:
    """Return in how many files the mistakes are that problems stand for."""
    named = {problem.path for problem in problems if problem.files == 1}
    return len(named) + sum(problem.files for problem in problems if problem.files > 1)


def summarize(problems: Sequence[Problem]) -> Message:
    """Return a sentence such as `2 problems in 1 file.`."""
    return Message(
        "%(problems)s in %(files)s.",
        problems=count_problems(total(problems)),
        files=count_files(total_files(problems)),
    )


def count_problems(number: int) -> Message:
    """Return `1 problem`, `2 problems`."""
    return Message("1 problem") if number == 1 else Message("%(number)s problems", number=number)


def count_files(number: int) -> Message:
    """Return `1 file`, `2 files`."""
    return Message("1 file") if number == 1 else Message("%(number)s files", number=number)


def find_near(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest to another one, if any is near."""
    # Most builds have nothing to suggest.
    import difflib

    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def suggest_spelling(word: str, known: Iterable[str]) -> Message | None:
    """Return `did you mean "title"?` where a known word is near, else None."""
    near = find_near(word, known)
    return Message('did you mean "%(word)s"?', word=near) if near else None


def add_suggestion(message: Message, word: str, known: Iterable[str]) -> Message:
    """Return a message with the word that may have been meant, where one is near."""
    near = suggest_spelling(word, known)
    return Message("%(message)s; %(suggestion)s", message=message, suggestion=near) if near else message


def count_noun(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
