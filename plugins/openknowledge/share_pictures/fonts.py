"""The fonts of preview images: which one has a character, and a text as pieces that one font can set."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont


__all__ = ["FONTS", "LIGHT", "TITLE", "Face", "find_missing", "load_font", "settable", "split_runs"]

FONTS = Path(__file__).parent / "fonts"

TITLE, LIGHT = "serif-semibold", "serif-regular"
FALLBACKS = ("arabic", "hebrew", "cjk", "emoji")
"""The fonts that are tried for what the font of a line does not have, in this order."""
PROBE_SIZE_PX = 24
ALWAYS_THERE = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180))))
"""What the fonts for Latin have for sure."""
INVISIBLE = ("Cf", "Zs", "Zl", "Zp", "Cc")
Face = str
"""The name of a font's file without its suffix."""


@cache
def load_font(face: Face, size_px: int) -> "ImageFont.FreeTypeFont":
    """Return a font in a size. Shaping needs libraqm, which Pillow's wheels have."""
    from PIL import ImageFont

    return ImageFont.truetype(str(FONTS / f"{face}.woff2"), size_px, layout_engine=ImageFont.Layout.RAQM)


@cache
def has_glyph(face: Face, character: str) -> bool:
    """Return whether a font has a shape for a character, and not only the box that stands for all it does not have."""
    if character in ALWAYS_THERE and face.startswith("serif"):
        return True
    try:
        return _shape(face, character) != _shape(face, "\U0010fffd")
    except (RuntimeError, ValueError):
        # Some selectors of variants cannot be set without a letter.
        return False


def _shape(face: Face, character: str) -> tuple[bytes, tuple[int, int]]:
    mask = load_font(face, PROBE_SIZE_PX).getmask(character)
    return bytes(mask), mask.size


def is_invisible(character: str) -> bool:
    """Return whether a character needs no shape of its own: blanks, joiners, and what selects a variant."""
    return unicodedata.category(character) in INVISIBLE or "\ufe00" <= character <= "\ufe0f"


def settable(title: str) -> str:
    """Return a title without the characters that no font has."""
    missing = set(find_missing(title, TITLE))
    return " ".join("".join(one for one in unicodedata.normalize("NFC", title) if one not in missing).split())


def find_missing(text: str, face: Face) -> Iterator[str]:
    """Yield the characters of a text, each once, that no font has."""
    faces = (face, *FALLBACKS)
    for character in dict.fromkeys(unicodedata.normalize("NFC", text)):
        if not is_invisible(character) and not any(has_glyph(one, character) for one in faces):
            yield character


def split_runs(text: str, face: Face) -> Iterator[tuple[Face, str]]:
    """Yield the pieces of a line with the font of each; a font is kept as long as it has what comes."""
    run, current = "", face
    for character in text:
        if not is_invisible(character) and not has_glyph(current, character):
            found = next((one for one in (face, *FALLBACKS) if has_glyph(one, character)), current)
            if run and found != current:
                yield current, run
                run = ""
            current = found
        elif character == " " and current != face and not has_glyph(current, " "):
            yield current, run
            run, current = "", face
        run += character
    if run:
        yield current, run
