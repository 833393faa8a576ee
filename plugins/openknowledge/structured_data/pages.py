"""The structured data of a page: the page itself, the way to it, the site, and the thing that it shows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import Card, PageView
from openknowledge.catalogue.views.pages import GroupPage, InitiativePage, ListPage, PlaylistPage
from openknowledge.model.organization import Organization
from openknowledge.model.values import Html, Record, Ref
from openknowledge.url_paths import THING

from .nodes import Node, drop_unknown, node_id, publisher, publisher_id, refer, short, website_id
from .script_text import write_script
from .things import THINGS

__all__ = ["describe_page", "page_extras"]

COLLECTIONS = (GroupPage, InitiativePage, ListPage, PlaylistPage)
LIST_DESCRIPTION_LENGTH = 60
"""How many characters search engines show of a course in a list."""


def page_extras(_generator: Any, view: PageView, site: Site, **_: Any) -> dict[str, Html]:
    """Return the structured data of a page; none of one that search engines leave out."""
    return {} if view.robots else {"structured_data": write_script(describe_page(view, site))}


def describe_page(view: PageView, site: Site) -> list[Node]:
    """Return the nodes of a page."""
    kind, _, slug = (view.ref or "").partition("/")
    record = site.record(Ref(kind, slug)) if view.ref else None
    things = [*_describe_record(record, view, site)] if record is not None else []
    courses = _list_courses(view, site)
    main = courses if courses is not None and not things else next(iter(things), None)
    crumbs = _describe_crumbs(view, site)
    page = drop_unknown(
        {
            "@type": "CollectionPage" if isinstance(view, COLLECTIONS) else "WebPage",
            "@id": view.canonical_url,
            "url": view.canonical_url,
            "name": view.heading,
            "inLanguage": view.lang,
            "isPartOf": refer(website_id(site)),
            "breadcrumb": refer(crumbs["@id"]) if crumbs else None,
            "mainEntity": refer(main["@id"]) if main else None,
        }
    )
    is_home = view.template == "home"
    nodes = [page, crumbs, _describe_site(view, site, is_home), _describe_publisher(site, is_home), *things, courses]
    return [*_join(nodes)]


def _join(nodes: Sequence[Node | None]) -> Iterator[Node]:
    """Yield the nodes, those of one thing as one."""
    by_id: dict[str, Node] = {}
    for node in nodes:
        if node is not None:
            by_id.setdefault(node["@id"], {}).update(node)
    yield from by_id.values()


def _describe_record(record: Record, view: PageView, site: Site) -> Iterator[Node]:
    """Yield the thing that a record describes, and the people that it refers to; nothing of a sample."""
    describe: Callable[..., Iterator[Node]] | None = THINGS.get(record.kind)
    if describe is not None and not record.sample:
        yield from map(drop_unknown, describe(record, view, site))


def _describe_crumbs(view: PageView, site: Site) -> Node | None:
    """Return the way from the home page to this one, which has no address of its own in it."""
    if len(view.crumbs) < 2:
        return None
    items = [
        {"@type": "ListItem", "position": position, "name": crumb.text, "item": site.absolute_url(crumb.url)}
        for position, crumb in enumerate(view.crumbs, 1)
    ]
    del items[-1]["item"]
    return {"@type": "BreadcrumbList", "@id": f"{view.canonical_url}{THING}breadcrumb", "itemListElement": items}


def _describe_site(view: PageView, site: Site, is_home: bool) -> Node:
    """Return the site; its home page says what can be done with it."""
    home = site.absolute_url(view.chrome.home_url)
    node: Node = {"@type": "WebSite", "@id": website_id(site), "url": home, "name": view.chrome.site_name}
    node["publisher"] = publisher(site)
    if is_home:
        node["description"] = view.chrome.tagline
        if view.chrome.search_url:
            node["potentialAction"] = {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": f"{site.absolute_url(view.chrome.search_url)}?q={{search_term_string}}",
                },
                "query-input": "required name=search_term_string",
            }
    return drop_unknown(node)


def _describe_publisher(site: Site, is_home: bool) -> Node | None:
    """Return the organisation that publishes the site, with all that is known of it on the home page."""
    one = site.settings.organization
    if one is None:
        return None
    node = {"@type": "CollegeOrUniversity", "@id": publisher_id(site), "name": one.name, "url": one.url}
    return drop_unknown(node | (_describe_more(one, site) if is_home else {}))


def _describe_more(one: Organization, site: Site) -> Node:
    address = drop_unknown(
        {
            "streetAddress": one.street,
            "postalCode": one.postal_code,
            "addressLocality": one.locality,
            "addressRegion": one.region,
            "addressCountry": one.country,
        }
    )
    return {
        "legalName": one.legal_name,
        "address": {"@type": "PostalAddress", **address} if address else None,
        "sameAs": f"https://ror.org/{one.ror}" if one.ror else None,
        "logo": site.absolute_url(site.asset(one.logo)) if one.logo else None,
    }


def _list_courses(view: PageView, site: Site) -> Node | None:
    """Return the courses that a list shows, without samples."""
    if not isinstance(view, ListPage | GroupPage):
        return None
    shown = (card for group in view.groups for card in group.cards)
    cards = [card for card in (*shown, *getattr(view, "cards", ())) if card.kind == "course" and not card.is_sample]
    if not cards:
        return None
    items = [
        {"@type": "ListItem", "position": position, "item": _list_course(card, site)}
        for position, card in enumerate(cards, 1)
    ]
    return {"@type": "ItemList", "@id": f"{view.canonical_url}{THING}courses", "itemListElement": items}


def _list_course(card: Card, site: Site) -> Node:
    return drop_unknown(
        {
            "@type": "Course",
            "@id": node_id(site, Ref("course", card.ref.partition("/")[2])),
            "url": site.absolute_url(card.url),
            "name": card.title,
            "description": short(card.abstract, LIST_DESCRIPTION_LENGTH) or card.title,
            "provider": publisher(site),
        }
    )
