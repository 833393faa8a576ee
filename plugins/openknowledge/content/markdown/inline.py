"""What the Markdown of a line makes of a field's words: emphasis, code, links, formulas and numbers, no blocks."""

import html
import re
from functools import cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from openknowledge.model.values import Html
from openknowledge.problems import Message, TextIssue

from .formula_marks import mark_formulas, show_formulas
from .formula_words import replace_formulas
from .render import sanitize

__all__ = ["InlineMarkup", "has_signs", "plain_words", "read_inline"]

SIGNS = re.compile(r"[*_`\[<\\$]|\{ *[a-z0-9]+ *:|  \n")
"""A text without any of these signs is plain: it need not be read."""
STARS_IN_WORD = r"((?<=[^\W_])\*+(?=[^\W_]))"
ENTITY = re.compile(r"&(?=#?\w+;)")
AMPERSAND = "\ue000"
"""What stands for an ampersand that would begin an entity: those are text in fields, as HTML is."""
PARAGRAPH = re.compile(r"\A<p>(.*)</p>\Z", re.DOTALL)
TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)[^>]*>")
TARGET = re.compile(r'\b(?:href|src)="([^"]*)"')
CODE = re.compile(r"<code\b.*?</code>", re.DOTALL)
BRACES = re.compile(
    r"\{ *(?:figures?|counter|total|video|audio|podcast|h5p|geogebra|embed|filename|static|attach)\b[^{}]*\}"
)
OTHER_PLACEHOLDER = re.compile(r'<data value="((?!figure:|counter:|total:)[^"]*)"></data>')
"""What the reader puts in place of things that only a text can show, such as a video."""
NUMBER_HINT = Message("Only numbers can stand here: {figure:pok.learners}, {counter:course/coding}, {total:courses}.")


class InlineMarkup(NamedTuple):
    """The words of a field: markup where they have some, else None; and what is wrong with them."""

    html: Html | None
    issues: tuple[TextIssue, ...] = ()


def has_signs(text: str) -> bool:
    """Return whether a text may have anything that is more than plain words."""
    return SIGNS.search(text) is not None


def read_inline(text: str) -> InlineMarkup:
    """Return the sanitised markup of a text with its numbers as placeholders. HTML in it is text."""
    if not has_signs(text):
        return InlineMarkup(None)
    marked = mark_formulas(text.strip())
    raw, issues = _convert(ENTITY.sub(AMPERSAND, marked.text))
    markup = sanitize(raw)
    issues += tuple(_find_lost(raw, markup))
    shown = BRACES.search(TAG.sub("", CODE.sub("", OTHER_PLACEHOLDER.sub(r"{\1}", markup))))
    if shown:
        issues += (TextIssue(1, Message("%(text)s would be shown as it is written", text=shown[0]), NUMBER_HINT),)
    if marked.parts:
        shown_markup, more = show_formulas(markup, marked)
        markup, issues = Html(shown_markup), issues + more
    is_plain = html.unescape(markup) == text.strip() and "<" not in markup
    return InlineMarkup(None if is_plain else markup, issues)


def plain_words(markup: str) -> str:
    """Return the words of such markup, in which numbers are words already."""
    if "<math" in markup:
        markup = replace_formulas(markup)
    return html.unescape(TAG.sub("", markup.replace("<br>", " ")))


def _find_lost(raw: str, markup: str) -> list[TextIssue]:
    """Return what the sanitiser took away, or what has no place in a line."""
    hint = Message("Leave it out here, or write it into the text.")
    if "<img" in raw:
        return [TextIssue(1, Message("a picture cannot stand in this field"), hint)]
    if TAG.findall(raw) != TAG.findall(markup) or len(TARGET.findall(raw)) != len(TARGET.findall(markup)):
        hint = Message("Write an address that begins with https://, or leave the link out.")
        return [TextIssue(1, Message("a link in this field leads to an address that is not allowed"), hint)]
    return []


@cache
def _create_reader():  # type: ignore[no-untyped-def]
    from markdown.inlinepatterns import SimpleTextInlineProcessor

    from .standard import create_markdown

    markdown = create_markdown()
    # In a field an angle bracket is a sign like any other, and so is a star inside a word, such as in 2*2.
    markdown.inlinePatterns.deregister("html")
    markdown.inlinePatterns.register(SimpleTextInlineProcessor(STARS_IN_WORD, markdown), "stars_in_word", 65)
    return markdown


def _convert(text: str) -> tuple[str, tuple[TextIssue, ...]]:
    """Return the markup of a text that is one paragraph, whatever it begins with, and what extensions find wrong."""
    markdown = _create_reader()
    markdown.reset()
    markdown.lines = text.split("\n")
    root = Element("div")
    SubElement(root, "p").text = text
    for name in ("inline", "unescape"):
        changed = markdown.treeprocessors[name].run(root)
        root = root if changed is None else changed
    markup = markdown.serializer(root[0])
    for postprocessor in markdown.postprocessors:
        markup = postprocessor.run(markup)
    match = PARAGRAPH.match(markup.strip().replace(AMPERSAND, "&amp;"))
    finders = [extension for extension in markdown.registeredExtensions if hasattr(extension, "find_issues")]
    issues = tuple(sorted({issue for extension in finders for issue in extension.find_issues()}))
    return match[1] if match else markup, issues
