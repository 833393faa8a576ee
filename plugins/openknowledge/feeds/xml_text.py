"""Text for XML: characters that XML forbids are dropped, so that they never break a feed."""

from __future__ import annotations

import re
from urllib.parse import quote

__all__ = ["clean_line", "clean_text", "clean_uri", "escape_bytes"]

FOR_XML = "\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
ALL_FOR_XML = re.compile(f"[{FOR_XML}]*")
NOT_FOR_XML = re.compile(f"[^{FOR_XML}]")
URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


def clean_text(raw: str) -> str:
    """Return `raw` with line feeds as line ends, without control characters, lone surrogates and non-characters."""
    if ALL_FOR_XML.fullmatch(raw):
        return raw
    return NOT_FOR_XML.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(raw: str) -> str:
    """Return the cleaned text on one line, with single spaces."""
    return " ".join(clean_text(raw).split())


def escape_bytes(raw: str) -> bytes:
    """Return the cleaned, stripped and escaped text as bytes. Escaping bytes takes half the time of escaping text."""
    return clean_text(raw).strip().encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def clean_uri(raw: str) -> str:
    """Return an address as a URI: characters that a URI cannot hold are percent-encoded."""
    return quote(clean_text(raw).strip(), safe=URI_CHARACTERS)
