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
        home_url=site.route("home", lang),
        nav=_nav(site, lang, section),
        footer=_footer(site, lang),
        license_text=language.text("Creative Commons Attribution 4.0"),
        license_url=site.settings.license_url,
        assets=site.assets,
        search_url=site.route("search", lang) if site.settings.search_is_on else None,
        robots="noindex, nofollow" if site.settings.is_hidden else None,
    )


def _nav(site: Site, lang: Lang, section: str) -> tuple[NavLink, ...]:
    """The four sections: courses, videos, the newest learning hub, press."""
    text = site.language(lang).text
    entries = [("course", text("Courses"), site.route("courses", lang))]
    entries.append(("video", text("Videos"), site.route("videos", lang)))
    for initiative in site.all("initiative")[:1]:
        entries.append(("hub", site.title(initiative, lang), site.url(initiative, lang)))
    entries.append(("press", text("Press"), site.route("press_releases", lang)))
    return tuple(NavLink(text=words, url=url, is_current=name == section) for name, words, url in entries)


def _footer(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    text = site.language(lang).text
    lists = (
        ("strand", N_("Strands"), "strands"),
        ("topic", N_("Topics"), "topics"),
        ("programme", N_("Programmes"), "programmes"),
        ("person", N_("People"), "people"),
        ("partner", N_("Partners"), "partners"),
    )
    explore = tuple(
        NavLink(text=text(words), url=site.route(route, lang))
        for kind, words, route in lists
        if site.ask("has-any", kind)
    )
    follow = (
        NavLink(text=text("Feeds"), url=site.route("subscribe", lang)),
        NavLink(text=text("Numbers and their sources"), url=site.route("numbers", lang)),
    )
    pages = sorted(
        (page for page in site.all("page") if isinstance(page, PlainPage) and page.in_footer and not page.save_as),
        key=lambda page: (page.order, page.slug),
    )
    about = tuple(NavLink(text=site.title(page, lang), url=site.url(page, lang)) for page in pages)
    return (
        FooterGroup(title=text("Explore"), links=explore),
        FooterGroup(title=text("Follow"), links=follow),
        FooterGroup(title=text("This site"), links=about),
    )
