"""A file of named sections with a header and a checksum; a section that did not change is written as it was read."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Mapping
from pathlib import Path

from .atomic_files import atomic_write

__all__ = ["MARSHAL_VERSION", "Buffer", "read_sections", "write_sections"]

Buffer = bytes | memoryview

CHECKSUM_LENGTH_B = 4
LENGTH_B = 4
MARSHAL_VERSION = 2
"""A version of marshal's format that every Python reads, and whose bytes do not depend on object identity."""


def read_sections(path: Path, header: bytes) -> dict[str, memoryview]:
    """Return the sections of a file by name; none where the file is missing, broken or has another header."""
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return {}
    start = len(header) + CHECKSUM_LENGTH_B
    body = data[start:]
    checksum = zlib.crc32(body).to_bytes(CHECKSUM_LENGTH_B, "big")
    if data[: len(header)] != header or checksum != data[len(header) : start]:
        return {}
    try:
        return _split(body)
    except (ValueError, EOFError, TypeError):
        return {}


def _split(body: memoryview) -> dict[str, memoryview]:
    end = LENGTH_B + int.from_bytes(body[:LENGTH_B], "big")
    sections = {}
    for name, length in marshal.loads(body[LENGTH_B:end]):
        sections[name] = body[end : end + length]
        end += length
    if end != len(body):
        raise ValueError("the sections do not add up")
    return sections


def write_sections(path: Path, header: bytes, sections: Mapping[str, Buffer]) -> None:
    """Write a file atomically."""
    contents = marshal.dumps([(name, len(data)) for name, data in sections.items()], MARSHAL_VERSION)
    pieces = (len(contents).to_bytes(LENGTH_B, "big"), contents, *sections.values())
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    atomic_write(path, (header, checksum.to_bytes(CHECKSUM_LENGTH_B, "big"), *pieces))
