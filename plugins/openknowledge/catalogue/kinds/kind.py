"""The descriptor of a kind of content: all that the rest of the catalogue needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openknowledge.content.item_type import ItemType
from openknowledge.model.values import Lang

from ..views.base import Card, PageView

if TYPE_CHECKING:
    from ..routes import Route
    from ..site import Site
    from ..summary import Summary


def single_page(_site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """A list of one page, in which nothing is chosen."""
    return ((),)


@dataclass(frozen=True, slots=True)
class ListRule:
    """The pages of one sort of list. `page` makes one of them from what is chosen in it, as text.

    `each` says what can be chosen: `("state", "open")`, `("2020", "3")`; `()` is the page of the whole list. Both ask
    the site they are handed, and keep nothing from each other: a page is made again without the others. `route` says
    where a page lives without making it; where nobody says so, the page is made for it.
    """

    name: str
    page: Callable[..., PageView]
    keys: Callable[[Site, Lang], Iterable[tuple[str, ...]]] = single_page
    route: Callable[..., Route] | None = None

    def save_as(self, site: Site, lang: Lang, *parts: str) -> str:
        """The file of one page."""
        found = self.page(site, lang, *parts) if self.route is None else self.route(site, lang, *parts)
        return found.save_as


def static_route(name: str) -> Callable[[Site, Lang], Route]:
    """Where a list of one page lives, by the name of its route."""
    return lambda site, lang: site.routes.route(name, lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(ItemType):
    """A kind of content: how its items are read, and all that the rest of the site needs to know of it.

    `name` (`podcast`) and `plural` (`podcasts`) give the settings `PODCAST_URL`, `PODCASTS_URL` and
    their `_LANG_URL` forms.
    `label` and `label_plural` are message ids for one and for many. `page` shows one record, `lists`
    everything that lists them; `card` and `summary` say what other pages and plugins see of one.
    With `feed` its list has a feed of its own; `is_news` says whether its items stand in the feed of
    the whole site.
    With `is_drawn` an item without a picture gets a drawn cover.
    """

    plural: str
    label: str
    label_plural: str
    page: Callable[[Any, Site, Lang], PageView]
    card: Callable[[Any, Site, Lang], Card]
    summary: Callable[[Any, Site, Lang], Summary]
    lists: tuple[ListRule, ...] = ()
    has_feed: bool = False
    in_site_feed: bool = True
    has_cover: bool = False
