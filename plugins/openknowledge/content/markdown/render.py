"""Markdown of the site's dialect to sanitised markup, with numbers left as placeholders.

Two readers make the same document of a text: Python-Markdown, and a native one that is many times faster. Neither is
imported before a text is read. `dialect` has both, and the tests that they agree.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from openknowledge.model.values import Html

from .fingerprint import check_reader, reader_fingerprint
from .settings import NUMBER, READERS

if TYPE_CHECKING:
    from nh3 import Cleaner

__all__ = [
    "IMAGE",
    "LINK",
    "NUMBER",
    "PLACEHOLDER",
    "READERS",
    "RenderedMarkdown",
    "check_reader",
    "list_images",
    "list_links",
    "list_placeholders",
    "reader_fingerprint",
    "render_markdown",
    "sanitize",
    "to_html",
]

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


@dataclass(frozen=True, slots=True)
class RenderedMarkdown:
    """A text that was read. `fell_back` says that the fast reader was asked and left it to the default one."""

    html: Html
    is_fallback: bool


def render_markdown(text: str, reader: str = "markdown") -> RenderedMarkdown:
    """A Markdown text as one of `READERS` reads it; what is not in the dialect is left out by the sanitiser.

    The fast reader leaves to the default one whatever it might read differently.
    """
    if not text.strip():
        return RenderedMarkdown(Html(""), is_fallback=False)
    if reader == "fast":
        from . import fast

        made = fast.render(text)
        if made is not None:
            return RenderedMarkdown(sanitize(made), is_fallback=False)
    from . import standard

    return RenderedMarkdown(sanitize(standard.render(text)), is_fallback=reader == "fast")


def to_html(text: str) -> Html:
    """The markup of a Markdown text as the default reader reads it."""
    return render_markdown(text).html


def sanitize(markup: str) -> Html:
    """Only the dialect's elements and attributes, and only links that are safe to follow."""
    return Html(_cleaner().clean(markup).strip())


@lru_cache(maxsize=1)
def _cleaner() -> Cleaner:
    from nh3 import Cleaner

    return Cleaner(tags={*INLINE_TAGS, *BLOCK_TAGS}, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def list_placeholders(markup: Html) -> Iterator[str]:
    """The names of the numbers that a text wants, in order."""
    return map(html.unescape, PLACEHOLDER.findall(markup))


def list_links(markup: Html) -> tuple[tuple[str, str], ...]:
    """The links and pictures of a text, in order: (`href` or `src`, where it points)."""
    return tuple((name, html.unescape(target)) for _, name, target, _ in LINK.findall(markup))


def list_images(markup: Html) -> Iterator[dict[str, str]]:
    """The attributes of each picture of a text."""
    for tag in IMAGE.findall(markup):
        yield {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
