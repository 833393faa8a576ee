"""The resolver of old URLs: every published URL with its outcome, and what is wrong with the redirects."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote

from openknowledge.catalogue.link_targets import anchor_problem
from openknowledge.catalogue.output_owners import list_owned_files
from openknowledge.catalogue.site import Site
from openknowledge.content.cpu_limit import read_within_limit
from openknowledge.content.text_links import TextLink
from openknowledge.engine.digest import digest_bytes
from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.output_paths import is_promised
from openknowledge.problems import Message, Problem, add_suggestion
from openknowledge.project_files import is_project_file, read_project_file
from openknowledge.url_paths import normalize, path_of_file, slash_variants

from .auto_rules import AutoRules, RoutePattern, route_patterns
from .lost_urls import Suggester, find_lost
from .renamed_items import RenameHistory
from .sources import (
    MOODLE,
    LegacyRun,
    RedirectsSettings,
    alias_rules,
    legacy_runs,
    page_path,
    parse_published,
    parse_redirects,
    portal_rules,
    run_path,
    withdrawn_rules,
)
from .table import Redirect, RedirectRule, ServedPath

__all__ = ["FlatRules", "RedirectResolver", "Resolution", "cycle_problem", "flatten"]

REMOVE = Message("Remove it: what is written here are addresses that the page had before.")


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


class FlatRules(NamedTuple):
    """The last rule of each source's chain, and the cycles, each from its smallest source on."""

    final_rules: Mapping[str, RedirectRule]
    cycles: tuple[tuple[RedirectRule, ...], ...]


@dataclass
class RedirectResolver:
    """Reads the files of redirects and published URLs, and resolves them for a site.

    `external_paths` are files below output/ that third-party plugins make.
    """

    settings: RedirectsSettings
    external_paths: tuple[str, ...] = ()

    def register_inputs(self, site: Site) -> None:
        """Let the queries of a site depend on the redirects and on the published URLs."""
        file = self.settings.redirects
        is_readable = is_project_file(file.name, file.parent)
        redirects = read_project_file(file, file.parent).decode("utf-8", "replace") if is_readable else ""
        files = ((label, path) for label, path in self.settings.published if path.is_file())
        published = tuple((label, path.read_text("utf-8", "replace")) for label, path in files)
        digests = digest_bytes(redirects.encode()), digest_bytes(repr((published, self.external_paths)).encode())
        site.register_input("redirects", lambda: digests[0], lambda: redirects)
        site.register_input("published", lambda: digests[1], lambda: published)

    def resolve(self, site: Site) -> Resolution:
        """Return the outcome of each old URL; it is computed once a build."""
        return site.compute_once("redirects", self._resolve)

    def find_problems(self, site: Site) -> tuple[Problem, ...]:
        """Return what is wrong with the redirects, with links to addresses of the site, and which URLs would be lost.

        Nothing is said of what may be the address of an item that is missing because it has a problem.
        """
        resolution = self.resolve(site)
        return (*resolution.problems, *resolution.losses, *self.check_links(site.fork()))

    def check_links(self, site: Site) -> Iterator[Problem]:
        """Yield a problem for each link of a text to an address of the site at which there is nothing."""
        for link in site.address_links():
            resolution = self.resolve(site)
            address = normalize(link.address)
            served = resolution.served.get(address)
            if served is not None and served.ref and served.type == "page":
                kind, _, slug = served.ref.partition("/")
                problem = anchor_problem(site, _with_anchor(link), site.record(Ref(kind, slug)), served.lang)
                if problem is not None:
                    yield problem
            elif served is None and not _leads_on(address, resolution) and not resolution.auto_rules.is_open(address):
                yield _link_problem(link, resolution.served)

    def redirects_of(self, site: Site) -> Iterator[Redirect]:
        """Yield all redirects, each for every form in which its URL may be requested."""
        resolution = self.resolve(site)
        for source, rule in resolution.final_rules.items():
            yield from (Redirect(variant, target=rule.target) for variant in slash_variants(source))
        for run in resolution.runs:
            if run.number:
                yield Redirect(MOODLE, f"id={run.number}", page_path(site, f"course/{run.course}", run.lang))

    def _resolve(self, site: Site) -> Resolution:
        runs = tuple(legacy_runs(site.stubs_of(Course), site.langs))
        moodle = (MOODLE[1:],) if any(run.number for run in runs) else ()
        served = {path_of_file(file): path for file, path in _served_files(site, (*self.external_paths, *moodle))}
        rules, problems = self._merged_rules(site, runs, served)
        rows = [row for label, text in site.read_input("published") for row in parse_published(text, label)]
        problems += [row for row in rows if isinstance(row, Problem)]
        published = {row for row in rows if isinstance(row, str) and is_promised(row)}
        flat = flatten(rules)
        problems += map(cycle_problem, flat.cycles)
        patterns = route_patterns(site.routes, site.kinds, site.langs)
        auto_rules = AutoRules(site, patterns, served, flat.final_rules)
        lost = find_lost(published, served, (Redirect(source) for source in rules))
        derived = {url: rule for url in lost if (rule := auto_rules.rule_for(url)) is not None}
        final = flatten({**rules, **derived}).final_rules
        dangling = {id(rule): rule for rule in final.values() if rule.path and not _is_served(rule, served)}
        problems += [_target_problem(rule, served) for rule in dangling.values() if not auto_rules.is_open(rule.target)]
        is_whole = all(one.field is not None for one in problems if one.path == self.settings.redirects_label)
        lost = tuple(url for url in lost if is_whole and url not in derived and not auto_rules.is_open(url))
        losses = self._losses(site, lost, patterns, served)
        final_rules = {source: _or_parent_list(rule, served, auto_rules) for source, rule in sorted(final.items())}
        return Resolution(served, auto_rules, final_rules, runs, tuple(problems), losses)

    def _merged_rules(
        self, site: Site, runs: tuple[LegacyRun, ...], served: Mapping[str, ServedPath]
    ) -> tuple[dict[str, RedirectRule], list[Problem]]:
        """Return the rules by source, and what is wrong: a source that is served, or that two rules claim."""
        text, label = site.read_input("redirects"), self.settings.redirects_label
        result = read_within_limit(partial(parse_redirects, text, label, site.langs), label, len(text))
        redirects, problems = ([], [result]) if isinstance(result, Problem) else result
        redirects = [replace(rule, target=_strip_site_url(site, rule.target)) for rule in redirects]
        table: dict[str, RedirectRule] = {}
        for rule in (*alias_rules(site), *redirects, *withdrawn_rules(site), *portal_rules(site, runs)):
            first = table.get(rule.source)
            if rule.source in served:
                problems += [_conflict(rule, served[rule.source])] if rule.path else []
            elif first is None:
                table[rule.source] = rule
            elif rule.path:
                location = f"{first.path}:{first.line}" if first.line else first.path
                hint = Message("One address leads to one page: keep one of the two.")
                problems.append(
                    rule.problem(
                        Message("%(source)s is already claimed by %(location)s", source=rule.source, location=location),
                        hint,
                    )
                )
        return table, problems

    def _losses(
        self, site: Site, lost: tuple[str, ...], patterns: tuple[RoutePattern, ...], served: Mapping[str, ServedPath]
    ) -> tuple[Problem, ...]:
        history = RenameHistory(self.settings.redirects.parent)
        globs = {kind.name: kind.source for kind in site.kinds if kind.source}

        def find_files(kind: str, slug: str, lang: str) -> tuple[str, ...]:
            return history.files_of(globs, kind, slug, lang if lang != site.default_lang else "")

        suggester = Suggester(patterns, served, self.settings.redirects_label, find_files)
        return tuple(suggester.problem(url) for url in lost if run_path(url) not in lost)


def _served_files(site: Site, external_paths: Iterable[str]) -> Iterator[tuple[str, ServedPath]]:
    """Yield every file that the site serves, those with an item last, because the last one of a path counts."""
    yield from ((path, ServedPath("file", site.default_lang)) for path in external_paths)
    for file in list_owned_files(site):
        lang, path = file.lang or site.default_lang, ""
        if file.rule == "page":
            served_type = "list" if file.list_key else "page"
            path = _alias_file(site.files_of(file.item), lang, site.default_lang) if file.item else ""
        else:
            served_type = {"media": "file", "feed": "feed"}.get(file.rule, "data")
        yield file.path, ServedPath(served_type, lang, file.ref, path)


def _alias_file(files: Iterable[str], lang: str, default_lang: str) -> str:
    """Return the file where an editor writes the aliases of an item's page in a language; empty if there is none."""
    for path in files:
        code = path.rpartition("/")[2].removesuffix(".md").partition(".")[2] or default_lang
        if path.endswith(".md") and code == lang:
            return path
    return ""


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
            target = rules[url].target
            # Another site's URL and what is gone end the chain.
            url = normalize(target) if target is not None and target.startswith("/") else ""
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
    steps = " → ".join(f"{rule.source} (:{rule.line})" if rule.line else rule.source for rule in cycle)
    message = Message("these lead in a circle: %(steps)s → %(source)s", steps=steps, source=first.source)
    if len(cycle) == 1:
        message = Message('"%(source)s" leads to itself', source=first.source)
    hint = Message("Let one of them lead to an address that there is, or write gone: true for what is no more.")
    return first.problem(message, hint, "to")


def _conflict(rule: RedirectRule, served_path: ServedPath) -> Problem:
    """Return the problem of a rule for a URL that this build serves."""
    if rule.target is not None and normalize(rule.target) == rule.source:
        return rule.problem(Message("%(source)s is the address of this page itself", source=rule.source), REMOVE)
    whose = f" ({served_path.path or served_path.ref})" if served_path.ref else ""
    hint = Message("%(cure)s An address that serves something cannot lead elsewhere.", cure=REMOVE)
    return rule.problem(
        Message("%(source)s is the address of a page that there is%(whose)s", source=rule.source, whose=whose), hint
    )


def _target_problem(rule: RedirectRule, served: Iterable[str]) -> Problem:
    """Return the problem of a rule that leads to nothing."""
    assert rule.target is not None
    section = normalize(rule.target).split("/")[1]
    near = (path for path in served if path.split("/")[1] == section)
    message = add_suggestion(Message('there is nothing at "%(target)s"', target=rule.target), rule.target, near)
    return rule.problem(
        message, Message("Write the address of a page as the browser shows it, or a whole https address."), "to"
    )


def _strip_site_url(site: Site, target: str | None) -> str | None:
    """Return the path of a whole URL of this site; other targets stay as they are."""
    if target is None or not f"{target}/".startswith(f"{site.base_url}/"):
        return target
    return target.removeprefix(site.base_url) or "/"


def _with_anchor(link: TextLink) -> TextLink:
    return link._replace(anchor=unquote(link.address.partition("#")[2]))


def _leads_on(address: str, resolution: Resolution) -> bool:
    """Return whether an address is forwarded, or is one of a list that may be empty today, or a file of the theme."""
    if address in resolution.final_rules or address.startswith("/theme/"):
        return True
    rule = resolution.auto_rules.rule_for(address)
    return rule is not None and rule.target is not None


def _link_problem(link: TextLink, served: Iterable[str]) -> Problem:
    """Return the problem of a link to an address of the site at which there is nothing."""
    section = link.address.split("/")[1]
    message = Message('there is nothing at "%(target)s"', target=link.target)
    near = (path for path in served if path.split("/")[1] == section)
    hint = Message("Write an address as the browser shows it, or the path of a file as it is seen from this one.")
    return Problem(link.path, link.line, link.field, add_suggestion(message, link.address, near), hint)


def _is_served(rule: RedirectRule, served: Iterable[str]) -> bool:
    return rule.target is None or not rule.target.startswith("/") or normalize(rule.target) in served


def _or_parent_list(rule: RedirectRule, served: Iterable[str], auto_rules: AutoRules) -> RedirectRule:
    """Return the rule, or one to the nearest list above where its target is not served.

    A list may become empty on any day.
    """
    if _is_served(rule, served) or rule.target is None:
        return rule
    return replace(rule, target=auto_rules.nearest_parent(normalize(rule.target)))
