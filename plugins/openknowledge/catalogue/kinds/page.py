"""Plain pages, the home page, and the pages about the site itself: feeds and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.page import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Card, PageView
from ..views.fallback_links import fallback_links
from ..views.feeds import feeds_page
from ..views.frame import record_fields
from ..views.home import home_page
from ..views.numbers import numbers_page
from ..views.pages import TextPage
from ..views.search import search_page
from ..views.summaries import summary_of
from .kind import Kind, ListRule, single_page, static_route

if TYPE_CHECKING:
    from ..site import Site


def plain_page(page: PlainPage, site: Site, lang: Lang) -> PageView:
    """What `page.html` shows; the 404 page also has ways on; the page called home is the home page."""
    if page.slug == "home":
        return home_page(page, site, lang)
    language = site.language(lang)
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
        body=site.body(page, lang),
        updated=language.date(page.updated) if page.updated else None,
        fallback_links=fallback_links(site, lang) if is_404 else (),
    )


def page_card(page: PlainPage, site: Site, lang: Lang) -> Card:
    shown = site.translation(page, lang)
    return Card(
        ref=str(page.ref),
        kind="page",
        kicker=site.language(lang).gettext("This site"),
        url=site.url(page, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
    )


def page_summary(page: PlainPage, site: Site, lang: Lang) -> Summary:
    return summary_of(site, page, lang)


def search_keys(site: Site, _lang: Lang) -> tuple[tuple[str, ...], ...]:
    """A page of search, where the site has one."""
    return ((),) if site.settings.search_is_on else ()


PAGE = Kind(
    name="page",
    plural="pages",
    label=N_("Page"),
    label_plural=N_("Pages"),
    model=PlainPage,
    source="pages/*.md",
    page=plain_page,
    card=page_card,
    summary=page_summary,
    lists=(
        ListRule("feeds", feeds_page, single_page, static_route("subscribe")),
        ListRule("numbers", numbers_page, single_page, static_route("numbers")),
        ListRule("search", search_page, search_keys, static_route("search")),
    ),
    in_site_feed=False,
)
