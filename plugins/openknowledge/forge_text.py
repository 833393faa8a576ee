"""Texts for the comments and requests of a forge: words of others in them are shown as they are, and do nothing."""

import html
import re
import unicodedata

__all__ = ["LONGEST", "escape_markdown", "is_visible"]

LONGEST = 60_000
"""GitHub takes comments and descriptions of 65,536 characters."""
MAX_LINE = 120
MARKUP = re.compile(r"([\\`*_{}\[\]#|~:$])")
MENTIONS = re.compile(r"([@#!$%&^~])(?=\w)")
"""What a forge takes for a person, an issue or a merge request, which it looks for after it has read the Markdown."""
ZERO_WIDTH_SPACE = "\u200b"
"""Invisible; a mention that it divides is none."""


def escape_markdown(text: str) -> str:
    """Return a text as one line without markup, HTML, mentions, or characters that change the writing's direction."""
    line = " ".join("".join(sign for sign in text if sign.isspace() or is_visible(sign)).split())
    if len(line) > MAX_LINE:
        line = line[: MAX_LINE - 1].rstrip() + "…"
    line = MARKUP.sub(r"\\\1", MENTIONS.sub(rf"\1{ZERO_WIDTH_SPACE}", line))
    return html.escape(line, quote=False)


def is_visible(character: str) -> bool:
    """Return whether a character neither controls nor formats: such ones hide text, or show it in another order."""
    return unicodedata.category(character)[0] != "C"
