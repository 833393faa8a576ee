"""Preview images: what an item is called, set in type beside the pattern of its subject."""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import resvg_py
from PIL import Image, ImageDraw, features

from openknowledge.catalogue import covers
from openknowledge.language_tags import text_direction
from openknowledge.model.values import Lang, Subject

from .cards import HEIGHT, WIDTH, ShareCard
from .fonts import LIGHT, TITLE, Face, load_font, split_runs

__all__ = ["draw"]

PAPER, INK, SOFT, RULE, STRONG = "#fbf9f4", "#211912", "#544b43", "#d5d0c7", "#113375"
"""The theme's colours of light pages (`theme/static/css/tokens.css`)."""
BAND, MARGIN, GAP = 280, 72, 56
COLUMN = WIDTH - BAND - MARGIN - GAP
KICKER_BASE, RULE_TOP, NAME_BASE = 118, 524, 576
TITLE_TOP, TITLE_ROOM = 152, 348
SIZES = (92, 80, 70, 61, 53, 46, 40)
"""The sizes of a title in pixels; the first one in which it fits is taken."""
SMALL = 31
LEADING = 1.14
PROBE_PX = 100
"""The size in which words are measured; in others they are as much wider or narrower."""
VARIANTS = 8
"""How many patterns a subject and kind have: to draw one takes longer than all the rest of a picture."""
MAX_SIZE_B = 80_000
QUALITIES = (80, 60, 40)
"""Qualities of JPEG; the first one is taken in which a picture is small enough."""
UNSPACED = "\\u2e80-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\uff00-\\uffef"
WORDS = re.compile(f"[ ]+|[{UNSPACED}]|[^ {UNSPACED}]+")
"""What is not parted: blanks, a sign of a script that is written without them, a word of others."""
NOT_FIRST = frozenset("、。，．・：；？！)]}」』】〉》”’ー々ゝっゃゅょッャュョ〜～")
"""Signs that do not begin a line."""


def draw(card: ShareCard) -> bytes:
    """Return the picture of a card as JPEG."""
    if not features.check("raqm"):
        raise RuntimeError("Pillow cannot shape text here: install its wheel, or build it with libraqm")
    is_rtl = text_direction(card.lang) == "rtl"
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    variant = crc32(card.title.encode()) % VARIANTS
    picture.paste(_band(card.subject, card.kind, variant), (0 if is_rtl else WIDTH - BAND, 0))
    pen = Pen(ImageDraw.Draw(picture), card.lang, is_rtl, BAND + GAP if is_rtl else MARGIN)
    pen.write_line(card.kicker, KICKER_BASE, LIGHT, SMALL, SOFT)
    size, lines = fit(card.title, COLUMN, TITLE_ROOM)
    top = TITLE_TOP + round(size * 0.86)
    for number, line in enumerate(lines):
        pen.write_line(line, top + round(number * size * LEADING), TITLE, size, INK)
    pen.draw.line((pen.left, RULE_TOP, pen.left + COLUMN, RULE_TOP), fill=RULE, width=2)
    pen.write_line(card.site_name, NAME_BASE, TITLE, SMALL, STRONG)
    return _encode(picture)


def _encode(picture: Image.Image) -> bytes:
    data = b""
    for quality in QUALITIES:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality, optimize=True)
        data = stream.getvalue()
        if len(data) <= MAX_SIZE_B:
            break
    return data


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes lines into a column that begins at `left`, from its right edge where the language does so."""

    draw: ImageDraw.ImageDraw
    lang: Lang
    is_rtl: bool
    left: int

    def write_line(self, text: str, base: int, face: Face, size: int, ink: str) -> None:
        """Write a line on its base line, shortened where it is too long."""
        line = shorten(clean(text), COLUMN, face, size)
        x = float(self.left + COLUMN if self.is_rtl else self.left)
        direction, language = "rtl" if self.is_rtl else "ltr", self.lang or None
        for run_face, run in split_runs(line, face):
            font = load_font(run_face, size)
            width = font.getlength(run)
            x -= width if self.is_rtl else 0
            self.draw.text((x, base), run, ink, font, "ls", direction=direction, language=language)
            x += 0 if self.is_rtl else width


def clean(text: str) -> str:
    """Return a text with composed letters and simple blanks; without marks where what shapes it refuses them."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    try:
        measure(composed, TITLE, PROBE_PX)
    except (RuntimeError, ValueError):
        return "".join(sign for sign in composed if unicodedata.category(sign)[0] not in "CM")
    return composed


def measure(text: str, face: Face, size: int) -> float:
    """Return the width of a line in pixels."""
    return sum(load_font(run_face, size).getlength(run) for run_face, run in split_runs(text, face))


def fit(title: str, width: int, height: int) -> tuple[int, list[str]]:
    """Return the largest size in which a title fits, and its lines; of one that never does, the lines that do."""
    words = [*_join_closers(WORDS.findall(clean(title)))]
    measured = [measure(word, TITLE, PROBE_PX) for word in words]
    for size in SIZES:
        if size == SIZES[-1]:
            words = [
                part for word, wide in zip(words, measured, strict=True) for part in _cut(word, wide * size, width)
            ]
            measured = [measure(word, TITLE, PROBE_PX) for word in words]
        widths = [wide * size / PROBE_PX for wide in measured]
        lines = break_lines(words, widths, width)
        most = int(height / (size * LEADING))
        if max(widths, default=0) <= width and len(lines) <= most:
            return size, balance(words, widths, width, len(lines))
    # The last line takes all that is left, and is shortened when it is written.
    return size, [*lines[: most - 1], " ".join(lines[most - 1 :])]


def _cut(word: str, wide: float, width: int) -> Iterator[str]:
    """Yield a word in parts that fit into a line, where it is longer than one."""
    count = 1 + int(wide / PROBE_PX / width * 1.2) if wide / PROBE_PX > width else 1
    length = -(-len(word) // count)
    yield from (word[start : start + length] for start in range(0, len(word), length))


def _join_closers(words: list[str]) -> Iterator[str]:
    """Yield the words; what may not begin a line stays with the word before it."""
    before = ""
    for word in words:
        if before and word[0] not in NOT_FIRST:
            yield before
            before = ""
        before += word
    if before:
        yield before


def break_lines(words: list[str], widths: list[float], width: float) -> list[str]:
    """Return the words in lines of a width; blanks at their ends are dropped."""
    lines, line, used = [], "", 0.0
    for word, word_width in zip(words, widths, strict=True):
        if line.strip() and word.strip() and used + word_width > width:
            lines.append(line.strip())
            line, used = "", 0.0
        line, used = line + word, used + word_width
    return [*lines, line.strip()] if line.strip() else lines


def balance(words: list[str], widths: list[float], width: float, count: int) -> list[str]:
    """Return the words in as many lines as they need, and in lines as equal as that lets them be."""
    low, high = max(widths, default=0.0), float(width)
    while high - low > 4:
        middle = (low + high) / 2
        low, high = (low, middle) if len(break_lines(words, widths, middle)) <= count else (middle, high)
    return break_lines(words, widths, high)


def shorten(line: str, width: int, face: Face, size: int) -> str:
    """Return a line that is as wide as it may be, its end left out where it is too long."""
    if measure(line, face, size) <= width:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(f"{line[:middle]}…", face, size) <= width else (low, middle - 1)
    return f"{line[:low].rstrip()}…"


@cache
def _band(subject: Subject | None, kind: str, variant: int) -> Image.Image:
    """Return a pattern of a subject, drawn once in a process."""
    drawing = covers.draw_cover(subject, f"{'' if subject else kind}/{variant}", "")
    # Only the part that is seen is drawn.
    width = BAND * covers.HEIGHT / HEIGHT
    whole = f'width="{covers.WIDTH}" height="{covers.HEIGHT}" viewBox="0 0 {covers.WIDTH} {covers.HEIGHT}"'
    part = f'width="{BAND}" height="{HEIGHT}" viewBox="{(covers.WIDTH - width) / 2:g} 0 {width:g} {covers.HEIGHT}"'
    data = resvg_py.svg_to_bytes(svg_string=drawing.replace(whole, part), skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data))).convert("RGB").resize((BAND, HEIGHT))
