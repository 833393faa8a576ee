"""Partners: institutions and companies that take part."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from openknowledge.model.people import Partner
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..views.base import DetailRow, NavLink
from ..views.pages import GroupPage
from .group import group_card, group_list, group_page, group_summary, links_row
from .kind import Kind

if TYPE_CHECKING:
    from ..site import Site


def partner_page(partner: Partner, site: Site, lang: Lang) -> GroupPage:
    """What a partner's page shows: the courses, programmes and hub items it took part in."""
    facts = tuple(partner_details(partner, site, lang))
    return group_page(partner, site, lang, label=N_("Partner"), above=(N_("Partners"), "partners"), details=facts)


def partner_details(partner: Partner, site: Site, lang: Lang) -> Iterator[DetailRow]:
    language = site.language(lang)
    if partner.country:
        name = language.locale.territories.get(partner.country, partner.country)
        yield DetailRow(label=language.gettext("Country"), values=(name,))
    if partner.ror:
        link = NavLink(text=partner.ror, url=f"https://ror.org/{partner.ror}", rel="external")
        yield DetailRow(label="ROR", values=(link,))
    yield from links_row(partner, site, lang)


PARTNER = Kind(
    name="partner",
    plural="partners",
    label=N_("Partner"),
    label_plural=N_("Partners"),
    model=Partner,
    source="partners/*.md",
    page=partner_page,
    card=partial(group_card, label=N_("Partner")),
    summary=group_summary,
    lists=group_list(
        "partner", "partners", N_("Partners"), N_("Institutions and companies that take part in what is shown here.")
    ),
    in_site_feed=False,
)
