"""Covers drawn from an item's subject and slug, for items without a picture.

Each family of pattern draws on paper of 640 by 400 and returns SVG elements.
"""

import cmath
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import shake_256
from typing import TypeVar

from openknowledge.model.values import Subject

__all__ = ["HEIGHT", "QUIET_INKS", "SUBJECT_INKS", "WIDTH", "Inks", "SeededRandom", "draw_cover", "draw_tile"]

WIDTH, HEIGHT = 640, 400
DIGEST_BYTES = 96

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Inks:
    """Four tones of one hue: the paper, a lighter and a darker tint of it, and the ink.

    In OKLCH the lightness of the four is 0.77, 0.845, 0.69 and 0.35 for every subject.
    """

    paper: str
    light: str
    dark: str
    ink: str


SUBJECT_INKS = {
    Subject.MATHEMATICS: Inks("#9fb7d3", "#bbcee5", "#829ebf", "#243c56"),
    Subject.PHYSICS: Inks("#beaccc", "#d4c6df", "#a692b7", "#433250"),
    Subject.COMPUTING: Inks("#91bebe", "#b0d4d4", "#70a7a6", "#0a4343"),
    Subject.MANAGEMENT: Inks("#bdb592", "#d3cdb1", "#a59c73", "#433a16"),
    Subject.ARCHITECTURE: Inks("#d0ab9d", "#e3c5b9", "#bb907f", "#533023"),
    Subject.TEACHING: Inks("#a3bca0", "#bfd3bc", "#87a584", "#294227"),
}

QUIET_INKS = (
    Inks("#b8b4aa", "#cfccc4", "#a09b8f", "#3f3a2f"),
    Inks("#bdb1af", "#d3cac8", "#a69795", "#443734"),
    Inks("#b0b7ae", "#c8cec7", "#969e94", "#353d33"),
    Inks("#abb7b8", "#c4cecf", "#8f9fa0", "#2e3e3f"),
    Inks("#aeb5bd", "#c7cdd3", "#949ca7", "#343b45"),
    Inks("#b7b2bb", "#cecad2", "#9f98a4", "#3e3842"),
)
"""The same four lightnesses with hardly any hue, for items without a subject."""


class SeededRandom:
    """A sequence of choices that `seed` determines: each call takes the next ones."""

    def __init__(self, seed: str) -> None:
        self._left = int.from_bytes(shake_256(seed.encode()).digest(DIGEST_BYTES))

    def below(self, end: int) -> int:
        """Return a whole number from 0 to `end` - 1."""
        self._left, number = divmod(self._left, end)
        return number

    def between(self, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def choose(self, choices: Sequence[Choice]) -> Choice:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


def draw_cover(subject: Subject | None, seed: str, kind: str) -> str:
    """Return a cover as SVG of at most 2 KB; it depends on subject, seed and kind only.

    The subject selects the hue and the family of pattern, `seed` (the item's slug) everything else.
    """
    chance = SeededRandom(f"{kind}/{seed}")
    inks = chance.choose(QUIET_INKS) if subject is None else SUBJECT_INKS[subject]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="M0 0h640v400H0z" fill="{inks.paper}"/>{PATTERNS[subject](chance, inks)}</svg>'
    )


def grids(chance: SeededRandom, inks: Inks) -> str:
    """Draw a square grid and its image under a linear map, with the image of one cell filled."""
    angle = math.radians(chance.between(8, 82))
    opening = math.radians(chance.between(58, 122))
    across = cmath.rect(chance.between(52, 84), angle)
    down = cmath.rect(chance.between(52, 84), angle + opening)
    x, y = chance.between(180, 460), chance.between(130, 270)
    step = chance.choose((40, 32, 80))
    square = _columns(range(step, WIDTH, step)) + _rows(range(step, HEIGHT, step))
    mapped = _parallels(x, y, across, down) + _parallels(x, y, down, across)
    cells = chance.between(1, 3)
    cell = f"M{x} {y}l{_pair(across, cells)} {_pair(down)} {_pair(across, -cells)}z"
    return (
        _line(square, inks.light, 1)
        + _area(cell, inks.dark)
        + _line(mapped, inks.ink, 1)
        + _line(f"M{x} {y}l{_pair(across, cells)}M{x} {y}l{_pair(down)}", inks.ink, 3)
    )


def waves(chance: SeededRandom, inks: Inks) -> str:
    """Draw waves under one another, each a little further along, swelling and fading."""
    rows = chance.between(15, 19)
    half = chance.between(56, 108)
    drift = chance.between(-18, 18)
    height = chance.between(28, 56)
    swell = chance.between(10, 30) / 10
    start = chance.below(100)
    gap = HEIGHT / (rows - 3)
    paths = []
    for row in range(rows):
        envelope = math.cos(swell * math.pi * row / rows + start) ** 2
        lift = round(height * (0.12 + envelope))
        left = (row * drift) % (2 * half) - 2 * half
        steps = f"{half} 0 " * ((WIDTH - left) // half)
        paths.append(f"M{left} {round(gap * (row - 1))}q{half // 2}-{lift} {half} 0t{steps.strip()}")
    marked = paths.pop(chance.between(rows // 3, 2 * rows // 3))
    return _line("".join(paths), inks.ink, 1) + _line(marked, inks.ink, 4)


def tilings(chance: SeededRandom, inks: Inks) -> str:
    """Draw tiles of one shape, turned four ways, mirrored in the middle of the sheet."""
    side = chance.choose((80, 64))
    rows = -(-HEIGHT // side)
    top = (HEIGHT - rows * side) // 2
    hypotenuse = chance.choose(("l", f"a{side} {side} 0 0 1 "))
    areas = marked = ""
    for x in range(0, WIDTH // 2, side):
        for row in range(rows):
            tile = draw_tile(x, top + row * side, side, chance.below(4), hypotenuse)
            if chance.below(9):
                areas += tile
            else:
                marked += tile
    rules = _columns(range(side, WIDTH, side)) + _rows(range(top + side, HEIGHT, side))
    half = _area(areas, inks.light) + _area(marked, inks.dark)
    mirrored = f'<g id="half">{half}</g><use href="#half" transform="matrix(-1 0 0 1 640 0)"/>'
    return mirrored + _line(rules, inks.ink, 1)


def contours(chance: SeededRandom, inks: Inks) -> str:
    """Draw the lines of equal height round a hill, every fourth one stronger."""
    x, y = chance.between(120, 520), chance.between(90, 310)
    waves_round = [(order, chance.between(6, 22) / 100, chance.below(360)) for order in (1, 2, 3)]
    stretch = chance.between(110, 170) / 100
    gap = chance.between(33, 41)
    rings = [_ring(x, y, level * gap - 12, waves_round, stretch, level / 11) for level in range(1, 12)]
    thin = "".join(ring for index, ring in enumerate(rings) if index % 4)
    return _area(rings[0], inks.dark) + _line(thin, inks.ink, 1) + _line("".join(rings[::4]), inks.ink, 2)


def arcs(chance: SeededRandom, inks: Inks) -> str:
    """Draw an arcade of nested arches with one lit door; sometimes a second arcade rests on it, out of step."""
    bays = chance.between(2, 5)
    storeys = chance.choose((1, 2)) if bays > 2 else 1
    half = WIDTH / bays / 2
    gap = chance.between(9, 12) if bays > 3 else chance.between(12, 24)
    rings = min(int(half / gap) - 1, 20 // bays // storeys)
    spring = chance.between(max(290, round(half) + 180), 330) if storeys == 2 else chance.between(180, 320)
    slide = chance.below(round(2 * half))
    lit = chance.between(1, bays)
    walls: list[str] = []
    doors: list[str] = []
    for storey in range(storeys):
        floor = HEIGHT if storey == 0 else round(spring - half - gap)
        foot = spring if storey == 0 else floor - 60
        walls.append(f"M0 {floor}H640")
        for bay in range(-1, bays + 1):
            middle = (2 * bay + storey) * half + slide
            walls += [_arch(middle, half - ring * gap, foot, floor) for ring in range(rings)]
            doors.append(_arch(middle, half - rings * gap, foot, floor))
    light = doors.pop(lit)
    return _area("".join(doors), inks.dark) + _area(light, inks.light) + _line("".join(walls), inks.ink, 1)


def staves(chance: SeededRandom, inks: Inks) -> str:
    """Draw staves of five lines with a melody of long and short marks."""
    count = chance.between(2, 4)
    gap = chance.between(11, 15)
    step = chance.between(20, 30)
    rules, marks = "", ""
    for stave in range(count):
        top = round(HEIGHT * (stave + 0.5) / count) - 2 * gap
        rules += _rows(top + number * gap for number in range(5))
        height, x = chance.below(9), chance.between(20, 120)
        while x < WIDTH - 20:
            height = min(8, max(0, height + chance.between(-2, 2)))
            length = chance.choose((0, 0, 1, 2)) * step
            marks += f"M{x} {top + height * gap // 2}h{length}"
            x += length + step * chance.choose((1, 1, 2))
    strokes = f'<path d="{marks}" stroke="{inks.ink}" stroke-width="7" stroke-linecap="round"/>'
    return _line(rules, inks.ink, 1) + strokes


def folio(chance: SeededRandom, inks: Inks) -> str:
    """Draw a disc on ruled paper, ruled the other way."""
    x, y = chance.between(200, 440), chance.between(150, 250)
    radius = chance.between(90, 140)
    gap = chance.between(8, 14)
    angle = math.radians(chance.between(0, 179))
    rules = _rows(range(chance.between(6, 24), HEIGHT, 2 * gap))
    chords = []
    for offset in range(-radius + gap, radius, gap):
        half = math.sqrt(radius**2 - offset**2)
        start = complex(x - offset * math.sin(angle), y + offset * math.cos(angle)) - cmath.rect(half, angle)
        chords.append(f"M{round(start.real)} {round(start.imag)}l{_pair(cmath.rect(half, angle), 2)}")
    disc = f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{inks.light}" stroke="{inks.ink}"/>'
    return _line(rules, inks.dark, 1) + disc + _line("".join(chords), inks.ink, 1)


def _columns(positions: Iterable[int]) -> str:
    return "".join(f"M{position} 0V400" for position in positions)


def _rows(positions: Iterable[int]) -> str:
    return "".join(f"M0 {position}H640" for position in positions)


def _pair(vector: complex, times: float = 1) -> str:
    return f"{round(vector.real * times)} {round(vector.imag * times)}".replace(" -", "-")


def _parallels(x: int, y: int, along: complex, distance: complex) -> str:
    """Return lines in the direction `along`, at equal distances, as far as they meet the sheet."""
    length, center = abs(along), complex(WIDTH / 2, HEIGHT / 2)
    paths = []
    for index in range(-12, 13):
        offset = complex(x, y) + index * distance - center
        if abs(offset.real * along.imag - offset.imag * along.real) / length > 370:
            continue
        foot = (offset.real * along.real + offset.imag * along.imag) / length**2
        start = center + offset - foot * along - along / length * 400
        paths.append(f"M{round(start.real)} {round(start.imag)}l{_pair(along / length * 400, 2)}")
    return "".join(paths)


def draw_tile(x: int, y: int, side: int, turn: int, hypotenuse: str) -> str:
    """Return half a square (or a quarter of a disc) with its right angle in one of the four corners."""
    corner = (0, 1, 1 + 1j, 1j)[turn]
    out, back = 1j**turn, 1j ** (turn + 1)
    start = complex(x, y) + side * corner
    return f"M{start.real:g} {start.imag:g}l{_pair(out, side)}{hypotenuse}{_pair(back - out, side)}z"


def _ring(x: int, y: int, radius: float, waves_round: list[tuple[int, float, int]], stretch: float, fade: float) -> str:
    """Return a closed smooth line round (x, y): a quadratic spline with nine points."""
    points = []
    for index in range(9):
        angle = 2 * math.pi * index / 9
        swell = sum(size * math.cos(order * angle + math.radians(turn)) for order, size, turn in waves_round)
        length = radius * (1 + swell * (1.3 - fade))
        points.append(complex(x + length * stretch * math.cos(angle), y + length * math.sin(angle)))
    halves = ((before + point) / 2 for before, point in zip([points[-1], *points], points, strict=False))
    middles = [complex(round(half.real), round(half.imag)) for half in halves]
    path = f"M{middles[0].real:g} {middles[0].imag:g}"
    for point, start, end in zip(points, middles, [*middles[1:], middles[0]], strict=True):
        path += f"q{_pair(point - start)} {_pair(end - start)}".replace(" -", "-")
    return path + "z"


def _arch(middle: float, radius: float, spring: int, floor: int) -> str:
    left, wide = round(middle - radius), round(2 * radius)
    return f"M{left} {floor}V{spring}a{wide / 2:g} {wide / 2:g} 0 0 1 {wide} 0V{floor}"


def _line(path: str, ink: str, width: float) -> str:
    return f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="{width:g}"/>'


def _area(path: str, ink: str) -> str:
    return f'<path d="{path}" fill="{ink}"/>'


PATTERNS: dict[Subject | None, Callable[[SeededRandom, Inks], str]] = {
    Subject.MATHEMATICS: grids,
    Subject.PHYSICS: waves,
    Subject.COMPUTING: tilings,
    Subject.MANAGEMENT: contours,
    Subject.ARCHITECTURE: arcs,
    Subject.TEACHING: staves,
    None: folio,
}
"""The families by subject."""
