"""Strands, topics, people and partners: words, details, and the items that belong to them."""

from collections.abc import Iterator, Sequence
from functools import partial

from openknowledge.model.course import Strand, Topic
from openknowledge.model.people import Partner, Person
from openknowledge.model.values import Lang, Record
from openknowledge.rendering.locale import N_, N_plural

from ..kind import Kind, ListRule, kinds_by_rank
from ..routes import Route
from ..site import Site
from ..views.base import Card, CardGroup, DetailRow, NavLink, Number
from ..views.frame import list_page, record_page
from ..views.pages import GroupPage, ListPage
from ..views.parts import detail, drop_empty, kicker, published_day, record_card, sort_stubs

ENTRIES = N_plural("%(number)s entry", "%(number)s entries")

__all__ = ["PARTNER", "PERSON", "STRAND", "TOPIC", "group_card", "group_list", "group_page"]


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
    """Yield the records that point at this one, a group for each kind, the newest first where they have dates."""
    language = site.language(lang)
    for kind in kinds_by_rank(site.kinds, "member_rank"):
        members = sorted(
            site.referrers(record, kind.name), key=lambda member: language.sort_key(site.title(member, lang))
        )
        members.sort(key=published_day, reverse=True)
        if members:
            title = language.gettext(kind.list_title)
            yield CardGroup(title=title, cards=site.cards(members, lang), anchor=f"part:{kind.name}")


def group_card(record: Record, site: Site, lang: Lang, *, meta: tuple[str, ...] = ()) -> Card:
    """Return such a record in a list: its name, and how much belongs to it."""
    return record_card(record, site, lang, meta=meta or (_member_count(record, site, lang),))


def _member_count(record: Record, site: Site, lang: Lang) -> str:
    """Return how many items point at a record: `4 items`."""
    kinds = kinds_by_rank(site.kinds, "member_rank")
    number = sum(len(site.referrer_slugs(record, kind.name)) for kind in kinds)
    return site.language(lang).plural("%(number)s item", "%(number)s items", number)


def group_list(
    kind: str, description: str, counted: tuple[str, str] = ENTRIES, *, section: str = "", layout: str = "type"
) -> tuple[ListRule, ...]:
    """Return the list page of such a kind; the description and how its items are counted are message ids."""

    def route(site: Site, lang: Lang) -> Route:
        return site.routes.route(site.kind(kind).plural, lang)

    def page(site: Site, lang: Lang) -> ListPage:
        language = site.language(lang)
        stubs = sort_stubs(site, lang, kind)
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
            total=language.plural(*counted, len(stubs)),
            empty=language.gettext("Nothing belongs here yet."),
        )

    return (ListRule("all", page, route=route),)


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
