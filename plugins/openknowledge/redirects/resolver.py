"""The address book of a build: every old address with what became of it, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from openknowledge.engine.digest import digest_bytes
from openknowledge.problems import Problem
from openknowledge.url_paths import tidy, variants

from .auto_rules import Following
from .chains import circle_problem, flattened
from .legacy_portal import MOODLE, OldRun, run_of
from .lost_urls import Guessing, lost
from .model import Place, Wish
from .published_urls import Published, published_in
from .redirects_file import redirects_in
from .route_patterns import patterns_of
from .served_paths import served_by
from .settings import AddressesSettings
from .sources import alias_wishes, page_of, portal_wishes, runs_of, sorted_out, target_problem
from .table import Forward

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["AddressBook", "Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of each old address: `ends` has the last wish of its chain, by tidy source.

    `runs` are those of the old portal; `losses` are no `problems`, for a preview leaves out what is broken.
    """

    served: Mapping[str, Place]
    following: Following
    ends: Mapping[str, Wish]
    runs: tuple[OldRun, ...]
    problems: tuple[Problem, ...]
    losses: tuple[Problem, ...]


@dataclass
class AddressBook:
    """Reads the files once, and makes of them and of a site what the address book says.

    `others` are files below output/ that other people's plugins make.
    """

    settings: AddressesSettings
    others: tuple[str, ...] = ()
    _found: Found | None = field(default=None, init=False)

    @cached_property
    def redirects(self) -> str:
        place = self.settings.redirects
        return place.read_text("utf-8", "replace") if place.is_file() else ""

    @cached_property
    def published(self) -> tuple[tuple[str, str], ...]:
        """The text of each file of published addresses, after the path that problems show."""
        files = ((shown, place) for shown, place in self.settings.published if place.is_file())
        return tuple((shown, place.read_text("utf-8", "replace")) for shown, place in files)

    @property
    def digests(self) -> tuple[bytes, bytes]:
        """Those of the redirects and of what was published."""
        return digest_bytes(self.redirects.encode()), digest_bytes(repr((self.published, self.others)).encode())

    def found(self, site: Site) -> Found:
        """All that is known, made once."""
        if self._found is None:
            self._found = self._read(site.reading())
        return self._found

    def _read(self, site: Site) -> Found:
        runs = runs_of(site)
        served = served_by(site, (*self.others, *((MOODLE[1:],) if any(run.number for run in runs) else ())))
        redirects, problems = redirects_in(self.redirects, self.settings.shown_redirects, site.langs)
        redirects = [replace(wish, target=_own(site, wish.target)) for wish in redirects]
        wishes = (*alias_wishes(site), *redirects, *portal_wishes(site, runs))
        table, taken = sorted_out(wishes, served)
        told = [one for shown, text in self.published for one in published_in(text, shown)]
        before = {one.address for one in told if isinstance(one, Published)}
        problems += [*taken, *(one for one in told if isinstance(one, Problem))]
        flat = flattened(table)
        problems += map(circle_problem, flat.circles)
        patterns = patterns_of(site.routes, (kind.name for kind in site.kinds), site.langs)
        following = Following(site, patterns, served, flat.ends)
        gone = lost(before, served, (Forward(source) for source in table))
        followed = {address: wish for address in gone if (wish := following.wish(address)) is not None}
        ends = flattened({**table, **followed}).ends
        unknown = {id(end): end for end in ends.values() if end.path and not _is_there(end, served)}
        problems += [target_problem(end, served) for end in unknown.values()]
        guessing = Guessing(patterns, served, before, self.settings.shown_redirects)
        left = [address for address in gone if address not in followed]
        losses = tuple(guessing.problem(address) for address in left if run_of(address) not in left)
        whole = {source: _somewhere(end, served, following) for source, end in sorted(ends.items())}
        return Found(served, following, whole, runs, tuple(problems), losses)

    def forwards(self, site: Site) -> Iterator[Forward]:
        """All forwards, each in every way in which its address may be asked for."""
        found = self.found(site)
        for source, end in found.ends.items():
            yield from (Forward(one, target=end.target) for one in variants(source))
        for run in found.runs:
            if run.number:
                yield Forward(MOODLE, f"id={run.number}", page_of(site, f"course/{run.course}", run.lang))


def _own(site: Site, target: str | None) -> str | None:
    """A whole address of this very site as a path."""
    if target is None or not f"{target}/".startswith(f"{site.base_url}/"):
        return target
    return target.removeprefix(site.base_url) or "/"


def _is_there(end: Wish, served: Iterable[str]) -> bool:
    return end.target is None or not end.target.startswith("/") or tidy(end.target) in served


def _somewhere(end: Wish, served: Iterable[str], following: Following) -> Wish:
    """A wish whose target is no more, for a list may become empty on any day, leads to the nearest list above."""
    if _is_there(end, served) or end.target is None:
        return end
    return replace(end, target=following.above(tidy(end.target)))
