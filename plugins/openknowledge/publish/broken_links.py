"""Broken links as problems: told where they are written, else where they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openknowledge.problems import Problem, sort_problems

from .errors import make_problem
from .link_sources import LinkLocator, SourceLocation

__all__ = ["BrokenLink", "describe_broken"]

SHOWN = 3
"""So many of the files with the same broken link are named."""
NO_PLACE = "Cannot find fragment"
REASONS = {NO_PLACE: "names a place that the page does not have"}
ADVICE = {NO_PLACE: "Name an id that the page has, or leave out what begins with #."}
USUAL = "Write an address that the site has, or name the file: ({filename}/courses/algebra/index.md)."


@dataclass(frozen=True)
class BrokenLink:
    """An address that leads nowhere, why, and the files of the site that link to it, `count` times together."""

    address: str
    reason: str
    pages: Sequence[str]
    count: int


def describe_broken(output: Path, broken: Iterable[BrokenLink], locator: LinkLocator) -> tuple[Problem, ...]:
    """A problem for each place where a broken link is written; where it is shown, for what nobody knows more of."""
    pages: dict[tuple[SourceLocation, str], set[str]] = {}
    shown = []
    for link in broken:
        places, others = locator.locate(link.address, link.pages)
        for page, several in places.items():
            for place in several:
                pages.setdefault((place, link.reason), set()).add(page)
        if others:
            shown.append(_shown(output, link, others, link.count if not places else len(others)))
    written = [_written(output, *key, sorted(several)) for key, several in pages.items()]
    return sort_problems([*written, *shown])


def _written(output: Path, place: SourceLocation, reason: str, pages: Sequence[str]) -> Problem:
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    seen = f"It is shown in {output.name}/{pages[0]}{more}."
    unknown = "" if place.line else f" {_explain(pages[0])}"
    hint = f"{ADVICE.get(reason, USUAL)} {seen}{unknown}"
    return Problem(place.path, place.line or None, None, _message(place.link_text, reason), hint)


def _shown(output: Path, link: BrokenLink, pages: Sequence[str], count: int) -> Problem:
    first, *others = pages[:SHOWN]
    seen = f"{count} such links, also in {', '.join(others)}. " if others else ""
    return make_problem(f"{output.name}/{first}", _message(link.address, link.reason), f"{seen}{_explain(first)}")


def _message(link: str, reason: str) -> str:
    return f"link to {link} {REASONS.get(reason, 'leads nowhere')}"


def _explain(page: str) -> str:
    return f"What a page is made of: invoke explain /{page.removesuffix('index.html')}"
