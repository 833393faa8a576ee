"""Words of others in Markdown that a forge shows: they stay words, whatever they look like."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

__all__ = ["escape_markdown", "format_code", "format_link"]

LONGEST = 120
MARKS = re.compile(r"([\\`*_{}\[\]#|~:$])")
CALLS = re.compile(r"([@#!$%&^~])(?=\w)")
"""What a forge takes for a person, an issue, a merge request: it looks for them when the Markdown is read already."""
APART = "\u200b"
"""No width: it is not seen, and what it parts is no name any more."""
SAFE = "/~!$*+,;=@-._"


def escape_markdown(text: str) -> str:
    """Text of one line: no markup, no HTML, no mention, nothing that turns the writing around."""
    shown = "".join(" " if one.isspace() else one for one in text if one.isspace() or _is_shown(one))
    line = " ".join(shown.split())
    if len(line) > LONGEST:
        line = line[: LONGEST - 1].rstrip() + "…"
    line = CALLS.sub(rf"\1{APART}", line)
    line = MARKS.sub(r"\\\1", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def format_link(words: str, url: str) -> str:
    """A link; `words` are Markdown already, `url` is not quoted but for its scheme and host."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"[{words}]({scheme}{mark}{host}{slash}{quote(path, safe=SAFE)})"


def format_code(text: str) -> str:
    """An address or a file's name, as code."""
    shown = "".join(one for one in text if _is_shown(one) or one == " ")
    return f"`{shown.replace('`', '%60')}`"


def _is_shown(character: str) -> bool:
    """Not what controls or formats: such characters hide text, or show it in another order."""
    return unicodedata.category(character)[0] != "C"
