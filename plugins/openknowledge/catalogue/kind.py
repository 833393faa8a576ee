"""The descriptor of a kind of content: all that the rest of the site needs to know of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

from openknowledge.content.discovery import ItemType
from openknowledge.model.values import Lang, Record

from .routes import Route
from .summary import Summary
from .views.base import Card, NavLink, PageView
from .views.paging import FIRST, ListPart, Pages, cut_by_name, page_of

__all__ = ["FacetedList", "HomeBand", "Kind", "ListRule", "kinds_by_rank", "single_page"]


def single_page(_site: Any, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return the keys of a list of one page, in which nothing is chosen."""
    return ((),)


@dataclass(frozen=True, slots=True)
class ListRule:
    """The pages of one list of a kind. `page` makes one of them from its key, which is text.

    `keys` yields what can be chosen: `("state", "open")`, `("2020", "3")`; `()` is the page of the whole list. Both
    get everything from the site that they are called with, because each page is made without the others. `route` gives
    the route of a page without making it, or names that of a list of one page; without one the page is made for it.
    `is_indexed` is whether search engines may show its pages; where they may not, the pages say so themselves.

    A list with `members`, which gives the slugs of its items in their order, is cut into pages where it is long, by
    `cut`. Its `page` gets as `part` what it shows, and the route of each page follows from that of the list, unless
    `page_route` gives it.
    """

    name: str
    page: Callable[..., PageView]
    keys: Callable[[Any, Lang], Iterable[tuple[str, ...]]] = single_page
    route: Callable[..., Route] | str | None = None
    is_indexed: bool = True
    members: Callable[..., Sequence[str]] | None = None
    cut: Callable[[Sequence[str], int], Pages] = cut_by_name
    page_route: Callable[..., Route] | None = None

    def page_keys(self, site: Any, lang: Lang, kind: str) -> Iterable[tuple[str, ...]]:
        """Yield the keys of all pages; those of a list that may be cut end with a page's name."""
        for key in self.keys(site, lang):
            if self.members is None:
                yield key
            else:
                yield from ((*key, name) for name, _ in site.query("list-pages", kind, self.name, *key))

    def view(self, site: Any, lang: Lang, kind: str, *key: str) -> PageView:
        """Return one page."""
        if self.members is None:
            return self.page(site, lang, *key)
        return self.page(site, lang, *key[:-1], part=self.shown(site, lang, kind, *key))

    def shown(self, site: Any, lang: Lang, kind: str, *key: str) -> ListPart:
        """Return what a page of a list with members shows: one that is not cut is in the order of its language."""
        part = ListPart(*site.query("list-part", kind, self.name, *key))
        members = self.members(site, lang, *key[:-1]) if self.members is not None and part.last == 1 else part.slugs
        return part._replace(slugs=tuple(members))

    def save_as(self, site: Any, lang: Lang, kind: str, *key: str) -> str:
        """Return the file of one page."""
        return self._locate(site, lang, kind, *key).save_as

    def url(self, site: Any, lang: Lang, kind: str, *key: str) -> str:
        """Return the root-relative URL of one page."""
        found = self._locate(site, lang, kind, *key)
        return str(site.url_for_path(found.url)) if isinstance(found, Route) else found.url

    def _locate(self, site: Any, lang: Lang, kind: str, *key: str) -> Route | PageView:
        if self.page_route is not None:
            return self.page_route(site, lang, *key)
        *own, page = key if self.members is not None else (*key, FIRST)
        if self.route is None:
            return self.view(site, lang, kind, *key)
        named = self.route if isinstance(self.route, str) else None
        route = site.routes.route(named, lang) if named else cast(Callable[..., Route], self.route)(site, lang, *own)
        return page_of(site, lang, route, page)


@dataclass(frozen=True, slots=True)
class FacetedList:
    """A list whose filters can be combined. All functions get the site, a language and the list's key.

    `facets` gives the filters, `lists` the names and keys of the lists whose pages show the items, in their order, and
    `route` that of the whole list. `counted` are the messages by which items are counted.
    """

    facets: Callable[..., tuple[Any, ...]]
    lists: Callable[..., Iterable[tuple[str, tuple[str, ...]]]]
    route: Callable[..., Route]
    counted: tuple[str, str]
    keys: Callable[[Any, Lang], Iterable[tuple[str, ...]]] = single_page


@dataclass(frozen=True, slots=True)
class HomeBand:
    """A band of the home page with a kind's first items. `title` and `more` are message ids.

    `more` leads to the kind's list, unless `link` gives another link. `records` are the newest items without one.
    """

    rank: int
    title: str
    more: str = ""
    link: Callable[[Any, Lang], NavLink | None] | None = None
    records: Callable[[Any], Sequence[Record]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(ItemType):
    """A kind of content: how its items are read, and all that the rest of the site needs to know of it.

    `name` (`podcast`) and `plural` (`podcasts`) give the settings `PODCAST_URL`, `PODCASTS_URL` and
    their `_LANG_URL` forms. Functions take a record, the `Site` and a language.

    `label` and `label_plural` are message ids for one and for many; `title` is that of its lists where it differs from
    `label_plural`. `page` shows one record, `lists` everything that lists them; `card` and `summary` say what other
    pages and plugins see of one. Without a `summary` of its own the fields that `dates` names say when an item appeared
    and was changed, and `parents` name the kinds (and the fields) of what has it in its feed. With `has_cover` an item
    without a picture gets a drawn cover; `warns_of_language` is whether a page says that its text is in another
    language. Search engines may show all its items but those that `unindexed` names by their slugs.

    A rank is the kind's position among those that appear in one place, the lowest first; without one it does not
    appear there. The places are: the pages of people, partners, strands and topics, which list what points at them
    (`member_rank`); the navigation, which leads to the kind's list unless `nav_link` gives another link; the footer;
    the home page (`home`); lists with a feed (`feed_rank`); and items with a feed of what belongs to them
    (`item_feed_rank`). `in_site_feed` is whether its items are in the feed of the whole site. `search_weight` is how
    much an item counts among equally good results.
    """

    plural: str
    label: str
    label_plural: str
    page: Callable[[Any, Any, Lang], PageView]
    card: Callable[[Any, Any, Lang], Card]
    summary: Callable[[Any, Any, Lang], Summary] | None = None
    dates: tuple[str, ...] = ("published", "updated")
    parents: tuple[str, ...] = ()
    lists: tuple[ListRule, ...] = ()
    title: str = ""
    has_cover: bool = False
    warns_of_language: bool = True
    unindexed: tuple[str, ...] = ()
    member_rank: int | None = 100
    nav_rank: int | None = None
    nav_link: Callable[[Any, Lang], NavLink | None] | None = None
    footer_rank: int | None = None
    home: HomeBand | None = None
    feed_rank: int | None = None
    item_feed_rank: int | None = None
    faceted: FacetedList | None = None
    in_site_feed: bool = True
    search_weight: float = 1.25

    def find_list(self, name: str) -> ListRule:
        """Return the rule of the list of that name."""
        return next(rule for rule in self.lists if rule.name == name)

    @property
    def list_title(self) -> str:
        """Return the message id of what a list of its items is called."""
        return self.title or self.label_plural


def kinds_by_rank(kinds: Iterable[Kind], rank: str) -> list[Kind]:
    """Return the kinds that have a rank (the name of a field), the lowest first; equal ranks keep their order."""
    return sorted((kind for kind in kinds if getattr(kind, rank) is not None), key=attrgetter(rank))
