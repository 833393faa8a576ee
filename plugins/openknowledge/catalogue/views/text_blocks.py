"""Blocks of texts as pages show them: boxes with names, tables and code that scroll, code that can be copied."""

import re
from html import escape

from openknowledge.model.values import Html
from openknowledge.rendering.locale import Language

from .labels import BOX_NAMES

__all__ = ["dress_blocks", "name_boxes", "undress_blocks"]

WORD = re.compile(r'<data class="word" value="([a-z]+)(?: ([0-9]+))?"></data>')
TABLE = re.compile(r"<table\b[^>]*>|</table>")
CODE = re.compile(r"<pre\b[^>]*>|</pre>")
DRESS = re.compile(r'<copy-code\b[^>]*>|</copy-code>|<div class="scroll" [^>]*>|(?<=</table>)</div>|(?<=</pre>)</div>')
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
        begin = f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(language.gettext("Table"))}">'
        markup = Html(TABLE.sub(lambda tag: f"{tag[0]}</div>" if tag[0][1] == "/" else begin + tag[0], markup))
    if "<pre" in markup:
        code, copy, copied = (escape(language.gettext(words)) for words in ("Code", "Copy", "Copied"))
        begin = (
            f'<copy-code class="code-block" data-copy="{copy}" data-copied="{copied}">'
            f'<div class="scroll" role="region" tabindex="0" aria-label="{code}">'
        )
        end = "</div></copy-code>"
        markup = Html(CODE.sub(lambda tag: tag[0] + end if tag[0][1] == "/" else begin + tag[0], markup))
    return markup


def undress_blocks(markup: str) -> str:
    """Return the markup as feeds have it: tables and code alone, without colours."""
    if "<pre" not in markup and "<table" not in markup:
        return markup
    return COLOURED.sub(r"\1", DRESS.sub("", markup))
