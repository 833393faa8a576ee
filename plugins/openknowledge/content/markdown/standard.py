"""The default reader: Python-Markdown with the extensions that make the site's dialect."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import InlineProcessor as InlineTreeprocessor

from .settings import EXTENSIONS, NUMBER


class _NumberProcessor(InlineProcessor):
    """`{figure:pok.learners}` to an empty data element; never inside code, which is read earlier."""

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], _data: str
    ) -> tuple[Element, int, int]:
        element = Element("data")
        element.set("value", m.group(1))
        return element, m.start(0), m.end(0)


class _Numbers(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.register(_NumberProcessor(NUMBER, md), "number", 185)


PATTERN_MARKS = {
    **dict.fromkeys(("reference", "link", "short_reference"), ("[",)),
    **dict.fromkeys(("image_link", "image_reference", "short_image_ref"), ("![",)),
    **dict.fromkeys(("autolink", "automail", "html"), ("<",)),
    **{"backtick": ("`",), "number": ("{",), "escape": ("\\",), "footnote": ("[^",), "linebreak": ("  \n",)},
    **{"entity": ("&",), "em_strong": ("*", "_")},
}
"""What stands in each text that a pattern of this name matches: one of these."""


class PruningTreeprocessor(InlineTreeprocessor):
    """Tries a pattern only on documents that have its mark: trying all of them on every text takes longest."""

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        text, every = "\n".join(self.md.lines), self.md.inlinePatterns  # type: ignore[attr-defined]
        absent = {name for name, marks in PATTERN_MARKS.items() if not any(mark in text for mark in marks)}
        left_out = [every[name] for name in absent if name in every]
        self.inlinePatterns = [pattern for pattern in every if pattern not in left_out]  # type: ignore[assignment]
        return super().run(tree, ancestors)


@lru_cache(maxsize=1)
def _markdown() -> Markdown:
    made = make_markdown()
    made.treeprocessors.register(PruningTreeprocessor(made), "inline", 20)
    return made


def make_markdown() -> Markdown:
    """Python-Markdown as it comes, set to the site's dialect."""
    return Markdown(
        extensions=[*EXTENSIONS, _Numbers()],
        extension_configs={"toc": {"slugify": slugify_unicode}},
        output_format="html",
    )


def render(text: str) -> str:
    """The markup of a text, not yet sanitised."""
    reader = _markdown()
    reader.reset()
    return reader.convert(text)
