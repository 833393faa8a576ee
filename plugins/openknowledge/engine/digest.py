"""Values as bytes and digests: equal values have equal ones, in every process and on every day."""

from __future__ import annotations

import io
import pickle
from hashlib import blake2b
from typing import Any

__all__ = ["DIGEST_LENGTH_B", "canonical_bytes", "digest", "digest_bytes"]

DIGEST_LENGTH_B = 16
PROTOCOL = 5


def canonical_bytes(value: Any) -> bytes:
    """A frozen value as bytes, without regard to which of its parts are the same object.

    Plain pickles name a repeated object the second time it comes, so equal values differ by how they
    were made. Values are trees of dataclasses, tuples and plain values; dictionaries count in their order.
    """
    held = io.BytesIO()
    pickler = pickle.Pickler(held, PROTOCOL)
    pickler.fast = True
    pickler.dump(value)
    return held.getvalue()


def digest(value: Any) -> bytes:
    """The digest of a value, by its canonical form."""
    return digest_bytes(canonical_bytes(value))


def digest_bytes(data: bytes) -> bytes:
    return blake2b(data, digest_size=DIGEST_LENGTH_B).digest()
