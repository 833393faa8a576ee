"""The people and partner institutions that make what the catalogue shows."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from .addresses import OrcidId, RorId
from .values import Link, PersonSlug, Record, Value

PARTICLE = re.compile(
    "al|d'|da|dal|dalla|de|degli|dei|del|dell'|della|delle|den|der|di|do|dos|du|el|ibn|la|le|lo|ten|ter|van|von|zu",
    re.I,
)
"""A word with which a surname begins: De Luca, van der Berg."""
AFTER_NAMES = re.compile(r"\s*(\(.*\)|,?\s+(jr|sr|ii|iii|iv)\.?)\s*$", re.I)


class CreditRole(StrEnum):
    """What a person did for an item."""

    AUTHOR = "author"
    TEACHER = "teacher"
    TUTOR = "tutor"
    HOST = "host"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Value):
    """A person (by slug) in a role; the order of credits is the order on the page."""

    person: PersonSlug
    role: CreditRole = CreditRole.TEACHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Record):
    """A person; the name is the title of the words.

    `surname` is by what lists are sorted; without one it is found in the name.
    """

    kind: ClassVar[str] = "person"

    surname: str | None = None
    affiliation: str | None = None
    orcid: OrcidId | None = None
    links: tuple[Link, ...] = ()


def find_surname(name: str) -> str:
    """Return the surname in a name: what begins with a particle, else the last word.

    >>> find_surname("Maria Grazia De Luca"), find_surname("G. Magli"), find_surname("Rossi, Anna")
    ('De Luca', 'Magli', 'Rossi')
    """
    words = AFTER_NAMES.sub("", name.partition(",")[0]).split()
    starts = (at for at, word in enumerate(words[:-1]) if PARTICLE.fullmatch(word.replace("’", "'")))
    start = next(starts, len(words) - 1)
    return " ".join(words[max(0, start) :]) or name


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner(Record):
    """An institution or company; the name is the title of the words."""

    kind: ClassVar[str] = "partner"

    country: str | None = None
    ror: RorId | None = None
    links: tuple[Link, ...] = ()
