"""Strands: series of courses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openknowledge.model.course import Strand
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..views.base import Card
from ..views.pages import GroupPage
from .group import group_card, group_list, group_page, group_summary
from .kind import Kind

if TYPE_CHECKING:
    from ..site import Site


def strand_page(strand: Strand, site: Site, lang: Lang) -> GroupPage:
    """What a strand's page shows: its courses, and their enrolments together."""
    total = site.number(f"total:{strand.ref}", lang)
    return group_page(
        strand,
        site,
        lang,
        label=N_("Strand"),
        above=(N_("Strands"), "strands"),
        numbers=(total,) if total else (),
        section="course",
    )


def strand_card(strand: Strand, site: Site, lang: Lang) -> Card:
    courses = site.count_referrers(strand, "course")
    count = site.language(lang).plural("%(number)s course", "%(number)s courses", courses)
    return group_card(strand, site, lang, label=N_("Strand"), meta=(count,))


STRAND = Kind(
    name="strand",
    plural="strands",
    label=N_("Strand"),
    label_plural=N_("Strands"),
    model=Strand,
    source="strands/*.md",
    page=strand_page,
    card=strand_card,
    summary=group_summary,
    lists=group_list(
        "strand", "strands", N_("Strands"), N_("The series into which the courses are grouped."), "course"
    ),
    in_site_feed=False,
    has_cover=True,
)
