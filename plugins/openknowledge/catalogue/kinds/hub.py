"""Learning-hub items in six formats."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from openknowledge.model.programme import HubFormat, HubItem, SessionState
from openknowledge.model.values import Lang, Record, Ref
from openknowledge.rendering.locale import N_

from ..kind import HomeBand, Kind, ListRule
from ..routes import Route
from ..site import Site
from ..summary import Summary
from ..views.base import Badge, Card, DetailRow, NavLink
from ..views.body import record_body
from ..views.credits import credit_lines
from ..views.frame import (
    card_group,
    drop_empty,
    feed_links,
    list_description,
    record_fields,
    record_link,
    record_links,
)
from ..views.home import newest
from ..views.labels import FORMATS, FORMATS_PLURAL, SESSION_STATES
from ..views.lists import list_page, record_card
from ..views.numbers import figure_numbers
from ..views.pages import HubPage, ListPage
from ..views.summaries import summarize

__all__ = ["HUB", "format_url", "hub_page", "items_of"]

RELATED_LIMIT = 3


def format_from_path(_slug: str, path: str) -> dict[str, Any]:
    """Return the format, which is the name of the folder: `content/hub/webinar/x.md`."""
    return {"format": PurePosixPath(path).parent.name}


def hub_page(item: HubItem, site: Site, lang: Lang) -> HubPage:
    """Return what `hub.html` shows."""
    language = site.language(lang)
    initiative = site.stub("initiative", item.initiative)
    assert initiative is not None
    recording = site.stub("video", item.recording)
    home = record_link(site, initiative, lang)
    plural = language.gettext(FORMATS_PLURAL[item.format])
    return HubPage(
        **record_fields(
            site,
            item,
            lang,
            template="hub",
            section="hub",
            crumbs=(home, NavLink(text=plural, url=format_url(site, initiative, item.format, lang))),
            feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
        ),
        kicker=f"{home.text} · {language.gettext(FORMATS[item.format])}",
        abstract=site.translation(item, lang).words.abstract,
        picture=site.picture(item, lang),
        date=language.partial_date(item.published),
        badge=_session_badge(item, site, lang),
        body=record_body(site, item, lang),
        details=tuple(_details(item, site, lang)),
        figures=figure_numbers(site, item.figures, lang),
        credits=credit_lines(site, item.credits, lang),
        action=_main_action(item, site, lang),
        recording=site.card(recording, lang) if recording else None,
        initiative=home,
        topics=record_links(site, "topic", item.topics, lang),
        related=drop_empty(card_group(site, _related(item, site), lang, N_("More on these topics"), RELATED_LIMIT)),
    )


def _session_state(item: HubItem, site: Site) -> SessionState | None:
    """Return the state of the item's session today; None where it has none."""
    if item.session is None:
        return None
    return item.session.state_on(site.today, is_recorded=item.recording is not None)


def _session_badge(item: HubItem, site: Site, lang: Lang) -> Badge | None:
    state = _session_state(item, site)
    return Badge(text=site.language(lang).gettext(SESSION_STATES[state]), tone=state.value) if state else None


def _main_action(item: HubItem, site: Site, lang: Lang) -> NavLink | None:
    """Return the one thing to do: register before, join on the day, else follow the item's own link."""
    gettext = site.language(lang).gettext
    session, state = item.session, _session_state(item, site)
    if session and state is SessionState.UPCOMING and session.registration_url:
        return NavLink(text=gettext("Register"), url=session.registration_url, rel="external")
    if session and state is SessionState.LIVE and session.join_url:
        return NavLink(text=gettext("Join"), url=session.join_url, rel="external")
    return NavLink(text=gettext("Go to it"), url=item.link, rel="external") if item.link else None


def _details(item: HubItem, site: Site, lang: Lang) -> Iterator[DetailRow]:
    language = site.language(lang)
    gettext = language.gettext
    if item.session:
        yield DetailRow(label=gettext("Begins"), values=(language.moment(item.session.starts).text,))
        yield DetailRow(label=gettext("Ends"), values=(language.moment(item.session.ends).text,))
        if item.session.place:
            yield DetailRow(label=gettext("Place"), values=(item.session.place,))
    if item.partners:
        yield DetailRow(label=gettext("With"), values=record_links(site, "partner", item.partners, lang))
    if item.updated:
        yield DetailRow(label=gettext("Entry revised"), values=(language.date(item.updated).text,))


def _related(item: HubItem, site: Site) -> list[HubItem]:
    """Return other hub items that share a topic, newest first."""
    sharing = {other.ref: other for topic in item.topics for other in site.referrers(Ref("topic", topic), "hub")}
    return sorted(
        (other for ref, other in sharing.items() if ref != item.ref and isinstance(other, HubItem)),
        key=_position,
        reverse=True,
    )


def _position(item: HubItem) -> tuple[Any, str]:
    return item.published.first_day, item.slug


def items_of(site: Site, initiative: Record, hub_format: HubFormat) -> list[HubItem]:
    """Return the items of a format of an initiative, newest first."""
    items = (one for one in site.stubs_of(HubItem) if one.initiative == initiative.slug and one.format is hub_format)
    return sorted(items, key=_position, reverse=True)


def format_url(site: Site, initiative: Record, hub_format: HubFormat, lang: Lang) -> str:
    """Return the URL of the list of a format of an initiative."""
    return site.url_for_path(_format_route(site, lang, initiative.slug, hub_format.value).url)


def hub_card(item: HubItem, site: Site, lang: Lang) -> Card:
    """Return an item in a list, with its format, its date and the state of its session."""
    language = site.language(lang)
    return record_card(
        item,
        site,
        lang,
        kicker=language.gettext(FORMATS[item.format]),
        picture=site.picture(item, lang),
        badge=_session_badge(item, site, lang),
        date=language.partial_date(item.published),
    )


def hub_summary(item: HubItem, site: Site, lang: Lang) -> Summary:
    """Return an item as other plugins see it; a date of a month only is none."""
    return summarize(
        item,
        site,
        lang,
        published=item.published.first_day if item.published.is_exact else None,
        updated=item.updated,
        belongs_to=(f"initiative/{item.initiative}",),
    )


def format_list(site: Site, lang: Lang, slug: str, name: str) -> ListPage:
    """Return all items of one format of an initiative."""
    language = site.language(lang)
    initiative, hub_format = site.stub("initiative", slug), HubFormat(name)
    assert initiative is not None
    home = record_link(site, initiative, lang)
    cards = site.cards(items_of(site, initiative, hub_format), lang)
    heading = f"{home.text}: {language.gettext(FORMATS_PLURAL[hub_format])}"
    return list_page(
        site,
        lang,
        partial(_format_route, site, slug=slug, name=name),
        cards,
        heading=heading,
        description=list_description(heading, cards),
        section="hub",
        crumbs=(home,),
        feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
        total=language.plural("%(number)s item", "%(number)s items", len(cards)),
    )


def _format_route(site: Site, lang: Lang, slug: str, name: str) -> Route:
    initiative = site.stub("initiative", slug)
    assert initiative is not None
    return site.routes.route("hubs", lang, initiative=site.slug_in(initiative, lang), format=name)


def format_keys(site: Site, _lang: Lang) -> Iterable[tuple[str, ...]]:
    """Return each initiative with each format of which it has items."""
    present = {(item.initiative, item.format) for item in site.stubs_of(HubItem)}
    pairs = ((slug, hub_format) for slug in site.slugs("initiative") for hub_format in HubFormat)
    return tuple((slug, hub_format.value) for slug, hub_format in pairs if (slug, hub_format) in present)


def newest_initiative(site: Site, lang: Lang) -> NavLink | None:
    """Return a link to the first initiative, which is the way to all items of the hub."""
    for initiative in site.stubs("initiative")[:1]:
        return NavLink(text=site.title(initiative, lang), url=site.url(initiative, lang))
    return None


def first_to_read(site: Site) -> list[Record]:
    """Return the newest items, then the initiatives and the programmes."""
    return [*newest(site, "hub"), *site.stubs("initiative"), *newest(site, "programme")]


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
    lists=(ListRule("format", format_list, format_keys, _format_route),),
    title=N_("From the learning hub"),
    has_cover=True,
    member_rank=50,
    nav_rank=30,
    nav_link=newest_initiative,
    home=HomeBand(30, N_("Read"), link=newest_initiative, records=first_to_read),
)
