"""Programmes: what the university does with partners over a span of time."""

from openknowledge.model.programme import Programme, ProgrammeWords
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind
from ..site import Site
from ..summary import Summary
from ..views.base import Card, NavLink
from ..views.body import record_body
from ..views.frame import crumb, record_fields, record_links
from ..views.lists import record_card
from ..views.numbers import figure_numbers
from ..views.pages import ProgrammePage
from ..views.summaries import summarize
from .group import group_list
from .initiative import span_text

__all__ = ["PROGRAMME"]


def programme_page(programme: Programme, site: Site, lang: Lang) -> ProgrammePage:
    """Return what `programme.html` shows. Figures of other sources have a place of their own."""
    words = site.translation(programme, lang).words
    assert isinstance(words, ProgrammeWords)
    link, credit = programme.appeal_link, programme.photo_credit
    return ProgrammePage(
        **record_fields(
            site,
            programme,
            lang,
            template="programme",
            section="programme",
            crumbs=(crumb(site, lang, N_("Programmes"), "programmes"),),
        ),
        standfirst=words.standfirst or "",
        abstract=words.abstract,
        picture=site.picture(programme, lang),
        date=site.language(lang).date(programme.published) if programme.published else None,
        body=record_body(site, programme, lang),
        partners=record_links(site, "partner", programme.partners, lang),
        figures=figure_numbers(site, programme.figures, lang),
        other_figures=figure_numbers(site, programme.other_figures, lang),
        appeal=words.appeal,
        appeal_link=NavLink(text=link.title, url=link.url, rel="external") if link else None,
        photo_credit=", ".join(part for part in (credit.author, credit.publisher) if part) if credit else None,
        photo_credit_url=credit.url if credit else None,
    )


def programme_card(programme: Programme, site: Site, lang: Lang) -> Card:
    """Return a programme in a list, with its span of time."""
    language = site.language(lang)
    return record_card(
        programme,
        site,
        lang,
        kicker=language.gettext("Programme"),
        picture=site.picture(programme, lang),
        meta=(span_text(programme.starts, programme.ends, language),) if programme.starts else (),
        date=language.date(programme.published) if programme.published else None,
    )


def programme_summary(programme: Programme, site: Site, lang: Lang) -> Summary:
    """Return a programme as other plugins see it."""
    return summarize(programme, site, lang, published=programme.published)


PROGRAMME = Kind(
    name="programme",
    plural="programmes",
    label=N_("Programme"),
    label_plural=N_("Programmes"),
    model=Programme,
    words=ProgrammeWords,
    source="programmes/*.md",
    page=programme_page,
    card=programme_card,
    summary=programme_summary,
    lists=group_list("programme", N_("What the university does with its partners beyond courses.")),
    has_cover=True,
    member_rank=60,
    footer_rank=30,
)
