"""Colours of code, at build time: classes for comments, texts, numbers and the names that a line defines.

Words of the language stay as they are. So there are few colours, each with enough contrast, and code that begins with
such a word has no markup before it.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import escape, unescape
from itertools import groupby
from operator import itemgetter
from typing import Any

from openknowledge.problems import Message, TextIssue, find_near

__all__ = ["find_lexer", "find_unknown_languages", "highlight_blocks"]

BLOCK = re.compile(r'(<pre\b[^>]*><code class=")([^"<>]*)(">)(.*?)(?=</code></pre>)', re.DOTALL)
LANGUAGE = re.compile(r"(?:^|(?<= ))language-(\S+)")
MARKED = re.compile(r" ?\bline-(\d+)")
CLASSES = {
    "code-comment": ("Comment", "Generic.Output", "Generic.Prompt"),
    "code-text": ("Literal.String", "Literal.Date"),
    "code-number": ("Literal.Number", "Keyword.Constant"),
    "code-name": ("Name.Function", "Name.Class", "Name.Decorator", "Name.Tag", "Generic.Heading", "Generic.Subheading"),
    "code-added": ("Generic.Inserted",),
    "code-removed": ("Generic.Deleted", "Generic.Error"),
}
"""The classes of the theme, and the tokens of Pygments that have them."""
PLAIN = frozenset(("", "text", "plain", "plaintext", "txt", "none", "mermaid"))
"""What needs no lexer."""


def highlight_blocks(markup: str) -> str:
    """Return markup in which each block of code has the classes of its language, and marks on its lines."""
    return BLOCK.sub(_highlight, markup)


def _highlight(match: re.Match[str]) -> str:
    language = LANGUAGE.search(match[2])
    marked = {int(line) for line in MARKED.findall(match[2])}
    names = MARKED.sub("", match[2]).strip()
    lexer = find_lexer(unescape(language[1])) if language else None
    if lexer is None and not marked:
        return match[0]
    code = unescape(match[4])
    tokens = [(_class_of(token), text) for token, text in lexer.get_tokens(code)] if lexer is not None else [("", code)]
    if "".join(text for _, text in tokens) != code:
        tokens = [("", code)]
    opening = match[1] + names + match[3] if names else match[1].removesuffix(' class="') + ">"
    return opening + "".join(_write_lines(tokens, marked))


def _write_lines(tokens: list[tuple[str, str]], marked: set[int]) -> list[str]:
    """Return the lines of code as markup, each with all its tags."""
    lines = [""]
    for name, group in groupby(tokens, key=itemgetter(0)):
        first, *more = "".join(text for _, text in group).split("\n")
        lines[-1] += _write_token(name, first)
        lines += (_write_token(name, part) for part in more)
    written = [f"<mark>{line}</mark>" if number in marked else line for number, line in enumerate(lines, start=1)]
    return ["\n".join(written)]


def _write_token(name: str, text: str) -> str:
    shown = escape(text, quote=False)
    return f'<span class="{name}">{shown}</span>' if name and text.strip() else shown


@cache
def _class_of(token: tuple[str, ...]) -> str:
    path = ".".join(token)
    return next(
        (name for name, roots in CLASSES.items() for root in roots if f"{path}.".startswith(f"{root}.")),
        "",
    )


@cache
def find_lexer(language: str) -> Any:
    """Return the lexer of a language; None where there is none, or none is needed."""
    if language in PLAIN:
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def find_unknown_languages(text: str) -> Iterator[TextIssue]:
    """Yield the blocks of code whose language has no colours."""
    from .fences import list_fences  # It needs Python-Markdown.

    fences = list_fences(text.split("\n"))[0]
    return (TextIssue(fence.line, *_describe(fence.language)) for fence in fences if not is_known(fence.language))


def is_known(language: str) -> bool:
    """Return whether code in a language has colours, or needs none."""
    return language in PLAIN or find_lexer(language) is not None


def _describe(language: str) -> tuple[Message, Message]:
    from pygments.lexers import get_all_lexers

    message = Message('there are no colours for code in "%(language)s"', language=language)
    near = find_near(language, {alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases})
    if near:
        return message, Message('Did you mean "%(near)s"? Write "text" for code without colours.', near=near)
    return message, Message('Write "text" for code without colours.')
