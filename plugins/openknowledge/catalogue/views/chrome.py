"""Masthead and colophon: one value for each language and section; and the links of pages without a section."""

from collections.abc import Iterator
from dataclasses import replace

from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind, kinds_by_rank
from ..site import Site
from .base import Chrome, FooterGroup, NavLink

__all__ = ["chrome", "fallback_links"]


def chrome(site: Site, lang: Lang, section: str) -> Chrome:
    """Return what all pages of a language share; the entry of `section` is the current one."""
    return Chrome(
        lang=lang,
        site_name=site.settings.names[lang],
        tagline=site.settings.taglines[lang],
        home_url=site.route_url("home", lang),
        nav=tuple(_nav(site, lang, section)),
        footer=_footer(site, lang),
        license_text=site.language(lang).gettext("Creative Commons Attribution 4.0"),
        license_url=site.settings.license_url,
        assets=site.assets,
        search_url=site.route_url("search", lang) if site.settings.search_is_on else None,
        robots="noindex, nofollow" if site.settings.is_hidden else None,
    )


def _nav(site: Site, lang: Lang, section: str) -> Iterator[NavLink]:
    """Yield the sections of the site in the order of their kinds' ranks."""
    for kind in kinds_by_rank(site.kinds, "nav_rank"):
        link = _list_link(kind, site, lang) if kind.nav_link is None else kind.nav_link(site, lang)
        if link is not None:
            yield replace(link, is_current=kind.name == section)


def _footer(site: Site, lang: Lang) -> tuple[FooterGroup, ...]:
    gettext = site.language(lang).gettext
    kinds = kinds_by_rank(site.kinds, "footer_rank")
    explore = tuple(_list_link(kind, site, lang) for kind in kinds if site.slugs(kind.name))
    follow = (
        NavLink(text=gettext("Feeds"), url=site.route_url("subscribe", lang)),
        NavLink(text=gettext("Numbers and their sources"), url=site.route_url("numbers", lang)),
    )
    pages = sorted(
        (page for page in site.stubs_of(PlainPage) if page.in_footer and not page.save_as),
        key=lambda page: (page.order, page.slug),
    )
    about = tuple(NavLink(text=site.title(page, lang), url=site.url(page, lang)) for page in pages)
    return (
        FooterGroup(title=gettext("Explore"), links=explore),
        FooterGroup(title=gettext("Follow"), links=follow),
        FooterGroup(title=gettext("This site"), links=about),
    )


def _list_link(kind: Kind, site: Site, lang: Lang) -> NavLink:
    return NavLink(text=site.language(lang).gettext(kind.list_title), url=site.route_url(kind.plural, lang))


def fallback_links(site: Site, lang: Lang) -> tuple[NavLink, ...]:
    """Return links to the large lists of the site, for a page whose address has nothing else."""
    gettext = site.language(lang).gettext
    routes = (
        (N_("Courses"), "courses"),
        (N_("Videos"), "videos"),
        (N_("Press"), "press_releases"),
        (N_("Topics"), "topics"),
    )
    return tuple(NavLink(text=gettext(words), url=site.route_url(route, lang)) for words, route in routes)
