"""What strands, topics, people and partners have in common: words, facts, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Card, CardGroup, DetailRow, NavLink, Number
from ..views.frame import crumb, drop_empty, feed_links, page_fields, record_fields
from ..views.pages import GroupPage, ListPage
from ..views.summaries import summary_of
from .kind import ListRule, single_page, static_route

if TYPE_CHECKING:
    from ..site import Site

MEMBER_KINDS = (
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
    details: Sequence[DetailRow] = (),
    numbers: Sequence[Number] = (),
    section: str = "",
) -> GroupPage:
    """What `group.html` shows; `label` and the first of `above` are message ids, its second a route."""
    gettext = site.language(lang).gettext
    return GroupPage(
        **record_fields(
            site,
            record,
            lang,
            template="group",
            section=section,
            crumbs=(crumb(site, lang, *above),),
            feeds=feed_links(site, lang, f"ref:{record.ref}", "all"),
        ),
        kicker=gettext(label),
        abstract=site.translation(record, lang).words.abstract,
        body=site.body(record, lang),
        picture=site.picture(record, lang) if record.image else None,
        details=tuple(details),
        numbers=tuple(numbers),
        groups=members_by_kind(record, site, lang),
        empty=gettext("Nothing belongs here yet."),
    )


def members_by_kind(record: Record, site: Site, lang: Lang) -> tuple[CardGroup, ...]:
    """All records that point at this one, a group for each kind, the newest first where they have dates."""
    gettext = site.language(lang).gettext
    found = []
    for kind, title in MEMBER_KINDS:
        records = sorted(site.referrers(record, kind), key=lambda one: site.title(one, lang).casefold())
        records.sort(key=_day, reverse=True)
        if records:
            found.append(CardGroup(title=gettext(title), cards=site.cards(records, lang), anchor=kind))
    return drop_empty(*found)


def group_card(record: Record, site: Site, lang: Lang, *, label: str, meta: tuple[str, ...] = ()) -> Card:
    """A strand, topic, person or partner in a list: its name, and how much belongs to it."""
    shown = site.translation(record, lang)
    return Card(
        ref=str(record.ref),
        kind=record.ref.kind,
        kicker=site.language(lang).gettext(label),
        url=site.url(record, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(record, lang) if record.image or record.ref.kind == "strand" else None,
        meta=meta or (member_count(record, site, lang),),
        is_sample=record.sample,
    )


def member_count(record: Record, site: Site, lang: Lang) -> str:
    """How many items point at a record: `4 items`."""
    number = sum(site.count_referrers(record, kind) for kind, _ in MEMBER_KINDS)
    return site.language(lang).plural("%(number)s item", "%(number)s items", number)


def group_summary(record: Record, site: Site, lang: Lang) -> Summary:
    return summary_of(site, record, lang)


def group_list(kind: str, route: str, heading: str, description: str, section: str = "") -> tuple[ListRule, ...]:
    """The list page of such a kind; heading and description are message ids."""

    def page(site: Site, lang: Lang) -> ListPage:
        language = site.language(lang)
        records = sorted(site.stubs(kind), key=lambda one: (getattr(one, "order", 0), site.title(one, lang).casefold()))
        return ListPage(
            **page_fields(
                site,
                lang,
                lambda other: site.routes.route(route, other),
                template="list",
                heading=language.gettext(heading),
                description=language.gettext(description),
                section=section,
            ),
            layout="grid" if kind == "strand" else "type",
            total=language.plural("%(number)s entry", "%(number)s entries", len(records)),
            cards=site.cards(records, lang),
            empty=language.gettext("Nothing belongs here yet."),
        )

    return (ListRule("all", page, single_page, static_route(route)),)


def links_row(record: Record, site: Site, lang: Lang) -> Iterator[DetailRow]:
    """Where else a person or partner can be found."""
    links = getattr(record, "links", ())
    if links:
        values = tuple(NavLink(text=link.title, url=link.url, rel="external") for link in links)
        yield DetailRow(label=site.language(lang).gettext("Elsewhere"), values=values)


def _day(record: Record) -> str:
    published = getattr(record, "published", None)
    return str(published)[:10] if published else ""
