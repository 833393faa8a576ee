"""People: who teaches, writes and speaks."""

from collections.abc import Iterator

from openknowledge.model.people import Person
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..kind import Kind
from ..site import Site
from ..views.base import DetailRow, NavLink
from ..views.pages import GroupPage
from ..views.summaries import summarize
from .group import group_card, group_list, group_page, links_row

__all__ = ["PERSON"]


def person_page(person: Person, site: Site, lang: Lang) -> GroupPage:
    """Return a person's page: their courses, videos and texts."""
    return group_page(person, site, lang, details=tuple(_details(person, site, lang)))


def _details(person: Person, site: Site, lang: Lang) -> Iterator[DetailRow]:
    gettext = site.language(lang).gettext
    if person.affiliation:
        yield DetailRow(label=gettext("Affiliation"), values=(person.affiliation,))
    if person.orcid:
        link = NavLink(text=person.orcid, url=f"https://orcid.org/{person.orcid}", rel="external")
        yield DetailRow(label="ORCID", values=(link,))
    yield from links_row(person, site, lang)


PERSON = Kind(
    name="person",
    plural="people",
    label=N_("Person"),
    label_plural=N_("People"),
    model=Person,
    source="people/*.md",
    page=person_page,
    card=group_card,
    summary=summarize,
    lists=group_list("person", N_("Who teaches, writes and speaks in the catalogue.")),
    member_rank=None,
    footer_rank=40,
    in_site_feed=False,
)
