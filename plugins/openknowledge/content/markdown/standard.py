"""The default reader: Python-Markdown with the extensions that make the site's dialect."""

import re
import string
from functools import cache
from importlib import import_module
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import TocExtension, slugify_unicode
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import InlineProcessor as InlineTreeprocessor

from openknowledge.problems import TextIssue

from .boxes import BoxExtension
from .captions import CaptionExtension
from .fences import FenceExtension
from .habits import HabitExtension
from .portability import NUMBER
from .references import ReferenceExtension

__all__ = ["create_markdown", "create_reader", "render"]

EXTENSIONS = ("tables", "footnotes", "def_list", "attr_list", "abbr", "sane_lists")
"""Python-Markdown's extensions, in the order in which it loads them, before the last one: `toc`."""
ONLY_ADDRESS = r"\Ahttps?://[^\s<>]+\Z"
PATTERN_MARKS = {
    **dict.fromkeys(("reference", "link", "short_reference"), ("[",)),
    **dict.fromkeys(("image_link", "image_reference", "short_image_ref"), ("![",)),
    **dict.fromkeys(("autolink", "automail", "html"), ("<",)),
    **{"backtick": ("`",), "number": ("{",), "escape": ("\\",), "footnote": ("[^",), "linebreak": ("  \n",)},
    **{"address": ("://",), "entity": ("&",), "em_strong": ("*", "_"), "backslash_break": ("\\\n",)},
    **{"del": ("~~",), "mark": ("==",), "sub": ("~",), "sup": ("^",)},
}
"""One of these is in each text that a pattern of this name matches."""


class _NumberProcessor(InlineProcessor):
    """`{figure:pok.learners}` to an empty data element; never inside code, which is parsed earlier."""

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], _data: str
    ) -> tuple[Element, int, int]:
        element = Element("data")
        element.set("value", m.group(1))
        return element, m.start(0), m.end(0)


class _AddressProcessor(InlineProcessor):
    """Keep a text that is nothing but an address as it is: `https://youtu.be/_a_-b` has no emphasis."""

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], _data: str
    ) -> tuple[str, int, int]:
        return m.group(0), m.start(0), m.end(0)


class _NumberExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.register(_AddressProcessor(ONLY_ADDRESS, md), "address", 200)
        md.inlinePatterns.register(_NumberProcessor(NUMBER, md), "number", 185)


class _PruningTreeprocessor(InlineTreeprocessor):
    """Tries a pattern only on texts that have its mark, because trying all of them on every text takes longest."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        patterns = list(md.inlinePatterns)  # Reading them puts their names in order.
        names = (item.name for item in md.inlinePatterns._priority)  # type: ignore[attr-defined]
        self.patterns = [(PATTERN_MARKS.get(name), pattern) for name, pattern in zip(names, patterns, strict=True)]

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        text = "\n".join(self.md.lines)  # type: ignore[attr-defined]
        self.inlinePatterns = [  # type: ignore[assignment]
            pattern for marks, pattern in self.patterns if marks is None or any(mark in text for mark in marks)
        ]
        return super().run(tree, ancestors)


@cache
def create_reader() -> Markdown:
    """Return the reader of this process."""
    markdown = create_markdown()
    markdown.treeprocessors.register(_PruningTreeprocessor(markdown), "inline", 20)
    return markdown


def create_markdown() -> Markdown:
    """Return Python-Markdown as it comes, set to the site's dialect."""
    source = FenceExtension()
    own = (
        *(_NumberExtension(), source, BoxExtension(source), CaptionExtension(source), HabitExtension(source)),
        ReferenceExtension(source),
    )
    markdown = Markdown(
        extensions=[*(_load_extension(name) for name in EXTENSIONS), TocExtension(slugify=slugify_unicode), *own],
        output_format="html",
    )
    markdown.ESCAPED_CHARS[:] = string.punctuation
    return markdown


def _load_extension(name: str) -> Extension:
    """Return one of Python-Markdown's extensions; by a name alone it would look at all installed packages."""
    extension: Extension = import_module(f"markdown.extensions.{name}").makeExtension()
    return extension


def render(text: str) -> tuple[str, tuple[TextIssue, ...]]:
    """Return the markup of a text, not yet sanitised, and what the extensions find wrong in it, by line.

    An extension with a method `find_issues` says so of the text that was just converted.
    """
    markdown = create_reader()
    markdown.reset()
    markup = markdown.convert(text)
    finders = [extension for extension in markdown.registeredExtensions if hasattr(extension, "find_issues")]
    return markup, tuple(sorted({issue for extension in finders for issue in extension.find_issues()}))
