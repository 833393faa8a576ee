"""Strands, topics, people and partners: words, details, and the items that belong to them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from openknowledge.model.course import Strand, Topic
from openknowledge.model.people import Partner, Person
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import N_, N_plural

from ..kind import Kind, ListRule, kinds_by_rank
from ..routes import Route
from ..site import Site
from ..views.a_z import speakers_link
from ..views.base import Card, CardGroup, DetailRow, NavLink, Number
from ..views.frame import list_part_page, record_page
from ..views.pages import GroupPage, ListPage
from ..views.paging import ListPart, page_of
from ..views.parts import (
    detail,
    drop_empty,
    kicker,
    list_description,
    published_day,
    record_card,
    record_link,
    sort_stubs,
    without_kickers,
)

T = TypeVar("T")

ENTRIES = N_plural("%(number)s entry", "%(number)s entries")
MEMBERS_OF = {
    "strand": N_("%(items)s of the strand %(group)s"),
    "topic": N_("%(items)s on the topic %(group)s"),
}
"""The headings of all items of a kind that belong to a strand or a topic."""

__all__ = ["PARTNER", "PERSON", "STRAND", "TOPIC", "group_card", "group_list", "group_page", "shown_members"]


def group_page(
    record: Record, site: Site, lang: Lang, *, numbers: Sequence[Number] = (), section: str = ""
) -> GroupPage:
    """Return what `group.html` shows of a record of any kind."""
    return record_page(
        GroupPage,
        record,
        site,
        lang,
        template="group",
        section=section,
        crumbs=(record.kind,),
        feeds=(f"ref:{record.ref}", "all"),
        kicker=kicker(record, site, lang),
        picture=site.picture(record, lang) if record.image else None,
        details=_details(record, site, lang),
        numbers=tuple(numbers),
        groups=tuple(_members_by_kind(record, site, lang)),
        empty=site.language(lang).gettext("Nothing belongs here yet."),
    )


def _details(record: Record, site: Site, lang: Lang) -> tuple[DetailRow, ...]:
    """Return where a person or partner is, and where else each can be found."""
    language = site.language(lang)
    if isinstance(record, Person):
        first = detail(language.gettext("Affiliation"), [record.affiliation])
        second = detail("ORCID", _external_ids("https://orcid.org/", record.orcid))
    elif isinstance(record, Partner):
        country = record.country and language.locale.territories.get(record.country, record.country)
        first = detail(language.gettext("Country"), [country])
        second = detail("ROR", _external_ids("https://ror.org/", record.ror))
    else:
        return ()
    links = [NavLink(text=link.title, url=link.url, rel="external") for link in record.links]
    return drop_empty(first, second, detail(language.gettext("Elsewhere"), links))


def _external_ids(address: str, name: str | None) -> list[NavLink]:
    return [NavLink(text=name, url=address + name, rel="external")] if name else []


def _members_by_kind(record: Record, site: Site, lang: Lang) -> Iterator[CardGroup]:
    """Yield the records that point at this one, a group for each kind; of many the first, with a link to all."""
    language = site.language(lang)
    for kind, slugs, count in shown_members(record, site, lang):
        more = None
        if count > len(slugs):
            url = site.url_for_path(member_route(site, lang, record.kind, record.slug, kind.name).url)
            more = NavLink(text=language.gettext("See all"), url=url, count=language.number(count))
        cards = site.cards([Ref(kind.name, slug) for slug in slugs], lang)
        if record.kind == "strand":
            cards = without_kickers(cards)
        title, anchor = language.gettext(kind.list_title), f"part:{kind.name}"
        yield CardGroup(title=title, cards=cards, anchor=anchor, more=more)


def shown_members(record: Record, site: Site, lang: Lang) -> Iterator[tuple[Kind, list[str], int]]:
    """Yield of each kind the slugs that a record's own page shows of those that point at it, and how many there are."""
    size = site.settings.page_size
    for kind in kinds_by_rank(site.kinds, "member_rank"):
        slugs = member_slugs(site, lang, record.kind, record.slug, kind.name)
        if slugs:
            yield kind, slugs if len(slugs) < 2 * size else slugs[:size], len(slugs)


def member_slugs(site: Site, lang: Lang, kind: str, slug: str, member_kind: str) -> list[str]:
    """Return the records of a kind that point at a record, by title, and the newest first where they have dates."""
    language = site.language(lang)
    members = [*site.referrers(Ref(kind, slug), member_kind)]
    members.sort(key=lambda member: language.sort_key(site.title(member, lang)))
    return [member.slug for member in sorted(members, key=published_day, reverse=True)]


def member_keys(site: Site, _lang: Lang, kind: str) -> Iterator[tuple[str, ...]]:
    """Yield each record of a kind and each kind of which more point at it than its own page shows."""
    member_kinds = [one.name for one in kinds_by_rank(site.kinds, "member_rank")]
    referrers = site.all_referrers()
    for slug in site.slugs(kind):
        counts = Counter(ref.kind for ref in referrers.get(f"{kind}/{slug}", ()))
        yield from ((slug, one) for one in member_kinds if counts[one] >= 2 * site.settings.page_size)


def member_route(site: Site, lang: Lang, kind: str, slug: str, member_kind: str) -> Route:
    """Return the route of the list of all records of a kind that point at a record."""
    own = site.route_of(Ref(kind, slug), lang)
    return site.routes.below(own, lang, site.kind(member_kind).plural)


def member_list(site: Site, lang: Lang, kind: str, slug: str, member_kind: str, *, part: ListPart) -> ListPage:
    """Return a page of all records of a kind that point at a record."""
    language, record = site.language(lang), site.stub(kind, slug)
    assert record is not None
    home, items = record_link(site, record, lang), language.gettext(site.kind(member_kind).list_title)
    cards = site.cards([Ref(member_kind, one) for one in part.slugs], lang)
    heading = language.gettext(MEMBERS_OF.get(kind, N_("%(items)s with %(group)s")), items=items, group=home.text)
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: page_of(site, other, member_route(site, other, kind, slug, member_kind), page),
        cards,
        heading=heading,
        description=list_description(heading, cards),
        section=member_kind,
        crumbs=(kind, home),
        feeds=(f"ref:{record.ref}", "all"),
        layout="grid" if cards[0].picture else "type",
        counted=N_plural("%(number)s item", "%(number)s items"),
    )


def group_card(record: Record, site: Site, lang: Lang, *, meta: tuple[str, ...] = ()) -> Card:
    """Return such a record in a list: its name, and how much belongs to it."""
    return record_card(record, site, lang, meta=meta or (_member_count(record, site, lang),))


def _member_count(record: Record, site: Site, lang: Lang) -> str:
    """Return how many items point at a record: `4 items`."""
    kinds = kinds_by_rank(site.kinds, "member_rank")
    number = sum(len(site.referrer_slugs(record, kind.name)) for kind in kinds)
    return site.language(lang).plural("%(number)s item", "%(number)s items", number)


def group_list(
    kind: str,
    description: str,
    counted: tuple[str, str] = ENTRIES,
    *,
    section: str = "",
    layout: str = "type",
    also: Callable[[Site, Lang], NavLink | None] = lambda _site, _lang: None,
) -> tuple[ListRule, ...]:
    """Return the list page of such a kind; the description and how its items are counted are message ids.

    `also` gives the link of its first page to what is listed elsewhere.
    """

    def route(site: Site, lang: Lang) -> Route:
        return site.routes.route(site.kind(kind).plural, lang)

    def slugs(site: Site, lang: Lang) -> list[str]:
        return [stub.slug for stub in sort_stubs(site, lang, kind)]

    def page(site: Site, lang: Lang, *, part: ListPart) -> ListPage:
        language = site.language(lang)
        return list_part_page(
            site,
            lang,
            part,
            lambda other, name: page_of(site, other, route(site, other), name),
            site.cards([Ref(kind, slug) for slug in part.slugs], lang),
            heading=language.gettext(site.kind(kind).list_title),
            description=language.gettext(description),
            section=section,
            notices=(),
            layout=layout,
            counted=counted,
            also=also(site, lang) if part.is_first else None,
            empty=language.gettext("Nothing belongs here yet."),
        )

    return ListRule("all", page, route=route, members=slugs), _member_rule(kind)


def _member_rule(kind: str) -> ListRule:
    """Return the rule of the lists of all that points at a record of the kind."""

    def of_kind(function: Callable[..., T]) -> Callable[..., T]:
        return lambda site, lang, *key, **fields: function(site, lang, kind, *key, **fields)

    route, members = of_kind(member_route), of_kind(member_slugs)
    return ListRule(
        "members", of_kind(member_list), lambda site, lang: member_keys(site, lang, kind), route, members=members
    )


def strand_page(strand: Strand, site: Site, lang: Lang) -> GroupPage:
    """Return a strand's page: its courses, and their enrolments together."""
    total = site.number(f"total:{strand.ref}", lang)
    return group_page(strand, site, lang, numbers=(total,) if total else (), section="course")


def strand_card(strand: Strand, site: Site, lang: Lang) -> Card:
    """Return a strand in a list, with how many courses it has."""
    courses = len(site.referrer_slugs(strand, "course"))
    count = site.language(lang).plural("%(number)s course", "%(number)s courses", courses)
    return group_card(strand, site, lang, meta=(count,))


STRAND = Kind(
    name="strand",
    plural="strands",
    label=N_("Strand"),
    label_plural=N_("Strands"),
    model=Strand,
    source="strands/*.md",
    page=strand_page,
    card=strand_card,
    lists=group_list(
        "strand",
        N_("The series into which the courses are grouped."),
        N_plural("%(number)s strand", "%(number)s strands"),
        section="course",
        layout="grid",
    ),
    has_cover=True,
    member_rank=None,
    footer_rank=10,
    item_feed_rank=20,
    in_site_feed=False,
)
TOPIC = Kind(
    name="topic",
    plural="topics",
    label=N_("Topic"),
    label_plural=N_("Topics"),
    model=Topic,
    source="topics/*.md",
    page=group_page,
    card=group_card,
    lists=group_list(
        "topic",
        N_("Everything the catalogue is about, from A to Z."),
        N_plural("%(number)s topic", "%(number)s topics"),
    ),
    member_rank=None,
    footer_rank=20,
    item_feed_rank=30,
    in_site_feed=False,
)
PERSON = Kind(
    name="person",
    plural="people",
    label=N_("Person"),
    label_plural=N_("People"),
    model=Person,
    source="people/*.md",
    page=group_page,
    card=group_card,
    lists=group_list(
        "person",
        N_("Who teaches, writes and speaks in the catalogue."),
        N_plural("%(number)s person", "%(number)s people"),
        also=speakers_link,
    ),
    member_rank=None,
    footer_rank=40,
    in_site_feed=False,
)
PARTNER = Kind(
    name="partner",
    plural="partners",
    label=N_("Partner"),
    label_plural=N_("Partners"),
    model=Partner,
    source="partners/*.md",
    page=group_page,
    card=group_card,
    lists=group_list(
        "partner",
        N_("Institutions and companies that take part in what is shown here."),
        N_plural("%(number)s partner", "%(number)s partners"),
    ),
    member_rank=None,
    footer_rank=50,
    in_site_feed=False,
)
