"""The address book of a build: every old address with what became of it, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from openknowledge.engine.digest import digest_bytes
from openknowledge.problems import Problem
from openknowledge.url_paths import normalize, slash_variants

from .auto_rules import AutoRules
from .chains import cycle_problem, flatten
from .legacy_portal import MOODLE, LegacyRun, run_path
from .lost_urls import Suggester, find_lost
from .model import RedirectRule, ServedPath
from .published_urls import PublishedUrl, parse_published
from .redirects_file import parse_redirects
from .route_patterns import route_patterns
from .served_paths import served_paths
from .settings import RedirectsSettings
from .sources import alias_rules, merge_rules, page_path, portal_rules, site_runs, target_problem
from .table import Redirect

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["RedirectResolver", "Resolution"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of each old address: `ends` has the last wish of its chain, by tidy source.

    `runs` are those of the old portal; `losses` are no `problems`, for a preview leaves out what is broken.
    """

    served: Mapping[str, ServedPath]
    auto_rules: AutoRules
    final_rules: Mapping[str, RedirectRule]
    runs: tuple[LegacyRun, ...]
    problems: tuple[Problem, ...]
    losses: tuple[Problem, ...]


@dataclass
class RedirectResolver:
    """Reads the files once, and makes of them and of a site what the address book says.

    `others` are files below output/ that other people's plugins make.
    """

    settings: RedirectsSettings
    external_paths: tuple[str, ...] = ()
    _resolution: Resolution | None = field(default=None, init=False)

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
        return digest_bytes(self.redirects.encode()), digest_bytes(repr((self.published, self.external_paths)).encode())

    def resolve(self, site: Site) -> Resolution:
        """All that is known, made once."""
        if self._resolution is None:
            self._resolution = self._read(site.fork())
        return self._resolution

    def _read(self, site: Site) -> Resolution:
        runs = site_runs(site)
        served = served_paths(site, (*self.external_paths, *((MOODLE[1:],) if any(run.number for run in runs) else ())))
        redirects, problems = parse_redirects(self.redirects, self.settings.redirects_label, site.langs)
        redirects = [replace(wish, target=_strip_site_url(site, wish.target)) for wish in redirects]
        wishes = (*alias_rules(site), *redirects, *portal_rules(site, runs))
        table, taken = merge_rules(wishes, served)
        told = [one for shown, text in self.published for one in parse_published(text, shown)]
        before = {one.address for one in told if isinstance(one, PublishedUrl)}
        problems += [*taken, *(one for one in told if isinstance(one, Problem))]
        flat = flatten(table)
        problems += map(cycle_problem, flat.cycles)
        patterns = route_patterns(site.routes, (kind.name for kind in site.kinds), site.langs)
        following = AutoRules(site, patterns, served, flat.final_rules)
        gone = find_lost(before, served, (Redirect(source) for source in table))
        followed = {address: wish for address in gone if (wish := following.rule_for(address)) is not None}
        ends = flatten({**table, **followed}).final_rules
        unknown = {id(end): end for end in ends.values() if end.path and not _is_there(end, served)}
        problems += [target_problem(end, served) for end in unknown.values()]
        guessing = Suggester(patterns, served, before, self.settings.redirects_label)
        left = [address for address in gone if address not in followed]
        losses = tuple(guessing.problem(address) for address in left if run_path(address) not in left)
        whole = {source: _or_parent_list(end, served, following) for source, end in sorted(ends.items())}
        return Resolution(served, following, whole, runs, tuple(problems), losses)

    def redirects_of(self, site: Site) -> Iterator[Redirect]:
        """All forwards, each in every way in which its address may be asked for."""
        found = self.resolve(site)
        for source, end in found.final_rules.items():
            yield from (Redirect(one, target=end.target) for one in slash_variants(source))
        for run in found.runs:
            if run.number:
                yield Redirect(MOODLE, f"id={run.number}", page_path(site, f"course/{run.course}", run.lang))


def _strip_site_url(site: Site, target: str | None) -> str | None:
    """A whole address of this very site as a path."""
    if target is None or not f"{target}/".startswith(f"{site.base_url}/"):
        return target
    return target.removeprefix(site.base_url) or "/"


def _is_there(end: RedirectRule, served: Iterable[str]) -> bool:
    return end.target is None or not end.target.startswith("/") or normalize(end.target) in served


def _or_parent_list(end: RedirectRule, served: Iterable[str], following: AutoRules) -> RedirectRule:
    """A wish whose target is no more, for a list may become empty on any day, leads to the nearest list above."""
    if _is_there(end, served) or end.target is None:
        return end
    return replace(end, target=following.nearest_parent(normalize(end.target)))
