"""A file's bytes compressed as HTTP knows it, the same bytes each time; docs/performance.md has what was measured."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

__all__ = [
    "ENDINGS",
    "LASTING",
    "QUICK",
    "SMALLEST_B",
    "Quality",
    "compressed",
    "expanded",
    "is_compressible",
    "quality_told",
]

ENDINGS = {"br": ".br", "gzip": ".gz"}
"""HTTP's names of the forms, in their order, and what a twin's name ends with."""
TEXTS = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml")
SMALLEST_B = 256
"""Smaller files travel in the packet of their headers anyway."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No name, no time, and no word on the machine that it was made on."""
RAW = -15
GZIP = 31


@dataclass(frozen=True, slots=True)
class Quality:
    """How much time compressing may take, by the levels of Brotli and gzip."""

    brotli: int
    gzip: int


LASTING = Quality(brotli=11, gzip=9)
"""For what seldom changes."""
QUICK = Quality(brotli=5, gzip=6)
"""For what a build may make by the thousand: the next better levels take longer and give next to nothing."""


def is_compressible(path: str) -> bool:
    """Whether a file holds text, by its name: pictures and fonts are compressed as they are."""
    return path.endswith(TEXTS)


def compressed(data: bytes, encoding: str, quality: Quality) -> bytes:
    """The bytes in the form that HTTP calls `encoding`."""
    if encoding == "br":
        import brotli

        found: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality.brotli)
        return found
    packer = zlib.compressobj(quality.gzip, zlib.DEFLATED, RAW)
    body = packer.compress(data) + packer.flush()
    return GZIP_HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def expanded(data: bytes, encoding: str) -> bytes | None:
    """What was compressed; None where the bytes are broken."""
    import brotli

    try:
        found: bytes = brotli.decompress(data) if encoding == "br" else zlib.decompress(data, GZIP)
    except (brotli.error, zlib.error):
        return None
    return found


def quality_told() -> str:
    """All that decides what comes out, beside the bytes."""
    import brotli

    levels = f"{LASTING.brotli}.{LASTING.gzip}-{QUICK.brotli}.{QUICK.gzip}-{SMALLEST_B}"
    return f"{levels}-{brotli.__version__}-{zlib.ZLIB_RUNTIME_VERSION}"
