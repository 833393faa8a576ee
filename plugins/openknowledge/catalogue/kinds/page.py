"""Plain pages, the home page, and the pages about the site itself: feeds and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.page import PlainPage
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Card, PageView
from ..views.fallback_links import ways_on
from ..views.feeds import feeds_page
from ..views.frame import record_frame
from ..views.home import home_page
from ..views.numbers import numbers_page
from ..views.pages import TextPage
from ..views.search import search_page
from ..views.summaries import summary_of
from .kind import Kind, ListPages, only_one, only_route

if TYPE_CHECKING:
    from ..site import Site


def plain_page(page: PlainPage, site: Site, lang: Lang) -> PageView:
    """What `page.html` shows; the 404 page also has ways on; the page called home is the home page."""
    if page.slug == "home":
        return home_page(page, site, lang)
    language = site.language(lang)
    is_404 = page.slug == "404"
    return TextPage(
        **record_frame(
            site,
            page,
            lang,
            template="404" if is_404 else "page",
            section="page",
            robots="noindex" if is_404 else None,
        ),
        abstract=site.words(page, lang).words.abstract,
        body=site.body(page, lang),
        updated=language.date(page.updated) if page.updated else None,
        ways_on=ways_on(site, lang) if is_404 else (),
    )


def page_card(page: PlainPage, site: Site, lang: Lang) -> Card:
    shown = site.words(page, lang)
    return Card(
        ref=str(page.ref),
        kind="page",
        kicker=site.language(lang).text("This site"),
        url=site.url(page, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
    )


def page_summary(page: PlainPage, site: Site, lang: Lang) -> Summary:
    return summary_of(site, page, lang)


def if_searched(site: Site, _lang: Lang) -> tuple[tuple[str, ...], ...]:
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
        ListPages("feeds", feeds_page, only_one, only_route("subscribe")),
        ListPages("numbers", numbers_page, only_one, only_route("numbers")),
        ListPages("search", search_page, if_searched, only_route("search")),
    ),
    is_news=False,
)
