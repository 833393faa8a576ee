"""Chains of forwards: each is shortened to where it ends, and a circle ends nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.problems import Problem
from openknowledge.url_paths import tidy

from .model import Wish

__all__ = ["Flattened", "circle_problem", "flattened"]


@dataclass(frozen=True, slots=True)
class Flattened:
    """The last wish of each source's chain, and the circles, each from its smallest source on."""

    ends: Mapping[str, Wish]
    circles: tuple[tuple[Wish, ...], ...]


def flattened(wishes: Mapping[str, Wish]) -> Flattened:
    """Follow each wish, by its source, to the one whose target is no source itself.

    What runs into a circle has no end.
    """
    ends: dict[str, Wish | None] = {}
    circles: dict[str, tuple[Wish, ...]] = {}
    for source in sorted(wishes):
        trail: list[str] = []
        here = source
        while here in wishes and here not in ends and here not in trail:
            trail.append(here)
            here = _next(wishes[here])
        if here in trail:
            members = trail[trail.index(here) :]
            start = members.index(min(members))
            circles[min(members)] = tuple(wishes[one] for one in (*members[start:], *members[:start]))
            ends.update(dict.fromkeys(trail))
        elif trail:
            ends.update(dict.fromkeys(trail, ends[here] if here in ends else wishes[trail[-1]]))
    return Flattened({one: end for one, end in ends.items() if end is not None}, tuple(circles.values()))


def circle_problem(circle: tuple[Wish, ...]) -> Problem:
    """A circle, with all that are in it and their lines."""
    first = circle[0]
    steps = " → ".join(f"{one.source} (line {one.line})" if one.line else one.source for one in circle)
    if len(circle) == 1:
        message = f'"{first.source}" leads to itself'
    else:
        message = f"these lead in a circle: {steps} → {first.source}"
    hint = "Let one of them lead to an address that there is, or write gone: true for what is no more."
    return first.problem(message, hint, "to")


def _next(wish: Wish) -> str:
    """The tidy address that a wish leads to; whole URLs and what is gone lead to no source."""
    return tidy(wish.target) if wish.target is not None and wish.target.startswith("/") else ""
