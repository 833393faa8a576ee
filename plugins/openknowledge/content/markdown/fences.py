"""Blocks of code between fences, at any depth: inside lists, quotes, boxes, definitions and footnotes.

Python-Markdown's own extension knows fences at the margin only, and pymdown-extensions imports Pygments at once, leaves
fences that are indented by two or three spaces, and ignores what it does not know.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from openknowledge.problems import Message, TextIssue

__all__ = ["DIAGRAMS", "QUOTE", "Fence", "FenceExtension", "blank_code", "blank_fences", "find_level", "list_fences"]

OPENING = re.compile(
    r"(?P<lead> *(?:> ?)* *(?:(?:[-*+]|\d{1,9}[.)]|:|\[\^[^\]]+\]:) +)?)(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)
QUOTE = re.compile(r" *(?:> ?)+")
MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)]|:|\[\^[^\]]+\]:|!!!|\?\?\?\+?)(?: |$)|(?:!!!|\?\?\?\+?)\S")
"""What begins an item, a definition, a footnote or a box: what is indented under it is inside."""
OPTION = re.compile(r"""([\w-]+) *= *(?:"([^"]*)"|'([^']*)'|([^\s{}"']+))""")
NAME = re.compile(r"[#.]([\w:-]+)")
LINES = re.compile(r"\d{1,6}(?:-\d{1,6})?(?:[ ,]+\d{1,6}(?:-\d{1,6})?)*")
CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(?:(?!\n\n).)*?(?<!`)\1(?!`)", re.DOTALL)
DIAGRAMS = ("dot", "graphviz", "mermaid")
"""The languages of fences that are diagrams."""
INDENT = 4
"""By how many spaces Python-Markdown has what is inside a list, and the same again for each level."""


class Fence(NamedTuple):
    """A block of code. `line` is that of its first fence, counted from 1; `info` is what stands behind the fence."""

    line: int
    end: int
    prefix: str
    info: str
    code: str

    @property
    def options(self) -> dict[str, str]:
        """Return the options that are known or not, by name."""
        return {name: first or second or third for name, first, second, third in OPTION.findall(self.info)}

    @property
    def words(self) -> list[str]:
        """Return what is no option: the language, and what is read nowhere."""
        return OPTION.sub("", self.info).strip("{} ").split()

    @property
    def language(self) -> str:
        """Return the name of the language in small letters; `""` where there is none."""
        first = next(iter(self.words), "")
        return "" if first.startswith("#") else first.removeprefix(".").lower()

    @property
    def marked_lines(self) -> list[int] | None:
        """Return the numbers of the lines to highlight, from 1; None where the code does not have them."""
        wanted = self.options.get("hl_lines", "").strip()
        if wanted and not LINES.fullmatch(wanted):
            return None
        spans = [span.partition("-") for span in re.split(r"[ ,]+", wanted) if span]
        count = self.code.count("\n")
        bounds = [(int(first), int(last or first)) for first, _, last in spans]
        if any(not 1 <= first <= last <= count for first, last in bounds):
            return None
        return sorted({line for first, last in bounds for line in range(first, last + 1)})


def list_fences(rows: Sequence[str]) -> tuple[list[Fence], list[int]]:
    """Return the blocks of code of a text, and the lines of fences that are never closed."""
    fences, unclosed, index = [], [], 0
    while index < len(rows):
        match = OPENING.fullmatch(rows[index])
        prefix = _find_prefix(rows, index, match) if match else None
        if match is None or prefix is None:
            index += 1
            continue
        end = _find_end(rows, index, match)
        if end is None:
            unclosed.append(index + 1)
            index += 1
            continue
        code = "".join(f"{row}\n" for row in _dedent(rows[index + 1 : end], match["lead"]))
        fences.append(Fence(index + 1, end + 1, prefix, match["info"].strip(), code))
        index = end + 1
    return fences, unclosed


def blank_fences(rows: Sequence[str]) -> list[str]:
    """Return the rows of a text, those with blocks of code empty."""
    shown = list(rows)
    for fence in list_fences(rows)[0]:
        shown[fence.line - 1 : fence.end] = [""] * (fence.end - fence.line + 1)
    return shown


def blank_code(rows: Sequence[str]) -> list[str]:
    """Return the rows of a text, those with blocks of code empty, and code in lines blank."""
    shown = blank_fences(rows)
    return CODE_SPAN.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), "\n".join(shown)).split("\n")


def _find_prefix(rows: Sequence[str], index: int, match: re.Match[str]) -> str | None:
    """Return what Python-Markdown wants before the block at `index`; None where it is code that shows a fence."""
    lead = match["lead"]
    quote = QUOTE.match(lead)
    head = quote[0] if quote else ""
    inner = lead[len(head) :]
    indent = len(inner) - len(inner.lstrip())
    if inner.strip():
        return lead
    level = find_level([row[len(head) :] for row in _rows_above(rows, index, head)], indent)
    return None if indent - level * INDENT >= INDENT else head + " " * (level * INDENT)


def _rows_above(rows: Sequence[str], index: int, head: str) -> Sequence[str]:
    """Return the rows above one that are in the same quote, or in none."""
    if not head:
        return rows[:index]
    begin = index
    while begin and rows[begin - 1].startswith(head.rstrip()):
        begin -= 1
    return rows[begin:index]


def find_level(above: Sequence[str], indent: int) -> int:
    """Return how many items, boxes and so on there are around something that is indented under these rows."""
    for row in reversed(above):
        text = row.lstrip(" ")
        own = len(row) - len(text)
        if text and own < indent:
            indent = own
            if MARKER.match(text):
                return own // INDENT + 1
        if not indent:
            break
    return 0


def _find_end(rows: Sequence[str], index: int, match: re.Match[str]) -> int | None:
    """Return the index of the row that closes a fence."""
    mark, least = match["fence"][0], len(match["fence"])
    depth = match["lead"].count(">")
    closing = re.compile(rf" *(?:> ?){{{depth}}} *{re.escape(mark)}{{{least},}} *")
    for at in range(index + 1, len(rows)):
        if depth and rows[at].count(">", 0, len(rows[at]) - len(rows[at].lstrip("> "))) < depth:
            return None
        if closing.fullmatch(rows[at]):
            return at
    return None


def _dedent(rows: Sequence[str], lead: str) -> list[str]:
    """Return rows of code without the quote marks and the indentation of their fence."""
    depth = lead.count(">")
    head = re.compile(rf" *(?:> ?){{{depth}}}") if depth else None
    plain = [head.sub("", row, count=1) for row in rows] if head else list(rows)
    indent = len(lead[QUOTE.match(lead).end() :] if depth and QUOTE.match(lead) else lead)  # type: ignore[union-attr]
    return [re.sub(f"^ {{1,{indent}}}", "", row) if indent else row for row in plain]


class FenceExtension(Extension):
    """Python-Markdown's part of it: code is taken out before anything else is read.

    It also keeps the text as it was, for the other extensions to say where something is wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []
        self.text = ""
        self._plain: list[str] | None = None

    def extendMarkdown(self, md: Markdown) -> None:
        """Add the preprocessor where `fenced_code` would be."""
        md.registerExtension(self)
        md.preprocessors.register(_FencePreprocessor(md, self), "fenced_code_block", 25)

    def reset(self) -> None:
        """Forget the text before."""
        self.rows, self.text, self._plain = [], "", None

    @property
    def has_fences(self) -> bool:
        """Return whether there may be blocks of code in the text."""
        return "```" in self.text or "~~~" in self.text

    @property
    def plain_rows(self) -> list[str]:
        """Return the rows of the text, those with blocks of code empty, and code in lines blank."""
        if self._plain is None:
            self._plain = blank_code(self.rows)
        return self._plain

    def find_line(self, words: str, number: int = 0) -> int:
        """Return the line, from 1, in which some words are written for the first time, or that time and `number`."""
        places = [index for index, row in enumerate(self.plain_rows, start=1) if words in row]
        return places[min(number, len(places) - 1)] if places else 1

    def find_issues(self) -> list[TextIssue]:
        """Return what is wrong with the fences of the text that was just converted."""
        if not self.has_fences:
            return []
        fences, unclosed = list_fences(self.rows)
        issues = [issue for fence in fences for issue in find_issues(fence)]
        return [*issues, *(TextIssue(line, *UNCLOSED) for line in unclosed)]


class _FencePreprocessor(Preprocessor):
    """Puts a placeholder for each block of code, with empty lines around it and the indentation of its list."""

    def __init__(self, md: Markdown, extension: FenceExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        self.extension.rows, self.extension.text = lines, "\n".join(lines)
        if not self.extension.has_fences:
            return lines
        shown: list[str] = []
        begin = 0
        for fence in list_fences(lines)[0]:
            shown += lines[begin : fence.line - 1]
            quote = QUOTE.match(fence.prefix)
            empty = quote[0].rstrip() if quote else ""
            if shown and shown[-1].strip(" >") and not MARKER.match(fence.prefix.lstrip(" >")):
                shown.append(empty)
            shown.append(fence.prefix + self.md.htmlStash.store(write_markup(fence)))
            begin = fence.end
            if begin < len(lines) and lines[begin].strip(" >"):
                shown.append(empty)
        return shown + lines[begin:]


def write_markup(fence: Fence) -> str:
    """Return a block of code as markup, not yet highlighted."""
    language = fence.language
    names = [f"language-{language}"] if language else []
    names += (name for word in fence.words[1:] if word.startswith(".") for name in NAME.findall(word))
    names += (f"line-{line}" for line in fence.marked_lines or ())
    classes = f' class="{escape(" ".join(names))}"' if names else ""
    anchor = next((word[1:] for word in fence.words if word.startswith("#")), "")
    own = f' id="{escape(anchor)}"' if anchor else ""
    block = f"<pre{own}><code{classes}>{escape(fence.code, quote=False)}</code></pre>"
    title = fence.options.get("title", "")
    return f'<figure class="code"><figcaption>{escape(title)}</figcaption>{block}</figure>' if title else block


UNCLOSED = (
    Message("a block of code is never closed"),
    Message("Write a line with the same back-quotes or tildes, and nothing else, at its end."),
)


def find_issues(fence: Fence) -> list[TextIssue]:
    """Return what is wrong with the first line of a block of code."""
    issues = []
    options = fence.options
    for name in options.keys() - {"title", "hl_lines"}:
        message = Message('a block of code has no option "%(name)s"', name=name)
        issues.append(TextIssue(fence.line, message, Message('It has title="main.py" and hl_lines="2 4-5".')))
    extra = [word for word in fence.words[1:] if not word.startswith((".", "#"))]
    if extra:
        message = Message('"%(words)s" behind the fence is shown nowhere', words=" ".join(extra))
        issues.append(TextIssue(fence.line, message, Message('Write title="…" for a title of the code.')))
    if fence.language in DIAGRAMS and not options.get("title"):
        message = Message("a diagram has no title")
        issues.append(
            TextIssue(fence.line, message, Message('Say what it shows, for readers who do not see it: title="…".'))
        )
    if fence.marked_lines is None:
        message = Message('hl_lines="%(lines)s" names no lines of this block of code', lines=options["hl_lines"])
        issues.append(TextIssue(fence.line, message, Message('Count from 1, for example hl_lines="2 4-5".')))
    return issues
