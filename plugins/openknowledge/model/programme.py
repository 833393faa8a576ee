"""Initiatives and programmes: what the university does over a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from .values import FigureName, ImageCredit, Lang, Link, PartialDate, PartnerSlug, PersonSlug, Record, Value, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Value):
    """A dated moment, described in each language."""

    date: PartialDate
    text: dict[Lang, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest(Value):
    """A person or company that took part, by name; `partner` or `person` is its slug, if it has a page."""

    name: str
    partner: PartnerSlug | None = None
    person: PersonSlug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative(Record):
    """A hub with a beginning and perhaps an end; once concluded its pages say so and stay as they are."""

    kind: ClassVar[str] = "initiative"

    organiser: PartnerSlug | None = None
    starts: PartialDate
    ends: PartialDate | None = None
    figures: tuple[FigureName, ...] = ()
    guests: tuple[Guest, ...] = ()
    timeline: tuple[Milestone, ...] = ()

    def is_concluded(self, today: date) -> bool:
        """Return whether the last month or day of the initiative is before a day."""
        return self.ends is not None and self.ends.last_day < today


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeWords(Words):
    """A programme's words; `appeal` is a call to help, with where to go in `Programme.appeal_link`."""

    standfirst: str | None = None
    appeal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Record):
    """A programme with partners. `other_figures` are what other sources say of the same things."""

    kind: ClassVar[str] = "programme"

    words: dict[Lang, ProgrammeWords]  # type: ignore[assignment]
    partners: tuple[PartnerSlug, ...] = ()
    starts: PartialDate | None = None
    ends: PartialDate | None = None
    published: date | None = None
    figures: tuple[FigureName, ...] = ()
    other_figures: tuple[FigureName, ...] = ()
    appeal_link: Link | None = None
    photo_credit: ImageCredit | None = None
