"""What strands, topics, people and partners have in common: words, details, and the items that belong to them."""

from collections.abc import Iterator, Sequence
from functools import partial

from openknowledge.model.values import Lang, Record

from ..kind import ListRule, kinds_by_rank
from ..routes import Route
from ..site import Site
from ..views.base import Card, CardGroup, DetailRow, NavLink, Number
from ..views.body import record_body
from ..views.frame import crumb, feed_links, record_fields
from ..views.lists import list_page, record_card
from ..views.pages import GroupPage, ListPage

__all__ = ["group_card", "group_list", "group_page", "links_row"]


def group_page(
    record: Record,
    site: Site,
    lang: Lang,
    *,
    details: Sequence[DetailRow] = (),
    numbers: Sequence[Number] = (),
    section: str = "",
) -> GroupPage:
    """Return what `group.html` shows of a record of any kind."""
    gettext = site.language(lang).gettext
    kind = site.kind(record.kind)
    return GroupPage(
        **record_fields(
            site,
            record,
            lang,
            template="group",
            section=section,
            crumbs=(crumb(site, lang, kind.label_plural, kind.plural),),
            feeds=feed_links(site, lang, f"ref:{record.ref}", "all"),
        ),
        kicker=gettext(kind.label),
        abstract=site.translation(record, lang).words.abstract,
        body=record_body(site, record, lang),
        picture=site.picture(record, lang) if record.image else None,
        details=tuple(details),
        numbers=tuple(numbers),
        groups=tuple(_members_by_kind(record, site, lang)),
        empty=gettext("Nothing belongs here yet."),
    )


def _members_by_kind(record: Record, site: Site, lang: Lang) -> Iterator[CardGroup]:
    """Yield the records that point at this one, a group for each kind, the newest first where they have dates."""
    for kind in kinds_by_rank(site.kinds, "member_rank"):
        members = sorted(site.referrers(record, kind.name), key=lambda member: site.title(member, lang).casefold())
        members.sort(key=_published_day, reverse=True)
        if members:
            title = site.language(lang).gettext(kind.list_title)
            yield CardGroup(title=title, cards=site.cards(members, lang), anchor=kind.name)


def group_card(record: Record, site: Site, lang: Lang, *, meta: tuple[str, ...] = ()) -> Card:
    """Return such a record in a list: its name, and how much belongs to it."""
    kind = site.kind(record.kind)
    return record_card(
        record,
        site,
        lang,
        kicker=site.language(lang).gettext(kind.label),
        picture=site.picture(record, lang) if record.image or kind.has_cover else None,
        meta=meta or (_member_count(record, site, lang),),
    )


def _member_count(record: Record, site: Site, lang: Lang) -> str:
    """Return how many items point at a record: `4 items`."""
    kinds = kinds_by_rank(site.kinds, "member_rank")
    number = sum(len(site.referrer_slugs(record, kind.name)) for kind in kinds)
    return site.language(lang).plural("%(number)s item", "%(number)s items", number)


def group_list(kind: str, description: str, *, section: str = "", layout: str = "type") -> tuple[ListRule, ...]:
    """Return the list page of such a kind; the description is a message id."""

    def route(site: Site, lang: Lang) -> Route:
        return site.routes.route(site.kind(kind).plural, lang)

    def page(site: Site, lang: Lang) -> ListPage:
        language = site.language(lang)
        stubs = sorted(site.stubs(kind), key=partial(_list_position, site, lang))
        return list_page(
            site,
            lang,
            partial(route, site),
            site.cards(stubs, lang),
            heading=language.gettext(site.kind(kind).list_title),
            description=language.gettext(description),
            section=section,
            notices=(),
            layout=layout,
            total=language.plural("%(number)s entry", "%(number)s entries", len(stubs)),
            empty=language.gettext("Nothing belongs here yet."),
        )

    return (ListRule("all", page, route=route),)


def links_row(record: Record, site: Site, lang: Lang) -> Iterator[DetailRow]:
    """Yield where else a person or partner can be found."""
    links = getattr(record, "links", ())
    if links:
        values = tuple(NavLink(text=link.title, url=link.url, rel="external") for link in links)
        yield DetailRow(label=site.language(lang).gettext("Elsewhere"), values=values)


def _list_position(site: Site, lang: Lang, record: Record) -> tuple[int, str]:
    return getattr(record, "order", 0), site.title(record, lang).casefold()


def _published_day(record: Record) -> str:
    published = getattr(record, "published", None)
    return str(published)[:10] if published else ""
