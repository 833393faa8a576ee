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
    """Return a frozen value as bytes that do not depend on which of its parts are the same object.

    Plain pickles refer to a repeated object the second time, so equal values differ by how they were made. Values are
    trees of dataclasses, tuples and plain values; the order of dictionaries counts.
    """
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, PROTOCOL)
    pickler.fast = True
    pickler.dump(value)
    return stream.getvalue()


def digest(value: Any) -> bytes:
    """Return the digest of a value's canonical bytes."""
    return digest_bytes(canonical_bytes(value))


def digest_bytes(data: bytes) -> bytes:
    """Return the digest of bytes."""
    return blake2b(data, digest_size=DIGEST_LENGTH_B).digest()
