"""The book between builds: one compact file, trusted only if it is whole and ours."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

from .adjacency import AdjacencyLists
from .digest import DIGEST_LENGTH_B
from .memo_store import MemoStore
from .query_graph import QueryGraph
from .section_file import Buffer

__all__ = ["dump_graph", "load_graph"]

PARTS = (
    *("keys", "facts", "digests", "lengths of deps", "deps", "lengths of dependents", "dependents"),
    *("numbers of kept", "ends of kept", "kept"),
)

ENCODING, ERRORS = "utf-8", "surrogatepass"
"""A path in a key may have bytes that are no text."""

GARBAGE_SHARE = 0.25
"""How much of a book may be of no use any more before it is written anew without it."""


def dump_graph(graph: QueryGraph, artifacts: Iterable[str]) -> dict[str, Buffer]:
    """The book as parts for `opened`; `products` are the keys of all that was made."""
    lean = _collect_garbage(graph, artifacts)
    count = len(lean)
    known, joined = lean.packed_keys
    values = (
        joined if known == count else "\n".join(lean.keys).encode(ENCODING, ERRORS),
        array("I", lean.inputs).tobytes(),
        bytes(lean.digests),
        *lean.deps.dump(count),
        *lean.dependents.dump(count),
        *lean.memos.dump(),
    )
    return dict(zip(PARTS, values, strict=True))


def load_graph(sections: Mapping[str, Buffer]) -> QueryGraph:
    """The book that `packed` made plain; raises `ValueError` or `KeyError` where that cannot be."""
    keys, facts, digests, dep_lengths, deps, user_lengths, users, *kept = (sections[name] for name in PARTS)
    book = QueryGraph()
    book.keys = str(keys, ENCODING, ERRORS).split("\n") if keys else []
    book.numbers = dict(zip(book.keys, range(len(book.keys)), strict=True))
    book.packed_keys = len(book.keys), keys
    book.inputs = list(array("I", bytes(facts)))
    book.digests = bytearray(digests)
    book.deps = AdjacencyLists(dep_lengths, deps)
    book.dependents = AdjacencyLists(user_lengths, users)
    book.memos = MemoStore(book.keys, book.numbers, *kept)
    if len(book.numbers) != len(book.keys) or len(digests) != len(book) * DIGEST_LENGTH_B:
        raise ValueError("the book does not add up")
    return book


def _collect_garbage(book: QueryGraph, products: Iterable[str]) -> QueryGraph:
    """The book itself, or one with only what the products depend on where much else has gathered."""
    unknown = sum(not book.is_known(number) for number in range(len(book))) if len(book.modified) > 100 else 0
    if unknown <= len(book) * GARBAGE_SHARE:
        return book
    lean = QueryGraph()
    facts = set(book.inputs)
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
        made = lean.intern(key)
        if number in facts:
            lean.inputs.append(made)
        lean.record(made, book.digest(number), tuple(lean.numbers[book.keys[dep]] for dep in deps))
        if key in book.memos:
            lean.memos[key] = book.memos[key]
    lean.finish_build()
    return lean
