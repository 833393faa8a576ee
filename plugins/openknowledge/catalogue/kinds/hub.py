"""Learning-hub items in six formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from openknowledge.model.hub import HubFormat, HubItem, SessionState
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import N_

from ..routes import Route
from ..summary import Summary
from ..views.base import Badge, Card, DetailRow, NavLink
from ..views.credits import credit_lines
from ..views.frame import (
    card_group,
    drop_empty,
    feed_links,
    list_description,
    list_notices,
    page_fields,
    record_fields,
    record_link,
    record_links,
)
from ..views.labels import FORMATS, FORMATS_PLURAL, SESSION_STATES
from ..views.pages import HubPage, ListPage
from ..views.summaries import summary_of
from .kind import Kind, ListRule

if TYPE_CHECKING:
    from ..site import Site

RELATED_LIMIT = 3


def format_from_path(_slug: str, path: str) -> dict[str, Any]:
    """The format, which is the name of the folder: `content/hub/webinar/x.md`."""
    return {"format": PurePosixPath(path).parent.name}


def hub_page(item: HubItem, site: Site, lang: Lang) -> HubPage:
    """What `hub.html` shows."""
    language = site.language(lang)
    initiative = site.stub("initiative", item.initiative)
    assert initiative is not None
    recording = site.stub("video", item.recording)
    home = record_link(site, initiative, lang)
    plural = language.gettext(FORMATS_PLURAL[item.format])
    of_format = NavLink(text=plural, url=format_url(site, initiative, item.format, lang))
    return HubPage(
        **record_fields(
            site,
            item,
            lang,
            template="hub",
            section="hub",
            crumbs=(home, of_format),
            feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
        ),
        kicker=f"{home.text} · {language.gettext(FORMATS[item.format])}",
        abstract=site.translation(item, lang).words.abstract,
        picture=site.picture(item, lang),
        date=language.partial_date(item.published),
        badge=session_badge(item, site, lang),
        body=site.body(item, lang),
        details=tuple(hub_details(item, site, lang)),
        figures=tuple(number for name in item.figures if (number := site.number(f"figure:{name}", lang))),
        credits=credit_lines(site, item.credits, lang),
        action=main_action(item, site, lang),
        recording=site.card(recording, lang) if recording else None,
        initiative=home,
        topics=record_links(site, "topic", item.topics, lang),
        related=drop_empty(card_group(site, related(item, site), lang, N_("More on these topics"), RELATED_LIMIT)),
    )


def session_state(item: HubItem, site: Site) -> SessionState | None:
    """Where the item's session stands today; None where it has none."""
    if item.session is None:
        return None
    return item.session.state_on(site.today, is_recorded=item.recording is not None)


def session_badge(item: HubItem, site: Site, lang: Lang) -> Badge | None:
    state = session_state(item, site)
    return Badge(text=site.language(lang).gettext(SESSION_STATES[state]), tone=state.value) if state else None


def main_action(item: HubItem, site: Site, lang: Lang) -> NavLink | None:
    """The one thing to do: register before, join on the day, else follow the item's own link."""
    gettext = site.language(lang).gettext
    session, state = item.session, session_state(item, site)
    if session and state is SessionState.UPCOMING and session.registration_url:
        return NavLink(text=gettext("Register"), url=session.registration_url, rel="external")
    if session and state is SessionState.LIVE and session.join_url:
        return NavLink(text=gettext("Join"), url=session.join_url, rel="external")
    return NavLink(text=gettext("Go to it"), url=item.link, rel="external") if item.link else None


def hub_details(item: HubItem, site: Site, lang: Lang) -> Iterator[DetailRow]:
    language = site.language(lang)
    if item.session:
        first, last = language.moment(item.session.starts), language.moment(item.session.ends)
        yield DetailRow(label=language.gettext("Begins"), values=(first.text,))
        yield DetailRow(label=language.gettext("Ends"), values=(last.text,))
        if item.session.place:
            yield DetailRow(label=language.gettext("Place"), values=(item.session.place,))
    if item.partners:
        yield DetailRow(label=language.gettext("With"), values=record_links(site, "partner", item.partners, lang))
    if item.updated:
        yield DetailRow(label=language.gettext("Entry revised"), values=(language.date(item.updated).text,))


def related(item: HubItem, site: Site) -> list[HubItem]:
    """Other hub items that share a topic, newest first."""
    sharing = {one.ref: one for topic in item.topics for one in site.referrers(Ref("topic", topic), "hub")}
    others = [one for ref, one in sharing.items() if ref != item.ref and isinstance(one, HubItem)]
    return sorted(others, key=lambda one: (one.published.first_day, one.slug), reverse=True)


def items_of(site: Site, initiative: Record, hub_format: HubFormat) -> list[HubItem]:
    """The items of a format of an initiative, newest first."""
    found = [one for one in site.stubs_of(HubItem) if one.initiative == initiative.slug and one.format is hub_format]
    return sorted(found, key=lambda one: (one.published.first_day, one.slug), reverse=True)


def format_url(site: Site, initiative: Record, hub_format: HubFormat, lang: Lang) -> str:
    slug = site.slug_in(initiative, lang)
    return site.route_url("hubs", lang, initiative=slug, format=hub_format.value)


def hub_card(item: HubItem, site: Site, lang: Lang) -> Card:
    shown = site.translation(item, lang)
    language = site.language(lang)
    return Card(
        ref=str(item.ref),
        kind="hub",
        kicker=language.gettext(FORMATS[item.format]),
        url=site.url(item, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(item, lang),
        badge=session_badge(item, site, lang),
        date=language.partial_date(item.published),
        is_sample=item.sample,
    )


def hub_summary(item: HubItem, site: Site, lang: Lang) -> Summary:
    people = [site.stub("person", credit.person) for credit in item.credits]
    return summary_of(
        site,
        item,
        lang,
        published=item.published.first_day if item.published.is_exact else None,
        updated=item.updated,
        authors=[site.title(person, lang) for person in people if person],
        belongs_to=(f"initiative/{item.initiative}",),
    )


def format_list(site: Site, lang: Lang, slug: str, name: str) -> ListPage:
    """All items of one format of an initiative."""
    language = site.language(lang)
    initiative, hub_format = site.stub("initiative", slug), HubFormat(name)
    assert initiative is not None
    home = record_link(site, initiative, lang)
    cards = site.cards(items_of(site, initiative, hub_format), lang)
    heading = f"{home.text}: {language.gettext(FORMATS_PLURAL[hub_format])}"
    return ListPage(
        **page_fields(
            site,
            lang,
            lambda other: format_route(site, other, slug, name),
            template="list",
            heading=heading,
            description=list_description(heading, cards),
            section="hub",
            crumbs=(home,),
            feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
            notices=list_notices(site, cards, lang),
        ),
        total=language.plural("%(number)s item", "%(number)s items", len(cards)),
        cards=cards,
    )


def format_route(site: Site, lang: Lang, slug: str, name: str) -> Route:
    """Where such a list lives."""
    initiative = site.stub("initiative", slug)
    assert initiative is not None
    return site.routes.route("hubs", lang, initiative=site.slug_in(initiative, lang), format=name)


def format_keys(site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """Each initiative with each format of which it has items."""
    present = {(one.initiative, one.format) for one in site.stubs_of(HubItem)}
    initiatives = [one.slug for one in site.stubs("initiative")]
    return tuple((slug, one.value) for slug in initiatives for one in HubFormat if (slug, one) in present)


HUB = Kind(
    name="hub",
    plural="hubs",
    label=N_("Learning-hub item"),
    label_plural=N_("Learning-hub items"),
    model=HubItem,
    source="hub/*/*.md",
    from_path=format_from_path,
    page=hub_page,
    card=hub_card,
    summary=hub_summary,
    lists=(ListRule("format", format_list, format_keys, format_route),),
    has_cover=True,
)
