"""Markdown of the site's dialect to sanitised markup, with numbers left as placeholders.

Two readers make the same document of a text: Python-Markdown, and a native one that is many times faster. Neither is
imported before a text is rendered. The tests hold that they agree.
"""

import html
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

from openknowledge.model.values import Html
from openknowledge.problems import Message, TextIssue

from .figures import finish_pictures, finish_tables
from .highlighting import highlight_blocks
from .losses import Allowed, find_losses

__all__ = [
    *("LINK", "PLACEHOLDER", "READERS", "check_reader", "list_placeholders"),
    *("render_markdown", "sanitize", "finish_markup", "forget_readers"),
]

READERS = ("markdown", "fast")
"""The names of the readers, the default one first."""
INSTALL_FAST = Message(
    'the fast Markdown reader is not installed: run "python3 requirements/install.py run", '
    'or use MARKDOWN_READER = "markdown", which makes the same pages more slowly'
)
PLACEHOLDER = re.compile(r'<data value="([^"]+)"></data>')
LINK = re.compile(r'(?P<before><(?:a|img)\b[^>]*?\b(?P<name>href|src)=")(?P<target>[^"]*)(?P<after>")')
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "data", "dd", "del", "details", "dfn", "div"),
    *("dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd"),
    *("li", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "ul", "var", "wbr"),
}
ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "rel"},
    "data": {"value"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
ENDED_BY_OTHERS = frozenset(
    (
        *(
            "area",
            "br",
            "col",
            "dd",
            "dt",
            "hr",
            "img",
            "input",
            "li",
            "link",
            "meta",
            "option",
            "p",
            "source",
            "tbody",
        ),
        *("td", "tfoot", "th", "thead", "tr", "track", "wbr"),
    )
)
"""Elements that need no end of their own."""
MAX_NESTED_ELEMENTS = 1_000
PAGE_IDS = re.compile(r"(?:field|note|part|title):.*")
"""The ids of the theme. No heading has one, because theirs have no colon; an editor's own is refused."""
PAGE_ID = re.compile(r' id="(?:field|note|part|title):')
"""Such an id in sanitised markup, which has each value in double quotes and no letter of it as an entity."""


class RenderedMarkdown(NamedTuple):
    """The markup of a text. With `is_fallback` the fast reader was asked, and left the text to the default one."""

    html: Html
    is_fallback: bool
    issues: tuple[TextIssue, ...] = ()


def check_reader(reader: str) -> str | None:
    """Return why a reader cannot be used, with what to do about it; None where it can."""
    if reader not in READERS:
        names = " or ".join(f'"{name}"' for name in READERS)
        return f'there is no Markdown reader "{reader}": write {names}'
    return INSTALL_FAST if reader == "fast" and find_spec("pyromark") is None else None


def render_markdown(text: str, reader: str = "markdown") -> RenderedMarkdown:
    """Return the markup that one of `READERS` makes of a text; the sanitiser removes what the dialect does not have.

    The fast reader leaves every text to the default one that it might read differently.
    """
    if not text.strip():
        return RenderedMarkdown(Html(""), is_fallback=False)
    if "$" not in text and "\\" not in text:
        markup, is_fallback, issues = _convert(text, reader)
        return _draw(RenderedMarkdown(sanitize(markup), is_fallback, issues), text)
    from .formula_marks import mark_formulas, show_formulas

    marked = mark_formulas(text)
    markup, is_fallback, issues = _convert(marked.text, reader)
    shown, formula_issues = show_formulas(sanitize(markup), marked)
    rendered = RenderedMarkdown(Html(shown), is_fallback, tuple(sorted({*issues, *formula_issues})))
    return _draw(rendered, text)


def _draw(rendered: RenderedMarkdown, text: str) -> RenderedMarkdown:
    """Return what was made of a text with its diagrams drawn."""
    if "language-dot" not in rendered.html and "language-graphviz" not in rendered.html:
        return rendered
    from .diagrams import draw_diagrams

    markup, issues = draw_diagrams(rendered.html, text)
    return rendered._replace(html=markup, issues=tuple(sorted({*rendered.issues, *issues})))


def _convert(text: str, reader: str) -> tuple[str, bool, tuple[TextIssue, ...]]:
    """Return the markup of a text, whether the fast reader left it to the default one, and what is wrong.

    It is not sanitised yet; what the sanitiser will take away is part of what is wrong.
    """
    markup, is_fallback = None, reader == "fast"
    issues: tuple[TextIssue, ...] = ()
    if reader == "fast":
        from . import fast

        markup = fast.render(text)
        is_fallback = markup is None
    if markup is None:
        from . import standard

        markup, issues = standard.render(text)
    _check_nesting(markup)
    markup = finish_markup(markup)
    losses = find_losses(text, markup, Allowed(TAGS, ATTRIBUTES, SCHEMES, PAGE_IDS))
    return markup, is_fallback, tuple(sorted({*issues, *losses})) if losses else issues


def finish_markup(markup: str) -> str:
    """Return a reader's markup with figures, the alignment and heads of tables, and the classes of code."""
    if "<table" in markup:
        markup = finish_tables(markup)
    if "<img" in markup:
        markup = finish_pictures(markup)
    return highlight_blocks(markup) if "<code class=" in markup else markup


def sanitize(markup: str) -> Html:
    """Return markup with only the dialect's elements and attributes, and only links that are safe to follow."""
    _check_nesting(markup)
    cleaned = _cleaner().clean(markup)
    if PAGE_ID.search(cleaned):
        cleaned = _cleaner(keeps_page_ids=False).clean(markup)
    return Html(cleaned.replace("<p></p>", "").strip())


def _check_nesting(markup: str) -> None:
    """Raise `RecursionError` where elements are nested too deep: the sanitiser's time grows with the square of it."""
    if markup.count("<") < MAX_NESTED_ELEMENTS:
        return
    depth = 0
    for end, name in TAG.findall(markup):
        if name.lower() not in ENDED_BY_OTHERS:
            depth = depth - 1 if end else depth + 1
            if depth > MAX_NESTED_ELEMENTS:
                raise RecursionError(name)


@cache
def _cleaner(*, keeps_page_ids: bool = True) -> Any:
    """Return the sanitiser. It takes twice the time where it asks about each attribute, which few texts need."""
    from nh3 import Cleaner

    return Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
        attribute_filter=None if keeps_page_ids else _filter_attribute,
    )


def _filter_attribute(_tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute; None for an id that parts of the page find each other by."""
    return None if name == "id" and PAGE_IDS.fullmatch(value) else value


def forget_readers() -> None:
    """Drop the readers: one that was interrupted, or that raised, may read every later text wrongly."""
    _cleaner.cache_clear()
    for name in ("standard", "fast"):
        module = sys.modules.get(f"{__package__}.{name}")
        if module is not None:
            module.create_reader.cache_clear()


def list_placeholders(markup: Html) -> Iterator[str]:
    """Return the names of the numbers that a text shows, in order."""
    return map(html.unescape, PLACEHOLDER.findall(markup))
