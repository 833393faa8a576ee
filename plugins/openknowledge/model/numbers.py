"""Figures, views and enrolment series: the numbers that the site shows, with what makes them honest."""

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from openknowledge.fast_pickle import FastPickle, astuple_except

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

    @property
    def may_fall(self) -> bool:
        """Return whether a total may be lower than an earlier one."""
        return self is not EnrollmentMeasure.ENROLLED_EVER


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Views(Value):
    """How often a video had been viewed on a day."""

    total: int
    as_of: date


@dataclass(frozen=True, slots=True)
class EnrollmentPoint(FastPickle):
    """How many enrolments a platform counted in a course by the end of a day."""

    day: date
    total: int


@dataclass(frozen=True, slots=True)
class CountingChange(FastPickle):
    """A day on which counting changed and not enrolments; the reason by language, by `""` where none is said."""

    day: date
    reason: dict[Lang, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentSeries(FastPickle):
    """A course's enrolments over time, as one platform counts them by one measure.

    Points ascend by day; the totals of a measure that cannot fall do so only on a declared correction. `name` is that
    of its file: `algebra`, or `algebra.moodle` beside other series of the course. A `seam` is when and why it took over
    from the `earlier` series, the oldest first: theirs are other numbers, which are shown but never added to its own.
    """

    course: str
    source: str
    sample: bool
    points: tuple[EnrollmentPoint, ...]
    corrections: tuple[CountingChange, ...] = ()
    measure: EnrollmentMeasure = EnrollmentMeasure.ENROLLED_EVER
    name: str = ""
    seam: CountingChange | None = None
    earlier: "tuple[EnrollmentSeries, ...]" = ()

    def __getstate__(self) -> tuple[Any, ...]:
        """Return the fields with the points as plain numbers, because a large site has hundreds of thousands."""
        days, totals = (point.day.toordinal() for point in self.points), (point.total for point in self.points)
        return (*astuple_except("points", self), tuple(days), tuple(totals))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take over the fields from what `__getstate__` returned."""
        *values, days, totals = state
        names = (field.name for field in fields(self) if field.name != "points")
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "points", tuple(map(EnrollmentPoint, map(date.fromordinal, days), totals)))

    @property
    def total(self) -> int:
        """Return the newest total."""
        return self.points[-1].total

    @property
    def as_of(self) -> date:
        """Return the day of the newest total."""
        return self.points[-1].day

    @property
    def stages(self) -> "tuple[EnrollmentSeries, ...]":
        """Return all series of the course, the oldest first and this one last."""
        return (*self.earlier, self)
