"""What the university does over a span of time: initiatives, the items of their learning hubs, and programmes."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import ClassVar

from .addresses import WebUrl
from .materials import Material
from .people import Credit
from .values import (
    DayOrMoment,
    FigureName,
    ImageCredit,
    InitiativeSlug,
    InlineText,
    Lang,
    Link,
    PartialDate,
    PartialDateOrMoment,
    PartnerSlug,
    PersonSlug,
    Record,
    Value,
    VideoSlug,
    Words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(Value):
    """A dated moment, described in each language."""

    date: PartialDate
    text: dict[Lang, InlineText]


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

    standfirst: InlineText | None = None
    appeal: InlineText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Record):
    """A programme with partners. `other_figures` are what other sources say of the same things."""

    kind: ClassVar[str] = "programme"

    words: dict[Lang, ProgrammeWords]  # type: ignore[assignment]
    partners: tuple[PartnerSlug, ...] = ()
    starts: PartialDate | None = None
    ends: PartialDate | None = None
    published: DayOrMoment | None = None
    figures: tuple[FigureName, ...] = ()
    other_figures: tuple[FigureName, ...] = ()
    appeal_link: Link | None = None
    photo_credit: ImageCredit | None = None


class HubFormat(StrEnum):
    """The six formats; the value is the folder's name."""

    ARTICLE = "article"
    WEBINAR = "webinar"
    COURSE = "course"
    TALK = "talk"
    TOOL = "tool"
    INSIGHT = "insight"


class SessionState(StrEnum):
    """The state of a live session on a day: `past` is over, and there is no recording."""

    CANCELLED = "cancelled"
    UPCOMING = "upcoming"
    LIVE = "live"
    RECORDED = "recorded"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Value):
    """When and where something live takes place; both times carry their offset from UTC.

    One that was `cancelled` says when it would have been.
    """

    starts: datetime
    ends: datetime
    place: str | None = None
    join_url: WebUrl | None = None
    registration_url: WebUrl | None = None
    cancelled: bool = False

    def state_on(self, today: date, has_ended: bool, is_recorded: bool, zone: tzinfo | None = None) -> SessionState:
        """Return the state of the session on a day in a time zone, else in its own.

        It is live from the morning of its first day, so that readers find the way in, until it `has_ended`.
        """
        if self.cancelled:
            return SessionState.CANCELLED
        if has_ended:
            return SessionState.RECORDED if is_recorded else SessionState.PAST
        begins_later = today < self.starts.astimezone(zone or self.starts.tzinfo).date()
        return SessionState.UPCOMING if begins_later else SessionState.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class HubItem(Record):
    """One item of an initiative. `format` comes from the folder. `recording` is a video's slug.

    `published` is as exact as its source: a month will do.
    """

    kind: ClassVar[str] = "hub"
    details: ClassVar[tuple[str, ...]] = ("sources", "materials")

    initiative: InitiativeSlug
    format: HubFormat
    published: PartialDateOrMoment
    updated: DayOrMoment | None = None
    credits: tuple[Credit, ...] = ()
    partners: tuple[PartnerSlug, ...] = ()
    session: Session | None = None
    link: WebUrl | None = None
    recording: VideoSlug | None = None
    materials: tuple[Material, ...] = ()
    figures: tuple[FigureName, ...] = ()
