"""The rules for the pages at old URLs and for the file of redirects."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any

from openknowledge.catalogue.views.redirect_pages import gone_page, legacy_courses_page, moved_page
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.url_paths import file_for_path, normalize

from .legacy_portal import MOODLE
from .model import RedirectRule
from .resolver import RedirectResolver, Resolution
from .table import REDIRECTS_FILE, Redirect, dump

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site
    from openknowledge.catalogue.views.base import PageView

__all__ = ["redirect_pages_rule", "redirect_queries", "redirects_file_rule"]

RedirectRow = tuple[str | None, str, str, tuple[tuple[str, str], ...], str]
"""The page of an old URL: target, language, reference of the item that it leads to, reasons by language, and the
nearest URL above where the content is gone."""

DESCRIPTIONS = {
    "forward": Description("the page at the old address {source}", ("source",)),
    "redirect-page": Description("where the old address {source} leads", ("source",)),
    "redirect-pages": Description("which old addresses have pages"),
    "forwarding": Description("the file of all redirects"),
    "redirect-table": Description("where all old addresses lead"),
    "legacy-courses": Description("which courses the old portal had"),
    "published": Description("the addresses that were published before"),
    "redirects": Description("the redirects that the settings and their files name"),
}

PageAction = Callable[["Site", "PageView"], Action]


def redirect_queries(resolver: RedirectResolver) -> dict[str, Callable[..., Any]]:
    """Return the queries about old URLs, by name; all answers are plain values."""

    def redirect_table(site: Site) -> tuple[tuple[str, str, str | None], ...]:
        return tuple((redirect.source, redirect.query, redirect.target) for redirect in resolver.redirects_of(site))

    def redirect_pages(site: Site) -> dict[str, RedirectRow]:
        return dict(_rows(site, resolver))

    def redirect_page(site: Site, source: str) -> RedirectRow:
        row: RedirectRow = site.query("redirect-pages")[source]
        return row

    def legacy_courses(site: Site) -> tuple[tuple[str, str, str], ...]:
        return tuple((run.number, run.course, run.lang) for run in resolver.resolve(site).runs if run.number)

    queries = (redirect_table, redirect_pages, redirect_page, legacy_courses)
    return {query.__name__.replace("_", "-"): query for query in queries}


def redirect_pages_rule(page_action: PageAction, is_windows: bool) -> Rule:
    """Return the rule for a page at each old URL that can have a file, for servers without redirects."""

    def keys(site: Site) -> Iterator[tuple[str, ...]]:
        for source in site.query("redirect-pages"):
            if not (is_windows and _is_invalid_on_windows(source)):
                yield (source,)
        if site.query("legacy-courses"):
            yield (MOODLE,)

    def plan(site: Site, source: str) -> Action:
        if source == MOODLE:
            return page_action(site, legacy_courses_page(site, MOODLE, site.query("legacy-courses")))
        return page_action(site, _page(site, source))

    role, cache = FileRole.REDIRECT, CacheClass.PAGE
    return Rule("forward", "Writing forwards", keys, plan, role=role, cache=cache, descriptions=DESCRIPTIONS)


def redirects_file_rule() -> Rule:
    """Return the rule for the file of redirects, which publishing reads."""

    def plan(site: Site) -> Action:
        return static_action((REDIRECTS_FILE, dump(Redirect(*row) for row in site.query("redirect-table"))))

    return Rule("forwarding", "Writing forwards", lambda _site: ((),), plan, descriptions=DESCRIPTIONS)


def _rows(site: Site, resolver: RedirectResolver) -> Iterator[tuple[str, RedirectRow]]:
    """Yield each old URL that can have a page, unless a file of this build takes its path."""
    resolution = resolver.resolve(site)
    taken = {(file_for_path(path) or path.lstrip("/")).lower() for path in resolution.served}
    for source, rule in resolution.final_rules.items():
        file = file_for_path(source)
        if file is None or file.lower() in taken or _is_below(file.lower(), taken):
            continue
        taken.add(file.lower())
        yield source, _row(site, resolution, source, rule)


def _page(site: Site, source: str) -> PageView:
    target, lang, ref, reasons, above = site.query("redirect-page", source)
    if target is None:
        return gone_page(site, lang, source, dict(reasons).get(lang), above, ref)
    return moved_page(site, lang, source, target, ref)


def _row(site: Site, resolution: Resolution, source: str, rule: RedirectRule) -> RedirectRow:
    above = resolution.auto_rules.nearest_parent(source) if rule.target is None else ""
    served = resolution.served.get(normalize(above or rule.target or ""))
    ref = served.ref if served is not None and served.type == "page" else ""
    lang = served.lang if served is not None and not above else _lang_of(source, site)
    return rule.target, lang, ref, tuple(sorted(rule.reason.items())), above


def _lang_of(source: str, site: Site) -> str:
    """Return the language that an old URL begins with, else the default one."""
    first_step = source.split("/")[1]
    return first_step if first_step in site.langs else site.default_lang


def _is_below(file: str, taken: Container[str]) -> bool:
    """Return whether a folder of the file is a file already."""
    steps = file.split("/")
    return any("/".join(steps[:end]) in taken for end in range(1, len(steps)))


def _is_invalid_on_windows(source: str) -> bool:
    """Return whether Windows forbids such a file name."""
    return any(sign in source for sign in ':*?"<>|') or any(step.endswith((".", " ")) for step in source.split("/"))
