"""The credits of an item as lines of a page."""

from collections.abc import Sequence

from openknowledge.model.people import Credit, Person
from openknowledge.model.values import Lang

from ..site import Site
from .labels import ROLES
from .pages import CreditLine


def credit_lines(site: Site, entries: Sequence[Credit], lang: Lang) -> tuple[CreditLine, ...]:
    """Return one line a person, in the order of the credits."""
    lines = []
    for credit in entries:
        person = site.stub("person", credit.person)
        if isinstance(person, Person):
            lines.append(
                CreditLine(
                    name=site.title(person, lang),
                    role=site.language(lang).gettext(ROLES[credit.role]),
                    url=site.url(person, lang),
                    note=person.affiliation,
                )
            )
    return tuple(lines)
