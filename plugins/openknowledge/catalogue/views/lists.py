"""Lists of records: the card of a record, pages of cards, and filters as plain links."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openknowledge.model.values import Lang, Record

from ..routes import Route
from ..site import Site
from .base import Card, FacetGroup, NavLink
from .frame import list_description, list_notices, page_fields
from .pages import ListPage

__all__ = ["Facet", "faceted_list", "kicker", "list_page", "record_card"]


def record_card(record: Record, site: Site, lang: Lang, **fields: Any) -> Card:
    """Return a record as an item of a list; `fields` are those of `Card` beyond what every record has."""
    translation = site.translation(record, lang)
    common = {
        "ref": str(record.ref),
        "kind": record.kind,
        "url": site.url(record, lang),
        "title": translation.words.title,
        "abstract": translation.words.abstract,
        "lang": translation.lang_attr,
        "is_sample": record.sample,
    }
    return Card(**{**common, **fields})


def kicker(site: Site, lang: Lang, label: str, parent: Record | None) -> str:
    """Return the line above a title: the label (a message id) and what the item belongs to, `Course · Physics`."""
    text = site.language(lang).gettext(label)
    return f"{text} · {site.title(parent, lang)}" if parent is not None else text


def list_page(
    site: Site, lang: Lang, route_in: Callable[[Lang], Route], cards: Sequence[Card] = (), **fields: Any
) -> ListPage:
    """Return a page of cards, with a notice where some are samples; `fields` are those of `ListPage`."""
    own = {"cards": tuple(cards), "notices": list_notices(site, cards, lang), **fields}
    return ListPage(**page_fields(site, lang, route_in, template="list", **own))


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: which values a record has, and the label of each.

    Values are shown in their `order`; without one, by label.
    """

    name: str
    label: str
    values_of: Callable[[Any], Iterable[str]]
    label_of: Callable[[str], str]
    order: Sequence[str] | None = None

    def values(self, records: Sequence[Any]) -> list[str]:
        """Return the values that any record has, in the order in which they are shown."""
        values = {value for record in records for value in self.values_of(record)}
        if self.order is not None:
            return [value for value in self.order if value in values]
        return sorted(values, key=lambda value: self.label_of(value).casefold())


Choice = tuple[Facet, str] | None
"""The value of a filter that is chosen."""


def faceted_list(
    site: Site,
    lang: Lang,
    records: Sequence[Any],
    *,
    route: str,
    heading: str,
    description: str,
    total: Callable[[int], str],
    facets: Sequence[Facet],
    choice: Choice,
    **fields: Any,
) -> ListPage:
    """Return one page with the records that have the chosen value of a filter, or with all of them."""
    cards = site.cards([one for one in records if choice is None or choice[1] in choice[0].values_of(one)], lang)
    title = heading if choice is None else f"{heading}: {choice[0].label_of(choice[1])}"
    return list_page(
        site,
        lang,
        lambda other: _facet_route(site, route, other, choice),
        cards,
        heading=title,
        description=description if choice is None else list_description(title, cards),
        crumbs=() if choice is None else (NavLink(text=heading, url=site.route_url(route, lang)),),
        total=total(len(cards)),
        facets=tuple(_facet_group(site, lang, facet, records, route, choice) for facet in facets),
        **fields,
    )


def _facet_route(site: Site, route: str, lang: Lang, choice: Choice) -> Route:
    """Return the route of a list with a chosen value: `/corsi/stato/aperti/`."""
    if choice is None:
        return site.routes.route(route, lang)
    facet, value = choice
    return site.routes.route(f"{route}_by", lang, facet=facet.name, value=value)


def _facet_group(
    site: Site, lang: Lang, facet: Facet, records: Sequence[Any], route: str, choice: Choice
) -> FacetGroup:
    """Return the links of a filter, each with how many records it leads to; the first leads to all."""
    language = site.language(lang)
    counts = Counter(value for record in records for value in facet.values_of(record))
    current = choice[1] if choice is not None and choice[0].name == facet.name else None

    def link(text: str, choice: Choice, value: str | None, count: int) -> NavLink:
        url = site.url_for_path(_facet_route(site, route, lang, choice).url)
        return NavLink(text=text, url=url, is_current=value == current, count=language.number(count))

    values = facet.values(records)
    options = (link(facet.label_of(value), (facet, value), value, counts[value]) for value in values)
    return FacetGroup(label=facet.label, options=(link(language.gettext("All"), None, None, len(records)), *options))
