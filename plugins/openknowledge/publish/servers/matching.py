"""Old addresses as regular expressions and targets as addresses, which mean the same to nginx and to Caddy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from urllib.parse import quote, unquote_plus

from openknowledge.redirects.table import Redirect

__all__ = ["GONE", "is_literal", "quote_url", "redirect_location", "source_regexes"]

GONE = "410"
"""What stands in a table in the place of a target for what is gone."""

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_~:@,=!+%&.")
"""Characters that mean themselves in both servers' words; all but the last four do so in regular expressions too."""
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
SAFE = "/:?#@!&'()*+,;=%~"
"""Characters of an address that stay: what was quoted is not quoted again."""
MOST_PAIRS = 3
"""Of a query with more pairs only the order in which it was published counts."""


def is_literal(text: str) -> bool:
    """Whether a path may stand in a table as it is, not even in need of quotes."""
    return all(sign in PLAIN for sign in text)


def redirect_location(forward: Redirect) -> str:
    """What an answer's Location says: ASCII without a space, a quote, a brace or a `$`; GONE where nothing is."""
    return GONE if forward.target is None else quote_url(forward.target)


def quote_url(address: str) -> str:
    """An address with nothing in it that needs quotes; what is quoted already stays as it is."""
    return quote(LONE_PERCENT.sub("%25", address), safe=SAFE)


def source_regexes(forward: Redirect) -> Iterator[str]:
    """Expressions of which one fits a request for the forward, as `path?query`, or as `path` where it has no query.

    A query counts wherever its pairs stand among others, and in any order.
    """
    path = _literal(forward.source)
    if not forward.query:
        yield f"^{path}$"
        return
    pairs = forward.query.split("&")
    for order in permutations(pairs) if len(pairs) <= MOST_PAIRS else [pairs]:
        yield rf"^{path}\?(?:.*&)?{'&(?:.*&)?'.join(map(_pair, order))}(?:&.*)?$"


def _pair(pair: str) -> str:
    """A pair of a query as browsers may write it: as it was published, or quoted."""
    words = unquote_plus(pair)
    name, equals, value = words.partition("=")
    quoted = quote(name, safe="") + equals + quote(value, safe="")
    forms = dict.fromkeys((pair, words, quoted, quoted.replace("%20", "+")))
    return f"(?:{'|'.join(map(_literal, forms))})" if len(forms) > 1 else _literal(pair)


def _literal(text: str) -> str:
    """A text as an expression without quotes, braces, spaces and `$`, so that it can stand in any quotes."""
    return "".join(_sign(sign) for sign in text)


def _sign(sign: str) -> str:
    if sign.isascii():
        return sign if sign in PLAIN and sign not in "+." else rf"\x{ord(sign):02x}"
    return sign
