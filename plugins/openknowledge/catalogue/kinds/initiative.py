"""Initiatives: hubs with a beginning and perhaps an end, such as KeepONLearning."""

from collections.abc import Iterator

from openknowledge.model.programme import HubFormat, Initiative
from openknowledge.model.values import Lang, PartialDate
from openknowledge.rendering.locale import N_, Language

from ..kind import Kind
from ..site import Site
from ..summary import Summary
from ..views.base import Badge, Card, NavLink, Notice
from ..views.body import record_body
from ..views.frame import feed_links, record_fields, record_link, record_links
from ..views.labels import FORMAT_EXPLANATIONS, FORMATS_PLURAL
from ..views.lists import record_card
from ..views.numbers import figure_numbers
from ..views.pages import FormatSection, InitiativePage, TimelineEntry
from ..views.summaries import summarize
from .hub import format_url, items_of

__all__ = ["INITIATIVE", "initiative_page", "span_text"]

SECTION_LIMIT = 6


def initiative_page(initiative: Initiative, site: Site, lang: Lang) -> InitiativePage:
    """Return what `initiative.html` shows: the timeline, the six formats, topics and guests."""
    language = site.language(lang)
    organiser = site.stub("partner", initiative.organiser)
    return InitiativePage(
        **record_fields(
            site,
            initiative,
            lang,
            template="initiative",
            section="hub",
            feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
            notices=_archive_notice(initiative, site, lang),
        ),
        abstract=site.translation(initiative, lang).words.abstract,
        picture=site.picture(initiative, lang),
        badge=_state_badge(initiative, site, lang),
        span=span_text(initiative.starts, initiative.ends, language),
        organiser=site.title(organiser, lang) if organiser else None,
        body=record_body(site, initiative, lang),
        figures=figure_numbers(site, initiative.figures, lang),
        timeline=tuple(
            TimelineEntry(
                date=language.partial_date(entry.date),
                text=entry.text.get(lang) or next(iter(entry.text.values())),
            )
            for entry in initiative.timeline
        ),
        formats=tuple(_format_section(initiative, hub_format, site, lang) for hub_format in HubFormat),
        topics=record_links(site, "topic", initiative.topics, lang),
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
    items = items_of(site, initiative, hub_format)
    more = None
    if len(items) > SECTION_LIMIT:
        more = NavLink(text=gettext("See all"), url=format_url(site, initiative, hub_format, lang))
    return FormatSection(
        anchor=site.routes.translate(hub_format.value, lang),
        title=gettext(FORMATS_PLURAL[hub_format]),
        explanation=gettext(FORMAT_EXPLANATIONS[hub_format]),
        cards=site.cards(items[:SECTION_LIMIT], lang),
        empty="" if items else gettext("The archive keeps none of these."),
        more=more,
    )


def _guests(initiative: Initiative, site: Site, lang: Lang) -> Iterator[NavLink | str]:
    """Yield who took part, in the order of the file, each as a link where there is a page."""
    for guest in initiative.guests:
        record = site.stub("partner", guest.partner) or site.stub("person", guest.person)
        yield record_link(site, record, lang) if record else guest.name


def initiative_card(initiative: Initiative, site: Site, lang: Lang) -> Card:
    """Return an initiative in a list, with its state and its span of time."""
    language = site.language(lang)
    return record_card(
        initiative,
        site,
        lang,
        kicker=language.gettext("Learning hub"),
        picture=site.picture(initiative, lang),
        badge=_state_badge(initiative, site, lang),
        meta=(span_text(initiative.starts, initiative.ends, language),),
    )


def initiative_summary(initiative: Initiative, site: Site, lang: Lang) -> Summary:
    """Return an initiative as other plugins see it."""
    starts = initiative.starts.first_day if initiative.starts.day else None
    return summarize(initiative, site, lang, published=starts)


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
