"""What a source is: it records the answers of a platform, and reads facts from what was recorded.

A recorder needs the network and writes nothing but its recording. A reader needs the recording and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

import httpx

from openknowledge.model.numbers import EnrollmentMeasure
from openknowledge.problems import Problem
from openknowledge.progress import ProgressCallback

from .failures import LimitReached, SourceFailed
from .http_client import PlatformClient
from .recording import Recording

__all__ = [
    "CONFIRMED_EVERY",
    "MOST_COUNTED",
    "EnrollmentCount",
    "LimitReached",
    "PlatformSource",
    "RecordContext",
    "Row",
    "SourceFacts",
    "SourceFailed",
    "SyncFindings",
    "UnsignedSource",
]

CONFIRMED_EVERY = timedelta(days=7)
"""A number that stays the same is written again after so long, because its date says when it was last confirmed."""
MOST_COUNTED = 10**12
"""No platform has as many people, and no channel as many views: the one that is watched most has a third of it."""
Row = dict[str, Any]
"""The facts of one thing of a platform by field name, ready for JSON; a fact that is not known is absent."""


@dataclass(slots=True)
class SyncFindings:
    """Problems that forbid to write anything, and warnings about what is left out."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EnrollmentCount:
    """How many people a platform counts in one course on a day; `None` where it does not say."""

    total: int | None
    measure: EnrollmentMeasure
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """All that a source says, or all that the last sync wrote of it.

    `rows` and `counts` are by table (`video`, `playlist`, `run`), then by the platform's id. Numbers that change each
    day, such as views, are in `counts` and never in a row; a hidden count is in neither. `count_days` has the day of
    each count. The table `channel` has counts only: `subscribers`, `views`, `videos`. `enrollments` are by
    the slug of a course. `refused` are ids by table that the platform was asked for one by one and answered that
    there is no such thing, or that it is not public. `unlisted` are ids that are named somewhere, but of which
    too little is known for a row.
    """

    rows: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    count_days: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    enrollments: Mapping[str, EnrollmentCount] = field(default_factory=dict)
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unlisted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_complete: bool = True
    """Whether what is not there is missing; False for a source that only adds, such as a feed of the newest videos."""


@dataclass(frozen=True, slots=True)
class RecordContext:
    """What a recorder works with: where to write, how to ask, what is known, and how to show progress."""

    recording: Recording
    client: PlatformClient
    known: SourceFacts
    show_progress: ProgressCallback


class PlatformSource(Protocol):
    """One configured source of `SOURCES`."""

    @property
    def name(self) -> str:
        """The name of its folders below `.cache/sync/` and `content/snapshots/`."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it fills."""

    @property
    def url(self) -> str:
        """The address of the platform, below which the paths of its requests are."""

    @property
    def requests_a_minute(self) -> int | None:
        """How many requests the platform bears; None where it sets no such limit."""

    def create_auth(self) -> httpx.Auth | None:
        """Return what signs each request, and gets a new token where the platform takes the old one no more."""

    def secrets(self) -> Iterable[str]:
        """Return the values from the environment that no file, output or exception may have."""

    def record(self, context: RecordContext) -> None:
        """Ask the platform, and store its answers as pages.

        Pages that this recording has already (`Recording.find_current`) are not asked for again. Ids of
        `context.known` that the lists no longer have are asked for by id. Raises `SourceFailed` where the
        platform is in trouble and `LimitReached` where its requests are used up.
        """

    def read(self, recording: Recording, known: SourceFacts, findings: SyncFindings) -> SourceFacts:
        """Return the facts of a finished recording; what is wrong or left out goes to `findings`."""


class UnsignedSource:
    """What a source is like that signs no request, has no secret and may ask as often as it likes."""

    requests_a_minute: int | None = None

    def create_auth(self) -> httpx.Auth | None:
        """Return None: what it asks for is public, or its secret is a field of a form."""
        return None

    def secrets(self) -> Iterable[str]:
        """Return no secret."""
        return ()
