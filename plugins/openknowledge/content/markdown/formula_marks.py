r"""Formulas in a text: taken out before Markdown is read, and put in as MathML afterwards.

A formula stands between `$…$` or `\(…\)` in a line, between `$$…$$` or `\[…\]` by itself. Each of its lines becomes a
mark of private characters, which every reader takes for a word. No character of a formula means anything to them, and
lines and blocks stay what they are. Where a mark turns up in code or in an attribute, what was written is put back.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from html import escape
from itertools import accumulate
from typing import NamedTuple

from openknowledge.problems import Message, TextIssue

from .formula_words import replace_formulas
from .formulas import FormulaError, FormulaWriter, full_label

__all__ = ["MarkedText", "TextPart", "mark_formulas", "show_formulas"]

BEGIN, BETWEEN, END, ZERO = "\U0010ff00", "\U0010ff01", "\U0010ff02", 0x10FF10
DIGITS = "".join(chr(ZERO + digit) for digit in range(10))
MARK = re.compile(f"((?:\n[ \t]*)?){BEGIN}([{DIGITS}]+){BETWEEN}([{DIGITS}]+){END}")
"""The number of a part and of its line, in private characters."""
TEX = r"(?>\\(?:text|mbox)\{[^{}]*\}|\\.|[^\\$])+?"
"""What is between two dollar signs; in it, only words have others."""
OPENS = r"(?:(?<!\w)|(?<=\d)(?=\$[\\^_A-Za-z({])|(?<=[^\W\d])(?=\$[\\^_{]))"
"""Before a dollar sign: no letter, so that names and prices stay text, but for an index or an exponent (H$_2$O)."""
PRICE, WORD = re.compile(r"\d[^\\^_{}=<>|&*/+]*"), re.compile(r"\s(?:[^\W\d_]{2}|\([^\W\d_]{3})")
ATTRIBUTE = r"""\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
TOKEN = re.compile(
    r"(?P<reference>\\(?P<kind>eqref|ref)\{(?P<label>[^{}\s]+)\})"
    r"|\\begin\{(?P<environment>[a-zA-Z]+\*?)\}"
    r"|(?P<open>\$\$|\\\[|\\\(|<!--|(?<!`)`+)"
    rf"|(?P<inline>{OPENS}\$(?![\s,;:!?)\]]|\.\D){TEX}(?<!\s)\$(?!\d))"
    rf"|</?[A-Za-z][\w-]*(?:{ATTRIBUTE})*\s*/?>|<[A-Za-z][\w+.-]*:[^>\s]*>|\]\([^)\s]*|\\.",
    re.DOTALL,
)
"""What may be a formula in a block, or hides one."""
EQUATIONS = {"equation", "align", "alignat", "flalign", "gather", "multline"}
"""Environments that are a formula by themselves, as in LaTeX."""
INNER = {"aligned", "alignedat", "array", "cases", "dcases", "gathered", "rcases", "smallmatrix", "split"}
CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "<!--": "-->"}
EMPTY_ROW = re.compile(r"[ \t>]*")
BLOCK_ROW = re.compile(r"[ >]*(?:#{1,6} |!!!|\?\?\?|: |\[\^[^\]\n]+\]:|\*\[)")
"""A line that begins a block, under whatever it stands."""
ITEM_ROW = re.compile(r"[ >]*(?:[-*+]|\d+[.)]) ")
TABLE_RULE = re.compile(r"[ >]*\|?[ :-]*-[ :|-]*")
WORDS_ATTRIBUTE = re.compile(r'\s(?:alt|title)="[^"]*"')
SPACES = re.compile(r"[ \t]*")
QUOTE_PREFIX = re.compile(r"(?: {0,3}>)* ?[ \t]*")
TAG_OR_CODE = re.compile(r"""<(pre|code)\b.*?</\1>|<[^<>"]*(?:"[^"]*"[^<>"]*)*>""", re.DOTALL)
UNCLOSED_HINT = Message('Close it before the next empty line; where the sign itself is meant, write "\\$", "[" or "(".')


class TextPart(NamedTuple):
    """A formula or a reference in a text, as it is written; `lines` are without the marks of a quote or a list.

    `type` is "inline", "display", "eqref", "ref", "unclosed" where it does not end, or "bare" where it does not begin.
    `opener` and `closer` are what stands around the TeX.
    """

    type: str
    line: int
    lines: tuple[str, ...]
    opener: str
    closer: str

    @property
    def source(self) -> str:
        """Return the part as it is written."""
        return "\n".join(self.lines)

    @property
    def tex(self) -> str:
        """Return what stands between the opener and the closer."""
        source = self.source
        return source[len(self.opener) : len(source) - len(self.closer)]


class MarkedText(NamedTuple):
    """A text with marks in place of its formulas, and these."""

    text: str
    parts: tuple[TextPart, ...]


def mark_formulas(text: str) -> MarkedText:
    """Return a text with a mark in place of each line of a formula."""
    if "$" not in text and "\\" not in text:
        return MarkedText(text, ())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts: list[TextPart] = []
    shown: list[str] = []
    end = 0
    for begin, stop, part in _find_parts(text):
        shown += (text[end:begin], _marks(text[begin:stop], part, len(parts)))
        parts.append(part)
        end = stop
    return MarkedText("".join((*shown, text[end:])), tuple(parts))


def _marks(source: str, part: TextPart, number: int) -> str:
    """Return the marks of a part, each line with what stood before it."""
    shown = []
    for index, (row, line) in enumerate(zip(source.split("\n"), part.lines, strict=True)):
        prefix = row[: len(row) - len(line)]
        shown.append(f"{prefix}{BEGIN}{_digits(number)}{BETWEEN}{_digits(index)}{END}")
    return "\n".join(shown)


def _digits(number: int) -> str:
    return "".join(chr(ZERO + int(digit)) for digit in str(number))


def _number(digits: str) -> int:
    return int("".join(str(ord(digit) - ZERO) for digit in digits))


def _find_parts(text: str) -> Iterator[tuple[int, int, TextPart]]:
    """Yield where each part begins and ends in a text."""
    for block in _find_blocks(text):
        yield from block.find_parts()


def _find_blocks(text: str) -> Iterator["_Block"]:
    """Yield the blocks between empty lines, without blocks of code between fences."""
    rows = text.split("\n")
    fences = _fence_ends(rows) if "```" in text or "~~~" in text else {}
    first, begin, offset, index = 0, 0, 0, 0
    while index < len(rows):
        end = fences.get(index, index + 1)
        length = sum(len(row) + 1 for row in rows[index:end])
        if index in fences or EMPTY_ROW.fullmatch(rows[index]):
            if first < index:
                yield _Block(text, begin, offset - 1, first, rows[first:index])
            first, begin = end, offset + length
        offset, index = offset + length, end
    if first < len(rows):
        yield _Block(text, begin, len(text), first, rows[first:])


def _fence_ends(rows: list[str]) -> dict[int, int]:
    """Return where each block of code ends, by where it begins."""
    from .fences import list_fences

    return {fence.line - 1: fence.end for fence in list_fences(rows)[0]}


class _Block:
    """Lines without an empty one between them, from `begin` to `end` in a text; `line` counts those before it."""

    def __init__(self, text: str, begin: int, end: int, line: int, rows: list[str]) -> None:
        self.text, self.begin, self.end, self.line = text, begin, end, line
        self.row_begins = list(accumulate((len(row) + 1 for row in rows[:-1]), initial=begin))
        is_table = any("|" in row and TABLE_RULE.fullmatch(row) for row in rows)
        has_items = rows[0].startswith((" ", "\t")) or ITEM_ROW.match(rows[0]) is not None
        starts = (
            start
            for start, row in zip(self.row_begins[1:], rows[1:], strict=True)
            if is_table or BLOCK_ROW.match(row) or (has_items and ITEM_ROW.match(row))
        )
        self.paragraph_ends = [*(start - 1 for start in starts), end]
        self.unclosed: set[str] = set()

    def find_parts(self) -> Iterator[tuple[int, int, TextPart]]:
        """Yield where each part begins and ends."""
        position = self.begin
        while (token := TOKEN.search(self.text, position, self.end)) is not None:
            position, part = self._read(token)
            if part is not None:
                yield token.start(), position, part

    def _read(self, token: re.Match[str]) -> tuple[int, TextPart | None]:
        """Return where reading goes on behind a token, and the part that begins there."""
        begin, end = token.span()
        if token["reference"]:
            return end, self._part(token["kind"], begin, end, rf"\{token['kind']}{{", "}")
        if token["inline"]:
            is_inside = end <= self._paragraph_end(begin) and not _is_price(token["inline"][1:-1])
            return (end, self._part("inline", begin, end, "$", "$")) if is_inside else (begin + 1, None)
        if token["environment"]:
            return self._read_environment(token["environment"], begin, end)
        opener = token["open"] or ""
        if opener.startswith("`"):
            return self._skip_code(opener, end), None
        return self._read_open(opener, begin, end) if opener and opener not in self.unclosed else (end, None)

    def _read_open(self, opener: str, begin: int, position: int) -> tuple[int, TextPart | None]:
        limit = self._paragraph_end(begin) if opener == r"\(" else self.end
        close = self.text.find(CLOSERS[opener], position, limit)
        if close < 0:
            self.unclosed.add(opener)
            is_remark = opener == "<!--"
            return position, None if is_remark else self._part("unclosed", begin, position, opener, "")
        end = close + len(CLOSERS[opener])
        if opener == "<!--":
            return end, None
        part_type = "inline" if opener == r"\(" else "display"
        return end, self._part(part_type, begin, end, opener, CLOSERS[opener])

    def _read_environment(self, name: str, begin: int, position: int) -> tuple[int, TextPart | None]:
        """Return where an environment ends that begins outside of dollar signs, and what it is; None if it is text."""
        base, end = name.removesuffix("*"), rf"\end{{{name}}}"
        if base not in EQUATIONS:
            is_bare = base in INNER or base.endswith("matrix")
            return position, self._part("bare", begin, position, "", "") if is_bare else None
        close = -1 if end in self.unclosed else self.text.find(end, position, self.end)
        if close < 0:
            self.unclosed.add(end)
            return position, self._part("unclosed", begin, position, rf"\begin{{{name}}}", "")
        return close + len(end), self._part("display", begin, close + len(end), "", "")

    def _paragraph_end(self, position: int) -> int:
        return self.paragraph_ends[bisect_left(self.paragraph_ends, position)]

    def _skip_code(self, quote: str, position: int) -> int:
        """Return where the code ends that begins before a position, or the position where none does."""
        if quote in self.unclosed:
            return position
        close = re.compile(f"(?<!`){quote}(?!`)").search(self.text, position, self.end)
        if close is None:
            self.unclosed.add(quote)
        return close.end() if close else position

    def _part(self, part_type: str, begin: int, end: int, opener: str, closer: str) -> TextPart:
        row = bisect_right(self.row_begins, begin) - 1
        is_quoted = ">" in QUOTE_PREFIX.match(self.text, self.row_begins[row])[0]  # type: ignore[index]
        prefix = QUOTE_PREFIX if is_quoted else SPACES
        first, *others = self.text[begin:end].split("\n")
        lines = (first, *(other[prefix.match(other).end() :] for other in others))  # type: ignore[union-attr]
        return TextPart(part_type, self.line + row + 1, lines, opener, closer)


def _is_price(tex: str) -> bool:
    """Return whether what stands between two dollar signs are words behind an amount: `$10 per due, cioè 20$`."""
    return PRICE.fullmatch(tex) is not None and WORD.search(tex) is not None


def show_formulas(markup: str, marked: MarkedText) -> tuple[str, tuple[TextIssue, ...]]:
    """Return sanitised markup with its formulas and references, and what is wrong in them.

    A part of a text that is shown as code, or not shown at all, is no formula.
    """
    if not marked.parts:
        return markup, ()
    pieces: list[tuple[bool, str]] = []
    end = 0
    for match in TAG_OR_CODE.finditer(markup):
        pieces += ((True, markup[end : match.start()]), (False, match[0]))
        end = match.end()
    pieces.append((True, markup[end:]))
    shown = {_number(mark[2]) for is_text, piece in pieces if is_text for mark in MARK.finditer(piece)}
    written = _Formulas(marked.parts, shown)
    parts = [MARK.sub(written.show, piece) if is_text else written.restore_tag(piece) for is_text, piece in pieces]
    return "".join(parts), tuple(sorted(set(written.issues)))


class _Formulas:
    """The formulas of a text as markup, in their order; references are written when all numbers are known."""

    def __init__(self, parts: tuple[TextPart, ...], shown: set[int]) -> None:
        self.parts = parts
        self.issues: list[TextIssue] = []
        self._writer = FormulaWriter()
        self._numbers: dict[str, str] = {}
        self._markups = {number: self._write(parts[number]) for number in sorted(shown)}
        for number in sorted(shown):
            if parts[number].type in ("eqref", "ref"):
                self._markups[number] = self._refer(parts[number])

    def show(self, mark: re.Match[str]) -> str:
        """Return what stands for a mark in the text: all of the part for its first line, nothing for the others."""
        return "" if _number(mark[3]) else f"{mark[1]}{self._markups[_number(mark[2])]}"

    def restore_tag(self, markup: str) -> str:
        """Return code or a tag with what was written in it; in an attribute of words formulas are words."""
        if not markup.startswith(("<pre", "<code")):
            markup = WORDS_ATTRIBUTE.sub(lambda found: MARK.sub(self._say, found[0]), markup)
        return MARK.sub(self.restore, markup)

    def _say(self, mark: re.Match[str]) -> str:
        """Return a formula as words: `x²`."""
        part = self.parts[_number(mark[2])]
        if part.type not in ("inline", "display"):
            return self.restore(mark)
        try:
            mathml, _ = FormulaWriter().write(part.tex, display=False)
        except FormulaError as error:
            self.issues.append(_describe(part, error))
            return self.restore(mark)
        return "" if _number(mark[3]) else mark[1] + replace_formulas(mathml).replace('"', "&quot;")

    def restore(self, mark: re.Match[str]) -> str:
        """Return what was written in a line that is shown as code, or in an attribute."""
        return mark[1] + escape(self.parts[_number(mark[2])].lines[_number(mark[3])])

    def _write(self, part: TextPart) -> str:
        source = escape(part.source, quote=False)
        if part.type == "unclosed":
            message = Message('"%(sign)s" begins a formula that is not closed', sign=part.opener)
            self.issues.append(TextIssue(part.line, message, UNCLOSED_HINT))
        if part.type == "bare":
            message = Message('"%(sign)s" stands outside of a formula', sign=part.source)
            self.issues.append(TextIssue(part.line, message, Message("Write $$ before the formula and after it.")))
        if part.type not in ("inline", "display"):
            return source
        is_display = part.type == "display"
        try:
            mathml, numbers = self._writer.write(part.tex, display=is_display)
        except FormulaError as error:
            self.issues.append(_describe(part, error))
            return source
        for label, number in numbers:
            if label in self._numbers:
                message = Message('two equations have the label "%(label)s"', label=label)
                self.issues.append(TextIssue(part.line, message, Message("Give each equation a label of its own.")))
            self._numbers[label] = number
        return f'<span class="formula" tabindex="0">{mathml}</span>' if is_display else mathml

    def _refer(self, part: TextPart) -> str:
        label = full_label(part.tex)
        number = self._numbers.get(label)
        if number is None:
            message = Message('no equation of this text has the label "%(label)s"', label=part.tex)
            hint = Message(r'Write "\label{%(label)s}" into the formula that is meant.', label=part.tex)
            self.issues.append(TextIssue(part.line, message, hint))
            return escape(part.source)
        shown = number if part.type == "eqref" else number.strip("()")
        return f'<a href="#{escape(label)}">{shown}</a>'


def _describe(part: TextPart, error: FormulaError) -> TextIssue:
    """Return what cannot be read in a formula, with its line in the text."""
    line = part.line + f"{part.opener}{part.tex}".count("\n", 0, len(part.opener) + error.position)
    message = Message(
        'the formula "%(formula)s" cannot be read at character %(position)d: %(reason)s',
        formula=_abbreviate(part.tex),
        position=error.position + 1,
        reason=error.message,
    )
    return TextIssue(line, message, error.hint)


def _abbreviate(tex: str) -> str:
    shown = " ".join(tex.split())
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
