"""Covers are small, quiet, always the same for an item and never the same for two."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from openknowledge.catalogue.covers import QUIET_INKS, SUBJECT_INKS, Inks, draw_cover
from openknowledge.model.values import Subject

SUBJECTS = (*Subject, None)
FAMILIES = [(subject, "course") for subject in SUBJECTS]
LARGEST = 2048


@pytest.mark.parametrize(("subject", "kind"), FAMILIES)
def test_a_thousand_covers_of_a_family_are_small_and_all_different(subject: Subject | None, kind: str) -> None:
    covers = [draw_cover(subject, f"corso-{number}", kind) for number in range(1000)]

    assert len(set(covers)) == len(covers)
    assert max(len(cover.encode()) for cover in covers) <= LARGEST


@given(subject=some.sampled_from(SUBJECTS), seed=some.text(max_size=60), kind=some.text(max_size=10))
def test_any_seed_gives_a_well_formed_drawing_of_16_by_10_without_code(
    subject: Subject | None, seed: str, kind: str
) -> None:
    cover = draw_cover(subject, seed, kind)
    drawing = etree.fromstring(cover.encode())

    assert len(cover) <= LARGEST
    assert drawing.get("viewBox") == "0 0 640 400"
    assert {etree.QName(element).localname for element in drawing.iter()} <= {"svg", "g", "path", "circle", "use"}
    for element in drawing.iter():
        assert element.get("style") is None
        assert element.get("href", "#").startswith("#")


def test_the_same_words_give_the_same_cover_in_another_process() -> None:
    program = (
        "from openknowledge.catalogue.covers import draw_cover\n"
        "from openknowledge.model.values import Subject\n"
        "print(draw_cover(Subject.PHYSICS, 'moto-armonico', 'course'), end='')"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )

    assert elsewhere.stdout == draw_cover(Subject.PHYSICS, "moto-armonico", "course")


@pytest.mark.parametrize("subject", list(Subject))
def test_each_subject_has_a_family_of_its_own(subject: Subject) -> None:
    others = [draw_cover(other, "x", "course") for other in SUBJECTS if other is not subject]

    mine = draw_cover(subject, "x", "course")

    assert SUBJECT_INKS[subject].paper in mine
    assert all(SUBJECT_INKS[subject].paper not in other for other in others)


@pytest.mark.parametrize("inks", [*SUBJECT_INKS.values(), *QUIET_INKS])
def test_all_papers_and_inks_are_equally_light(inks: Inks) -> None:
    lightness = [oklab_lightness(tone) for tone in (inks.paper, inks.light, inks.dark, inks.ink)]

    assert lightness == pytest.approx([0.77, 0.845, 0.69, 0.35], abs=0.004)


def oklab_lightness(colour: str) -> float:
    """The L of OKLab of an sRGB colour written `#rrggbb`."""
    match = re.fullmatch(r"#(..)(..)(..)", colour)
    assert match
    red, green, blue = (linear(int(part, 16) / 255) for part in match.groups())
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
