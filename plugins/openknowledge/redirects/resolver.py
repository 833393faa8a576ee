"""The resolver of old URLs: every published URL with its outcome, and what is wrong with the redirects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from openknowledge.engine.digest import digest_bytes
from openknowledge.problems import Problem
from openknowledge.url_paths import normalize, slash_variants

from .auto_rules import AutoRules
from .legacy_portal import MOODLE, LegacyRun, run_path
from .lost_urls import PublishedUrl, Suggester, find_lost, parse_published
from .model import RedirectRule, ServedPath
from .redirects_file import parse_redirects
from .route_patterns import RoutePattern, route_patterns
from .served_paths import served_paths
from .settings import RedirectsSettings
from .sources import alias_rules, merge_rules, page_path, portal_rules, site_runs, target_problem
from .table import Redirect

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["FlatRules", "RedirectResolver", "Resolution", "cycle_problem", "flatten"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome of each old URL.

    `final_rules` has the last rule of each chain, by normalized source. `runs` are those of the old portal. `losses`
    are separate from `problems`, because a preview leaves out broken items and does not lose their URLs.
    """

    served: Mapping[str, ServedPath]
    auto_rules: AutoRules
    final_rules: Mapping[str, RedirectRule]
    runs: tuple[LegacyRun, ...]
    problems: tuple[Problem, ...]
    losses: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FlatRules:
    """The last rule of each source's chain, and the cycles, each from its smallest source on."""

    final_rules: Mapping[str, RedirectRule]
    cycles: tuple[tuple[RedirectRule, ...], ...]


@dataclass
class RedirectResolver:
    """Reads the files of redirects and published URLs once, and resolves them for a site.

    `external_paths` are files below output/ that third-party plugins make.
    """

    settings: RedirectsSettings
    external_paths: tuple[str, ...] = ()

    @cached_property
    def redirects(self) -> str:
        """The text of the editors' file of redirects; empty where there is none."""
        path = self.settings.redirects
        return path.read_text("utf-8", "replace") if path.is_file() else ""

    @cached_property
    def published(self) -> tuple[tuple[str, str], ...]:
        """The files of published URLs, as pairs (path that problems show, text)."""
        files = ((label, path) for label, path in self.settings.published if path.is_file())
        return tuple((label, path.read_text("utf-8", "replace")) for label, path in files)

    @property
    def digests(self) -> tuple[bytes, bytes]:
        """The digest of the redirects, and the digest of the published URLs."""
        return digest_bytes(self.redirects.encode()), digest_bytes(repr((self.published, self.external_paths)).encode())

    def register_inputs(self, site: Site) -> None:
        """Let the queries of a site depend on the redirects and on the published URLs."""
        redirects, published = self.digests
        site.register_input("redirects", lambda: redirects, lambda: self.redirects)
        site.register_input("published", lambda: published, lambda: self.published)

    def resolve(self, site: Site) -> Resolution:
        """Return the outcome of each old URL; it is computed once a build."""
        return site.compute_once("redirects", self._resolve)

    def redirects_of(self, site: Site) -> Iterator[Redirect]:
        """Yield all redirects, each for every form in which its URL may be requested."""
        resolution = self.resolve(site)
        for source, rule in resolution.final_rules.items():
            yield from (Redirect(variant, target=rule.target) for variant in slash_variants(source))
        for run in resolution.runs:
            if run.number:
                yield Redirect(MOODLE, f"id={run.number}", page_path(site, f"course/{run.course}", run.lang))

    def _resolve(self, site: Site) -> Resolution:
        runs = site_runs(site)
        moodle = (MOODLE[1:],) if any(run.number for run in runs) else ()
        served = served_paths(site, (*self.external_paths, *moodle))
        rules, problems = self._merged_rules(site, runs, served)
        published, published_problems = _published_urls(site)
        problems += published_problems
        flat = flatten(rules)
        problems += map(cycle_problem, flat.cycles)
        patterns = route_patterns(site.routes, (kind.name for kind in site.kinds), site.langs)
        auto_rules = AutoRules(site, patterns, served, flat.final_rules)
        lost = find_lost(published, served, (Redirect(source) for source in rules))
        derived = {url: rule for url in lost if (rule := auto_rules.rule_for(url)) is not None}
        final = flatten({**rules, **derived}).final_rules
        dangling = {id(rule): rule for rule in final.values() if rule.path and not _is_served(rule, served)}
        problems += [target_problem(rule, served) for rule in dangling.values()]
        losses = self._losses([url for url in lost if url not in derived], patterns, served, published)
        final_rules = {source: _or_parent_list(rule, served, auto_rules) for source, rule in sorted(final.items())}
        return Resolution(served, auto_rules, final_rules, runs, tuple(problems), losses)

    def _merged_rules(
        self, site: Site, runs: tuple[LegacyRun, ...], served: Mapping[str, ServedPath]
    ) -> tuple[dict[str, RedirectRule], list[Problem]]:
        """Return the rules of all sources by URL, and what is wrong with them."""
        redirects, problems = parse_redirects(site.read_input("redirects"), self.settings.redirects_label, site.langs)
        redirects = [replace(rule, target=_strip_site_url(site, rule.target)) for rule in redirects]
        merged, conflicts = merge_rules((*alias_rules(site), *redirects, *portal_rules(site, runs)), served)
        return merged, [*problems, *conflicts]

    def _losses(
        self,
        lost: list[str],
        patterns: tuple[RoutePattern, ...],
        served: Mapping[str, ServedPath],
        published: set[str],
    ) -> tuple[Problem, ...]:
        suggester = Suggester(patterns, served, published, self.settings.redirects_label)
        return tuple(suggester.problem(url) for url in lost if run_path(url) not in lost)


def _published_urls(site: Site) -> tuple[set[str], list[Problem]]:
    rows = [row for label, text in site.read_input("published") for row in parse_published(text, label)]
    return (
        {row.address for row in rows if isinstance(row, PublishedUrl)},
        [row for row in rows if isinstance(row, Problem)],
    )


def flatten(rules: Mapping[str, RedirectRule]) -> FlatRules:
    """Follow each rule, by its source, to the rule whose target is no source itself.

    A chain that runs into a cycle has no final rule.
    """
    final: dict[str, RedirectRule | None] = {}
    cycles: dict[str, tuple[RedirectRule, ...]] = {}
    for source in sorted(rules):
        trail: list[str] = []
        url = source
        while url in rules and url not in final and url not in trail:
            trail.append(url)
            url = _next_url(rules[url])
        if url in trail:
            members = trail[trail.index(url) :]
            start = members.index(min(members))
            cycles[min(members)] = tuple(rules[member] for member in (*members[start:], *members[:start]))
            final.update(dict.fromkeys(trail))
        elif trail:
            final.update(dict.fromkeys(trail, final[url] if url in final else rules[trail[-1]]))
    return FlatRules({url: rule for url, rule in final.items() if rule is not None}, tuple(cycles.values()))


def cycle_problem(cycle: tuple[RedirectRule, ...]) -> Problem:
    """Return the problem of a cycle, with all its rules and their lines."""
    first = cycle[0]
    steps = " → ".join(f"{rule.source} (line {rule.line})" if rule.line else rule.source for rule in cycle)
    if len(cycle) == 1:
        message = f'"{first.source}" leads to itself'
    else:
        message = f"these lead in a circle: {steps} → {first.source}"
    hint = "Let one of them lead to an address that there is, or write gone: true for what is no more."
    return first.problem(message, hint, "to")


def _next_url(rule: RedirectRule) -> str:
    """Return the normalized path that a rule leads to; empty for another site's URL and for what is gone."""
    return normalize(rule.target) if rule.target is not None and rule.target.startswith("/") else ""


def _strip_site_url(site: Site, target: str | None) -> str | None:
    """Return the path of a whole URL of this site; other targets stay as they are."""
    if target is None or not f"{target}/".startswith(f"{site.base_url}/"):
        return target
    return target.removeprefix(site.base_url) or "/"


def _is_served(rule: RedirectRule, served: Iterable[str]) -> bool:
    return rule.target is None or not rule.target.startswith("/") or normalize(rule.target) in served


def _or_parent_list(rule: RedirectRule, served: Iterable[str], auto_rules: AutoRules) -> RedirectRule:
    """Return the rule, or one to the nearest list above where its target is not served.

    A list may become empty on any day.
    """
    if _is_served(rule, served) or rule.target is None:
        return rule
    return replace(rule, target=auto_rules.nearest_parent(normalize(rule.target)))
