"""The page that replaces an item with problems in a preview."""

from pathlib import PurePosixPath

from openknowledge.content.loader import FailedItem
from openknowledge.model.values import Lang

from ..routes import Route
from ..site import Site
from .base import Notice
from .frame import page_fields
from .pages import TextPage


def placeholder_page(item: FailedItem, site: Site, lang: Lang) -> TextPage:
    """Return a page at the item's address that names the file to mend; it is never published."""
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
    """Return the address of the item's page as far as its path tells it, because the slug may be in the broken file."""
    folder = PurePosixPath(item.paths[0]).parent.name
    initiatives = [one.slug for one in site.stubs("initiative")]
    parts = {"slug": item.ref.slug, "year": folder, "format": folder, "initiative": "".join(initiatives[:1])}
    return site.routes.route(item.ref.kind, lang, **parts)
