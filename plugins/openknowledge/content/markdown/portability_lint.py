"""Markdown that means one thing to one reader and another to the next: where it stands and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from . import fast, standard
from .html_tree import parse_tree
from .portability import is_portable
from .render import sanitize
from .split_blocks import Block, list_link_definitions, split_blocks, strip_extensions

BEYOND_COMMONMARK = re.compile(r"\[\^|^ *!!!|^ *: |\*\[|\{[:#. ]|\[TOC\]|^[`~]+ *\{", re.MULTILINE)
"""What only the default reader knows; a whole text with it cannot be compared, its pieces can."""
ITEM = r"(?:[-*+]|\d{1,9}[.)]) "


class PortabilityIssue(NamedTuple):
    """A place that two readers read differently; `line` counts from the text's first line, which is 1."""

    line: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class LintRule:
    """A habit that readers disagree on. Its place is where `pattern` ends; `also` must be in the same piece."""

    pattern: re.Pattern[str]
    message: str
    hint: str
    also: re.Pattern[str] | None = None

    def positions(self, text: str) -> Iterator[int]:
        if self.also is None or self.also.search(text):
            yield from (match.end() for match in self.pattern.finditer(text))


def _cause(pattern: str, message: str, hint: str, also: str = "") -> LintRule:
    condition = re.compile(also, re.MULTILINE) if also else None
    return LintRule(re.compile(pattern, re.MULTILINE), message, hint, condition)


LINT_RULES = (
    _cause(
        rf"^(?: {{4}})* {{1,3}}(?={ITEM})",
        "a list item is indented, but not by four spaces",
        "Begin the outer list at the margin, and indent a list inside it by four spaces.",
    ),
    _cause(
        rf"^(?![\s>|#]|{ITEM})\S[^\n]*\n(?={ITEM})",
        "a list begins right under a line of text",
        "Leave an empty line before the list.",
    ),
    _cause(
        r"^ *(?=\d{1,9}\) )",
        "a number with a parenthesis begins a list for some readers only",
        'Write "1." with a full stop; where it is no list, "1\\)".',
    ),
    _cause(
        r"^ {4,}(?!1\.)(?=\d{1,9}\. )",
        "a numbered list inside another one does not begin with 1",
        'Begin it with "1.".',
    ),
    _cause(
        r"^([-*+]) [^\n]*(?:\n(?![-*+] )[^\n]*)*\n(?!\1)(?=[-*+] )",
        "a list changes its marker",
        "Use one of -, * and + in the whole list; for two lists, put a sentence between them.",
    ),
    _cause(
        rf"\n\n+(?={ITEM})",
        "some items of a list have an empty line between them and some have none",
        "Leave an empty line between all items, or between none.",
        also=rf"^{ITEM}[^\n]*(?:\n(?!{ITEM}|\n)[^\n]*)*\n(?={ITEM})",
    ),
    _cause(
        r"\n\n+ {1,3}(?=\S)",
        "a paragraph is indented by fewer than four spaces",
        "Indent it by four spaces if it belongs to a list, else not at all.",
    ),
    _cause(
        r"^(?=#{1,6}[^#\s])",
        "a heading has no space after #",
        'Write "## Title" with a space; where it is no heading, write "\\#".',
    ),
    _cause(
        r"^>[^\n]*\n\n+(?=>)",
        "two quotes follow one another",
        'For one quote, begin the line between them with ">"; for two, put a sentence between them.',
    ),
    _cause(
        r"^>[^\n]*\n(?![>\n]|\Z)",
        "a quote goes on without >",
        'Begin each line of the quote with ">", and leave an empty line after it.',
    ),
    _cause(
        r"^ +(?=```|~~~)|^(?![`~\n])[^\n]+\n(?=```|~~~)",
        "a block of code is indented, or stands right under other lines",
        "Leave an empty line before it, and begin it at the margin.",
    ),
    _cause(
        r"^(?!\|)[^\n|]+\n(?=[^\n]*\|[^\n]*\n[ |:]*-[ |:-]*$)",
        "a table begins right under a line of text",
        "Leave an empty line before the table.",
    ),
    _cause(
        r"\\(?=\n)",
        "a backslash ends a line",
        "To begin a new line, end this one with two spaces; for a backslash, write two.",
    ),
    _cause(
        r"(?=<[A-Za-z/!?])",
        "HTML inside Markdown is taken in different ways",
        "Write it in Markdown; where it must be HTML, leave empty lines around the whole block and none in it.",
    ),
    _cause(
        r"[*_]{3}|(?<=\w)_(?=\W)|(?<=\W)_(?=\W)|\*(?=\*?[^*\n]*\*)",
        "stars or underscores can be paired in more than one way",
        'Put one or two of them right at the first and last word, and "\\*" or "\\_" where they are no emphasis.',
    ),
)
UNKNOWN = (
    "Markdown readers take this differently",
    "Compare it with the examples in docs/editors.md; empty lines around blocks help most.",
)


def lint(text: str) -> tuple[PortabilityIssue, ...]:
    """What two readers would read differently, by line; needs the native engine."""
    if fast.render(text) is not None:
        return ()
    shared = list_link_definitions(text)
    pieces = list(split_blocks(text))
    found = [one for part in pieces for piece in strip_extensions(part) for one in _of_piece(piece, shared)]
    if not found and not BEYOND_COMMONMARK.search(text) and _differ(text):
        first = next((part for part in pieces if not is_portable(fast.normalize(part.text))), pieces[0])
        found = [PortabilityIssue(first.line, *UNKNOWN)]
    return tuple(sorted(set(found)))


def _of_piece(part: Block, shared: str) -> Iterator[PortabilityIssue]:
    if is_portable(fast.normalize(part.text)) or not _differ(f"{part.text}\n\n{shared}"):
        return
    known = False
    for cause in LINT_RULES:
        if known and cause is LINT_RULES[-1]:
            return
        for place in cause.positions(part.text):
            known = True
            yield PortabilityIssue(part.line + part.text.count("\n", 0, place), cause.message, cause.hint)
    if not known:
        yield PortabilityIssue(part.line, *UNKNOWN)


def _differ(text: str) -> bool:
    """Whether the two engines, each by itself, make different documents of a text.

    Letters in an address may be written as they are or as percent signs and numbers: browsers see no difference.
    """
    made = (fast.convert(fast.normalize(text)), standard.render(text))
    native, default = ([tuple(map(unquote, part)) for part in parse_tree(sanitize(one))] for one in made)
    return native != default
