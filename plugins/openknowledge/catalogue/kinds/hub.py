"""Initiatives, hubs with a beginning and perhaps an end such as KeepONLearning; and their items in six formats."""

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

from openknowledge.model.programme import HubFormat, HubItem, Initiative, SessionState
from openknowledge.model.values import Lang, PartialDate, Record, Ref
from openknowledge.model.video import Video
from openknowledge.rendering.locale import N_, Language, N_plural

from ..kind import FacetedList, HomeBand, Kind, ListRule
from ..routes import Route
from ..site import Site
from ..summary import Summary
from ..views.base import Badge, Card, DetailRow, Embed, NavLink, Notice
from ..views.body import summarize, words_of
from ..views.calendar import calendar_links
from ..views.embeds import video_embed
from ..views.facets import Facet, facet_groups, filter_source, group_facets, year_facet
from ..views.frame import list_part_page, record_page
from ..views.labels import FORMATS, SESSION_STATES
from ..views.pages import FormatSection, HubPage, InitiativePage, ListPage, TimelineEntry
from ..views.paging import ListPart, page_of
from ..views.parts import (
    card_group,
    detail,
    drop_empty,
    join_named,
    linked,
    list_description,
    named,
    newest,
    record_card,
    record_link,
    words_in,
)

__all__ = ["HUB", "INITIATIVE", "hub_page", "initiative_page", "span_text"]

EVERYTHING = "all"
COUNTED = N_plural("%(number)s item", "%(number)s items")
RELATED_LIMIT = 3
SECTION_LIMIT = 6


def format_from_path(_slug: str, path: str) -> dict[str, Any]:
    """Return the format, which is the name of the folder: `content/hub/webinar/x.md`."""
    return {"format": PurePosixPath(path).parent.name}


def hub_page(item: HubItem, site: Site, lang: Lang) -> HubPage:
    """Return what `hub.html` shows."""
    language = site.language(lang)
    initiative = site.stub("initiative", item.initiative)
    assert initiative is not None
    home = record_link(site, initiative, lang)
    singular, plural, _ = map(language.gettext, FORMATS[item.format])
    return record_page(
        HubPage,
        item,
        site,
        lang,
        crumbs=(home, NavLink(text=plural, url=_format_url(site, lang, initiative, item.format))),
        feeds=(f"ref:{initiative.ref}", "all"),
        kicker=join_named(named(site, initiative, lang), singular),
        date=language.partial_date(item.published),
        badge=_session_badge(item, site, lang),
        details=_details(item, site, lang),
        action=_main_action(item, site, lang),
        recording=_find_recording(item, site, lang),
        related=drop_empty(card_group(site, _related(item, site), lang, N_("More on these topics"), RELATED_LIMIT)),
    )


def _session_state(item: HubItem, site: Site) -> SessionState | None:
    """Return the state of the item's session today; None where it has none."""
    if item.session is None:
        return None
    is_recorded = site.stub("video", item.recording) is not None
    has_ended, zone = site.has_passed(item.session.ends), site.language(site.default_lang).timezone
    return item.session.state_on(site.today, has_ended, is_recorded, zone)


def _find_recording(item: HubItem, site: Site, lang: Lang) -> Embed | None:
    """Return the recording as the page plays it; None before it is over, and where there is none."""
    video = site.stub("video", item.recording)
    if not isinstance(video, Video) or _session_state(item, site) in (SessionState.UPCOMING, SessionState.LIVE):
        return None
    return video_embed(site, video, lang)


def _session_badge(item: HubItem, site: Site, lang: Lang) -> Badge | None:
    state = _session_state(item, site)
    return Badge(text=site.language(lang).gettext(SESSION_STATES[state]), tone=state.value) if state else None


def _main_action(item: HubItem, site: Site, lang: Lang) -> NavLink | None:
    """Return the one thing to do: register before, join on the day, watch it then; else follow the item's own link."""
    gettext = site.language(lang).gettext
    session, state = item.session, _session_state(item, site)
    if session and state is SessionState.UPCOMING and session.registration_url:
        return NavLink(text=gettext("Register"), url=session.registration_url, rel="external")
    if session and state is SessionState.LIVE and session.join_url:
        return NavLink(text=gettext("Join"), url=session.join_url, rel="external")
    if state is SessionState.RECORDED:
        return NavLink(text=gettext("Watch the recording"), url="#title:recording")
    return NavLink(text=gettext("Go to it"), url=item.link, rel="external") if item.link else None


def _details(item: HubItem, site: Site, lang: Lang) -> tuple[DetailRow, ...]:
    language = site.language(lang)
    gettext, session = language.gettext, item.session
    return drop_empty(
        detail(gettext("Begins"), [language.moment(session.starts).text if session else None]),
        detail(gettext("Ends"), [language.moment(session.ends).text if session else None]),
        detail(gettext("Place"), [session.place if session else None]),
        calendar_links(item, site, lang),
        linked(site, lang, gettext("With"), "partner", item.partners),
        detail(gettext("Entry revised"), [language.date(item.updated).text if item.updated else None]),
    )


def _related(item: HubItem, site: Site) -> list[HubItem]:
    """Return other hub items that share a topic, newest first."""
    sharing = {other.ref: other for topic in item.topics for other in site.referrers(Ref("topic", topic), "hub")}
    others = (other for ref, other in sharing.items() if ref != item.ref and isinstance(other, HubItem))
    return sorted(others, key=attrgetter("published.first_day", "slug"), reverse=True)


def _items_of(site: Site, initiative: Record | Ref, hub_format: HubFormat) -> list[HubItem]:
    """Return the items of a format of an initiative, in their order."""
    items = (one for one in site.stubs_of(HubItem) if one.initiative == initiative.slug and one.format is hub_format)
    return _sort_items(items, site)


def _sort_items(items: Iterable[HubItem], site: Site) -> list[HubItem]:
    """Return items in their order: sessions that are ahead, the next one first; then the newest."""
    newest_first = sorted(items, key=attrgetter("published.first_day", "slug"), reverse=True)
    return sorted(newest_first, key=lambda item: _seconds_ahead(item, site))


def _seconds_ahead(item: HubItem, site: Site) -> float:
    """Return when a session begins that is ahead or under way; infinity for what is not."""
    is_ahead = _session_state(item, site) in (SessionState.UPCOMING, SessionState.LIVE)
    return item.session.starts.timestamp() if item.session is not None and is_ahead else inf


def _format_url(site: Site, lang: Lang, initiative: Record, hub_format: HubFormat) -> str:
    """Return the URL of the list of a format of an initiative."""
    return site.url_for_path(_format_route(site, lang, initiative.slug, hub_format.value).url)


def hub_card(item: HubItem, site: Site, lang: Lang) -> Card:
    """Return an item in a list, with its format, its date and the state of its session."""
    language = site.language(lang)
    format_name, date = language.gettext(FORMATS[item.format][0]), language.partial_date(item.published)
    return record_card(item, site, lang, kicker=format_name, badge=_session_badge(item, site, lang), date=date)


def item_slugs(site: Site, _lang: Lang, slug: str, name: str) -> list[str]:
    """Return the slugs of an initiative's items in their order: of a format, of a year, or of all (`EVERYTHING`)."""
    items = _sort_items((item for item in site.stubs_of(HubItem) if item.initiative == slug), site)
    return [item.slug for item in items if name in (EVERYTHING, item.format, str(item.published.year))]


def item_list(site: Site, lang: Lang, slug: str, name: str, *, part: ListPart) -> ListPage:
    """Return a page of an initiative's items: of a format, of a year, or of all."""
    initiative = site.stub("initiative", slug)
    assert initiative is not None
    home = record_link(site, initiative, lang)
    cards = site.cards([Ref("hub", slug) for slug in part.slugs], lang)
    heading = _list_heading(site.language(lang), home.text, name)
    chosen = None if name == EVERYTHING else ("year" if name.isdigit() else "format", name)
    return list_part_page(
        site,
        lang,
        part,
        lambda other, page: page_of(site, other, _format_route(site, other, slug, name), page),
        cards,
        heading=heading,
        description=list_description(heading, cards),
        section="hub",
        crumbs=(home,),
        feeds=(f"ref:{initiative.ref}", "all"),
        counted=COUNTED,
        facets=facet_groups(site, "hub", lang, slug, with_counts=part.is_first, chosen=chosen),
        filters=filter_source(site, "hub", lang, slug, chosen=chosen),
    )


def _list_heading(language: Language, initiative: str, name: str) -> str:
    if name == EVERYTHING:
        return language.gettext("All of %(initiative)s", initiative=initiative)
    if name.isdigit():
        return language.gettext("%(initiative)s in %(year)s", initiative=initiative, year=name)
    return f"{initiative}: {language.gettext(FORMATS[HubFormat(name)][1])}"


def hub_facets(site: Site, lang: Lang, slug: str) -> tuple[Facet, ...]:
    """Return the filters of an initiative's items."""
    language = site.language(lang)

    def url_of(name: str) -> str:
        return site.url_for_path(_format_route(site, lang, slug, name).url)

    formats = Facet(
        "format",
        language.gettext("Format"),
        lambda item: [item.format],
        lambda name: language.gettext(FORMATS[HubFormat(name)][1]),
        url_of,
        [*HubFormat],
    )
    topics, speakers = group_facets(site, lang, "hub", language.gettext("Speakers and authors"))
    return formats, year_facet(language, lambda item: item.published.year, url_of), topics, speakers


def _format_route(site: Site, lang: Lang, slug: str, name: str) -> Route:
    initiative = site.stub("initiative", slug)
    assert initiative is not None
    return site.routes.route("hubs", lang, initiative=site.slug_in(initiative, lang), format=name)


def item_list_keys(site: Site, _lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield each initiative with all of its items, with each of their formats, and with each of several years."""
    items = site.stubs_of(HubItem)
    for slug in site.slugs("initiative"):
        formats = {item.format for item in items if item.initiative == slug}
        years = sorted({str(item.published.year) for item in items if item.initiative == slug}, reverse=True)
        names = [hub_format.value for hub_format in HubFormat if hub_format in formats]
        names += [EVERYTHING] if names else []
        yield from ((slug, name) for name in (*names, *(years if len(years) > 1 else ())))


def all_items_keys(site: Site, lang: Lang) -> Iterable[tuple[str]]:
    """Return each initiative that has items, as the answer about its lists knows them."""
    lists = site.query("lists", HubItem.kind, lang)
    return dict.fromkeys((slug,) for _, (slug, name, *_) in lists if name == EVERYTHING)


def newest_initiative(site: Site, lang: Lang) -> NavLink | None:
    """Return a link to the first initiative, which is the way to all items of the hub."""
    for initiative in site.stubs("initiative")[:1]:
        return record_link(site, initiative, lang)
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
    parents=("initiative",),
    lists=(ListRule("format", item_list, item_list_keys, _format_route, members=item_slugs),),
    title=N_("From the learning hub"),
    has_cover=True,
    member_rank=50,
    nav_rank=30,
    nav_link=newest_initiative,
    home=HomeBand(30, N_("Read"), link=newest_initiative, records=first_to_read),
    faceted=FacetedList(
        hub_facets,
        lambda _site, _lang, slug: [("format", (slug, EVERYTHING))],
        lambda site, lang, slug: _format_route(site, lang, slug, EVERYTHING),
        COUNTED,
        keys=all_items_keys,
    ),
)


def initiative_page(initiative: Initiative, site: Site, lang: Lang) -> InitiativePage:
    """Return what `initiative.html` shows: the timeline, the six formats, topics and guests."""
    language = site.language(lang)
    organiser, shown = site.stub("partner", initiative.organiser), words_of(site, initiative, lang)
    empty = [hub_format for hub_format in HubFormat if not _items_of(site, initiative, hub_format)]
    return record_page(
        InitiativePage,
        initiative,
        site,
        lang,
        section="hub",
        feeds=(f"ref:{initiative.ref}", "all"),
        notices=_archive_notice(initiative, site, lang),
        badge=_state_badge(initiative, site, lang),
        span=span_text(initiative.starts, initiative.ends, language),
        organiser=named(site, organiser, lang) if organiser else None,
        timeline=tuple(
            TimelineEntry(date=language.partial_date(milestone.date), text=shown(words_in(milestone.text, lang)))
            for milestone in initiative.timeline
        ),
        formats=tuple(_format_section(initiative, one, site, lang) for one in HubFormat if one not in empty),
        nothing_left=_name_empty_formats(empty, language),
        guests=tuple(_guests(initiative, site, lang)),
    )


def span_text(starts: PartialDate, ends: PartialDate | None, language: Language) -> str:
    """Return from when to when: `from 18 March 2020 to July 2020`."""
    first = language.partial_date(starts).text
    if ends is None:
        return language.gettext("from %(first)s", first=first)
    return language.gettext("from %(first)s to %(last)s", first=first, last=language.partial_date(ends).text)


def _archive_notice(initiative: Initiative, site: Site, lang: Lang) -> tuple[Notice, ...]:
    """Return the notice of a concluded initiative, whose pages stay as they were."""
    if not initiative.is_concluded(site.today) or initiative.ends is None:
        return ()
    language = site.language(lang)
    when = language.partial_date(initiative.ends).text
    text = language.gettext("Concluded in %(when)s: these pages are kept as they were.", when=when)
    return (Notice(text=text, tone="archive"),)


def _state_badge(initiative: Initiative, site: Site, lang: Lang) -> Badge:
    gettext = site.language(lang).gettext
    if initiative.is_concluded(site.today):
        return Badge(text=gettext("Concluded"), tone="archived")
    if initiative.starts.first_day > site.today:
        return Badge(text=gettext("Upcoming"), tone="upcoming")
    return Badge(text=gettext("Running"), tone="running")


def _format_section(initiative: Initiative, hub_format: HubFormat, site: Site, lang: Lang) -> FormatSection:
    gettext = site.language(lang).gettext
    items = _items_of(site, initiative, hub_format)
    _, plural, explanation = map(gettext, FORMATS[hub_format])
    more = None
    if len(items) > SECTION_LIMIT:
        more = NavLink(text=gettext("See all"), url=_format_url(site, lang, initiative, hub_format))
    return FormatSection(
        anchor=f"part:{site.routes.translate(hub_format.value, lang)}",
        title=plural,
        explanation=explanation,
        cards=site.cards(items[:SECTION_LIMIT], lang),
        more=more,
    )


def _name_empty_formats(formats: Sequence[HubFormat], language: Language) -> str:
    """Return one sentence about the formats of which there is nothing; empty where there is none."""
    names = [language.in_sentence(language.gettext(FORMATS[one][1])) for one in formats]
    if not names:
        return ""
    if len(names) == len(HubFormat):
        return language.gettext("Nothing belongs here yet.")
    return language.gettext(
        "Nothing is kept here of the other formats: %(formats)s.", formats=language.join_list(names)
    )


def _guests(initiative: Initiative, site: Site, lang: Lang) -> Iterator[NavLink | str]:
    """Yield who took part, in the order of the file, each as a link where there is a page."""
    for guest in initiative.guests:
        record = site.stub("partner", guest.partner) or site.stub("person", guest.person)
        yield record_link(site, record, lang) if record else guest.name


def initiative_card(initiative: Initiative, site: Site, lang: Lang) -> Card:
    """Return an initiative in a list, with its state and its span of time."""
    span = span_text(initiative.starts, initiative.ends, site.language(lang))
    return record_card(initiative, site, lang, badge=_state_badge(initiative, site, lang), meta=(span,))


def initiative_summary(initiative: Initiative, site: Site, lang: Lang) -> Summary:
    """Return an initiative as other plugins see it: it is dated by its beginning, and not dated before it has begun."""
    has_begun = initiative.starts.first_day <= site.today
    return summarize(initiative, site, lang, published=initiative.starts if has_begun else None)


INITIATIVE = Kind(
    name="initiative",
    plural="initiatives",
    label=N_("Learning hub"),
    label_plural=N_("Learning hubs"),
    model=Initiative,
    source="initiatives/*.md",
    page=initiative_page,
    card=initiative_card,
    summary=initiative_summary,
    title=N_("Learning hub"),
    has_cover=True,
    member_rank=40,
    item_feed_rank=10,
)
