"""Covers set in type, for videos without a still: the first words, the length, and the mark of the playlist.

A mark is an ornament of nine tiles that the playlist's name determines, as its colour is; the playlist's own cover
shows it large, and a video in no playlist has a mark of its own. The rule under a mark is broken in a way of the
video's own, so that no two covers are alike. Each file has a small form below the whole one, which an address with
`SMALL_FORM` shows: the mark of the playlist or the first letter, and the length, large.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from html import escape

from openknowledge.language_tags import text_direction
from openknowledge.model.values import Subject

from .covers import QUIET_INKS, SUBJECT_INKS, Inks, SeededRandom, draw_tile

__all__ = ["FILM_HEIGHT", "SMALL_FORM", "draw_playlist_cover", "draw_video_cover"]

WIDTH, FILM_HEIGHT = 640, 360
MARGIN = 40
SMALL_FORM = "#small"
"""What the address of a cover ends with where the title stands beside it: the words are left out."""
SMALL_TOP, SMALL_WIDTH, SMALL_HEIGHT, SMALL_MARGIN, SMALL_BASE = 400, 320, 180, 28, 520
SMALL_SCALE = 1.4
"""How much larger a mark is in the small form, whose width is half of the whole one's."""
LARGEST_B = 2048
SIZES = (88, 72, 60, 52, 44)
"""Sizes of type, in the paper's units: the first at which the words fit, or else the last."""
LEADING = 1.1
RULE_TOP, WORDS_TOP, WORDS_HEIGHT = 116, 122, 218
MARK_TOP, MARK_CELL = 36, 20
TILES = 3
SERIF = 'font-family="ui-serif,Charter,Georgia,serif"'
SANS = 'font-family="ui-sans-serif,system-ui,sans-serif"'
NARROW = frozenset("fijlrtI1.,:;!|'’()[]-–· ")
NARROW_EM = 0.36
BROAD = frozenset("mwMW@%&—")
ELLIPSIS = "…"


def draw_video_cover(
    title: str, lang: str, duration_s: int | None, subject: Subject | None, seed: str, playlist: str | None
) -> str:
    """Return a cover as SVG of at most 2 KB; `seed` is the video's slug, `playlist` that of the first that has it."""
    inks = _choose_inks(subject, playlist or seed)
    is_rtl = _is_rtl(title, lang)
    chance = SeededRandom(f"rule/{seed}")
    dashes = " ".join(str(chance.between(2, 60)) for _ in range(8))
    rules = f"M{MARGIN} {RULE_TOP}h{WIDTH - 2 * MARGIN}M{SMALL_MARGIN} 546h{SMALL_WIDTH - 2 * SMALL_MARGIN}"
    rule = f'<path d="{rules}" stroke="{inks.ink}" stroke-width="3" stroke-dasharray="{dashes}"/>'
    small = f'<view id="{SMALL_FORM[1:]}" viewBox="0 {SMALL_TOP} {SMALL_WIDTH} {SMALL_HEIGHT}"/>'
    signs = small + rule
    if playlist:
        signs += _draw_marks(playlist, inks, is_rtl)
    else:
        signs += _draw_mark(seed, _mark_left(is_rtl), MARK_TOP, MARK_CELL, inks.ink) + _draw_initial(
            title, inks, is_rtl
        )
    if duration_s:
        signs += _draw_length(duration_s, 46, WIDTH, MARGIN, 88, inks, is_rtl)
        signs += _draw_length(
            duration_s, 44 if duration_s < 3600 else 36, SMALL_WIDTH, SMALL_MARGIN, SMALL_BASE, inks, is_rtl
        )
    pieces = [(piece, _measure(piece)) for piece in _pieces(title)]
    for size in SIZES:
        lines, is_whole = _set_lines(pieces, (WIDTH - 2 * MARGIN) / size, int(WORDS_HEIGHT / (size * LEADING)))
        if is_whole:
            break
    while True:
        cover = (
            _paper(inks, SMALL_TOP + SMALL_HEIGHT)
            + signs
            + _draw_words(lines, size, lang, inks, is_rtl=is_rtl)
            + "</svg>"
        )
        if len(cover.encode()) <= LARGEST_B:
            return cover
        lines = lines[:-1]


def draw_playlist_cover(subject: Subject | None, seed: str) -> str:
    """Return the cover of a playlist: its mark, large."""
    inks = _choose_inks(subject, seed)
    cell = 72
    left, top = (WIDTH - TILES * cell) // 2, (FILM_HEIGHT - TILES * cell) // 2
    return f"{_paper(inks, FILM_HEIGHT)}{_draw_mark(seed, left, top, cell, inks.ink)}</svg>"


def _choose_inks(subject: Subject | None, seed: str) -> Inks:
    if subject is not None:
        return SUBJECT_INKS[subject]
    return SeededRandom(f"inks/{seed}").choose((*QUIET_INKS, *SUBJECT_INKS.values()))


def _paper(inks: Inks, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{FILM_HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {FILM_HEIGHT}"><path d="M0 0h{WIDTH}v{height}H0z" fill="{inks.paper}"/>'
    )


def _draw_mark(playlist: str, left: int, top: int, cell: int, ink: str) -> str:
    """Draw nine tiles, the same on the left and on the right."""
    chance = SeededRandom(f"mark/{playlist}")
    edge = chance.choose(("l", f"a{cell} {cell} 0 0 1 "))
    mirrored = {0: 1, 1: 0, 2: 3, 3: 2}
    path = ""
    for row in range(TILES):
        turns = chance.below(5), chance.below(5)
        for column, turn in enumerate((turns[0], turns[1], mirrored.get(turns[0], 4))):
            if turn < 4:
                path += draw_tile(left + column * cell, top + row * cell, cell, turn, edge)
    return f'<path d="{path or f"M{left} {top}h{TILES * cell}v{TILES * cell}z"}" fill="{ink}"/>'


def _draw_marks(playlist: str, inks: Inks, is_rtl: bool) -> str:
    """Draw the mark of both forms."""
    side, left = TILES * MARK_CELL, _mark_left(is_rtl)
    small_left = SMALL_WIDTH - SMALL_MARGIN - side * SMALL_SCALE if is_rtl else SMALL_MARGIN
    shift = small_left - left * SMALL_SCALE, SMALL_BASE - (MARK_TOP + side) * SMALL_SCALE
    mark = _draw_mark(playlist, left, MARK_TOP, MARK_CELL, inks.ink)
    moved = f'<use href="#m" transform="translate({shift[0]:g} {shift[1]:g})scale({SMALL_SCALE})"/>'
    return f'<g id="m">{mark}</g>{moved}'


def _mark_left(is_rtl: bool) -> int:
    return WIDTH - MARGIN - TILES * MARK_CELL if is_rtl else MARGIN


def _draw_initial(title: str, inks: Inks, is_rtl: bool) -> str:
    """Draw the first letter of a title, which stands in the small form for the mark of a playlist."""
    letter = next((one for one in unicodedata.normalize("NFC", title) if one.isalnum()), "").upper()
    x, anchor = (SMALL_WIDTH - SMALL_MARGIN, "end") if is_rtl else (SMALL_MARGIN, "start")
    place = f'x="{x}" y="{SMALL_BASE}" text-anchor="{anchor}"'
    return f'<text {place} {SERIF} font-size="112" fill="{inks.ink}">{letter}</text>' if letter else ""


def _draw_length(duration_s: int, size: int, width: int, margin: int, base: int, inks: Inks, is_rtl: bool) -> str:
    x, anchor = (margin, "start") if is_rtl else (width - margin, "end")
    minutes, seconds = divmod(duration_s, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f'<text x="{x}" y="{base}" text-anchor="{anchor}" {SANS} font-size="{size}" fill="{inks.ink}">{text}</text>'


def _draw_words(lines: list[str], size: int, lang: str, inks: Inks, *, is_rtl: bool) -> str:
    x = WIDTH - MARGIN if is_rtl else MARGIN
    spans = "".join(
        f'<tspan x="{x}" y="{WORDS_TOP + round(size * (1 + number * LEADING))}">'
        f"{escape(line.rstrip(), quote=False)}</tspan>"
        for number, line in enumerate(lines)
    )
    language = f' lang="{escape(lang)}"' if lang and lang != "und" else ""
    direction = ' direction="rtl"' if is_rtl else ""
    return f'<text{language}{direction} {SERIF} font-size="{size}" fill="{inks.ink}">{spans}</text>'


def _is_rtl(title: str, lang: str) -> bool:
    """Return whether a title is read from the right: by its first letter, as browsers find it, else its language."""
    sides = (unicodedata.bidirectional(letter) for letter in title)
    first = next((side for side in sides if side in ("L", "R", "AL")), None)
    return text_direction(lang) == "rtl" if first is None else first != "L"


def _set_lines(pieces: list[tuple[str, float]], width_em: float, most: int) -> tuple[list[str], bool]:
    """Return the first words of a title in lines of a width, and whether they are all; else the last line says so."""
    lines, used = [""], 0.0
    for piece, width in pieces:
        blank = NARROW_EM if piece.endswith(" ") else 0.0
        if used + width - blank <= width_em:
            lines[-1] += piece
            used += width
        elif len(lines) == most or width - blank > width_em:
            return [*lines[:-1], _cut(lines[-1] + (piece if not used else ""), width_em)], False
        else:
            lines.append(piece)
            used = width
    return lines, True


def _pieces(title: str) -> Iterator[str]:
    """Yield what a line may end after: words with the blank behind them, and single characters of Chinese."""
    word = ""
    for character in " ".join(unicodedata.normalize("NFC", title).split()):
        if _is_invisible(character):
            continue
        word += character
        if character == " " or unicodedata.east_asian_width(character) in "WF":
            yield word
            word = ""
    if word:
        yield word


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")


def _cut(line: str, width_em: float) -> str:
    """Return as much of a line as fits before an ellipsis."""
    words = line.rstrip()
    while words and _measure(words) + 1 > width_em:
        words = words[:-1]
    return words.rstrip(" ,;:.-–—(") + ELLIPSIS


def _measure(text: str) -> float:
    """Return the width of a text in its size, rather too large: fonts differ."""
    return sum(map(_measure_character, text))


@cache
def _measure_character(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in NARROW:
        return NARROW_EM
    if character in BROAD:
        return 0.95
    return 0.74 if character.isupper() else 0.58
