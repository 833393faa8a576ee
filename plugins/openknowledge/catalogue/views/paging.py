"""Long lists: how they are cut into pages whose addresses stay where they are, and the links between these."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from openknowledge.model.values import Lang
from openknowledge.rendering.locale import Language

from ..routes import Route
from .base import NavLink, Pager

__all__ = [
    "FIRST",
    "PAGE",
    "ListPart",
    "Pages",
    "cut_by_age",
    "cut_by_name",
    "digest_slugs",
    "list_pages",
    "list_part",
    "make_pager",
    "near_pages",
    "page_of",
]

FIRST = "first"
"""The name of the first page, whose address is that of the list."""
PAGE = "page"
"""The step before a page's name in its address; `ROUTE_WORDS` translates it."""

Pages = tuple[tuple[str, tuple[str, ...]], ...]
"""The pages of a list in the order of reading: the name of each, and the slugs on it."""


class ListPart(NamedTuple):
    """A page of a list: its name, the slugs on it, its number as readers count and that of the `last` page.

    `total` is how many items the whole list has, and 0 on all pages but the first, because each new item changes it.
    `near` has the numbers and names of the pages that it links to, in their order.
    """

    name: str
    slugs: tuple[str, ...]
    number: int
    last: int
    total: int
    near: tuple[tuple[int, str], ...]

    @property
    def is_first(self) -> bool:
        """Return whether it is the page that the list's own address shows."""
        return self.number == 1


def cut_by_age(slugs: Sequence[str], size: int) -> Pages:
    """Return the pages of a list whose newest item is first, each named by its number from the oldest one on.

    A new item changes only the first page, which holds less than twice as many as the others.
    """
    oldest_first = tuple(reversed(slugs))
    last = max(0, len(slugs) // size - 1) * size
    chunks = [*(oldest_first[start : start + size] for start in range(0, last, size)), oldest_first[last:]]
    pages = [(str(number), tuple(reversed(chunk))) for number, chunk in enumerate(chunks, start=1)]
    return ((FIRST, pages[-1][1]), *reversed(pages[:-1]))


def cut_by_name(slugs: Sequence[str], size: int) -> Pages:
    """Return the pages of a list in any order, each named by the slug of its first item.

    Where a page begins is decided by the digests of the slugs around: an item that comes in between changes its own
    page, seldom the one beside it, and none that is further off. Pages have half to one and a half of the size, the
    first one less than twice as many.
    """
    pages: list[tuple[str, tuple[str, ...]]] = []
    end, least = len(slugs), max(1, size // 2)
    while end >= 2 * size:
        start = min(range(end - size - size // 2, end - least + 1), key=lambda at: _weight(slugs[at]))
        pages.append((slugs[start], tuple(slugs[start:end])))
        end = start
    return ((FIRST, tuple(slugs[:end])), *reversed(pages))


def digest_slugs(slugs: Sequence[str]) -> str:
    """Return eight digits by which a browser knows whether a page still has what a document says of it."""
    return hashlib.sha256(" ".join(slugs).encode()).hexdigest()[:8]


@lru_cache(maxsize=1 << 16)
def _weight(slug: str) -> bytes:
    return hashlib.sha256(slug.encode()).digest()


def list_pages(site: Any, kind: str, name: str, *key: str) -> Pages:
    """Return the pages of a list: one way to cut it for all languages, so that each page is there in each of them."""
    rule = site.kind(kind).find_list(name)
    pages: Pages = rule.cut(rule.members(site, site.default_lang, *key), site.settings.page_size)
    return pages


def list_part(site: Any, kind: str, name: str, *key: str) -> tuple[Any, ...]:
    """Return the fields of the `ListPart` of one page; the key ends with the page's name."""
    *own, page = key
    pages: Pages = site.query("list-pages", kind, name, *own)
    number = [other for other, _ in pages].index(page) + 1
    total = sum(len(slugs) for _, slugs in pages) if number == 1 else 0
    near = tuple((other, pages[other - 1][0]) for other in near_pages(number, len(pages)))
    return page, pages[number - 1][1], number, len(pages), total, near


def near_pages(number: int, count: int) -> Iterator[int]:
    """Yield the pages that a page links to: the first, itself with those beside it, the last; no gap is of one."""
    shown = {1, *range(max(1, number - 1), min(count, number + 1) + 1), count}
    for page in range(1, count + 1):
        if page in shown or {page - 1, page + 1} <= shown:
            yield page


def page_of(site: Any, lang: Lang, route: Route, page: str) -> Route:
    """Return the route of a page of the list that has a route."""
    below: Route = route if page == FIRST else site.routes.below(route, lang, PAGE, page)
    return below


def make_pager(part: ListPart, language: Language, url_of: Callable[[str], str]) -> Pager | None:
    """Return the links between the pages; None where there is only one. `url_of` gives the URL of a page by its name.

    Readers count from the first page on, whatever the addresses are.
    """
    if part.last == 1:
        return None
    gettext, names = language.gettext, dict(part.near)

    def beside(number: int, text: str, rel: str) -> NavLink | None:
        return NavLink(text=text, url=url_of(names[number]), rel=rel) if number in names else None

    pages: list[NavLink | None] = []
    for number, name in part.near:
        if pages and number - 1 not in names:
            pages.append(None)
        text, is_current = language.number(number), number == part.number
        pages.append(NavLink(text=text, url=url_of(name), is_current=is_current))
    return Pager(
        label=gettext("Pages of this list"),
        previous=beside(part.number - 1, gettext("Previous page"), "prev"),
        next=beside(part.number + 1, gettext("Next page"), "next"),
        pages=tuple(pages),
    )
