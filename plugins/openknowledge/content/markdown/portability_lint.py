"""Markdown that means one thing to one reader and another to the next: where it is, and how to mend it."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import unquote

from openknowledge.model.values import Html
from openknowledge.problems import Message

from . import fast, standard
from .fences import blank_fences
from .formula_marks import mark_formulas
from .portability import has_default_marks, is_portable
from .render import sanitize

__all__ = ["PortabilityIssue", "canonical_markup", "lint"]

BEYOND_COMMONMARK = re.compile(
    r"\[\^|^ *!!!|^ *\?\?\?|^ *: |<details|\*\[|\{[:#. ]|\{\w+=|\[TOC\]|^[`~]+ *\{|^[`~]{3,}[\w+#-]+ +\S"
    r"|^ +(?:```|~~~)|^(?![`~\n])[^\n]+\n(?:```|~~~)",
    re.MULTILINE,
)
"""What only the default reader knows; a whole text with it cannot be compared, its blocks can."""

OPEN_TAG = re.compile(r'<(\w+)((?: [\w-]+="[^"]*")+)>')
ATTRIBUTE = re.compile(r' [\w-]+="[^"]*"')
PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
SPACES = re.compile(r"[ \t\n\r\f]+")
BLOCK_EDGE = re.compile(
    r" ?(</?(?:blockquote|br|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|tfoot|th"
    r"|thead|tr|ul)\b[^>]*>) ?"
)
"""A tag of an element at whose edges white space is not shown."""

# What a block is

ITEM_ROW = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: |$)")
FENCE = re.compile(r"(`{3,}|~{3,})")
FENCE_ATTRIBUTES = re.compile(r"(?<=[`~]) *\{[^{}\n]*\} *$|(?<=[\w+#-]) +[^\n]*$")
ELEMENT = re.compile(r"<([a-z][a-z\d]*)\b", re.IGNORECASE)
ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?) ?[^\n]*")
FOOTNOTE = re.compile(r" {0,3}\[\^[^\]\n]+\]: *(.*)")
DEFINITION = re.compile(r" {0,3}: {1,3}(.*)")
REFERENCE = re.compile(r" {0,3}\[[^\]\n]+\]: *\S")
ABBREVIATION = re.compile(r"\*\[[^\]\n]+\] ?:")
ATTRIBUTES = re.compile(r" *\{:[^}\n]*\}| *\{ *(?:[#.]|\w+=)[^}\n]*\}")
TASK = re.compile(r"(?<=[-*+.] )\[[ xX]\] ")
INNER_BOX = re.compile(r" +(?:!!!|\?\?\?\+?) ?\w")
DETAILS = re.compile(r" *</?(?:details|summary)\b.*")
ADDRESS = re.compile(r"https?://[^\s<>]+")
FOOTNOTE_MARK = re.compile(r"\[\^[^\]\n]+\]")

# What readers disagree on

ITEM = r"(?:[-*+]|\d{1,9}[.)]) "
LOOSE = rf"\n\n+(?={ITEM})"
TIGHT = rf"^{ITEM}[^\n]*(?:\n(?!{ITEM}|\n)[^\n]*)*\n(?={ITEM})"
MARKS = r"[*_]{3}|(?<=\w)_(?=\W)|(?<=\W)_(?=\W)|\*(?=\*?[^*\n]*\*)"
LINT_RULES = {
    r"^\|[^`\n]*(?:`[^`\n]*`[^`\n]*)*?`[^`|\n]*(?=\|[^`\n]*`)": (
        Message("a bar stands in code in a table"),
        Message("Write that code as <code>a&#124;b</code>."),
    ),
    rf"^(?: {{4}})* {{1,3}}(?={ITEM})": (
        Message("a list item is indented, but not by four spaces"),
        Message("Begin the outer list at the margin, and indent a list inside it by four spaces."),
    ),
    r"^ {4,}(?!1\.)(?=\d{1,9}\. )": (
        Message("a numbered list inside another one does not begin with 1"),
        Message('Begin it with "1.".'),
    ),
    r"^([-*+]) [^\n]*(?:\n(?![-*+] )[^\n]*)*\n(?!\1)(?=[-*+] )": (
        Message("a list changes its marker"),
        Message("Use one of -, * and + in the whole list; for two lists, put a sentence between them."),
    ),
    LOOSE: (
        Message("some items of a list have an empty line between them and some have none"),
        Message("Leave an empty line between all items, or between none."),
    ),
    r"\n\n+ {1,3}(?=\S)": (
        Message("a paragraph is indented by fewer than four spaces"),
        Message("Indent it by four spaces if it belongs to a list, else not at all."),
    ),
    r"^(?=#{1,6}[^#\s])": (
        Message("a heading has no space after #"),
        Message('Write "## Title" with a space; where it is no heading, write "\\#".'),
    ),
    r"^>[^\n]*\n\n+(?=>)": (
        Message("two quotes follow one another"),
        Message('For one quote, begin the line between them with ">"; for two, put a sentence between them.'),
    ),
    r"^>[^\n]*\n(?![>\n]|\Z)": (
        Message("a quote goes on without >"),
        Message('Begin each line of the quote with ">", and leave an empty line after it.'),
    ),
    r"(?=<[A-Za-z/!?])": (
        Message("HTML inside Markdown is taken in different ways"),
        Message(
            "Write it in Markdown; where it must be HTML, leave empty lines around the whole block and none in it."
        ),
    ),
    MARKS: (
        Message("stars or underscores can be paired in more than one way"),
        Message(
            'Put one or two of them right at the first and last word, and "\\*" or "\\_" where they are no emphasis.'
        ),
    ),
}
"""A habit that readers disagree on, up to its position: the message and the hint. `LOOSE` needs `TIGHT` beside it."""
UNKNOWN = (
    Message("Markdown readers take this differently"),
    Message("Compare it with the examples in docs/editors.md; empty lines around blocks help most."),
)


class Block(NamedTuple):
    """Some rows of a text; `line` is the number of the first one, counted from 1."""

    line: int
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the rows as one text."""
        return "\n".join(self.rows)


class PortabilityIssue(NamedTuple):
    """A place that two readers read differently; `line` counts from the text's first line, which is 1."""

    line: int
    message: Message
    hint: Message


def lint(text: str) -> tuple[PortabilityIssue, ...]:
    """Return what two readers would read differently, by line; needs the native engine."""
    text = mark_formulas(text).text
    if fast.render(text) is not None:
        return ()
    links = "\n".join(row for row in text.split("\n") if REFERENCE.match(row) and not FOOTNOTE.match(row))
    blocks = list(split_blocks(text))
    issues = [issue for block in blocks for part in strip_extensions(block) for issue in _lint_block(part, links)]
    if not issues and not BEYOND_COMMONMARK.search(text) and not has_default_marks(text) and _is_ambiguous(text):
        first = next((block for block in blocks if not is_portable(fast.normalize(block.text))), blocks[0])
        issues = [PortabilityIssue(first.line, *UNKNOWN)]
    return tuple(sorted(set(issues)))


def _lint_block(block: Block, links: str) -> Iterator[PortabilityIssue]:
    """Yield the issues of a block; `links` say where the links of all blocks lead."""
    text = block.text
    if is_portable(fast.normalize(text)) or has_default_marks(text) or not _is_ambiguous(f"{text}\n\n{links}"):
        return
    is_explained = False
    for pattern, explanation in LINT_RULES.items():
        if (pattern == MARKS and is_explained) or (pattern == LOOSE and not re.search(TIGHT, text, re.MULTILINE)):
            continue
        for match in re.finditer(pattern, text, re.MULTILINE):
            is_explained = True
            yield PortabilityIssue(block.line + text.count("\n", 0, match.end()), *explanation)
    if not is_explained:
        yield PortabilityIssue(block.line, *UNKNOWN)


def _is_ambiguous(text: str) -> bool:
    """Return whether the two engines, each by itself, make different documents of a text.

    Letters in an address may be written as they are or as percent signs and numbers: browsers see no difference.
    """
    markups = (fast.convert(fast.normalize(text)), standard.render(text)[0])
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


def split_blocks(text: str) -> Iterator[Block]:
    """Yield what is between empty rows; a list, a quote or a fenced block is one block with all its rows."""
    rows = [row if row.strip(" ") else "" for row in text.expandtabs(4).split("\n")]
    begin, index = 0, 0
    while index < len(rows):
        index = _fence_end(rows, index) + 1
        if index == len(rows) or _begins_block(rows, begin, index):
            if any(rows[begin:index]):
                yield _trim(begin + 1, rows[begin:index])
            begin = index


def strip_extensions(block: Block) -> Iterator[Block]:
    """Yield what is left of a block without what only the default reader knows, and the blocks inside of that.

    Definition lists, footnotes, admonitions, abbreviations and attribute lists are outside CommonMark, so no other
    reader can take them for something else; the Markdown inside them can be.
    """
    for mark in (FOOTNOTE, DEFINITION, ADMONITION):
        indexes = [index for index, row in enumerate(block.rows) if mark.fullmatch(row)]
        if indexes:
            yield from _blocks_inside(block, mark, indexes)
            return
    if FENCE.match(block.rows[0]):
        yield Block(block.line, (FENCE_ATTRIBUTES.sub("", block.rows[0]), *block.rows[1:]))
        return
    plain = [("" if DETAILS.fullmatch(row) else row) for row in blank_fences(block.rows)]
    if plain != list(block.rows):
        yield from split_blocks("\n" * (block.line - 1) + "\n".join(plain))
        return
    if any(map(INNER_BOX.match, block.rows)):
        return
    defining = list(takewhile(lambda row: ABBREVIATION.match(row) or REFERENCE.match(row), block.rows))
    rest = tuple(TASK.sub("", FOOTNOTE_MARK.sub("", ATTRIBUTES.sub("", row))) for row in block.rows[len(defining) :])
    if any(rest) and rest != ("[TOC]",) and not (len(rest) == 1 and ADDRESS.fullmatch(rest[0])):
        yield Block(block.line + len(defining), rest)


def _blocks_inside(block: Block, mark: re.Pattern[str], indexes: list[int]) -> Iterator[Block]:
    """Yield the blocks before the first definition, and those inside each definition; they begin at the indexes."""
    if indexes[0]:
        yield from strip_extensions(_trim(block.line, block.rows[: indexes[0]]))
    for index, end in zip(indexes, [*indexes[1:], len(block.rows)], strict=True):
        match = mark.fullmatch(block.rows[index])
        head = match[1] if match and match.re.groups else ""
        body = [head, *(row.removeprefix("    ") for row in block.rows[index + 1 : end])]
        for inner in split_blocks("\n".join(body)):
            yield from strip_extensions(Block(block.line + index + inner.line - 1, inner.rows))


def _begins_block(rows: list[str], begin: int, index: int) -> bool:
    """Return whether a row begins a block of its own, the last one having begun at `begin`."""
    row, first = rows[index], next((row for row in rows[begin:index] if row), "")
    if rows[index - 1] or not row or row.startswith(" ") or DEFINITION.match(row):
        return False
    if (ITEM_ROW.match(first) and ITEM_ROW.match(row)) or (first.startswith(">") and row.startswith(">")):
        return False
    element = ELEMENT.match(first)
    return not element or any(f"</{element[1]}" in row for row in rows[begin:index])


def _fence_end(rows: list[str], index: int) -> int:
    """Return the index of the row that ends the fenced block which begins here; the same where none does."""
    fence = FENCE.match(rows[index])
    if not fence:
        return index
    return next((end for end in range(index + 1, len(rows)) if rows[end].rstrip() == fence[1]), index)


def _trim(line: int, rows: Sequence[str]) -> Block:
    filled = [index for index, row in enumerate(rows) if row]
    return Block(line + filled[0], tuple(rows[filled[0] : filled[-1] + 1]))
