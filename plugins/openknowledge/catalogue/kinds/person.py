"""People: who teaches, writes and speaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from openknowledge.model.people import Person
from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..views.base import DetailRow, NavLink
from ..views.pages import GroupPage
from .group import group_card, group_list, group_page, group_summary, links_row
from .kind import Kind

if TYPE_CHECKING:
    from ..site import Site


def person_page(person: Person, site: Site, lang: Lang) -> GroupPage:
    """What a person's page shows: their courses, videos and texts."""
    facts = tuple(person_details(person, site, lang))
    return group_page(person, site, lang, label=N_("Person"), above=(N_("People"), "people"), details=facts)


def person_details(person: Person, site: Site, lang: Lang) -> Iterator[DetailRow]:
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
    card=partial(group_card, label=N_("Person")),
    summary=group_summary,
    lists=group_list("person", "people", N_("People"), N_("Who teaches, writes and speaks in the catalogue.")),
    in_site_feed=False,
)
