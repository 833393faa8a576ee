"""Plain pages, the home page, and the pages about the site itself: feeds, numbers and search."""

from openknowledge.model.texts import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind, ListRule, single_page, static_route
from ..site import Site
from ..views.base import Card, PageView
from ..views.body import record_body
from ..views.chrome import fallback_links
from ..views.feeds import feeds_page
from ..views.frame import record_fields
from ..views.home import home_page
from ..views.lists import record_card
from ..views.numbers import numbers_page
from ..views.pages import TextPage
from ..views.search import search_page
from ..views.summaries import summarize

__all__ = ["PAGE"]


def plain_page(page: PlainPage, site: Site, lang: Lang) -> PageView:
    """Return what `page.html` shows; the page called home is the home page, the 404 page leads to the large lists."""
    if page.slug == "home":
        return home_page(page, site, lang)
    is_404 = page.slug == "404"
    return TextPage(
        **record_fields(
            site,
            page,
            lang,
            template="404" if is_404 else "page",
            section="page",
            robots="noindex" if is_404 else None,
        ),
        abstract=site.translation(page, lang).words.abstract,
        body=record_body(site, page, lang),
        updated=site.language(lang).date(page.updated) if page.updated else None,
        fallback_links=fallback_links(site, lang) if is_404 else (),
    )


def page_card(page: PlainPage, site: Site, lang: Lang) -> Card:
    """Return a page in a list; it has no picture."""
    return record_card(page, site, lang, kicker=site.language(lang).gettext("This site"), is_sample=False)


def search_keys(site: Site, lang: Lang) -> tuple[tuple[str, ...], ...]:
    """Return the key of the page of search, where the site has one."""
    return tuple(single_page(site, lang)) if site.settings.search_is_on else ()


PAGE = Kind(
    name="page",
    plural="pages",
    label=N_("Page"),
    label_plural=N_("Pages"),
    model=PlainPage,
    source="pages/*.md",
    page=plain_page,
    card=page_card,
    summary=summarize,
    lists=(
        ListRule("feeds", feeds_page, route=static_route("subscribe")),
        ListRule("numbers", numbers_page, route=static_route("numbers")),
        ListRule("search", search_page, search_keys, static_route("search")),
    ),
    member_rank=None,
    in_site_feed=False,
)
