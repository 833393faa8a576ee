"""Lists of records: filters as plain links, and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openknowledge.model.values import Lang

from ..routes import Route
from .base import Card, FacetGroup, NavLink, Notice
from .frame import list_description, page_fields
from .pages import ListPage

if TYPE_CHECKING:
    from ..site import Site


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: which values a record has, and what each is called; `order` where it is not the alphabet's."""

    name: str
    label: str
    values_of: Callable[[Any], Iterable[str]]
    label_of: Callable[[str], str]
    order: Sequence[str] | None = None

    def values(self, records: Sequence[Any]) -> list[str]:
        """The values that any record has, in the order in which they are shown."""
        found = {value for record in records for value in self.values_of(record)}
        if self.order is not None:
            return [value for value in self.order if value in found]
        return sorted(found, key=lambda value: self.label_of(value).casefold())


Choice = tuple[Facet, str] | None


def list_page(
    site: Site,
    lang: Lang,
    records: Sequence[Any],
    *,
    route: str,
    section: str,
    heading: str,
    description: str,
    total: Callable[[int], str],
    facets: Sequence[Facet] = (),
    chosen: Choice = None,
    notices: Callable[[Site, Sequence[Card], Lang], tuple[Notice, ...]] | None = None,
    layout: str = "grid",
    empty: str = "",
    **more: Any,
) -> ListPage:
    """One page with the records that have the chosen value of a filter, or with all of them."""
    shown = [one for one in records if chosen is None or chosen[1] in chosen[0].values_of(one)]
    cards = site.cards(shown, lang)
    title = heading if chosen is None else f"{heading}: {chosen[0].label_of(chosen[1])}"
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: facet_route(site, route, other, chosen),
            template="list",
            heading=title,
            description=description if chosen is None else list_description(title, cards),
            section=section,
            crumbs=() if chosen is None else (NavLink(text=heading, url=site.route_url(route, lang)),),
            notices=notices(site, cards, lang) if notices else (),
            **more,
        ),
        layout=layout,
        total=total(len(shown)),
        facets=tuple(facet_group(site, lang, facet, records, route, chosen) for facet in facets),
        cards=cards,
        empty=empty,
    )


def facet_route(site: Site, route: str, lang: Lang, chosen: Choice) -> Route:
    """The route of a list with a chosen value: `/corsi/stato/aperti/`."""
    if chosen is None:
        return site.routes.route(route, lang)
    facet, value = chosen
    return site.routes.route(f"{route}_by", lang, facet=facet.name, value=value)


def facet_group(site: Site, lang: Lang, facet: Facet, records: Sequence[Any], route: str, chosen: Choice) -> FacetGroup:
    """The links of a filter, each with how many records it leads to; the first leads to all."""
    language = site.language(lang)
    counts = Counter(value for record in records for value in facet.values_of(record))
    current = chosen[1] if chosen is not None and chosen[0].name == facet.name else None
    everything = NavLink(
        text=language.gettext("All"),
        url=site.route_url(route, lang),
        is_current=current is None,
        count=language.number(len(records)),
    )
    options = [
        NavLink(
            text=facet.label_of(value),
            url=site.url_for_path(facet_route(site, route, lang, (facet, value)).url),
            is_current=value == current,
            count=language.number(counts[value]),
        )
        for value in facet.values(records)
    ]
    return FacetGroup(label=facet.label, options=(everything, *options))
