"""What stands in for an item with problems while an editor previews the site."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from openknowledge.model.values import Lang

from ..routes import Route
from .base import Notice
from .frame import page_fields
from .pages import TextPage

if TYPE_CHECKING:
    from openknowledge.content.loader import FailedItem

    from ..site import Site


def placeholder_page(item: FailedItem, site: Site, lang: Lang) -> TextPage:
    """A page at the item's address that says which file has to be mended; never published."""
    gettext = site.language(lang).gettext

    def route_in(other: Lang) -> Route:
        return placeholder_route(item, site, other)

    message = gettext("The file %(path)s has problems; this page comes back when they are mended.", path=item.paths[0])
    return TextPage(
        **page_fields(
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


def placeholder_route(item: FailedItem, site: Site, lang: Lang) -> Route:
    """Where the item's page would be, as far as its path tells: slugs of its own are in the file."""
    folder = PurePosixPath(item.paths[0]).parent.name
    initiatives = [one.slug for one in site.stubs("initiative")]
    parts = {"slug": item.ref.slug, "year": folder, "format": folder, "initiative": "".join(initiatives[:1])}
    return site.routes.route(item.ref.kind, lang, **parts)
