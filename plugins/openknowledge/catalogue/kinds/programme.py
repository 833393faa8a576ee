"""Programmes: what the university does with partners over a span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.programme import Programme, ProgrammeWords
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..summary import Summary
from ..views.base import Card, NavLink, Number
from ..views.frame import crumb, record_fields, record_links
from ..views.pages import ProgrammePage
from ..views.summaries import summary_of
from .group import group_list
from .initiative import span
from .kind import Kind

if TYPE_CHECKING:
    from ..site import Site


def programme_page(programme: Programme, site: Site, lang: Lang) -> ProgrammePage:
    """What `programme.html` shows. Figures of other sources are kept apart, never mixed in."""
    language = site.language(lang)
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
        date=language.date(programme.published) if programme.published else None,
        body=site.body(programme, lang),
        partners=record_links(site, "partner", programme.partners, lang),
        figures=numbers(programme.figures, site, lang),
        other_figures=numbers(programme.other_figures, site, lang),
        appeal=words.appeal,
        appeal_link=NavLink(text=link.title, url=link.url, rel="external") if link else None,
        photo_credit=", ".join(part for part in (credit.author, credit.publisher) if part) if credit else None,
        photo_credit_url=credit.url if credit else None,
    )


def numbers(names: tuple[str, ...], site: Site, lang: Lang) -> tuple[Number, ...]:
    """Figures by name, in order."""
    return tuple(number for name in names if (number := site.number(f"figure:{name}", lang)))


def programme_card(programme: Programme, site: Site, lang: Lang) -> Card:
    shown = site.translation(programme, lang)
    language = site.language(lang)
    when = span(programme.starts, programme.ends, language) if programme.starts else None
    return Card(
        ref=str(programme.ref),
        kind="programme",
        kicker=language.gettext("Programme"),
        url=site.url(programme, lang),
        title=shown.words.title,
        abstract=shown.words.abstract,
        lang=shown.lang_attr,
        picture=site.picture(programme, lang),
        meta=(when,) if when else (),
        date=language.date(programme.published) if programme.published else None,
        is_sample=programme.sample,
    )


def programme_summary(programme: Programme, site: Site, lang: Lang) -> Summary:
    return summary_of(site, programme, lang, published=programme.published)


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
    lists=group_list(
        "programme", "programmes", N_("Programmes"), N_("What the university does with its partners beyond courses.")
    ),
    has_cover=True,
)
