"""Learning-hub items: articles, webinars, online courses, talks, tools, insights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from .addresses import WebUrl
from .people import Credit
from .values import FigureName, InitiativeSlug, PartialDate, PartnerSlug, Record, Value, VideoSlug


class HubFormat(StrEnum):
    """The six formats; the value is the folder's name."""

    ARTICLE = "article"
    WEBINAR = "webinar"
    COURSE = "course"
    TALK = "talk"
    TOOL = "tool"
    INSIGHT = "insight"


class SessionState(StrEnum):
    """The state of a live session on a day: `past` is over and was not recorded."""

    UPCOMING = "upcoming"
    LIVE = "live"
    RECORDED = "recorded"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Value):
    """When and where something live takes place; both times carry their offset from UTC."""

    starts: datetime
    ends: datetime
    place: str | None = None
    join_url: WebUrl | None = None
    registration_url: WebUrl | None = None

    def state_on(self, today: date, is_recorded: bool) -> SessionState:
        """Return the state of the session on a day; it is live on each day that it touches."""
        if today < self.starts.date():
            return SessionState.UPCOMING
        if today <= self.ends.date():
            return SessionState.LIVE
        return SessionState.RECORDED if is_recorded else SessionState.PAST


@dataclass(frozen=True, slots=True, kw_only=True)
class HubItem(Record):
    """One item of an initiative. `format` comes from the folder. `recording` is a video's slug.

    `published` is as exact as its source: a month will do.
    """

    kind: ClassVar[str] = "hub"

    initiative: InitiativeSlug
    format: HubFormat
    published: PartialDate
    updated: date | None = None
    credits: tuple[Credit, ...] = ()
    partners: tuple[PartnerSlug, ...] = ()
    session: Session | None = None
    link: WebUrl | None = None
    recording: VideoSlug | None = None
    figures: tuple[FigureName, ...] = ()
