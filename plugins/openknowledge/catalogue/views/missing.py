"""What stands in for an item with problems while an editor previews the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.values import Lang
from ..reading import Broken
from ..routes import Route
from .base import Notice
from .build import frame
from .pages import TextPage

if TYPE_CHECKING:
    from ..site import Site


def broken_page(item: Broken, site: Site, lang: Lang) -> TextPage:
    """A page at the item's address that says which file has to be mended; never published."""
    text = site.language(lang).text
    parts = {"slug": item.ref.slug, "year": "0000", "format": "article", "initiative": "hub"}

    def route_in(other: Lang) -> Route:
        return site.routes.route(item.ref.kind, other, **parts)

    message = text("The file %(path)s has problems; this page comes back when they are mended.", path=item.paths[0])
    return TextPage(
        **frame(
            site,
            lang,
            route_in,
            template="page",
            heading=item.ref.slug,
            section=item.ref.kind,
            notices=(Notice(text=message, tone="problem"),),
            robots="noindex",
        ),
        abstract="",
        body=(),
        updated=None,
    )
