"""What strands, topics, people and partners have in common: words, facts, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Card, CardGroup, Fact, NavLink, Number
from ..views.frame import crumb, feed_links, frame, groups, record_frame
from ..views.pages import GroupPage, ListPage
from ..views.summaries import summary_of
from .kind import ListPages, only_one, only_route

if TYPE_CHECKING:
    from ..site import Site

BELONGING = (
    ("course", N_("Courses")),
    ("playlist", N_("Playlists")),
    ("video", N_("Videos")),
    ("initiative", N_("Learning hub")),
    ("hub", N_("From the learning hub")),
    ("programme", N_("Programmes")),
    ("press", N_("Press")),
)


def group_page(
    record: Record,
    site: Site,
    lang: Lang,
    *,
    label: str,
    above: tuple[str, str],
    facts: Sequence[Fact] = (),
    numbers: Sequence[Number] = (),
    section: str = "",
) -> GroupPage:
    """What `group.html` shows; `label` and the first of `above` are message ids, its second a route."""
    text = site.language(lang).text
    return GroupPage(
        **record_frame(
            site,
            record,
            lang,
            template="group",
            section=section,
            crumbs=(crumb(site, lang, *above),),
            feeds=feed_links(site, lang, f"ref:{record.ref}", "all"),
        ),
        kicker=text(label),
        abstract=site.words(record, lang).words.abstract,
        body=site.body(record, lang),
        picture=site.picture(record, lang) if record.image else None,
        facts=tuple(facts),
        numbers=tuple(numbers),
        groups=belonging(record, site, lang),
        empty=text("Nothing belongs here yet."),
    )


def belonging(record: Record, site: Site, lang: Lang) -> tuple[CardGroup, ...]:
    """All records that point at this one, a group for each kind, the newest first where they have dates."""
    text = site.language(lang).text
    found = []
    for kind, title in BELONGING:
        records = sorted(site.referring(record, kind), key=lambda one: site.title(one, lang).casefold())
        records.sort(key=_day, reverse=True)
        if records:
            found.append(CardGroup(title=text(title), cards=site.cards(records, lang), anchor=kind))
    return groups(*found)


def group_card(record: Record, site: Site, lang: Lang, *, label: str, meta: tuple[str, ...] = ()) -> Card:
    """A strand, topic, person or partner in a list: its name, and how much belongs to it."""
    shown = site.words(record, lang)
    return Card(
        ref=str(record.ref),
        kind=record.ref.kind,
        kicker=site.language(lang).text(label),
        url=site.url(record, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(record, lang) if record.image or record.ref.kind == "strand" else None,
        meta=meta or (belongings(record, site, lang),),
        is_sample=record.sample,
    )


def belongings(record: Record, site: Site, lang: Lang) -> str:
    """How many items point at a record: `4 items`."""
    number = sum(site.count_referring(record, kind) for kind, _ in BELONGING)
    return site.language(lang).counted("%(number)s item", "%(number)s items", number)


def group_summary(record: Record, site: Site, lang: Lang) -> Summary:
    return summary_of(site, record, lang)


def group_list(kind: str, route: str, heading: str, description: str, section: str = "") -> tuple[ListPages, ...]:
    """The list page of such a kind; heading and description are message ids."""

    def page(site: Site, lang: Lang) -> ListPage:
        language = site.language(lang)
        records = sorted(site.all(kind), key=lambda one: (getattr(one, "order", 0), site.title(one, lang).casefold()))
        return ListPage(
            **frame(
                site,
                lang,
                lambda other: site.routes.route(route, other),
                template="list",
                heading=language.text(heading),
                description=language.text(description),
                section=section,
            ),
            layout="grid" if kind == "strand" else "type",
            total=language.counted("%(number)s entry", "%(number)s entries", len(records)),
            cards=site.cards(records, lang),
            empty=language.text("Nothing belongs here yet."),
        )

    return (ListPages("all", page, only_one, only_route(route)),)


def links_fact(record: Record, site: Site, lang: Lang) -> Iterator[Fact]:
    """Where else a person or partner can be found."""
    links = getattr(record, "links", ())
    if links:
        values = tuple(NavLink(text=link.title, url=link.url, rel="external") for link in links)
        yield Fact(label=site.language(lang).text("Elsewhere"), values=values)


def _day(record: Record) -> str:
    published = getattr(record, "published", None)
    return str(published)[:10] if published else ""
