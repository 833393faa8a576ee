"""Whether a text is such that both readers are known to make the same document of it."""

from __future__ import annotations

import re

from . import block_grammar, inline_grammar

FENCED = re.compile(rf"\n{block_grammar.FENCE}")
INDENTED = re.compile(rf"(\A|\n(?![ \n]|{block_grammar.LIST_BEGINS})[^\n]+)\n\n+{block_grammar.INDENTED}(?=\n)")
"""Code, not a paragraph inside a list: what stands before it begins at the margin, and is no item."""
HEADING = re.compile(r"(\n#{1,6} [^\n]*\n)(?=[^\n])")
TABLE_HEAD = re.compile(r"\n(\|[^\n]+)\n(\|[ :|-]+)\n")


def is_portable(text: str) -> bool:
    """Whether a text holds nothing but what both readers read alike; `text` ends with two ends of a line.

    What is not known for certain is not plain.
    """
    if not block_grammar.compile_pattern().match(text):
        return False
    lines = f"\n\n{text}"
    if "|" in text and not all(_has_even_columns(*row) for row in TABLE_HEAD.findall(lines)):
        return False
    return inline_grammar.compile_pattern().fullmatch(_without_code(lines)) is not None


def _without_code(lines: str) -> str:
    """The lines without blocks of code, and with an empty one after each heading."""
    lines = FENCED.sub("\n", lines)
    if "\n\n    " in lines:
        lines = INDENTED.sub(r"\1\n", lines)
    return HEADING.sub(r"\1\n", lines) if "\n#" in lines else lines


def _has_even_columns(head: str, rule: str) -> bool:
    return head.count("|") == rule.count("|")
