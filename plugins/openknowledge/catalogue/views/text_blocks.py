"""Blocks of texts as pages show them: boxes with names, tables and code that scroll, code that can be copied."""

import re
from html import escape
from itertools import count

from openknowledge.model.values import Html
from openknowledge.rendering.locale import Language

from .labels import BOX_NAMES

__all__ = ["dress_blocks", "name_boxes", "undress_blocks"]

WORD = re.compile(r'<data class="word" value="([a-z]+)(?: ([0-9]+))?"></data>')
TABLE = re.compile(r"<table\b[^>]*>|</table>")
CODE = re.compile(r"<pre\b[^>]*>|</pre>")
DRESS = re.compile(
    r'<(?:copy-text\b[^>]*>|/copy-text>|div class="scroll" [^>]*>|/div>(?:(?<=</table></div>)|(?<=</pre></div>)))'
)
SCROLL = ' class="scroll" role="region" tabindex="0" aria-label="{label} {{number}}"'
COLOURED = re.compile(r'<span class="code-[a-z]+">([^<]*)</span>')


def name_boxes(markup: Html, language: Language) -> Html:
    """Return the markup with the names of its boxes, such as `Theorem 2`, in a language."""
    if 'class="word"' not in markup:
        return markup

    def name(match: re.Match[str]) -> str:
        words = language.gettext(BOX_NAMES[match[1]]) if match[1] in BOX_NAMES else match[1].capitalize()
        return escape(f"{words}\N{NO-BREAK SPACE}{match[2]}" if match[2] else words)

    return Html(WORD.sub(name, markup))


def dress_blocks(markup: Html, language: Language) -> Html:
    """Return the markup with what scrolls where it is too wide, also by keys, and with code that can be copied."""
    if "<table" in markup:
        markup = _wrap(TABLE, markup, f"<div{SCROLL.format(label=escape(language.gettext('Table')))}>", "</div>")
    if "<pre" in markup:
        copy, copied = escape(language.gettext("Copy")), escape(language.gettext("Copied"))
        begin = f'<copy-text class="code-block" data-copy="{copy}" data-copied="{copied}"><div{SCROLL}>'
        markup = _wrap(CODE, markup, begin.format(label=escape(language.gettext("Code"))), "</div></copy-text>")
    return markup


def _wrap(tag: re.Pattern[str], markup: str, begin: str, end: str) -> Html:
    """Return markup with something before each opening tag and after each closing one; `{number}` counts them."""
    numbers = count(1)

    def wrap(match: re.Match[str]) -> str:
        is_end = match[0].startswith("</")
        return match[0] + end if is_end else begin.replace("{number}", str(next(numbers))) + match[0]

    return Html(tag.sub(wrap, markup))


def undress_blocks(markup: str) -> str:
    """Return the markup as feeds have it: tables and code alone, without colours."""
    if "<pre" not in markup and "<table" not in markup:
        return markup
    return COLOURED.sub(r"\1", DRESS.sub("", markup))
