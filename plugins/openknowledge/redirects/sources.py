"""The sources of redirect rules: editors' aliases and redirects, and the keys of courses' runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.problems import Problem, suggest_spelling
from openknowledge.url_paths import normalize, path_of_file

from .legacy_portal import LegacyRun, legacy_paths, legacy_runs
from .model import RedirectRule, ServedPath

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["alias_rules", "merge_rules", "page_path", "portal_rules", "site_runs", "target_problem"]

REMOVE = "Remove it: what is written here are addresses that the page had before."


def alias_rules(site: Site) -> Iterator[RedirectRule]:
    """Yield the rules of the aliases that items declare."""
    for name, (lang, alias, path, line, index) in site.aliases():
        yield RedirectRule(normalize(alias), page_path(site, name, lang), path, line or None, f"aliases[{index}]")


def site_runs(site: Site) -> tuple[LegacyRun, ...]:
    """Return the runs of all courses as the old portal had them."""
    return tuple(legacy_runs(site.stubs_of(Course), site.langs))


def portal_rules(site: Site, runs: Iterable[LegacyRun]) -> Iterator[RedirectRule]:
    """Yield the rules for the old portal's URLs of courses."""
    for run in runs:
        for address in legacy_paths(run):
            yield RedirectRule(normalize(address), page_path(site, f"course/{run.course}", run.lang))


def page_path(site: Site, name: str, lang: str) -> str:
    """Return the normalized path of an item's page, by its reference."""
    return path_of_file(site.route_of(Ref(*name.split("/", 1)), lang).save_as)


def merge_rules(
    rules: Iterable[RedirectRule], served: Mapping[str, ServedPath]
) -> tuple[dict[str, RedirectRule], list[Problem]]:
    """Return the rules by source, and the conflicts: a source that is served, or that two rules claim."""
    table: dict[str, RedirectRule] = {}
    problems: list[Problem] = []
    for rule in rules:
        first = table.get(rule.source)
        if rule.source in served:
            problems += [_conflict(rule, served[rule.source])] if rule.path else []
        elif first is None:
            table[rule.source] = rule
        elif rule.path:
            message = f"{rule.source} is already claimed by {first.location}"
            problems.append(rule.problem(message, "One address leads to one page: keep one of the two."))
    return table, problems


def _conflict(rule: RedirectRule, served_path: ServedPath) -> Problem:
    """Return the problem of a rule for a URL that this build serves."""
    if rule.target is not None and normalize(rule.target) == rule.source:
        return rule.problem(f"{rule.source} is the address of this page itself", REMOVE)
    whose = f" ({served_path.path or served_path.ref})" if served_path.ref else ""
    hint = f"{REMOVE} An address that serves something cannot lead elsewhere."
    return rule.problem(f"{rule.source} is the address of a page that there is{whose}", hint)


def target_problem(rule: RedirectRule, served: Iterable[str]) -> Problem:
    """Return the problem of a rule that leads to nothing."""
    assert rule.target is not None
    section = normalize(rule.target).split("/")[1]
    near = suggest_spelling(rule.target, (path for path in served if path.split("/")[1] == section))
    message = f'there is nothing at "{rule.target}"' + (f"; {near}" if near else "")
    return rule.problem(message, "Write the address of a page as the browser shows it, or a whole https address.", "to")
