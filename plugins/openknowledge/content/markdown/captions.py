"""Captions of tables and pictures, and tables that keep all their cells."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.tables import TableProcessor

from openknowledge.problems import Message, TextIssue

from .fences import FenceExtension

__all__ = ["CaptionExtension"]

CAPTION = re.compile(r" {0,3}: +(?=\S)")
ONLY_IMAGE = re.compile(r"!\[[^\n]*\](?:\([^\n]*\)|\[[^\n]*\])(?:\{[^\n]*\})?")


class CaptionExtension(Extension):
    """A line that begins with a colon, under a table or a picture, is its caption; every cell of a table arrives."""

    def __init__(self, source: FenceExtension) -> None:
        super().__init__()
        self.source = source
        self.long_rows: list[str] = []

    def reset(self) -> None:
        """Forget the text before."""
        self.long_rows = []

    def find_issues(self) -> list[TextIssue]:
        """Return the rows that have more cells than the head of their table."""
        message = Message("a row of the table has more cells than its head")
        hint = Message('Add a column to the head; where a bar is no edge of a cell, write "\\|".')
        places = ((row, self.long_rows[:index].count(row)) for index, row in enumerate(self.long_rows))
        return [TextIssue(self.source.find_line(*place), message, hint) for place in places]

    def extendMarkdown(self, md: Markdown) -> None:
        """Register both after the extensions whose work they refine."""
        md.registerExtension(self)
        md.parser.blockprocessors.register(_CaptionProcessor(md.parser), "caption", 86)
        md.parser.blockprocessors.register(_WholeTableProcessor(md, self), "table", 75)


class _CaptionProcessor(BlockProcessor):
    """Reads `: words` under a table, or under a picture alone in its paragraph."""

    def test(self, parent: Element, block: str) -> bool:
        match = CAPTION.match(block)
        last = self.lastChild(parent)
        return match is not None and last is not None and (_is_bare_table(last) or _is_picture(last))

    def run(self, parent: Element, blocks: list[str]) -> None:
        words = CAPTION.sub("", blocks.pop(0), count=1)
        last = self.lastChild(parent)
        assert last is not None
        if last.tag == "table":
            caption = Element("caption")
            last.insert(0, caption)
        else:
            last.tag = "figure"
            caption = SubElement(last, "figcaption")
        caption.text = words.strip()


def _is_bare_table(element: Element) -> bool:
    return element.tag == "table" and element[0].tag != "caption"


def _is_picture(element: Element) -> bool:
    return element.tag == "p" and not len(element) and ONLY_IMAGE.fullmatch((element.text or "").strip()) is not None


class _WholeTableProcessor(TableProcessor):
    """Notes rows of which Python-Markdown would drop cells, and lets a caption follow the last row."""

    def __init__(self, md: Markdown, extension: CaptionExtension) -> None:
        super().__init__(md.parser, {"use_align_attribute": False})
        self.extension = extension

    def run(self, parent: Element, blocks: list[str]) -> None:
        rows, _, caption = blocks[0].rpartition("\n")
        if rows.count("\n") and CAPTION.match(caption):
            blocks[:1] = [rows, caption]
        super().run(parent, blocks)

    def _build_row(self, row: str, parent: Element, align: Sequence[str | None]) -> None:
        if len(self._split_row(row)) > len(align):  # type: ignore[attr-defined]
            self.extension.long_rows.append(row)
        super()._build_row(row, parent, align)  # type: ignore[misc]
