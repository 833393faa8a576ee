"""The inks of the covers: one hue a subject, all hues of equal lightness."""

from dataclasses import dataclass

from openknowledge.model.values import Subject


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
