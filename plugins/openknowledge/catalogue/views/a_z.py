"""Everything from A to Z, for readers without script: a page for each letter, cut where it is long."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..routes import Route
from ..site import HOME, Site
from .base import NavLink, Pager
from .frame import page_fields
from .pages import LetterPage
from .paging import FIRST, Pages, cut_by_name, page_of
from .parts import record_link

__all__ = ["letter_entry", "letter_keys", "letter_links", "letter_page", "letter_pages", "letter_route", "letters"]

PAGE_LENGTH = 150
"""How many links a page has, about."""
DIGITS, OTHERS = "0-9", "other"
"""The keys of titles that begin with a digit, and with a letter of another script."""
NAMES = {OTHERS: N_("Other signs")}


def letter_entry(site: Site, kind: str, slug: str, lang: Lang) -> tuple[str, str]:
    """Return the letter under which an item stands in a language, and by what it is sorted; `""` where it does not."""
    record = site.stub(kind, slug)
    if record is None or (kind, slug) == (HOME.kind, HOME.slug) or getattr(record, "save_as", None):
        return "", ""
    bare = unicodedata.normalize("NFKD", site.title(record, lang)).casefold()
    folded = "".join(sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign)).strip()
    first = folded[:1]
    return (first if "a" <= first <= "z" else DIGITS if first.isdigit() else OTHERS), folded


def letter_pages(site: Site, lang: Lang) -> dict[str, Pages]:
    """Return the pages of each letter in a language, with the references of the items on them."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for ref in site.refs():
        letter, folded = site.query("letter-entry", ref.kind, ref.slug, lang)
        if letter:
            found[letter].append((folded, str(ref)))
    names = sorted(found, key=lambda letter: (letter == OTHERS, letter))
    return {letter: cut_by_name([name for _, name in sorted(found[letter])], PAGE_LENGTH) for letter in names}


def letters(site: Site) -> tuple[str, ...]:
    """Return the letters of all languages: each has a page in each of them."""
    found = {letter for lang in site.langs for letter in site.query("letter-pages", lang)}
    return tuple(sorted(found, key=lambda letter: (letter == OTHERS, letter)))


def letter_keys(site: Site, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield each letter and each of its pages, where the site has a search."""
    if site.settings.search_is_on:
        pages = site.query("letter-pages", lang)
        for letter in letters(site):
            yield from ((letter, _page_name(name)) for name, _ in pages.get(letter, ((FIRST, ()),)))


def _page_name(name: str) -> str:
    """Return a reference as a part of an address."""
    return name.replace("/", "-")


def letter_route(site: Site, lang: Lang, letter: str, page: str = FIRST) -> Route:
    """Return the route of a page of a letter."""
    return page_of(site, lang, site.routes.below(site.routes.route("search", lang), lang, "letter", letter), page)


def letter_links(site: Site, lang: Lang, current: str = "") -> tuple[NavLink, ...]:
    """Return the links to all letters."""
    return tuple(
        NavLink(
            text=_letter_name(site, lang, letter),
            url=site.url_for_path(letter_route(site, lang, letter).url),
            is_current=letter == current,
        )
        for letter in site.query("letters")
    )


def _letter_name(site: Site, lang: Lang, letter: str) -> str:
    return site.language(lang).gettext(NAMES[letter]) if letter in NAMES else letter.upper()


def _pages_of(site: Site, lang: Lang, letter: str) -> Pages:
    pages: Pages = site.query("letter-pages", lang).get(letter, ((FIRST, ()),))
    return pages


def letter_page(site: Site, lang: Lang, letter: str, page: str) -> LetterPage:
    """Return a page of all items whose titles begin with a letter."""
    gettext = site.language(lang).gettext
    pages = _pages_of(site, lang, letter)
    names = [_page_name(name) for name, _ in pages]
    number = names.index(page)
    heading = gettext("Everything: %(letter)s", letter=_letter_name(site, lang, letter))
    if number:
        heading = gettext("%(heading)s, page %(number)s", heading=heading, number=number + 1)

    def route(other: Lang) -> Route:
        there = _pages_of(site, other, letter)
        return letter_route(site, other, letter, _page_name(there[number][0]) if number < len(there) else FIRST)

    view = LetterPage(
        **page_fields(
            site,
            lang,
            route,
            template="a-z",
            heading=heading,
            description=gettext("All that the catalogue has, by title: %(heading)s.", heading=heading),
            section="search",
            crumbs=(NavLink(text=gettext("Search"), url=site.route_url("search", lang)),),
            robots="noindex",
        ),
        letters=letter_links(site, lang, letter),
        links=tuple(record_link(site, stub, lang) for name in pages[number][1] if (stub := site.stub_by_ref(name))),
        pager=Pager(
            label=gettext("Pages"),
            previous=_near_page(site, lang, letter, names[number - 1 : number], gettext("Previous"), "prev"),
            next=_near_page(site, lang, letter, names[number + 1 : number + 2], gettext("Next"), "next"),
        ),
    )
    # A page that only one language has is no translation of another one.
    is_everywhere = all(number < len(_pages_of(site, other, letter)) for other in site.langs)
    return view if is_everywhere else replace(view, alternates=())


def _near_page(site: Site, lang: Lang, letter: str, names: list[str], text: str, rel: str) -> NavLink | None:
    """Return the link to the page of a letter that is named, if one is."""
    urls = [site.url_for_path(letter_route(site, lang, letter, name).url) for name in names]
    return NavLink(text=text, url=urls[0], rel=rel) if urls else None
