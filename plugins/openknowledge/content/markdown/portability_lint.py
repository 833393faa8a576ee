"""Markdown that means one thing to one reader and another to the next: where it is, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from openknowledge.model.values import Html

from . import fast, standard
from .portability import is_portable
from .render import sanitize
from .split_blocks import Block, list_link_definitions, split_blocks, strip_extensions

__all__ = ["PortabilityIssue", "canonical_markup", "lint"]

BEYOND_COMMONMARK = re.compile(r"\[\^|^ *!!!|^ *: |\*\[|\{[:#. ]|\[TOC\]|^[`~]+ *\{", re.MULTILINE)
"""What only the default reader knows; a whole text with it cannot be compared, its blocks can."""
ITEM = r"(?:[-*+]|\d{1,9}[.)]) "

OPEN_TAG = re.compile(r'<(\w+)((?: [\w-]+="[^"]*")+)>')
ATTRIBUTE = re.compile(r' [\w-]+="[^"]*"')
PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
SPACES = re.compile(r"[ \t\n\r\f]+")
BLOCK_EDGE = re.compile(
    r" ?(</?(?:blockquote|br|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|tfoot|th"
    r"|thead|tr|ul)\b[^>]*>) ?"
)
"""A tag of an element at whose edges white space is not shown."""


class PortabilityIssue(NamedTuple):
    """A place that two readers read differently; `line` counts from the text's first line, which is 1."""

    line: int
    message: str
    hint: str


class LintRule(NamedTuple):
    """A habit that readers disagree on. Its position is where `pattern` ends; `also` must be in the same block."""

    pattern: str
    message: str
    hint: str
    also: str = ""

    def positions(self, text: str) -> Iterator[int]:
        """Yield the positions of the habit in a text."""
        if re.search(self.also, text, re.MULTILINE):
            yield from (match.end() for match in re.finditer(self.pattern, text, re.MULTILINE))


LINT_RULES = (
    LintRule(
        rf"^(?: {{4}})* {{1,3}}(?={ITEM})",
        "a list item is indented, but not by four spaces",
        "Begin the outer list at the margin, and indent a list inside it by four spaces.",
    ),
    LintRule(
        rf"^(?![\s>|#]|{ITEM})\S[^\n]*\n(?={ITEM})",
        "a list begins right under a line of text",
        "Leave an empty line before the list.",
    ),
    LintRule(
        r"^ *(?=\d{1,9}\) )",
        "a number with a parenthesis begins a list for some readers only",
        'Write "1." with a full stop; where it is no list, "1\\)".',
    ),
    LintRule(
        r"^ {4,}(?!1\.)(?=\d{1,9}\. )",
        "a numbered list inside another one does not begin with 1",
        'Begin it with "1.".',
    ),
    LintRule(
        r"^([-*+]) [^\n]*(?:\n(?![-*+] )[^\n]*)*\n(?!\1)(?=[-*+] )",
        "a list changes its marker",
        "Use one of -, * and + in the whole list; for two lists, put a sentence between them.",
    ),
    LintRule(
        rf"\n\n+(?={ITEM})",
        "some items of a list have an empty line between them and some have none",
        "Leave an empty line between all items, or between none.",
        also=rf"^{ITEM}[^\n]*(?:\n(?!{ITEM}|\n)[^\n]*)*\n(?={ITEM})",
    ),
    LintRule(
        r"\n\n+ {1,3}(?=\S)",
        "a paragraph is indented by fewer than four spaces",
        "Indent it by four spaces if it belongs to a list, else not at all.",
    ),
    LintRule(
        r"^(?=#{1,6}[^#\s])",
        "a heading has no space after #",
        'Write "## Title" with a space; where it is no heading, write "\\#".',
    ),
    LintRule(
        r"^>[^\n]*\n\n+(?=>)",
        "two quotes follow one another",
        'For one quote, begin the line between them with ">"; for two, put a sentence between them.',
    ),
    LintRule(
        r"^>[^\n]*\n(?![>\n]|\Z)",
        "a quote goes on without >",
        'Begin each line of the quote with ">", and leave an empty line after it.',
    ),
    LintRule(
        r"^ +(?=```|~~~)|^(?![`~\n])[^\n]+\n(?=```|~~~)",
        "a block of code is indented, or stands right under other lines",
        "Leave an empty line before it, and begin it at the margin.",
    ),
    LintRule(
        r"^(?!\|)[^\n|]+\n(?=[^\n]*\|[^\n]*\n[ |:]*-[ |:-]*$)",
        "a table begins right under a line of text",
        "Leave an empty line before the table.",
    ),
    LintRule(
        r"\\(?=\n)",
        "a backslash ends a line",
        "To begin a new line, end this one with two spaces; for a backslash, write two.",
    ),
    LintRule(
        r"(?=<[A-Za-z/!?])",
        "HTML inside Markdown is taken in different ways",
        "Write it in Markdown; where it must be HTML, leave empty lines around the whole block and none in it.",
    ),
    LintRule(
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
    """Return what two readers would read differently, by line; needs the native engine."""
    if fast.render(text) is not None:
        return ()
    links = list_link_definitions(text)
    blocks = list(split_blocks(text))
    issues = [issue for block in blocks for part in strip_extensions(block) for issue in _lint_block(part, links)]
    if not issues and not BEYOND_COMMONMARK.search(text) and _is_ambiguous(text):
        first = next((block for block in blocks if not is_portable(fast.normalize(block.text))), blocks[0])
        issues = [PortabilityIssue(first.line, *UNKNOWN)]
    return tuple(sorted(set(issues)))


def _lint_block(block: Block, links: str) -> Iterator[PortabilityIssue]:
    if is_portable(fast.normalize(block.text)) or not _is_ambiguous(f"{block.text}\n\n{links}"):
        return
    is_explained = False
    for rule in LINT_RULES:
        if is_explained and rule is LINT_RULES[-1]:
            return
        for position in rule.positions(block.text):
            is_explained = True
            yield PortabilityIssue(block.line + block.text.count("\n", 0, position), rule.message, rule.hint)
    if not is_explained:
        yield PortabilityIssue(block.line, *UNKNOWN)


def _is_ambiguous(text: str) -> bool:
    """Return whether the two engines, each by itself, make different documents of a text.

    Letters in an address may be written as they are or as percent signs and numbers: browsers see no difference.
    """
    markups = (fast.convert(fast.normalize(text)), standard.render(text))
    native, default = (unquote(canonical_markup(sanitize(markup))) for markup in markups)
    return native != default


def canonical_markup(markup: Html) -> str:
    """Return one form of sanitised markup for all that say the same of the same words.

    Attributes are sorted, and white space is folded, or removed at the edges of blocks.
    """

    def sort_attributes(tag: re.Match[str]) -> str:
        return f"<{tag[1]}{''.join(sorted(ATTRIBUTE.findall(tag[2])))}>"

    parts = PREFORMATTED.split(OPEN_TAG.sub(sort_attributes, markup))
    parts[::2] = (BLOCK_EDGE.sub(r"\1", SPACES.sub(" ", part)).strip(" ") for part in parts[::2])
    return "".join(parts)
