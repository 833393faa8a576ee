"""A text split into blocks that mean the same on their own, each with the line on which it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

__all__ = ["Block", "list_link_definitions", "split_blocks", "strip_extensions"]

ITEM = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: |$)")
FENCE = re.compile(r"(`{3,}|~{3,})")
FENCE_ATTRIBUTES = re.compile(r"(?<=[`~]) *\{[^{}\n]*\} *$")
ELEMENT = re.compile(r"<([a-z][a-z\d]*)\b", re.IGNORECASE)
ADMONITION = re.compile(r"!!! ?[^\n]*")
FOOTNOTE = re.compile(r" {0,3}\[\^[^\]\n]+\]: *(.*)")
DEFINITION = re.compile(r" {0,3}: {1,3}(.*)")
REFERENCE = re.compile(r" {0,3}\[[^\]\n]+\]: *\S")
ABBREVIATION = re.compile(r"\*\[[^\]\n]+\] ?:")
ATTRIBUTES = re.compile(r" *\{:[^}\n]*\}| *\{ *[#.][^}\n]*\}")
FOOTNOTE_MARK = re.compile(r"\[\^[^\]\n]+\]")


class Block(NamedTuple):
    """Some rows of a text; `line` is the number of the first one, counted from 1."""

    line: int
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the rows as one text."""
        return "\n".join(self.rows)


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
    defining = list(takewhile(lambda row: ABBREVIATION.match(row) or REFERENCE.match(row), block.rows))
    rest = tuple(FOOTNOTE_MARK.sub("", ATTRIBUTES.sub("", row)) for row in block.rows[len(defining) :])
    if any(rest) and rest != ("[TOC]",):
        yield Block(block.line + len(defining), rest)


def list_link_definitions(text: str) -> str:
    """Return the rows that say where the links of a text lead, which all its blocks share."""
    return "\n".join(row for row in text.split("\n") if REFERENCE.match(row) and not FOOTNOTE.match(row))


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
    if (ITEM.match(first) and ITEM.match(row)) or (first.startswith(">") and row.startswith(">")):
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
    """Return a block without the empty rows at its edges."""
    filled = [index for index, row in enumerate(rows) if row]
    return Block(line + filled[0], tuple(rows[filled[0] : filled[-1] + 1]))
