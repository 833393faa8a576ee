"""A document as a tree that can be compared: elements, attributes and words, with white space folded."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = frozenset(
    {"blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li"}
    | {"br", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
"""Elements at whose edges white space is not shown."""
EMPTY = frozenset({"br", "hr", "img"})
SPACES = re.compile(r"[ \t\n\r\f]+")

TreePart = tuple[str, ...]


def parse_tree(markup: str) -> tuple[TreePart, ...]:
    """Beginnings, ends and words in order; equal for markup that says the same of the same words."""
    reader = _Parts()
    reader.feed(markup)
    reader.close()
    return reader.folded()


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[TreePart] = []
        self.depth_of_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth_of_pre += tag == "pre"
        self.parts.append(("<", tag, *(f"{name}={value}" for name, value in sorted(attrs, key=str))))

    def handle_endtag(self, tag: str) -> None:
        self.depth_of_pre -= tag == "pre"
        if tag not in EMPTY:
            self.parts.append((">", tag))

    def handle_data(self, data: str) -> None:
        words = data if self.depth_of_pre else SPACES.sub(" ", data)
        if self.parts and self.parts[-1][0] == "text":
            words = self.parts.pop()[1] + words
        self.parts.append(("text", words if self.depth_of_pre else SPACES.sub(" ", words)))

    def folded(self) -> tuple[TreePart, ...]:
        """The parts without the white space that stands at the edges of blocks."""
        found: list[TreePart] = []
        inside_pre = False
        for number, part in enumerate(self.parts):
            inside_pre = (inside_pre or part[:2] == ("<", "pre")) and part[:2] != (">", "pre")
            if part[0] != "text" or inside_pre:
                found.append(part)
                continue
            words = part[1]
            words = words.lstrip(" ") if self._is_edge(number - 1) else words
            words = words.rstrip(" ") if self._is_edge(number + 1) else words
            if words:
                found.append(("text", words))
        return tuple(found)

    def _is_edge(self, number: int) -> bool:
        return not 0 <= number < len(self.parts) or self.parts[number][1] in BLOCKS
