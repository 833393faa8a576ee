"""Which texts are portable: both readers are known to make the same document of them.

Two patterns say it: of the blocks that lines make, and of what is inside lines. Whatever is not known for certain is
not portable.
"""

import re
from functools import cache

__all__ = ["BEGINS_TEXT", "NUMBER", "has_default_marks", "is_portable"]

NUMBER = r"\{((?:figure|counter|total|video):[^{}\s]+)\}"
"""A number or a video in a text; the group is its name."""

# What is inside lines

BEGINS_TEXT = (
    r"(?![\s#>|:=<]|[+\-](?:[\s+\-]|\Z)|\*(?:\s|\Z|\[[^\]\n]*\] ?:)|\*\*(?:[\s*]|\Z)|__(?:[\s_]|\Z)|_ "
    r"|\d{1,9}[.)](?:\s|\Z)|~~~|```|!!!|\?\?\?|///|\{(?!figure:|counter:|total:|video:)|\[\^|\[[^\]\n]*\]:|\\\s)"
)
"""A line begins here that is nothing but text: no list, heading, quote, table, rule, definition or code."""

ADDRESS = (
    r"(?a:(?:\{(?:filename|static|attach)\}[\w./~#-]+"
    r"|(?:[\w./~#?=%+,@:$-]|\([\w.,%-]+\)|&(?![#\w]+;)(?=\w))+)"
    r"(?: \"(?!\s)[^\"\\\n<>&*_`{}\[\]]+(?<!\s)\")?)"
)
"""Where a link leads, perhaps with a title, in characters that no reader writes in another way."""
PORTABLE_NUMBER = r"\{(?:figure|counter|total|video):(?:[^\W_]|[./-]|(?<=[^\W_])_(?=[^\W_]))+\}"
CODE = r"(?<!`)`(?![`\s])(?:[^`\n\s]| (?! ))+(?<![\s\\])`(?!`)"
IMAGE = rf"!\[(?!\s)[^\[\]*_`\\<>&{{}}!|\"\n]*(?<!\s)\]\({ADDRESS}\)"
AUTOMATIC = r"(?a:<https?://[\w./~#?=%+,@:-]+>|<[a-zA-Z\d][a-zA-Z\d.+-]*@[a-zA-Z\d][a-zA-Z\d-]*(?:\.[a-zA-Z\d]+)+>)"
ENTITY = r"&(?:amp|lt|gt|quot|nbsp|hellip|mdash|ndash|laquo|raquo|ldquo|rdquo|lsquo|rsquo|times|copy|euro);"
ESCAPED = r"\\[\\`*_\[\]()#+\-.!>$]"
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

PRIVATE = "\U0010ff00-\U0010ff1f"
"""The characters of marks for formulas: engines differ on whether a star or underscore beside one opens or closes."""
MARKS = {"strong": r"\*\*", "double": "__", "em": r"\*", "underscored": "_"}

# Blocks

DEEPEST_LIST = 3
VISIBLE = r"[^\n\x00-\x1f\x7f-\x9f\u2028\u2029]"
LINE = rf"{BEGINS_TEXT}[^\n]+\n"
MORE = rf"(?: *{LINE})*"
"""Further lines of the same text."""
BLANK = r"\n++"
FENCE = (
    rf"(?P<fence>`{{3,}}|~{{3,}})(?!(?:dot|graphviz|mermaid)\n)(?a:[\w+#-]*)\n"
    rf"(?:(?! *```| *~~~){VISIBLE}*\n)+?(?P=fence)\n"
)
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

ONLY_DEFAULT = (
    *(re.compile(r"~(?:~|[^\s~]+~)"), re.compile(r"=="), re.compile(r"\^(?:\[|[^\s^]+\^)")),
    *(re.compile(r"\[(?:\[|[xX ]\] )"), re.compile(r":(?<![\w:/.]:)[a-z][a-z_]+:")),
)
"""Marks that only the default reader knows, or names; each begins with a letter, which is found at once."""
FENCED_BLOCK = re.compile(rf"\n{FENCE}")
INDENTED_BLOCK = re.compile(rf"(\A|\n(?![ \n]|{LIST_BEGINS})[^\n]+)\n\n+{INDENTED}(?=\n)")
"""Code, not a paragraph inside a list: the text before it begins at the margin, and is no item."""
HEADING_LINE = re.compile(r"(\n#{1,6} [^\n]*\n)(?=[^\n])")
TABLE_ROWS = re.compile(r"(?:\n\|[^\n]+)+")


def is_portable(text: str) -> bool:
    """Return whether both readers read all of a text alike; `text` ends with two line ends."""
    if not _block_pattern().match(text):
        return False
    padded = f"\n\n{text}"
    if "|" in text and not all(map(_is_even, TABLE_ROWS.findall(padded))):
        return False
    plain = _without_code(padded)
    return _inline_pattern().fullmatch(plain) is not None and not has_default_marks(plain)


def has_default_marks(text: str) -> bool:
    """Return whether a text has marks that only the default reader knows."""
    return any(mark.search(text) for mark in ONLY_DEFAULT)


def _is_even(table: str) -> bool:
    """Return whether the line under the head of a table has as many bars as the head, and no row has more."""
    _, head, rule, *rows = [row.count("|") for row in table.split("\n")] + [0]
    return head == rule and max(rows) <= head


def _without_code(text: str) -> str:
    """Return the text without blocks of code, and with an empty line after each heading."""
    if "```" in text or "~~~" in text:
        text = FENCED_BLOCK.sub("\n", text)
    if "\n\n    " in text:
        text = INDENTED_BLOCK.sub(r"\1\n", text)
    return HEADING_LINE.sub(r"\1\n", text) if "\n#" in text else text


@cache
def _block_pattern() -> re.Pattern[str]:
    """Return the pattern of a document of such blocks, each followed by a blank line, which does not begin with one.

    Next to a heading a paragraph needs no blank line.
    """
    lists = f"(?:{_tight(1)}|{_loose()}){NO_LIST_NEXT}"
    blocks = (lists, TABLE, f"{QUOTE}{NO_QUOTE_NEXT}", FENCE, rf"{INDENTED}(?=\n)(?!{BLANK} )", RULE)
    headings = rf"{HEADING}(?:{BLANK})?|{PARAGRAPH}(?:{BLANK}|(?=#))"
    return re.compile(rf"(?:{headings}|(?:{'|'.join(blocks)}){BLANK})*\Z")


def _tight(depth: int, path: str = "item") -> str:
    """Return the pattern of a list without blank lines, perhaps with lists inside, each four spaces further in."""
    indent = " " * 4 * (depth - 1)
    lists = []
    for first, marker, letter in _markers(path, number="1" if depth > 1 else r"[1-9]\d?"):
        inner = f"(?:{_tight(depth + 1, path + letter)})?" if depth < DEEPEST_LIST else ""
        lists.append(f"(?={indent}{first})(?:{indent}{marker}{LINE}{MORE}{inner})+")
    return f"(?:{'|'.join(lists)})"


def _loose() -> str:
    """Return the pattern of a list with a blank line between all items, which may have paragraphs or a list inside."""
    lists = []
    for first, marker, letter in _markers("loose"):
        text = f"{LINE}(?: +{LINE})*"
        rest = f"(?:{_tight(2, 'in' + letter)}|(?:{BLANK} {{4}}{text})*)"
        lists.append(rf"(?={first})(?:{marker}{text}{rest}(?:{BLANK}(?={LIST_BEGINS})|(?=\n)))+")
    return f"(?:{'|'.join(lists)})"


def _markers(path: str, number: str = r"[1-9]\d?") -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Return how a bulleted and a numbered list begin, and how each of their items does.

    A marker with its spaces is no wider than the four by which lists inside are indented. Where a numbered list
    follows its item's text, only 1 begins it for both.
    """
    bullet = rf"(?P<{path}>[-*+]) ", rf"(?P={path}) {{1,3}}", "b"
    numbered = rf"{number}\. ", r"(?:\d\. {1,2}|\d\d\. )", "n"
    return bullet, numbered


@cache
def _inline_pattern() -> re.Pattern[str]:
    """Return the pattern of a document whose lines hold nothing that the readers could read differently.

    It begins with the end of a line, and its blocks of code have been removed.
    """
    plain = (WORDS, NARROW, ODD, PORTABLE_NUMBER, ENTITY, ESCAPED, BREAK, CODE)
    simple = {name: _emphasised(mark, _any(*plain)) for name, mark in MARKS.items()}
    strong = _emphasised(MARKS["strong"], _any(*plain, simple["em"], simple["underscored"], _link(_any(*plain))))
    others = (_emphasised(mark, _any(*plain, _link(_any(*plain)))) for name, mark in MARKS.items() if name != "strong")
    link = _link(_any(*plain, *simple.values(), IMAGE))
    bracket = rf"\[(?!\^|TOC\]|\s){_all(_any(*plain))}(?<!\s)\](?![(\[:{{])"
    content = _any(WORDS, BETWEEN, strong, *others, link, *plain, IMAGE, AUTOMATIC, FOOTNOTE, bracket)
    return re.compile(f"(?>{content}*)")


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _all(pattern: str) -> str:
    """Repeat a pattern once or more, without backtracking. Python up to 3.11.4 misreads `++` after a group."""
    return f"(?>(?:{pattern})+)"


def _emphasised(mark: str, inner: str) -> str:
    """Return the pattern of text between two marks, with a letter at its edges or with free edges."""
    return (
        rf"(?<![*_\\\w{PRIVATE}]){mark}(?:(?=[^\W_])|(?<=[\s(«“‘|]{mark})(?=[^\s*_])){_all(inner)}"
        rf"(?:(?<=[^\W_]){mark}|(?<=[^\s*_]){mark}(?=[\s.,;:?)»”’|]))(?![*_\w{PRIVATE}])"
    )


def _link(inner: str) -> str:
    return rf"(?<!!)\[(?!\^|\s){_all(inner)}(?<!\s)\]\({ADDRESS}\)"
