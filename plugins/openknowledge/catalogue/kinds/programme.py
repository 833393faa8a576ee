"""Programmes: what the university does with partners over a span of time."""

from openknowledge.model.programme import Programme, ProgrammeWords
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_, N_plural

from ..kind import Kind
from ..site import Site, credit_picture
from ..views.base import Card, NavLink
from ..views.body import words_of
from ..views.frame import record_page
from ..views.pages import ProgrammePage
from ..views.parts import figure_numbers, record_card, record_links
from .group import group_list
from .hub import span_text

__all__ = ["PROGRAMME"]


def programme_page(programme: Programme, site: Site, lang: Lang) -> ProgrammePage:
    """Return what `programme.html` shows. Figures of other sources have a place of their own."""
    words = site.translation(programme, lang).words
    assert isinstance(words, ProgrammeWords)
    shown = words_of(site, programme, lang)
    link, picture = programme.appeal_link, site.picture(programme, lang)
    if not picture.is_drawn and not picture.credit:
        picture = credit_picture(picture, programme.photo_credit)
    return record_page(
        ProgrammePage,
        programme,
        site,
        lang,
        crumbs=("programme",),
        standfirst=shown(words.standfirst or ""),
        date=site.language(lang).date(programme.published) if programme.published else None,
        partners=record_links(site, "partner", programme.partners, lang),
        other_figures=figure_numbers(site, programme.other_figures, lang),
        appeal=shown(words.appeal or ""),
        appeal_link=NavLink(text=link.title, url=link.url, rel="external") if link else None,
        picture=picture,
    )


def programme_card(programme: Programme, site: Site, lang: Lang) -> Card:
    """Return a programme in a list, with its span of time."""
    language = site.language(lang)
    meta = (span_text(programme.starts, programme.ends, language),) if programme.starts else ()
    date = language.date(programme.published) if programme.published else None
    return record_card(programme, site, lang, meta=meta, date=date)


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
    lists=group_list(
        "programme",
        N_("What the university does with its partners beyond courses."),
        N_plural("%(number)s programme", "%(number)s programmes"),
    ),
    has_cover=True,
    member_rank=60,
    footer_rank=30,
)
