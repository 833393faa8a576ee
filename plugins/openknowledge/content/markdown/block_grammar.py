"""How lines make blocks, as one pattern: the paragraphs, lists, tables and code that both readers read alike."""

from __future__ import annotations

import re
from functools import cache

from .inline_grammar import BEGINS_TEXT

DEEPEST_LIST = 3
VISIBLE = r"[^\n\x00-\x1f\x7f-\x9f\u2028\u2029]"
LINE = rf"{BEGINS_TEXT}[^\n]+\n"
MORE = rf"(?: *{LINE})*"
"""Further lines of the same text."""
BLANK = r"\n++"
FENCE = rf"(?P<fence>`{{3,}}|~{{3,}})(?a:[\w+#-]*)\n(?:(?! *```| *~~~){VISIBLE}*\n)+?(?P=fence)\n"
INDENTED = rf"(?: {{4}}(?:(?![<&]){VISIBLE})*(?![<&\s]){VISIBLE}\n)+"
HEADING = r"#{1,6} +(?![\s#])[^\n]+(?<![#\s\\])(?: #+)?\n"
PARAGRAPH = rf"{LINE}(?: *{LINE})*"
RULE = r"(?:-{3,}|\*{3,}|_{3,})\n"
QUOTE = rf"(?:> ?{LINE})+(?:> ?\n(?:> ?{LINE})+)*"
ROW = r"\|(?:[^`\n]|`[^`|\n]*`)+\|\n"
TABLE = rf"{ROW}\|(?: *:?-+:? *\|){{2,}}\n(?:{ROW})+"
LIST_BEGINS = r" *(?:[-*+]|\d+[.)]) "
NO_LIST_NEXT = rf"(?=\n*+(?!{LIST_BEGINS}| ))"
"""A list ends here: the next text is neither an item nor indented, which the readers take differently."""
NO_QUOTE_NEXT = rf"(?={BLANK}(?! *>)|\Z)"


@cache
def compile_pattern() -> re.Pattern[str]:
    """Matches a document of such blocks, each followed by a blank line; it begins with none and ends with one.

    Beside a heading a paragraph needs no blank line.
    """
    lists = f"(?:{_tight(1)}|{_loose()}){NO_LIST_NEXT}"
    blocks = (lists, TABLE, f"{QUOTE}{NO_QUOTE_NEXT}", FENCE, rf"{INDENTED}(?=\n)(?!{BLANK} )", RULE)
    headings = rf"{HEADING}(?:{BLANK})?|{PARAGRAPH}(?:{BLANK}|(?=#))"
    return re.compile(rf"(?:{headings}|(?:{'|'.join(blocks)}){BLANK})*\Z")


def _tight(depth: int, path: str = "item") -> str:
    """A list without blank lines, perhaps with lists inside, each four spaces further in."""
    indent = " " * 4 * (depth - 1)
    found = []
    for first, marker, letter in _markers(path, number="1" if depth > 1 else r"[1-9]\d?"):
        inner = f"(?:{_tight(depth + 1, path + letter)})?" if depth < DEEPEST_LIST else ""
        found.append(f"(?={indent}{first})(?:{indent}{marker}{LINE}{MORE}{inner})+")
    return f"(?:{'|'.join(found)})"


def _loose() -> str:
    """A list with a blank line between all items, which may have further paragraphs or a list without blank lines."""
    found = []
    for first, marker, letter in _markers("loose"):
        text = f"{LINE}(?: +{LINE})*"
        rest = f"(?:{_tight(2, 'in' + letter)}|(?:{BLANK} {{4}}{text})*)"
        found.append(rf"(?={first})(?:{marker}{text}{rest}(?:{BLANK}(?={LIST_BEGINS})|(?=\n)))+")
    return f"(?:{'|'.join(found)})"


def _markers(path: str, number: str = r"[1-9]\d?") -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """How a bulleted and a numbered list begin, and how each of their items does.

    A marker with its spaces is no wider than the four by which lists inside are indented. Where a numbered list
    follows its item's text, only 1 begins it for both.
    """
    bullet = rf"(?P<{path}>[-*+]) ", rf"(?P={path}) {{1,3}}", "b"
    numbered = rf"{number}\. ", r"(?:\d\. {1,2}|\d\d\. )", "n"
    return bullet, numbered
