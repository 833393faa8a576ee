"""The pages at old URLs: they lead to the new place, or say that the content is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openknowledge.fast_pickle import FastPickle
from openknowledge.model.values import Lang
from openknowledge.url_paths import INDEX, file_for_path

from ..routes import Route
from ..site import Site
from .base import NavLink, PageView
from .chrome import fallback_links
from .frame import page_fields

__all__ = [
    "GonePage",
    "LegacyCourse",
    "LegacyCoursesPage",
    "MovedPage",
    "gone_page",
    "legacy_courses_page",
    "moved_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPage(PageView):
    """`moved.html`: the browser goes on to `target` by itself."""

    target: NavLink


@dataclass(frozen=True, slots=True, kw_only=True)
class GonePage(PageView):
    """`gone.html`. `why` is in the editor's words."""

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


def moved_page(site: Site, lang: Lang, source: str, target: str, ref: str) -> MovedPage:
    """Return the page at the old URL of something that has moved; `ref` is the item at the target, if any."""
    gettext = site.language(lang).gettext
    link = _link(site, lang, target, ref)
    fields = _frame(site, lang, source, "moved", gettext("This page has moved"), link.text)
    canonical_url = site.absolute_url(link.url) if target.startswith("/") else target
    return MovedPage(**{**fields, "canonical_url": canonical_url}, target=link)


def gone_page(site: Site, lang: Lang, source: str, reason: str | None, above: str, ref: str) -> GonePage:
    """Return the page at the URL of something that is gone.

    `above` is the nearest served URL above it, and `ref` the item there, if any.
    """
    gettext = site.language(lang).gettext
    home = NavLink(text=gettext("Home"), url=site.route_url("home", lang))
    near = _link(site, lang, above, ref)
    ways = fallback_links(site, lang)
    first = (near,) if near.url not in {home.url, *(way.url for way in ways)} else ()
    fields = _frame(site, lang, source, "gone", gettext("This page is gone"), reason or "")
    return GonePage(**fields, reason=reason, fallback_links=(*first, *ways, home))


def legacy_courses_page(site: Site, source: str, runs: Sequence[tuple[str, str, Lang]]) -> LegacyCoursesPage:
    """Return the page at the old platform's URL of all courses, with number, course and language of each run."""
    lang = site.default_lang
    heading = site.language(lang).gettext("Courses of the old platform")
    return LegacyCoursesPage(
        **_frame(site, lang, source, "moved-courses", heading),
        courses=tuple(_old_course(site, lang, *run) for run in runs),
        script_url=site.asset("old-courses.js"),
    )


def _old_course(site: Site, lang: Lang, number: str, slug: str, own: Lang) -> LegacyCourse:
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


def _frame(site: Site, lang: Lang, source: str, template: str, heading: str, output: str = "") -> dict[str, Any]:
    """Return the fields of any page, without translations, feeds and indexing."""
    file = file_for_path(source)
    assert file is not None
    # What looks like a program has its page in a folder: without the final slash servers only lead there.
    url = file.removesuffix(INDEX) if file.endswith(f"/{INDEX}") else source.lstrip("/")
    return {
        **page_fields(
            site,
            lang,
            lambda _: Route(url, file),
            template=template,
            heading=heading,
            description=f"{heading}: {output}" if output else heading,
            robots="noindex",
        ),
        "alternates": (),
        "feeds": (),
    }
