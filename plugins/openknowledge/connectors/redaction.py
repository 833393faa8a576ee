"""Secrets are taken out of whatever is shown or stored, however a platform may echo them."""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["SHORTEST_SECRET", "Redactor"]

SHORTEST_SECRET = 8
"""What is shorter is no key, and would be found in ordinary words."""
REPLACEMENT = "[secret]"


class Redactor:
    """Knows the secrets of a sync, and puts `[secret]` in their place."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._marks: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn secrets, such as a token that a platform has just issued."""
        new = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET} - self._secrets
        if new:
            self._secrets |= new
            ordered = sorted(self._secrets, key=len, reverse=True)
            in_base64 = [form for secret in ordered for form in _encode_base64(secret)]
            self._marks = {*map(_find_mark, ordered), *in_base64}
            patterns = (*map(_find_escaped, ordered), *map(re.escape, in_base64))
            self._pattern = re.compile("|".join(patterns))

    def redact(self, text: str) -> str:
        """Return a text without the secrets, also where they are quoted as in URLs, HTML or JSON."""
        return self._pattern.sub(REPLACEMENT, text) if self._pattern else text

    def may_be_in(self, text: str) -> bool:
        """Return whether there may be a secret in a text. Hardly ever there is, and this is quicker than to look."""
        return any(mark in text for mark in self._marks)

    def redact_values(self, value: Any) -> Any:
        """Return parsed JSON without the secrets."""
        match value:
            case str():
                return self.redact(value)
            case list():
                return [self.redact_values(item) for item in value]
            case dict():
                return {self.redact(key): self.redact_values(item) for key, item in value.items()}
        return value


def _find_mark(secret: str) -> str:
    """Return the longest part of a secret that is the same however it is escaped."""
    return max(re.split("[^0-9A-Za-z]+", secret), key=len)


def _encode_base64(secret: str) -> Iterator[str]:
    """Yield how a secret looks in Basic credentials.

    It begins at any of three places in a group of letters, whose outer ones have bits of what is beside it.
    """
    for before in range(3):
        data = b" " * before + secret.encode()
        yield base64.b64encode(data).decode()[-(-8 * before // 6) : 8 * len(data) // 6]


def _find_escaped(secret: str) -> str:
    """Return the pattern of a secret as it is and escaped."""
    return "".join(map(_find_character, secret))


def _find_character(character: str) -> str:
    """Return the pattern of a character, also escaped as in URLs, HTML and JSON, and escaped again."""
    if character.isascii() and character.isalnum():
        return character
    code, names = ord(character), {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
    entity = rf"&(?:amp;)*(?:{names.get(character, 'amp')}|#0*{code}|#[xX]0*(?i:{code:x}));"
    return rf"(?:\\*{re.escape(character)}|%(?:25)*(?i:{code:02x})|{entity}|\\+u(?i:{code:04x}))"
