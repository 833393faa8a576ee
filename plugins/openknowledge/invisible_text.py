"""Characters that a reader cannot see and that change what others mean: controls, direction marks, surrogates."""

import re

__all__ = ["as_cell", "escape_invisible", "find_invisible", "is_one_line"]

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
"""C0 and C1 controls without tab and line ends, marks that reorder what follows (Unicode Standard Annex 9: embeddings,
overrides, isolates), surrogates, annotations, non-characters. Joiners and the plain direction marks are not among them:
Persian, Hebrew, Hindi and emoji are written with them."""
NOT_PRINTED = re.compile(f"[\t\n\r\x85\u2028\u2029]|{INVISIBLE.pattern}")

FORMULA = re.compile("(^|[,;\t\r\n])(\\s*)(?=[=+@＝＋＠－-])")
"""Where a spreadsheet would begin to read a formula: at the beginning of a cell, however cells are divided."""


def find_invisible(text: str) -> re.Match[str] | None:
    """Return the first invisible character of a text."""
    return None if text.isascii() and text.isprintable() else INVISIBLE.search(text)


def is_one_line(text: str) -> bool:
    """Return whether a text has neither invisible characters nor what any program takes for the end of a line."""
    return text.isprintable() or NOT_PRINTED.search(text) is None


def escape_invisible(text: str) -> str:
    """Return a text as one line that a terminal and a CI's log show as it is, escapes written out."""
    if text.isprintable():
        return text
    return NOT_PRINTED.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode(), text)


def as_cell(text: str) -> str:
    """Return a text for a table that people open in a spreadsheet: none of it is run as a formula."""
    return FORMULA.sub(r"\1\2'", text)
