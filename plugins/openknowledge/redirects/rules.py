"""The pages at old addresses and the file of all forwards, as lines of products."""

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
"""An old address that has a page: its target, the language of its page, the item to which that leads, why what was
there is gone, and the nearest address above what is gone."""

DESCRIPTIONS = {
    "forward": Description("the page at the old address {source}", ("source",)),
    "forward-page": Description("where the old address {source} leads", ("source",)),
    "forward-pages": Description("which old addresses have pages"),
    "forwarding": Description("the file of all redirects"),
    "forwards": Description("where all old addresses lead"),
    "old-courses": Description("which courses the old portal had"),
    "published": Description("the addresses that were published before"),
    "redirects": Description("the redirects that the settings and their files name"),
}

PageAction = Callable[["Site", "PageView"], Action]


def redirect_queries(resolver: RedirectResolver) -> dict[str, Callable[..., Any]]:
    """What the site learns to answer of old addresses; all answers are plain values."""

    def forwards(site: Site) -> tuple[tuple[str, str, str | None], ...]:
        return tuple((one.source, one.query, one.target) for one in resolver.redirects_of(site))

    def forward_pages(site: Site) -> dict[str, RedirectRow]:
        return dict(_rows(site, resolver))

    def forward_page(site: Site, source: str) -> RedirectRow:
        found: RedirectRow = site.query("forward-pages")[source]
        return found

    def old_courses(site: Site) -> tuple[tuple[str, str, str], ...]:
        return tuple((run.number, run.course, run.lang) for run in resolver.resolve(site).runs if run.number)

    made = (forwards, forward_pages, forward_page, old_courses)
    return {one.__name__.replace("_", "-"): one for one in made}


def redirect_pages_rule(page_work: PageAction, is_windows: bool) -> Rule:
    """A page at each old address where one can stand, also for servers that know of no forwards."""

    def each(site: Site) -> Iterator[tuple[str, ...]]:
        yield from (
            (source,) for source in site.query("forward-pages") if not (is_windows and _is_invalid_on_windows(source))
        )
        if site.query("old-courses"):
            yield (MOODLE,)

    def make(site: Site, source: str) -> Action:
        if source == MOODLE:
            return page_work(site, legacy_courses_page(site, MOODLE, site.query("old-courses")))
        return page_work(site, _page(site, source))

    role, cache = FileRole.REDIRECT, CacheClass.PAGE
    return Rule("forward", "Writing forwards", each, make, role=role, cache=cache, descriptions=DESCRIPTIONS)


def redirects_file_rule() -> Rule:
    """The file of all forwards, for those who publish the site."""

    def make(site: Site) -> Action:
        return static_action((REDIRECTS_FILE, dump(Redirect(*one) for one in site.query("forwards"))))

    return Rule("forwarding", "Writing forwards", lambda _site: ((),), make, descriptions=DESCRIPTIONS)


def _rows(site: Site, book: RedirectResolver) -> Iterator[tuple[str, RedirectRow]]:
    """Every old address at which a page can stand and no file of this build is in the way."""
    found = book.resolve(site)
    taken = {(file_for_path(address) or address.lstrip("/")).lower() for address in found.served}
    for source, end in found.final_rules.items():
        file = file_for_path(source)
        if file is None or file.lower() in taken or _is_below(file.lower(), taken):
            continue
        taken.add(file.lower())
        yield source, _row(site, found, source, end)


def _page(site: Site, source: str) -> PageView:
    target, lang, ref, why, above = site.query("forward-page", source)
    if target is None:
        return gone_page(site, lang, source, dict(why).get(lang), above, ref)
    return moved_page(site, lang, source, target, ref)


def _row(site: Site, found: Resolution, source: str, end: RedirectRule) -> RedirectRow:
    above = found.auto_rules.nearest_parent(source) if end.target is None else ""
    place = found.served.get(normalize(above or end.target or ""))
    ref = place.ref if place is not None and place.type == "page" else ""
    lang = place.lang if place is not None and not above else _lang_of(source, site)
    return end.target, lang, ref, tuple(sorted(end.reason.items())), above


def _lang_of(source: str, site: Site) -> str:
    """The language of an old address, as it begins."""
    begin = source.split("/")[1]
    return begin if begin in site.langs else site.default_lang


def _is_below(file: str, taken: Container[str]) -> bool:
    """Whether a folder of the file is a file already."""
    steps = file.split("/")
    return any("/".join(steps[:end]) in taken for end in range(1, len(steps)))


def _is_invalid_on_windows(source: str) -> bool:
    """Whether Windows has no such file names."""
    return any(sign in source for sign in ':*?"<>|') or any(step.endswith((".", " ")) for step in source.split("/"))
