r"""What editors know from other programs: struck and marked words, H~2~O, lists with `1)`, `\` at a line's end."""

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import SimpleTagInlineProcessor, SubstituteTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from openknowledge.problems import Message, TextIssue

from .fences import QUOTE, FenceExtension

__all__ = ["HabitExtension"]

INLINE_TAGS = {
    "del": r"(?<![\w~])()~~(?=\S)(.+?)(?<=\S)~~(?![\w~])",
    "mark": r"(?<![\w=])()==(?=\S)(.+?)(?<=\S)==(?![\w=])",
    "sub": r"(?<=[\w)\]*_])(?<!~)()~([^~\s]+)~(?!~)",
    "sup": r"(?<=[\w)\]*_~])()\^([^\^\s\[\]]+)\^",
}
"""The elements of marks that Python-Markdown has in no extension of its own; the second group are the words."""
ITEM = re.compile(r" *(?:[-*+]|1[.)]) +\S")
LIST_ROW = re.compile(r" *(?:[-*+]|\d{1,9}[.)])(?: |$)")
TABLE_ROW = re.compile(r" *\|.*\|.*\| *")
TABLE_RULE = re.compile(r" *\|(?: *:?-+:? *\|)+ *")
NO_TEXT = re.compile(r" *(?:[>|]|#{1,6} |[-*_=]{3,} *$|\x02)")
DEFINES = re.compile(r" *(?::|\[\^[^\]]+\]:) +\S")
BOX = re.compile(r" *(?:!!!|\?\?\?)")
BLOCK_UNDER_ROW = re.compile(r"\S\n[ >]*(?:(?:[-*+]|1[.)]) |\|)")
TASK = re.compile(r"\[([ xX])\] ")
BOXES = {" ": "☐ ", "x": "☑ "}
UNREAD = {
    re.compile(r":(?<![\w:/.]:)[a-z][a-z_]+:(?![\w:/])"): (
        Message('the name of a picture, "%(words)s", is shown as it is written'),
        Message("Write the sign itself, such as 😀."),
    ),
    re.compile(r"\^\[[^\]^]+\]"): (
        Message('a footnote inside a line, "%(words)s", is shown as it is written'),
        Message('Write "[^1]" here, and "[^1]: …" in a paragraph of its own.'),
    ),
    re.compile(r"\[\[[^\[\]]+\]\](?!\()"): (
        Message('"%(words)s" is shown as it is written, and is no link'),
        Message("Write [words](../pages/page.md)."),
    ),
}
"""What other programs read and this one does not: the message and the hint."""
LONGEST_SHOWN = 40


class HabitExtension(Extension):
    """Reads what is read alike everywhere, and names what is not read at all."""

    def __init__(self, source: FenceExtension) -> None:
        super().__init__()
        self.source = source

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the marks, and make the lists of Python-Markdown take `1)`."""
        md.registerExtension(self)
        for name, pattern in INLINE_TAGS.items():
            md.inlinePatterns.register(SimpleTagInlineProcessor(pattern, name), name, 65)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", 185)
        md.preprocessors.register(_BlockPreprocessor(md), "block_edges", 23)
        md.treeprocessors.register(_TaskTreeprocessor(md), "tasks", 25)
        for name in ("olist", "ulist"):
            processor = md.parser.blockprocessors[name]
            for attribute in ("RE", "CHILD_RE", "INDENT_RE"):
                pattern = getattr(processor, attribute).pattern
                setattr(processor, attribute, re.compile(pattern.replace(r"\d+\.", r"\d+[.)]")))

    def find_issues(self) -> list[TextIssue]:
        """Return what would be shown as it is written, and is meant otherwise."""
        issues = _find_broken_tables(self.source.plain_rows) if "|" in self.source.text else []
        for pattern, (message, hint) in UNREAD.items():
            if not pattern.search(self.source.text):
                continue
            text = "\n".join(self.source.plain_rows)
            for match in pattern.finditer(text):
                words = match[0] if len(match[0]) <= LONGEST_SHOWN else f"{match[0][: LONGEST_SHOWN - 1]}…"
                named = Message(message.message_id, words=words)
                issues.append(TextIssue(text.count("\n", 0, match.start()) + 1, named, hint))
        return issues


def _find_broken_tables(rows: Sequence[str]) -> list[TextIssue]:
    """Return the lines under heads of tables that have another number of columns."""
    message = Message("the line under the head of a table has another number of columns than the head")
    hint = Message("Write as many columns of hyphens as there are cells above them.")
    return [
        TextIssue(index + 1, message, hint)
        for index, (head, rule) in enumerate(pairwise(rows), start=1)
        if TABLE_RULE.fullmatch(rule) and "|" in head.strip("| ") and len(_cells(head)) != len(_cells(rule))
    ]


def _cells(row: str) -> list[str]:
    """Return the cells of a row without code."""
    return re.split(r"(?<!\\)\|", row.strip().strip("|"))


class _BlockPreprocessor(Preprocessor):
    """Puts an empty line before a list or table right under a line of text, where Python-Markdown wants it."""

    def run(self, lines: list[str]) -> list[str]:
        if not BLOCK_UNDER_ROW.search("\n".join(lines)):
            return lines
        shown: list[str] = []
        above, is_item = "", False
        for index, row in enumerate(lines):
            quote = QUOTE.match(row)
            plain = row[quote.end() :] if quote else row
            if not above.strip() or not (is_item or _is_text(above, plain)):
                is_item = LIST_ROW.match(plain) is not None
            elif not is_item and (ITEM.match(plain) or _is_table(plain, lines[index + 1 :])):
                shown.append(quote[0].rstrip() if quote else "")
                is_item = ITEM.match(plain) is not None
            shown.append(row)
            above = plain
        return shown


def _is_text(above: str, row: str) -> bool:
    """Return whether the row above another one is the end of a paragraph that could go on there."""
    indent, own = (len(text) - len(text.lstrip()) for text in (row, above))
    if DEFINES.match(above):
        return own < indent
    return own == indent and not NO_TEXT.match(above) and not BOX.match(above)


def _is_table(row: str, below: Sequence[str]) -> bool:
    return TABLE_ROW.fullmatch(row) is not None and TABLE_RULE.fullmatch("".join(below[:1]).lstrip("> ")) is not None


class _TaskTreeprocessor(Treeprocessor):
    """Shows `[ ]` and `[x]` at the beginning of an item as boxes."""

    def run(self, root: Element) -> None:
        for item in root.iter("li"):
            holder = item if (item.text or "").strip() else next(iter(item), item)
            task = TASK.match(holder.text or "")
            if task:
                holder.text = BOXES[task[1].lower()] + (holder.text or "")[task.end() :]
