"""Redirects as rows of a table: sources as regular expressions that mean the same to nginx and to Caddy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from urllib.parse import quote, unquote_plus

from openknowledge.redirects.table import Redirect

__all__ = ["GONE", "is_literal", "quote_url", "redirect_location", "source_regexes"]

GONE = "410"
"""What a table has in place of a target for an address that is gone."""

LITERAL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_~:@,=!+%&.")
"""Characters without a meaning of their own in both servers' tables; in regular expressions `+` and `.` have one."""
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
SAFE = "/:?#@!&'()*+,;=%~"
"""Characters of an address that are not quoted; `%` is among them, so a quoted address is not quoted again."""
MAX_PERMUTED_PAIRS = 3
"""A query with more pairs is matched in the order in which it was published alone."""


def is_literal(text: str) -> bool:
    """Return whether a path may be written in a table without quotes or escapes."""
    return LITERAL.issuperset(text)


def redirect_location(redirect: Redirect) -> str:
    """Return the `Location` of a redirect, in ASCII without a space, a quote, a brace or a `$`; GONE without target."""
    return GONE if redirect.target is None else quote_url(redirect.target)


def quote_url(address: str) -> str:
    """Quote an address, leaving what is quoted already."""
    return quote(LONE_PERCENT.sub("%25", address), safe=SAFE)


def source_regexes(redirect: Redirect) -> Iterator[str]:
    """Yield expressions of which one matches a request for the redirect, as `path?query`, or as `path` without query.

    A query matches wherever its pairs are among others, and in any order.
    """
    path = _escape(redirect.source)
    if not redirect.query:
        yield f"^{path}$"
        return
    pairs = redirect.query.split("&")
    for order in permutations(pairs) if len(pairs) <= MAX_PERMUTED_PAIRS else [pairs]:
        yield rf"^{path}\?(?:.*&)?{'&(?:.*&)?'.join(map(_pair_regex, order))}(?:&.*)?$"


def _pair_regex(pair: str) -> str:
    """Return an expression for a pair of a query, as it was published or quoted as browsers do."""
    plain = unquote_plus(pair)
    name, equals, value = plain.partition("=")
    quoted = quote(name, safe="") + equals + quote(value, safe="")
    forms = dict.fromkeys((pair, plain, quoted, quoted.replace("%20", "+")))
    return f"(?:{'|'.join(map(_escape, forms))})" if len(forms) > 1 else _escape(pair)


def _escape(text: str) -> str:
    """Return an expression for a text without quotes, braces, spaces and `$`, so that any quotes can hold it."""
    return "".join(
        rf"\x{ord(sign):02x}" if sign.isascii() and (sign not in LITERAL or sign in "+.") else sign for sign in text
    )
