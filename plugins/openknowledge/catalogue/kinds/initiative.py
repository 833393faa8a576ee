"""Initiatives: hubs with a beginning and perhaps an end, such as KeepONLearning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openknowledge.model.hub import HubFormat
from openknowledge.model.programme import Initiative
from openknowledge.model.values import Lang, PartialDate
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Badge, Card, NavLink, Notice
from ..views.frame import feed_links, record_fields, record_link, record_links
from ..views.labels import FORMAT_EXPLANATIONS, FORMATS_PLURAL
from ..views.pages import FormatSection, InitiativePage, TimelineEntry
from ..views.summaries import summary_of
from .hub import format_url, items_of
from .kind import Kind

if TYPE_CHECKING:
    from openknowledge.rendering.locale import Language

    from ..site import Site

SECTION_LIMIT = 6


def initiative_page(initiative: Initiative, site: Site, lang: Lang) -> InitiativePage:
    """What `initiative.html` shows: the line of time, the six formats, topics and guests."""
    language = site.language(lang)
    span_text = span(initiative.starts, initiative.ends, language)
    return InitiativePage(
        **record_fields(
            site,
            initiative,
            lang,
            template="initiative",
            section="hub",
            feeds=feed_links(site, lang, f"ref:{initiative.ref}", "all"),
            notices=archive_notice(initiative, site, lang),
        ),
        abstract=site.translation(initiative, lang).words.abstract,
        picture=site.picture(initiative, lang),
        badge=state_badge(initiative, site, lang),
        span=span_text,
        organiser=organiser_name(initiative, site, lang),
        body=site.body(initiative, lang),
        figures=tuple(n for name in initiative.figures if (n := site.number(f"figure:{name}", lang))),
        timeline=tuple(
            TimelineEntry(
                date=language.partial_date(one.date), text=one.text.get(lang) or next(iter(one.text.values()))
            )
            for one in initiative.timeline
        ),
        formats=tuple(format_section(initiative, one, site, lang) for one in HubFormat),
        topics=record_links(site, "topic", initiative.topics, lang),
        guests=tuple(guests(initiative, site, lang)),
    )


def organiser_name(initiative: Initiative, site: Site, lang: Lang) -> str | None:
    partner = site.stub("partner", initiative.organiser)
    return site.title(partner, lang) if partner else None


def span(starts: PartialDate, ends: PartialDate | None, language: Language) -> str:
    """From when to when: `from 18 March 2020 to July 2020`."""
    first = language.partial_date(starts).text
    if ends is None:
        return language.gettext("from %(first)s", first=first)
    return language.gettext("from %(first)s to %(last)s", first=first, last=language.partial_date(ends).text)


def archive_notice(initiative: Initiative, site: Site, lang: Lang) -> tuple[Notice, ...]:
    """Says that a concluded initiative is kept as it was."""
    if not initiative.is_concluded(site.today) or initiative.ends is None:
        return ()
    language = site.language(lang)
    when = language.partial_date(initiative.ends).text
    text = language.gettext("Concluded in %(when)s: these pages are kept as they were.", when=when)
    return (Notice(text=text, tone="archive"),)


def state_badge(initiative: Initiative, site: Site, lang: Lang) -> Badge:
    gettext = site.language(lang).gettext
    if initiative.is_concluded(site.today):
        return Badge(text=gettext("Concluded"), tone="archived")
    if initiative.starts.first_day > site.today:
        return Badge(text=gettext("Upcoming"), tone="upcoming")
    return Badge(text=gettext("Running"), tone="running")


def format_section(initiative: Initiative, hub_format: HubFormat, site: Site, lang: Lang) -> FormatSection:
    language = site.language(lang)
    items = items_of(site, initiative, hub_format)
    more = None
    if len(items) > SECTION_LIMIT:
        more = NavLink(text=language.gettext("See all"), url=format_url(site, initiative, hub_format, lang))
    return FormatSection(
        anchor=site.routes.translate(hub_format.value, lang),
        title=language.gettext(FORMATS_PLURAL[hub_format]),
        explanation=language.gettext(FORMAT_EXPLANATIONS[hub_format]),
        cards=site.cards(items[:SECTION_LIMIT], lang),
        empty="" if items else language.gettext("The archive keeps none of these."),
        more=more,
    )


def guests(initiative: Initiative, site: Site, lang: Lang) -> Iterator[NavLink | str]:
    """Who took part, in the order of the file, each linked where it has a page."""
    for guest in initiative.guests:
        record = site.stub("partner", guest.partner) or site.stub("person", guest.person)
        yield record_link(site, record, lang) if record else guest.name


def initiative_card(initiative: Initiative, site: Site, lang: Lang) -> Card:
    shown = site.translation(initiative, lang)
    language = site.language(lang)
    return Card(
        ref=str(initiative.ref),
        kind="initiative",
        kicker=language.gettext("Learning hub"),
        url=site.url(initiative, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(initiative, lang),
        badge=state_badge(initiative, site, lang),
        meta=(span(initiative.starts, initiative.ends, language),),
        is_sample=initiative.sample,
    )


def initiative_summary(initiative: Initiative, site: Site, lang: Lang) -> Summary:
    starts = initiative.starts.first_day if initiative.starts.day else None
    return summary_of(site, initiative, lang, published=starts)


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
    has_cover=True,
)
