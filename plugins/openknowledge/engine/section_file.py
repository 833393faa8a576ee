"""A file of named parts: those that are as they were are written again as they were read."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Mapping
from pathlib import Path

from .atomic_files import atomic_write

__all__ = ["Buffer", "read_sections", "write_sections"]

Buffer = bytes | memoryview

CHECKSUM_LENGTH_B = 4
LENGTH_B = 4
PLAIN = 2
"""A version of marshal's format that every Python reads."""


def read_sections(path: Path, header: bytes) -> dict[str, memoryview]:
    """The parts of a file by name; none where there is no such file, or one that is broken or has another header."""
    try:
        whole = memoryview(path.read_bytes())
    except OSError:
        return {}
    start = len(header) + CHECKSUM_LENGTH_B
    body = whole[start:]
    if (
        whole[: len(header)] != header
        or zlib.crc32(body).to_bytes(CHECKSUM_LENGTH_B, "big") != whole[len(header) : start]
    ):
        return {}
    try:
        return _parts(body)
    except (ValueError, EOFError, TypeError):
        return {}


def _parts(body: memoryview) -> dict[str, memoryview]:
    end = LENGTH_B + int.from_bytes(body[:LENGTH_B], "big")
    found = {}
    for name, length in marshal.loads(body[LENGTH_B:end]):
        found[name] = body[end : end + length]
        end += length
    if end != len(body):
        raise ValueError("the parts do not add up")
    return found


def write_sections(path: Path, header: bytes, parts: Mapping[str, Buffer]) -> None:
    """Write a file whole; the old one stands until it is there."""
    contents = marshal.dumps([(name, len(part)) for name, part in parts.items()], PLAIN)
    pieces = (len(contents).to_bytes(LENGTH_B, "big"), contents, *parts.values())
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    atomic_write(path, (header, checksum.to_bytes(CHECKSUM_LENGTH_B, "big"), *pieces))
