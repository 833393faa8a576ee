"""What a build would lose, and what an editor can write about it."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openknowledge.problems import Problem
from openknowledge.url_paths import normalize

from .model import ServedPath
from .route_patterns import RoutePattern, match
from .table import Redirect

__all__ = ["Suggester", "find_lost"]

SIMILARITY = 0.3
"""How alike the names of an old page and of a new one must be; pages that were there before must be more so."""
OLD_SIMILARITY = 0.6
SUGGESTED = 25
"""For so many lost addresses a guess is made: who lost more has changed a pattern, and needs none."""


def find_lost(addresses: Iterable[str], served: Container[str], redirects: Iterable[Redirect]) -> tuple[str, ...]:
    """The addresses that nothing answers, tidy and sorted: no page or file, and no forward.

    `served` has tidy addresses. A forward that counts only with a query answers nothing else.
    """
    answered = {normalize(one.source) for one in redirects if not one.query}
    return tuple(one for one in sorted(set(map(normalize, addresses))) if one not in served and one not in answered)


@dataclass
class Suggester:
    """Says what became of lost addresses, perhaps; `before` are the addresses that were there already."""

    patterns: Sequence[RoutePattern]
    served: Mapping[str, ServedPath]
    published: Container[str]
    redirects: str
    suggested: int = field(default=0, init=False)

    def problem(self, address: str) -> Problem:
        """What is told of one lost address: whoever took its place should say so in its file."""
        near = self._near(address)
        place = self.served.get(near) if near is not None else None
        message = f"{address} was published once, and nothing would answer there any more"
        alias = f'"aliases: [{address}]"'
        gone = f'"- {{from: {address}, gone: true}}"'
        if place is not None and place.path:
            hint = (
                f"Is {near}{self._others(place, near)} its new address? Then add here {alias}. If another page has "
                f"taken its place, add that to its file; if none has, add to {self.redirects} {gone}."
            )
            return Problem(place.path, None, "aliases", message, hint)
        moved = f'"- {{from: {address}, to: {near or "/…/"}}}"'
        asked = f"Is {near} its new address? Then add" if near is not None else "If it is elsewhere now, add"
        hint = f"{asked} here {moved}, or to the page's own file {alias}. If nothing has taken its place: {gone}."
        return Problem(self.redirects, None, None, message, hint)

    def _others(self, place: ServedPath, near: str | None) -> str:
        """The addresses of the same item in other languages."""
        found = [
            one for one, other in self.served.items() if other.type == "page" and other.ref == place.ref and one != near
        ]
        return f" ({', '.join(sorted(found))} in the other language)" if found and place.ref else ""

    def _near(self, address: str) -> str | None:
        """The address in the same section that is most like a lost one: first among those that are new."""
        self.suggested += 1
        if self.suggested > SUGGESTED:
            return None
        likely = dict(self._likely(address))
        new = [one for one in likely if likely[one] not in self.published]
        name = _name(address)
        close = new if len(new) == 1 else difflib.get_close_matches(name, new, 1, SIMILARITY)
        close = close or difflib.get_close_matches(name, likely, 1, OLD_SIMILARITY)
        return likely[close[0]] if close else None

    def _likely(self, address: str) -> Iterator[tuple[str, str]]:
        """The names and addresses of what may have taken the place: pages of the kind, or files of the folder."""
        fit = match(self.patterns, address)
        folder = f"/{address.strip('/').partition('/')[0]}/"
        for one, place in sorted(self.served.items()):
            if fit is None:
                if one.startswith(folder) and place.type == "file":
                    yield _name(one), one
            elif place.type == "page" and place.lang == fit[0].lang and place.ref.partition("/")[0] == fit[0].kind:
                yield _name(one), one


def _name(address: str) -> str:
    return address.strip("/").rpartition("/")[2]
