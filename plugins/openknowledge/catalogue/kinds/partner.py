"""Partners: institutions and companies that take part."""

from collections.abc import Iterator

from openknowledge.model.people import Partner
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind
from ..site import Site
from ..views.base import DetailRow, NavLink
from ..views.pages import GroupPage
from ..views.summaries import summarize
from .group import group_card, group_list, group_page, links_row

__all__ = ["PARTNER"]


def partner_page(partner: Partner, site: Site, lang: Lang) -> GroupPage:
    """Return a partner's page: the courses, programmes and hub items it took part in."""
    return group_page(partner, site, lang, details=tuple(_details(partner, site, lang)))


def _details(partner: Partner, site: Site, lang: Lang) -> Iterator[DetailRow]:
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
    card=group_card,
    summary=summarize,
    lists=group_list("partner", N_("Institutions and companies that take part in what is shown here.")),
    member_rank=None,
    footer_rank=50,
    in_site_feed=False,
)
