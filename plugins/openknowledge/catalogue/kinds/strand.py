"""Strands: series of courses."""

from openknowledge.model.course import Strand
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind
from ..site import Site
from ..views.base import Card
from ..views.pages import GroupPage
from ..views.summaries import summarize
from .group import group_card, group_list, group_page

__all__ = ["STRAND"]


def strand_page(strand: Strand, site: Site, lang: Lang) -> GroupPage:
    """Return a strand's page: its courses, and their enrolments together."""
    total = site.number(f"total:{strand.ref}", lang)
    return group_page(strand, site, lang, numbers=(total,) if total else (), section="course")


def strand_card(strand: Strand, site: Site, lang: Lang) -> Card:
    """Return a strand in a list, with how many courses it has."""
    courses = len(site.referrer_slugs(strand, "course"))
    count = site.language(lang).plural("%(number)s course", "%(number)s courses", courses)
    return group_card(strand, site, lang, meta=(count,))


STRAND = Kind(
    name="strand",
    plural="strands",
    label=N_("Strand"),
    label_plural=N_("Strands"),
    model=Strand,
    source="strands/*.md",
    page=strand_page,
    card=strand_card,
    summary=summarize,
    lists=group_list(
        "strand",
        N_("The series into which the courses are grouped."),
        section="course",
        layout="grid",
    ),
    has_cover=True,
    member_rank=None,
    footer_rank=10,
    item_feed_rank=20,
    in_site_feed=False,
)
