"""Filters of lists: links to plain pages of single values, and the document with which browsers combine them.

The document has a column for each filter: the values of all items, in the order in which the list's pages show them. So
an item needs no address in it: its page, and its place there, follow from the sizes of the pages.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import FacetGroup, FilterSource, NavLink
from .paging import FIRST, digest_slugs
from .parts import facet_group

__all__ = [
    *("Facet", "facets_path", "facet_counts", "facet_document", "facet_groups", "facet_values", "faceted_lists"),
    *("filter_source", "group_facets", "member_url", "year_facet"),
]

NAMED = 12
"""How many values of a filter a page names; browsers learn the others from the document."""
Column = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter of a list.

    `name` is what addresses call it (`?year=2020`), `values_of` gives the values of a stub, `label_of` the words of a
    value and `lang_of` their language where it is another one than the page's, `url_of` the plain page of all that has
    it, where there is one. Values are shown in their `order`; without
    one, by label, and of more than a few those that most items have. `list_name` is the name of the lists of single
    values where the kind has them, `heading_of` their heading. `index` leads to the list of all values, where there is
    one, for readers without script.
    """

    name: str
    label: str
    values_of: Callable[[Any], Iterable[str]]
    label_of: Callable[[str], str]
    url_of: Callable[[str], str | None]
    order: Sequence[str] | None = None
    list_name: str = ""
    heading_of: Callable[[str], str] = str
    index: NavLink | None = None
    lang_of: Callable[[str], Lang | None] = lambda _value: None


class FacetTable(NamedTuple):
    """The filters of a list with the columns of their values, and its pages: the address of each, and its slugs."""

    facets: tuple[Facet, ...]
    columns: tuple[Column, ...]
    pages: tuple[tuple[str, tuple[str, ...]], ...]


def year_facet(language: Any, of: Callable[[Any], Any], url_of: Callable[[str], str | None], **more: Any) -> Facet:
    """Return the filter by year, the newest first; `of` gives the year of a stub, or None."""
    years = [str(year) for year in range(2100, 1900, -1)]

    def values_of(stub: Any) -> list[str]:
        year = of(stub)
        return [str(year)] if year else []

    return Facet("year", language.gettext("Year"), values_of, str, url_of, years, **more)


def group_facets(site: Site, lang: Lang, kind: str, people: str) -> tuple[Facet, Facet]:
    """Return the filters by topic and by person; `people` is the label of the latter.

    The plain page of a value is the topic's or the person's own; people without a page have none.
    """

    def speakers(stub: Any) -> Iterator[str]:
        yield from dict.fromkeys((*(credit.person for credit in stub.credits), *getattr(stub, "speakers", ())))

    def label_in(group: str) -> Callable[[str], str]:
        def label_of(slug: str) -> str:
            stub = site.stub(group, slug)
            return site.title(stub, lang) if stub is not None else slug

        return label_of

    def lang_in(group: str) -> Callable[[str], Lang | None]:
        def lang_of(slug: str) -> Lang | None:
            stub = site.stub(group, slug)
            return site.translation(stub, lang).lang_attr if stub is not None else None

        return lang_of

    def url_in(group: str) -> Callable[[str], str | None]:
        return lambda slug: member_url(site, lang, group, slug, kind)

    def index_of(group: str, text: str) -> NavLink:
        return NavLink(text=gettext(text), url=site.route_url(site.kind(group).plural, lang))

    gettext = site.language(lang).gettext

    def facet(name: str, group: str, label: str, of: Callable[[Any], Iterable[str]], index: str) -> Facet:
        list_of_all = index_of(group, index)
        return Facet(name, label, of, label_in(group), url_in(group), index=list_of_all, lang_of=lang_in(group))

    return (
        facet("topic", "topic", gettext("Topics"), lambda stub: stub.topics, N_("Topics from A to Z")),
        facet("speaker", "person", people, speakers, N_("People from A to Z")),
    )


def member_url(site: Site, lang: Lang, group: str, slug: str, kind: str) -> str | None:
    """Return the URL of the items of a kind on the page of a topic or person; None where there is no such page."""
    stub = site.stub(group, slug)
    return f"{site.url(stub, lang)}#part:{kind}" if stub is not None else None


def read_table(site: Site, kind: str, lang: Lang, *key: str) -> FacetTable:
    """Return what the items of a list have, column by column; it is made once a build."""

    def read(site: Site) -> FacetTable:
        faceted = site.kind(kind).faceted
        assert faceted is not None
        stubs: dict[str, Record] = {stub.slug: stub for stub in site.stubs(kind)}
        pages = tuple(_pages(site, lang, kind, faceted.lists(site, lang, *key)))
        facets = faceted.facets(site, lang, *key)
        items = [stubs[slug] for _, slugs in pages for slug in slugs]
        columns = (tuple(tuple(map(str, facet.values_of(one))) for one in items) for facet in facets)
        return FacetTable(facets, tuple(columns), pages)

    return site.compute_once(("facets", kind, lang, key), read)


def _pages(
    site: Site, lang: Lang, kind: str, lists: Iterable[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the URL of each page and the slugs on it, as the page itself shows them."""
    for name, key in lists:
        rule, pages = site.kind(kind).find_list(name), site.query("list-pages", kind, name, *key)
        if len(pages) == 1:
            pages = ((FIRST, rule.shown(site, lang, kind, *key, FIRST).slugs),)
        yield from ((rule.url(site, lang, kind, *key, page), slugs) for page, slugs in pages)


def facet_counts(site: Site, kind: str, lang: Lang, *key: str) -> tuple[tuple[tuple[str, int], ...], ...]:
    """Return of each filter of a list its values, in the order in which they are shown, each with how many have it."""
    table, sort_key = read_table(site, kind, lang, *key), site.language(lang).sort_key
    return tuple(
        tuple(_sort(facet, Counter(value for values in column for value in values), sort_key))
        for facet, column in zip(table.facets, table.columns, strict=True)
    )


def _sort(facet: Facet, counts: Counter[str], sort_key: Callable[[str], Any]) -> Iterator[tuple[str, int]]:
    places = {value: place for place, value in enumerate(facet.order or ())}
    values = sorted(counts, key=lambda value: (places.get(value, len(places)), sort_key(facet.label_of(value))))
    return ((value, counts[value]) for value in values)


def facet_values(site: Site, kind: str, lang: Lang, *key: str) -> tuple[tuple[str, ...], ...]:
    """Return the values that pages name of each filter; they stay the same where only counts change."""
    faceted = site.kind(kind).faceted
    assert faceted is not None
    facets, counts = faceted.facets(site, lang, *key), site.query("facet-counts", kind, lang, *key)
    return tuple(tuple(_name_values(facet, rows)) for facet, rows in zip(facets, counts, strict=True))


def _name_values(facet: Facet, rows: Sequence[tuple[str, int]]) -> Iterator[str]:
    named = [row for row in rows if facet.url_of(row[0])]
    if facet.order is None and len(named) > NAMED:
        most = sorted(named, key=lambda row: -row[1])[:NAMED]
        named = [row for row in named if row in most]
    return (value for value, _ in named)


def facet_groups(
    site: Site, kind: str, lang: Lang, *key: str, with_counts: bool, chosen: tuple[str, str] | None = None
) -> tuple[FacetGroup, ...]:
    """Return the filters that a page of a list shows; none that has only one value.

    Counts are for first pages, which each new item changes anyway.
    """
    language, faceted = site.language(lang), site.kind(kind).faceted
    assert faceted is not None
    counts = site.query("facet-counts", kind, lang, *key) if with_counts else None
    pages = read_table(site, kind, lang, *key).pages if with_counts else ()
    # Where the items are on several pages, no page shows as many as there are.
    total = language.number(len(pages[0][1])) if len(pages) == 1 else None
    url = site.url_for_path(faceted.route(site, lang, *key).url)
    groups = []
    named = site.query("facet-values", kind, lang, *key)
    for place, (facet, values) in enumerate(zip(faceted.facets(site, lang, *key), named, strict=True)):
        if len(values) < 2:
            continue
        numbers = dict(counts[place]) if counts else {}
        links = [
            NavLink(
                text=facet.label_of(value),
                url=facet.url_of(value) or "",
                is_current=(facet.name, value) == chosen,
                count=language.number(numbers[value]) if numbers else None,
                lang=facet.lang_of(value),
            )
            for value in values
        ]
        whole = facet_group(language, facet.name, facet.label, url, links, total)
        groups.append(replace(whole, name=facet.name, values=("", *values), index=facet.index))
    return tuple(groups)


def filter_source(site: Site, kind: str, lang: Lang, *key: str, chosen: tuple[str, str] | None = None) -> FilterSource:
    """Return where a page's filters find what they combine; `chosen` is the filter and value of the page's own list."""
    faceted = site.kind(kind).faceted
    assert faceted is not None
    return FilterSource(
        url=site.url_for_path(facets_path(kind, lang, *key)),
        list_url=site.url_for_path(faceted.route(site, lang, *key).url),
        chosen="=".join(chosen) if chosen else "",
    )


def facets_path(kind: str, lang: Lang, *key: str) -> str:
    """Return where the document of a list is, below output/."""
    return f"data/lists/{'.'.join((kind, *key, lang))}.json"


def faceted_lists(site: Site) -> Iterator[tuple[str, Lang, tuple[str, ...]]]:
    """Yield the kind, the language and the key of each list whose filters can be combined."""
    for kind in site.kinds:
        if kind.faceted is not None:
            for lang in site.langs:
                yield from ((kind.name, lang, key) for key in kind.faceted.keys(site, lang))


def facet_document(site: Site, kind: str, lang: Lang, *key: str) -> bytes:
    """Return the document of a list: its filters with their columns, its pages, and the words that browsers need."""
    table, language, faceted = read_table(site, kind, lang, *key), site.language(lang), site.kind(kind).faceted
    assert faceted is not None
    facets = []
    counts = site.query("facet-counts", kind, lang, *key)
    for facet, column, rows in zip(table.facets, table.columns, counts, strict=True):
        places = {value: place for place, (value, _) in enumerate(rows)}
        items = [[places[value] for value in values] for values in column]
        facets.append(
            {
                "name": facet.name,
                "label": facet.label,
                "values": [_describe_value(facet, value) for value in places],
                "of": [values[0] if len(values) == 1 else values for values in items],
            }
        )
    words = {
        "counts": language.plural_forms(*faceted.counted),
        "locale": language.code,
        **{name: language.gettext(message) for name, message in WORDS.items()},
    }
    pages = [(url, len(slugs), digest_slugs(slugs)) for url, slugs in table.pages]
    document = {"facets": facets, "pages": pages, "words": words}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _describe_value(facet: Facet, value: str) -> tuple[str, ...]:
    """Return a value and its words, and their language where it is another one than that of the page."""
    lang = facet.lang_of(value)
    return (value, facet.label_of(value), *(() if lang is None else (lang,)))


WORDS = {
    "none": N_("Nothing here has all of this. Remove a filter."),
    "remove": N_("Remove the filter"),
    "clear": N_("Remove all filters"),
    "more": N_("Show more"),
    "others": N_("More values"),
    "find": N_("Search these values"),
    "first": N_("The first %(number)s are shown: search for the others."),
    "failed": N_("The filters could not be loaded. Try again."),
}
"""What browsers say of filters, as message ids."""
