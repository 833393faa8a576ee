"""Where to go from a page that is not there."""

from __future__ import annotations

from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import NavLink

__all__ = ["fallback_links"]


def fallback_links(site: Site, lang: Lang) -> tuple[NavLink, ...]:
    """The large lists of the site."""
    gettext = site.language(lang).gettext
    routes = (
        (N_("Courses"), "courses"),
        (N_("Videos"), "videos"),
        (N_("Press"), "press_releases"),
        (N_("Topics"), "topics"),
    )
    return tuple(NavLink(text=gettext(words), url=site.route_url(route, lang)) for words, route in routes)
