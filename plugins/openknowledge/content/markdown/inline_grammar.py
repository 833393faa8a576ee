"""What stands inside lines, as one pattern: words, emphasis, code, links and numbers that both readers read alike."""

from __future__ import annotations

import re
from functools import cache

BEGINS_TEXT = (
    r"(?![\s#>|:=<]|[+\-](?:[\s+\-]|\Z)|\*(?:\s|\Z|\[[^\]\n]*\] ?:)|\*\*(?:[\s*]|\Z)|__(?:[\s_]|\Z)|_ "
    r"|\d{1,9}[.)](?:\s|\Z)|~~~|```|!!!|///|\{(?!figure:|counter:|total:)|\[\^|\[[^\]\n]*\]:|\\\s)"
)
"""A line begins here that is nothing but text: no list, heading, quote, table, rule, definition or code."""

ADDRESS = (
    r"(?a:(?:\{(?:filename|static|attach)\}[\w./~#-]+"
    r"|(?:[\w./~#?=%+,@:$-]|\([\w.,%-]+\)|&(?![#\w]+;)(?=\w))+)"
    r"(?: \"(?!\s)[^\"\\\n<>&*_`{}\[\]]+(?<!\s)\")?)"
)
"""Where a link leads, perhaps with a title, in characters that no reader writes in another way."""
NUMBER = r"\{(?:figure|counter|total):(?:[^\W_]|[./-]|(?<=[^\W_])_(?=[^\W_]))+\}"
CODE = r"(?<!`)`(?![`\s])(?:[^`\n\s]| (?! ))+(?<![\s\\])`(?!`)"
IMAGE = rf"!\[(?!\s)[^\[\]*_`\\<>&{{}}!|\"\n]*(?<!\s)\]\({ADDRESS}\)"
AUTOMATIC = r"(?a:<https?://[\w./~#?=%+,@:-]+>|<[a-zA-Z\d][a-zA-Z\d.+-]*@[a-zA-Z\d][a-zA-Z\d-]*(?:\.[a-zA-Z\d]+)+>)"
ENTITY = r"&(?:amp|lt|gt|quot|nbsp|hellip|mdash|ndash|laquo|raquo|ldquo|rdquo|lsquo|rsquo|times|copy|euro);"
ESCAPED = r"\\[\\`*_\[\]()#+\-.!>]"
WORDS = r"[^\\`*_\[\]<&{}!|\n\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]++"
FOOTNOTE = r"\[\^[a-zA-Z\d-]+\](?![(\[:{])"
NARROW = r"(?<=[^\s*_`])[\xa0\u202f](?=[\w«»“”%€:;?(.…])"
"""A space that does not break, where it stands between visible characters."""
ODD = r"(?<=[^\W_])_(?=[^\W_])|!(?![\[!])|&(?!#|\w+;)|<(?=[ \d=])"
"""Characters that could be markup, where they are none."""
BREAK = rf"\n *(?:> ?)?{BEGINS_TEXT}"
"""The end of a line inside emphasis or a link."""
BETWEEN = r"\n[ >]*+(?:[-*+] +|\d{1,9}\. +|#{1,6} +|[-*_]{3,}(?=\n))?|\||(?<= )\*(?= )"
"""What parts texts: the end of a line with what the next one begins with, or of a table's cell."""


MARKS = {"strong": r"\*\*", "double": "__", "em": r"\*", "underscored": "_"}


@cache
def compile_pattern() -> re.Pattern[str]:
    """Matches a document whose lines hold nothing that the readers could read differently.

    Blocks of code are taken out of it before, and it begins with the end of a line.
    """
    plain = (WORDS, NARROW, ODD, NUMBER, ENTITY, ESCAPED, BREAK, CODE)
    simple = {name: _emphasised(mark, _any(*plain)) for name, mark in MARKS.items()}
    strong = _emphasised(MARKS["strong"], _any(*plain, simple["em"], simple["underscored"], _link(_any(*plain))))
    others = (_emphasised(mark, _any(*plain, _link(_any(*plain)))) for name, mark in MARKS.items() if name != "strong")
    link = _link(_any(*plain, *simple.values(), IMAGE))
    bracket = rf"\[(?!\^|TOC\]|\s){_all(_any(*plain))}(?<!\s)\](?![(\[:{{])"
    found = _any(WORDS, BETWEEN, strong, *others, link, *plain, IMAGE, AUTOMATIC, FOOTNOTE, bracket)
    return re.compile(f"(?>{found}*)")


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _all(pattern: str) -> str:
    """As often as it goes, at least once, and no way back. Python up to 3.11.4 misreads `++` behind a group."""
    return f"(?>(?:{pattern})+)"


def _emphasised(mark: str, inner: str) -> str:
    """Text between two marks, with a letter at its edges or with edges that stand free."""
    return (
        rf"(?<![*_\\\w]){mark}(?:(?=[^\W_])|(?<=[\s(«“‘|]{mark})(?=[^\s*_])){_all(inner)}"
        rf"(?:(?<=[^\W_]){mark}|(?<=[^\s*_]){mark}(?=[\s.,;:?)»”’|]))(?![*_\w])"
    )


def _link(inner: str) -> str:
    return rf"(?<!!)\[(?!\^|\s){_all(inner)}(?<!\s)\]\({ADDRESS}\)"
