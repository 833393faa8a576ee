"""Chains of forwards: each is shortened to where it ends, and a circle ends nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.problems import Problem
from openknowledge.url_paths import normalize

from .model import RedirectRule

__all__ = ["FlatRules", "cycle_problem", "flatten"]


@dataclass(frozen=True, slots=True)
class FlatRules:
    """The last wish of each source's chain, and the circles, each from its smallest source on."""

    final_rules: Mapping[str, RedirectRule]
    cycles: tuple[tuple[RedirectRule, ...], ...]


def flatten(rules: Mapping[str, RedirectRule]) -> FlatRules:
    """Follow each wish, by its source, to the one whose target is no source itself.

    What runs into a circle has no end.
    """
    ends: dict[str, RedirectRule | None] = {}
    circles: dict[str, tuple[RedirectRule, ...]] = {}
    for source in sorted(rules):
        trail: list[str] = []
        here = source
        while here in rules and here not in ends and here not in trail:
            trail.append(here)
            here = _next(rules[here])
        if here in trail:
            members = trail[trail.index(here) :]
            start = members.index(min(members))
            circles[min(members)] = tuple(rules[one] for one in (*members[start:], *members[:start]))
            ends.update(dict.fromkeys(trail))
        elif trail:
            ends.update(dict.fromkeys(trail, ends[here] if here in ends else rules[trail[-1]]))
    return FlatRules({one: end for one, end in ends.items() if end is not None}, tuple(circles.values()))


def cycle_problem(cycle: tuple[RedirectRule, ...]) -> Problem:
    """A circle, with all that are in it and their lines."""
    first = cycle[0]
    steps = " → ".join(f"{one.source} (line {one.line})" if one.line else one.source for one in cycle)
    if len(cycle) == 1:
        message = f'"{first.source}" leads to itself'
    else:
        message = f"these lead in a circle: {steps} → {first.source}"
    hint = "Let one of them lead to an address that there is, or write gone: true for what is no more."
    return first.problem(message, hint, "to")


def _next(wish: RedirectRule) -> str:
    """The tidy address that a wish leads to; whole URLs and what is gone lead to no source."""
    return normalize(wish.target) if wish.target is not None and wish.target.startswith("/") else ""
