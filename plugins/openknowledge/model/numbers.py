"""Figures and enrolment series: the numbers that the site shows, with what makes them honest."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from openknowledge.fast_pickle import FastPickle

from .values import Lang, PartialDate, Source, Value


class Qualifier(StrEnum):
    """How exactly a source puts a figure."""

    EXACT = "exact"
    OVER = "over"
    ABOUT = "about"


class Measure(StrEnum):
    """What is counted. Measures are never added to or compared with each other."""

    LEARNERS = "learners"
    REGISTRATIONS = "registrations"
    ENROLMENTS = "enrolments"
    COURSES = "courses"
    VIDEOS = "videos"
    VIEWS = "views"
    SUBSCRIBERS = "subscribers"
    PARTICIPANTS = "participants"
    WEBINARS = "webinars"
    PEOPLE = "people"
    DEVICES = "devices"
    SCHOOLS = "schools"
    HOURS = "hours"
    EUROS = "euros"
    PERCENT = "percent"

    @property
    def may_fall(self) -> bool:
        """Return whether a later value may be lower: of what there is now, not of what there has ever been."""
        return self in FALLING_MEASURES


FALLING_MEASURES = (
    *(Measure.COURSES, Measure.VIDEOS, Measure.SUBSCRIBERS, Measure.PEOPLE, Measure.DEVICES, Measure.SCHOOLS),
    *(Measure.EUROS, Measure.PERCENT),
)


class EnrollmentMeasure(StrEnum):
    """What a platform counts in a course: all who ever enrolled, who are enrolled now, or all members of its space."""

    ENROLLED_EVER = "enrolled_ever"
    ENROLLED_NOW = "enrolled_now"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Value):
    """A quoted number. `value` None is a figure that was never published: shown as not known.

    `label` is the noun beside it ("learners"), `definition` says what was counted. A `final` figure
    belongs to a moment that is over, so it cannot become stale. `group` is the heading under which the
    page of all numbers lists it.
    """

    name: str
    value: int | None
    measure: Measure
    label: dict[Lang, str]
    definition: dict[Lang, str]
    source: Source
    qualifier: Qualifier = Qualifier.EXACT
    as_of: PartialDate | None = None
    final: bool = False
    sample: bool = False
    group: dict[Lang, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnrollmentPoint(FastPickle):
    """How many enrolments a course had had by the end of a day."""

    day: date
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentSeries(FastPickle):
    """A course's enrolments over time; points ascend by day and fall only on a declared correction."""

    course: str
    source: str
    sample: bool
    points: tuple[EnrollmentPoint, ...]
    corrections: tuple[date, ...] = ()

    @property
    def total(self) -> int:
        """Return the newest total."""
        return self.points[-1].total

    @property
    def as_of(self) -> date:
        """Return the day of the newest total."""
        return self.points[-1].day
