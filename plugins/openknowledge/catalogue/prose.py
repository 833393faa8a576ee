"""Markdown of the site's dialect to sanitised markup, with numbers left as placeholders."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import slugify_unicode
from markdown.inlinepatterns import InlineProcessor

from .model.values import Html

NUMBER = r"\{((?:figure|counter|total):[^{}\s]+)\}"
PLACEHOLDER = re.compile(r'<data value="([^"]+)"></data>')
LINK = re.compile(r'(?P<before><(?:a|img)\b[^>]*?\b(?P<name>href|src)=")(?P<target>[^"]*)(?P<after>")')
IMAGE = re.compile(r"<img\b[^>]*>")
ATTRIBUTE = re.compile(r'\b([a-z-]+)="([^"]*)"')

INLINE_TAGS = frozenset(
    {"a", "abbr", "b", "br", "cite", "code", "data", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s"}
    | {"samp", "small", "span", "strong", "sub", "sup", "time", "var"}
)
BLOCK_TAGS = frozenset(
    {"blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "rel"},
    "data": {"value"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
SCHEMES = {"http", "https", "mailto", "tel"}


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


@lru_cache(maxsize=1)
def _markdown() -> Markdown:
    extensions: list[Any] = ["tables", "footnotes", "def_list", "attr_list", "admonition", "fenced_code", "abbr"]
    return Markdown(
        extensions=[*extensions, "sane_lists", "toc", _Numbers()],
        extension_configs={"toc": {"slugify": slugify_unicode}},
        output_format="html",
    )


def to_html(text: str) -> Html:
    """The markup of a Markdown text; what is not in the dialect is left out by the sanitiser."""
    if not text.strip():
        return Html("")
    reader = _markdown()
    reader.reset()
    return sanitised(reader.convert(text))


def sanitised(markup: str) -> Html:
    """Only the dialect's elements and attributes, and only links that are safe to follow."""
    clean = nh3.clean(
        markup, tags={*INLINE_TAGS, *BLOCK_TAGS}, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None
    )
    return Html(clean.strip())


def number_names(markup: Html) -> Iterator[str]:
    """The names of the numbers that a text wants, in order."""
    for match in PLACEHOLDER.finditer(markup):
        yield html.unescape(match.group(1))


def targets(markup: Html) -> Iterator[tuple[str, str]]:
    """The links and pictures of a text, in order: (`href` or `src`, where it points)."""
    for match in LINK.finditer(markup):
        yield match.group("name"), html.unescape(match.group("target"))


def images(markup: Html) -> Iterator[dict[str, str]]:
    """The attributes of each picture of a text."""
    for match in IMAGE.finditer(markup):
        yield {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match.group(0))}
