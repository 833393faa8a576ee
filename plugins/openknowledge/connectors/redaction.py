"""Secrets are taken out of whatever is shown or stored, however a platform may echo them."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["SHORTEST_SECRET", "Redactor"]

SHORTEST_SECRET = 8
"""What is shorter is no key, and would be found in ordinary words."""
REPLACEMENT = "[secret]"


class Redactor:
    """Knows the secrets of a sync, and puts `[secret]` in their place."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn secrets, such as a token that a platform has just issued."""
        new = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET} - self._secrets
        if new:
            self._secrets |= new
            forms = {form for secret in self._secrets for form in _written_forms(secret)}
            self._pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))

    def redact(self, text: str) -> str:
        """Return a text without the secrets, also where they are quoted as in URLs, HTML or JSON."""
        return self._pattern.sub(REPLACEMENT, text) if self._pattern else text

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


def _written_forms(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret))
    yield from (json.dumps(text)[1:-1] for text in (secret, quote(secret)))
    # In Basic credentials it begins at any of three places in a group of letters, whose outer ones have others' bits.
    for before in range(3):
        data = b" " * before + secret.encode()
        yield base64.b64encode(data).decode()[-(-8 * before // 6) : 8 * len(data) // 6]
