"""Masthead and colophon: one value for each language and section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.page import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from .base import Chrome, FooterGroup, NavLink

if TYPE_CHECKING:
    from ..site import Site


def chrome(site: Site, lang: Lang, section: str) -> Chrome:
    """What all pages of a language share; the entry of `section` is the current one."""
    language = site.language(lang)
    return Chrome(
        lang=lang,
        site_name=site.settings.names[lang],
        tagline=site.settings.taglines[lang],
        home_url=site.route_url("home", lang),
        nav=_nav(site, lang, section),
        footer=_footer(site, lang),
        license_text=language.gettext("Creative Commons Attribution 4.0"),
        license_url=site.settings.license_url,
        assets=site.assets,
        search_url=site.route_url("search", lang) if site.settings.search_is_on else None,
        robots="noindex, nofollow" if site.settings.is_hidden else None,
    )


def _nav(site: Site, lang: Lang, section: str) -> tuple[NavLink, ...]:
    """The four sections: courses, videos, the newest learning hub, press."""
    gettext = site.language(lang).gettext
    entries = [("course", gettext("Courses"), site.route_url("courses", lang))]
    entries.append(("video", gettext("Videos"), site.route_url("videos", lang)))
    for initiative in site.stubs("initiative")[:1]:
        entries.append(("hub", site.title(initiative, lang), site.url(initiative, lang)))
    entries.append(("press", gettext("Press"), site.route_url("press_releases", lang)))
    return tuple(NavLink(text=words, url=url, is_current=name == section) for name, words, url in entries)


def _footer(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    gettext = site.language(lang).gettext
    lists = (
        ("strand", N_("Strands"), "strands"),
        ("topic", N_("Topics"), "topics"),
        ("programme", N_("Programmes"), "programmes"),
        ("person", N_("People"), "people"),
        ("partner", N_("Partners"), "partners"),
    )
    explore = tuple(
        NavLink(text=gettext(words), url=site.route_url(route, lang))
        for kind, words, route in lists
        if site.query("is-nonempty", kind)
    )
    follow = (
        NavLink(text=gettext("Feeds"), url=site.route_url("subscribe", lang)),
        NavLink(text=gettext("Numbers and their sources"), url=site.route_url("numbers", lang)),
    )
    pages = sorted(
        (page for page in site.stubs("page") if isinstance(page, PlainPage) and page.in_footer and not page.save_as),
        key=lambda page: (page.order, page.slug),
    )
    about = tuple(NavLink(text=site.title(page, lang), url=site.url(page, lang)) for page in pages)
    return (
        FooterGroup(title=gettext("Explore"), links=explore),
        FooterGroup(title=gettext("Follow"), links=follow),
        FooterGroup(title=gettext("This site"), links=about),
    )
