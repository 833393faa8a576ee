"""A file's bytes compressed as HTTP knows it, the same bytes each time; docs/performance.md has what was measured."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

__all__ = [
    "BEST",
    "FAST",
    "MIN_SIZE_B",
    "TWIN_SUFFIXES",
    "CompressionLevels",
    "codec_fingerprint",
    "compress",
    "decompress",
    "is_compressible",
]

TWIN_SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""HTTP's names of the forms, in their order, and what a twin's name ends with."""
TEXT_SUFFIXES = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml")
MIN_SIZE_B = 256
"""Smaller files travel in the packet of their headers anyway."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No name, no time, and no word on the machine that it was made on."""
RAW = -15
GZIP = 31


@dataclass(frozen=True, slots=True)
class CompressionLevels:
    """How much time compressing may take, by the levels of Brotli and gzip."""

    brotli: int
    gzip: int


BEST = CompressionLevels(brotli=11, gzip=9)
"""For what seldom changes."""
FAST = CompressionLevels(brotli=5, gzip=6)
"""For what a build may make by the thousand: the next better levels take longer and give next to nothing."""


def is_compressible(path: str) -> bool:
    """Whether a file holds text, by its name: pictures and fonts are compressed as they are."""
    return path.endswith(TEXT_SUFFIXES)


def compress(data: bytes, encoding: str, levels: CompressionLevels) -> bytes:
    """The bytes in the form that HTTP calls `encoding`."""
    if encoding == "br":
        import brotli

        found: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=levels.brotli)
        return found
    packer = zlib.compressobj(levels.gzip, zlib.DEFLATED, RAW)
    body = packer.compress(data) + packer.flush()
    return GZIP_HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def decompress(data: bytes, encoding: str) -> bytes | None:
    """What was compressed; None where the bytes are broken."""
    import brotli

    try:
        found: bytes = brotli.decompress(data) if encoding == "br" else zlib.decompress(data, GZIP)
    except (brotli.error, zlib.error):
        return None
    return found


def codec_fingerprint() -> str:
    """All that decides what comes out, beside the bytes."""
    import brotli

    levels = f"{BEST.brotli}.{BEST.gzip}-{FAST.brotli}.{FAST.gzip}-{MIN_SIZE_B}"
    return f"{levels}-{brotli.__version__}-{zlib.ZLIB_RUNTIME_VERSION}"
