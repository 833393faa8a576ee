"""Covers drawn from an item's subject and slug, for items without a picture."""

from collections.abc import Callable

from openknowledge.model.values import Subject

from .palette import QUIET_INKS, SUBJECT_INKS, Inks
from .patterns import HEIGHT, WIDTH, arcs, contours, folio, grids, staves, tilings, voices, waves
from .seeded_random import SeededRandom

__all__ = ["HEIGHT", "WIDTH", "draw_cover"]

Pattern = Callable[[SeededRandom, Inks], str]

SUBJECT_PATTERNS: dict[Subject, Pattern] = {
    Subject.MATHEMATICS: grids,
    Subject.PHYSICS: waves,
    Subject.COMPUTING: tilings,
    Subject.MANAGEMENT: contours,
    Subject.ARCHITECTURE: arcs,
    Subject.TEACHING: staves,
}


def draw_cover(subject: Subject | None, seed: str, kind: str) -> str:
    """Return a cover as SVG of at most 2 KB; it depends on subject, seed and kind only.

    The subject selects the hue and the family of pattern, `seed` (the item's slug) everything else. Videos have a
    quieter family of their own, in the hue of their subject if they have one.
    """
    chance = SeededRandom(f"{kind}/{seed}")
    inks = chance.choose(QUIET_INKS) if subject is None else SUBJECT_INKS[subject]
    if kind == "video":
        pattern: Pattern = voices
    else:
        pattern = folio if subject is None else SUBJECT_PATTERNS[subject]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="M0 0h640v400H0z" fill="{inks.paper}"/>{pattern(chance, inks)}</svg>'
    )
