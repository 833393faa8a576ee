"""The people and partner institutions that make what the catalogue shows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from .addresses import OrcidId, RorId
from .values import Link, PersonSlug, Record, Value


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
    """A person; the name is the title of the words."""

    kind: ClassVar[str] = "person"

    affiliation: str | None = None
    orcid: OrcidId | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner(Record):
    """An institution or company; the name is the title of the words."""

    kind: ClassVar[str] = "partner"

    country: str | None = None
    ror: RorId | None = None
    links: tuple[Link, ...] = ()
