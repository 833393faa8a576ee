"""Courses, their runs and the strands that group them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from .addresses import WebUrl
from .materials import Material
from .people import Credit
from .programme import Milestone
from .values import (
    CourseSlug,
    DayOrMoment,
    ExactText,
    InlineText,
    Lang,
    License,
    PartnerSlug,
    PlaylistSlug,
    Record,
    StrandSlug,
    Subject,
    Value,
    VideoSlug,
    Words,
)


class Pace(StrEnum):
    """What sets the rhythm of a run: each learner, or the teacher."""

    SELF = "self"
    INSTRUCTOR = "instructor"


class CourseState(StrEnum):
    """The state of a run or a course on a day, the most useful first; `unknown` where no dates are public."""

    OPEN = "open"
    RUNNING = "running"
    SELF_PACED = "self-paced"
    UPCOMING = "upcoming"
    UNKNOWN = "unknown"
    ARCHIVED = "archived"


class Level(StrEnum):
    """How much a course presumes."""

    INTRODUCTORY = "introductory"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Audience(StrEnum):
    """The people that a course is for."""

    PUPILS = "pupils"
    STUDENTS = "students"
    TEACHERS = "teachers"
    EVERYONE = "everyone"
    PROFESSIONALS = "professionals"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRun(Value):
    """One edition of a course.

    `key` is the platform's own, such as `course-v1:Polimi+MAT101+2015`. `label` is what people call
    the edition; it is empty where only the platform knows of it. Dates that are not public are absent: a year in a
    key is not a start date.
    """

    key: ExactText
    label: str
    lang: Lang | None = None
    starts: date | None = None
    ends: date | None = None
    enrollment_opens: date | None = None
    enrollment_closes: date | None = None
    pace: Pace | None = None
    url: WebUrl | None = None
    moodle_id: int | None = None
    certificate: bool | None = None

    def state_on(self, today: date) -> CourseState:
        """Return the state of the run on a day; a run ends after the whole of its last day."""
        if self.ends is not None and today > self.ends:
            return CourseState.ARCHIVED
        if self.starts is None:
            return CourseState.SELF_PACED if self.pace is Pace.SELF else CourseState.UNKNOWN
        if today < self.starts:
            return CourseState.OPEN if self.is_enrolling(today) else CourseState.UPCOMING
        return CourseState.SELF_PACED if self.pace is Pace.SELF else CourseState.RUNNING

    def is_enrolling(self, today: date) -> bool:
        """Return whether enrolment is known to be open on a day."""
        if self.enrollment_opens is None or today < self.enrollment_opens:
            return False
        return self.enrollment_closes is None or today <= self.enrollment_closes

    def is_closed(self, today: date) -> bool:
        """Return whether enrolment is known not to be open on a day, or not yet."""
        opens, closes = self.enrollment_opens, self.enrollment_closes
        return (opens is not None and today < opens) or (closes is not None and today > closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRun(Value):
    """What a platform says of a run. `number` is that of its course there, `course` the slug that operators gave it.

    `title` is by language. `path` and `line` are where the snapshot has it. `gone_since` is the day since which the
    platform has not got it any more.
    """

    id: ExactText
    number: ExactText | None = None
    course: ExactText | None = None
    title: dict[Lang, str] = field(default_factory=dict)
    lang: Lang | None = None
    starts: date | None = None
    ends: date | None = None
    enrollment_opens: date | None = None
    enrollment_closes: date | None = None
    pace: Pace | None = None
    url: WebUrl | None = None
    moodle_id: int | None = None
    gone_since: date | None = None
    path: ExactText = ""
    line: int = 0

    @property
    def key(self) -> str:
        """Return the key that a run of a course has for it: ids of Moodle are numbers, which say little alone."""
        return self.id if self.moodle_id is None else f"moodle:{self.moodle_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyllabusUnit(Value):
    """A part of a course, in the order in which it is taught."""

    title: InlineText
    weeks: int | None = None
    text: InlineText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson(Value):
    """What there is to watch in a part of the syllabus: videos, and those of a playlist. Parts are counted from 1."""

    part: int
    videos: tuple[VideoSlug, ...] = ()
    playlist: PlaylistSlug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseWords(Words):
    """A course's words; `outcomes` are what learners can do afterwards, a line each."""

    outcomes: tuple[InlineText, ...] = ()
    syllabus: tuple[SyllabusUnit, ...] = ()
    requirements: InlineText | None = None
    certificate: InlineText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(Record):
    """A course of the portal, with all its runs. What is unknown is absent."""

    kind: ClassVar[str] = "course"
    details: ClassVar[tuple[str, ...]] = ("sources", "materials", "lessons", "changes")

    words: dict[Lang, CourseWords]  # type: ignore[assignment]
    code: ExactText | None = None
    strand: StrandSlug | None = None
    partners: tuple[PartnerSlug, ...] = ()
    credits: tuple[Credit, ...] = ()
    level: Level | None = None
    subject: Subject | None = None
    audiences: tuple[Audience, ...] = ()
    weekly_hours: int | None = None
    total_hours: int | None = None
    weeks: int | None = None
    teaching_langs: tuple[Lang, ...] = ()
    subtitle_langs: tuple[Lang, ...] = ()
    license: License | None = None
    trailer: VideoSlug | None = None
    runs: tuple[CourseRun, ...] = ()
    prerequisites: tuple[CourseSlug, ...] = ()
    badge: bool | None = None
    first_published: DayOrMoment | None = None
    updated: DayOrMoment | None = None
    lessons: tuple[Lesson, ...] = ()
    materials: tuple[Material, ...] = ()
    changes: tuple[Milestone, ...] = ()

    def is_open_on(self, today: date) -> bool:
        """Return whether a learner can begin on a day: enrolment is open, or is not known to have closed."""
        states = (CourseState.OPEN, CourseState.RUNNING, CourseState.SELF_PACED)
        return any(
            run.state_on(today) in states and (run.enrollment_closes is None or today <= run.enrollment_closes)
            for run in self.runs
        )

    def state_on(self, today: date) -> CourseState:
        """Return the most useful state of all runs, in the order of `CourseState`; `unknown` without runs."""
        states = {run.state_on(today) for run in self.runs}
        return next((state for state in CourseState if state in states), CourseState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand(Record):
    """A series of courses; strands are shown by `order`, then by slug."""

    kind: ClassVar[str] = "strand"

    order: int = 0
    subject: Subject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Record):
    """A subject heading that items of any kind share; its title is its name."""

    kind: ClassVar[str] = "topic"
