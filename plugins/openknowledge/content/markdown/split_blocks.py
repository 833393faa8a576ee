"""A text cut into pieces that mean the same on their own, each with the line on which it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

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


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a text; `line` is the number of the first one, counted from 1."""

    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def split_blocks(text: str) -> Iterator[Block]:
    """The pieces of a text between empty lines; a list, a quote or a block of code is one piece with all its lines."""
    lines = [line if line.strip(" ") else "" for line in text.expandtabs(4).split("\n")]
    begin, number = 0, 0
    while number < len(lines):
        number = _fence_end(lines, number)
        number += 1
        if number == len(lines) or _begins_anew(lines, begin, number):
            if any(lines[begin:number]):
                yield _trimmed(begin, lines[begin:number])
            begin = number


def strip_extensions(part: Block) -> Iterator[Block]:
    """What is left of a piece without what only the default reader knows; that is also taken apart, to its inside.

    Definition lists, footnotes, admonitions, abbreviations and attribute lists are outside CommonMark, so no other
    reader can take them for something else; the Markdown inside them can be.
    """
    first = part.lines[0]
    for mark in (FOOTNOTE, DEFINITION, ADMONITION):
        places = [place for place, line in enumerate(part.lines) if mark.fullmatch(line)]
        if places:
            yield from _inside(part, mark, places)
            return
    if FENCE.match(first):
        yield Block(part.line, (FENCE_ATTRIBUTES.sub("", first), *part.lines[1:]))
        return
    defining = list(takewhile(_defines, part.lines))
    kept = tuple(FOOTNOTE_MARK.sub("", ATTRIBUTES.sub("", line)) for line in part.lines[len(defining) :])
    if any(kept) and kept != ("[TOC]",):
        yield Block(part.line + len(defining), kept)


def list_link_definitions(text: str) -> str:
    """The lines that say where the links of a text lead, which all its pieces share."""
    found = (line for line in text.split("\n") if REFERENCE.match(line) and not FOOTNOTE.match(line))
    return "\n".join(found)


def _defines(line: str) -> bool:
    return bool(ABBREVIATION.match(line) or REFERENCE.match(line))


def _inside(part: Block, mark: re.Pattern[str], places: list[int]) -> Iterator[Block]:
    """The text before the first place, and what stands in each of the definitions that begin at the places."""
    if places[0]:
        yield from strip_extensions(_trimmed(part.line - 1, list(part.lines[: places[0]])))
    for place, end in zip(places, [*places[1:], len(part.lines)], strict=True):
        match = mark.fullmatch(part.lines[place])
        head = match[1] if match and match.re.groups else ""
        body = [head, *(line.removeprefix("    ") for line in part.lines[place + 1 : end])]
        for inner in split_blocks("\n".join(body)):
            yield from strip_extensions(Block(part.line + place + inner.line - 1, inner.lines))


def _begins_anew(lines: list[str], begin: int, number: int) -> bool:
    """Whether the line begins a piece of its own, the last one having begun at `begin`."""
    line, first = lines[number], next((one for one in lines[begin:number] if one), "")
    if lines[number - 1] or not line or line.startswith(" ") or DEFINITION.match(line):
        return False
    if (ITEM.match(first) and ITEM.match(line)) or (first.startswith(">") and line.startswith(">")):
        return False
    element = ELEMENT.match(first)
    return not element or any(f"</{element[1]}" in one for one in lines[begin:number])


def _fence_end(lines: list[str], number: int) -> int:
    """The number of the line that ends the block of code which begins here; the same where none does."""
    fence = FENCE.match(lines[number])
    if not fence:
        return number
    ends = (end for end in range(number + 1, len(lines)) if lines[end].rstrip() == fence[1])
    return next(ends, number)


def _trimmed(begin: int, lines: list[str]) -> Block:
    while not lines[0]:
        begin, lines = begin + 1, lines[1:]
    while not lines[-1]:
        lines = lines[:-1]
    return Block(begin + 1, tuple(lines))
