"""The pages at old URLs: they lead to the new place, or say that the content is gone; and the file of redirects."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openknowledge.catalogue.routes import Route
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import NavLink, PageView
from openknowledge.catalogue.views.frame import fallback_links, page_fields
from openknowledge.engine.rules import Action, Description, Rule, static_action
from openknowledge.fast_pickle import FastPickle
from openknowledge.manifest import CacheClass, FileRole
from openknowledge.model.values import Lang
from openknowledge.url_paths import INDEX, file_for_path, normalize

from .resolver import RedirectResolver, Resolution
from .sources import MOODLE
from .table import REDIRECTS_FILE, Redirect, RedirectRule, dump

__all__ = [
    *("GonePage", "LegacyCourse", "LegacyCoursesPage", "MovedPage"),
    *("redirect_pages_rule", "redirect_queries", "redirects_file_rule"),
]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPage(PageView):
    """`moved.html`: the browser goes on to `target` by itself."""

    target: NavLink


@dataclass(frozen=True, slots=True, kw_only=True)
class GonePage(PageView):
    """`gone.html`. `reason` is in the editor's words."""

    reason: str | None
    fallback_links: tuple[NavLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyCourse(FastPickle):
    """A course as the old platform counted it."""

    number: str
    link: NavLink


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyCoursesPage(PageView):
    """`moved-courses.html`: one URL for many courses; a script goes on to the course of the query."""

    courses: tuple[LegacyCourse, ...]
    script_url: str


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


def redirect_pages_rule(page_action: Callable[[Site, PageView], Action], is_windows: bool) -> Rule:
    """Return the rule for a page at each old URL that can have a file, for servers without redirects."""

    def keys(site: Site) -> list[tuple[str, ...]]:
        sources = site.query("redirect-pages")
        if is_windows:
            sources = [source for source in sources if not _is_invalid_on_windows(source)]
        return [(source,) for source in (*sources, *((MOODLE,) if site.query("legacy-courses") else ()))]

    def plan(site: Site, source: str) -> Action:
        return page_action(site, _legacy_courses_page(site) if source == MOODLE else _page(site, source))

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


def _row(site: Site, resolution: Resolution, source: str, rule: RedirectRule) -> RedirectRow:
    above = resolution.auto_rules.nearest_parent(source) if rule.target is None else ""
    served = resolution.served.get(normalize(above or rule.target or ""))
    ref = served.ref if served is not None and served.type == "page" else ""
    # Where nothing is at the target, the old URL may begin with a language.
    first_step = source.split("/")[1]
    lang = first_step if first_step in site.langs else site.default_lang
    if served is not None and not above:
        lang = served.lang
    return rule.target, lang, ref, tuple(sorted(rule.reason.items())), above


def _is_below(file: str, taken: Container[str]) -> bool:
    """Return whether a folder of the file is a file already."""
    steps = file.split("/")
    return any("/".join(steps[:end]) in taken for end in range(1, len(steps)))


def _is_invalid_on_windows(source: str) -> bool:
    """Return whether Windows forbids such a file name."""
    return any(sign in source for sign in ':*?"<>|') or any(step.endswith((".", " ")) for step in source.split("/"))


def _page(site: Site, source: str) -> PageView:
    """Return the page at the old URL of something that has moved or is gone."""
    target, lang, ref, reasons, above = site.query("redirect-page", source)
    gettext = site.language(lang).gettext
    link = _link(site, lang, above if target is None else target, ref)
    if target is not None:
        fields = _frame(site, lang, source, "moved", gettext("This page has moved"), link.text)
        canonical_url = site.absolute_url(link.url) if target.startswith("/") else target
        return MovedPage(**{**fields, "canonical_url": canonical_url}, target=link)
    reason = dict(reasons).get(lang)
    home = NavLink(text=gettext("Home"), url=site.route_url("home", lang))
    ways = (*fallback_links(site, lang), home)
    first = (link,) if link.url not in {way.url for way in ways} else ()
    fields = _frame(site, lang, source, "gone", gettext("This page is gone"), reason or "")
    return GonePage(**fields, reason=reason, fallback_links=(*first, *ways))


def _legacy_courses_page(site: Site) -> LegacyCoursesPage:
    """Return the page at the old platform's URL of all courses, with a link for the number of each run."""
    lang = site.default_lang
    heading = site.language(lang).gettext("Courses of the old platform")
    runs: Sequence[tuple[str, str, Lang]] = site.query("legacy-courses")
    return LegacyCoursesPage(
        **_frame(site, lang, MOODLE, "moved-courses", heading),
        courses=tuple(_legacy_course(site, lang, *run) for run in runs),
        script_url=site.asset("old-courses.js"),
    )


def _legacy_course(site: Site, lang: Lang, number: str, slug: str, own: Lang) -> LegacyCourse:
    course = site.stub("course", slug)
    assert course is not None
    shown = site.translation(course, own)
    other = shown.lang if shown.lang != lang else None
    return LegacyCourse(number=number, link=NavLink(text=shown.words.title, url=site.url(course, own), lang=other))


def _link(site: Site, lang: Lang, target: str, ref: str) -> NavLink:
    """Return a link to a URL of the site or elsewhere, with the title of the item at that URL."""
    path, mark, anchor = target.partition("#")
    url = f"{site.url_for_path(path.lstrip('/'))}{mark}{anchor}" if target.startswith("/") else target
    record = site.stub_by_ref(ref) if ref else None
    if record is None:
        return NavLink(text=site.absolute_url(url) if target.startswith("/") else target, url=url)
    shown = site.translation(record, lang)
    return NavLink(text=shown.words.title, url=url, lang=shown.lang_attr)


def _frame(site: Site, lang: Lang, source: str, template: str, heading: str, text: str = "") -> dict[str, Any]:
    """Return the fields of any page, without translations, feeds and indexing."""
    file = file_for_path(source)
    assert file is not None
    # What looks like a program has its page in a folder: without the final slash servers only lead there.
    route = Route(file.removesuffix(INDEX) if file.endswith(f"/{INDEX}") else source.lstrip("/"), file)
    description = f"{heading}: {text}" if text else heading
    words: dict[str, Any] = {"template": template, "heading": heading, "description": description, "robots": "noindex"}
    return {**page_fields(site, lang, lambda _: route, **words), "alternates": (), "feeds": ()}
