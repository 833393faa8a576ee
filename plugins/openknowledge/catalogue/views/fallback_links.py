"""Where to go from a page that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from .base import NavLink

if TYPE_CHECKING:
    from ..site import Site

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
