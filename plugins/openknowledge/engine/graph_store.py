"""The book between builds: one compact file, trusted only if it is whole and ours."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

from .adjacency import Rows
from .digest import DIGEST_LENGTH_B
from .memo_store import Kept
from .query_graph import Book
from .section_file import Bytes

__all__ = ["opened", "packed"]

PARTS = (
    *("keys", "facts", "digests", "lengths of deps", "deps", "lengths of dependents", "dependents"),
    *("numbers of kept", "ends of kept", "kept"),
)

ENCODING, ERRORS = "utf-8", "surrogatepass"
"""A path in a key may have bytes that are no text."""

GARBAGE_SHARE = 0.25
"""How much of a book may be of no use any more before it is written anew without it."""


def packed(book: Book, products: Iterable[str]) -> dict[str, Bytes]:
    """The book as parts for `opened`; `products` are the keys of all that was made."""
    lean = _lean(book, products)
    count = len(lean)
    known, joined = lean.joined
    values = (
        joined if known == count else "\n".join(lean.keys).encode(ENCODING, ERRORS),
        array("I", lean.facts).tobytes(),
        bytes(lean.digests),
        *lean.deps.packed(count),
        *lean.dependents.packed(count),
        *lean.kept.told(),
    )
    return dict(zip(PARTS, values, strict=True))


def opened(parts: Mapping[str, Bytes]) -> Book:
    """The book that `packed` made plain; raises `ValueError` or `KeyError` where that cannot be."""
    keys, facts, digests, dep_lengths, deps, user_lengths, users, *kept = (parts[name] for name in PARTS)
    book = Book()
    book.keys = str(keys, ENCODING, ERRORS).split("\n") if keys else []
    book.numbers = dict(zip(book.keys, range(len(book.keys)), strict=True))
    book.joined = len(book.keys), keys
    book.facts = list(array("I", bytes(facts)))
    book.digests = bytearray(digests)
    book.deps = Rows(dep_lengths, deps)
    book.dependents = Rows(user_lengths, users)
    book.kept = Kept(book.keys, book.numbers, *kept)
    if len(book.numbers) != len(book.keys) or len(digests) != len(book) * DIGEST_LENGTH_B:
        raise ValueError("the book does not add up")
    return book


def _lean(book: Book, products: Iterable[str]) -> Book:
    """The book itself, or one with only what the products depend on where much else has gathered."""
    unknown = sum(not book.is_known(number) for number in range(len(book))) if len(book.touched) > 100 else 0
    if unknown <= len(book) * GARBAGE_SHARE:
        return book
    lean = Book()
    facts = set(book.facts)
    waiting = [(book.numbers[key], False) for key in products if key in book.numbers]
    while waiting:
        number, is_ready = waiting.pop()
        key = book.keys[number]
        if key in lean.numbers and lean.is_known(lean.numbers[key]):
            continue
        deps = book.deps.row(number)
        if not is_ready:
            waiting.append((number, True))
            waiting.extend((dep, False) for dep in deps)
            continue
        made = lean.number(key)
        if number in facts:
            lean.facts.append(made)
        lean.settle(made, book.digest(number), tuple(lean.numbers[book.keys[dep]] for dep in deps))
        if key in book.kept:
            lean.kept[key] = book.kept[key]
    lean.end()
    return lean
