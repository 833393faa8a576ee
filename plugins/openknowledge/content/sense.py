"""What is wrong with facts by sense though each has the right type: an end before its start, a negative number."""

import dataclasses
import typing
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import Any

from openknowledge.model.course import Course, CourseRun
from openknowledge.model.materials import Material
from openknowledge.model.people import Credit
from openknowledge.model.programme import Initiative, Milestone, Programme, Session
from openknowledge.model.texts import PressRelease
from openknowledge.model.values import PartialDate, Source, TimedDay, as_moment
from openknowledge.model.video import Chapter, Playlist, Video
from openknowledge.problems import Message

from .located_yaml import FieldPath
from .type_hints import resolve_type_hints

__all__ = ["Finding", "find_nonsense"]

Finding = tuple[FieldPath, Message, Message | None]
"""The path of a field inside its group, what is wrong with it, and how to mend it."""
FIRST_YEAR, LAST_YEAR = 1950, 2099
"""The years of what a university has on the web; what is told of may lie further back."""
FIRST_YEAR_OF_SOURCES = 1000
SMALLEST = {
    **dict.fromkeys(("weekly_hours", "total_hours", "weeks", "duration_s", "moodle_id", "part"), 1),
    **dict.fromkeys(("start_s", "total"), 0),
}
"""The least that a number may be, by the name of its field."""
DATES_HINT = Message("Correct one of the two dates.")
UPDATED_FIRST = Message("it cannot be updated before it is published")
ENDS_FIRST = Message("a run cannot end before it starts")
CLOSES_FIRST = Message("enrolment cannot close before it opens")
OPENS_TOO_LATE = Message("enrolment cannot open when the run is over")


def _check_material(material: Material) -> Iterator[Finding]:
    if material.file is None and material.url is None:
        hint = Message('Write "file: notes.pdf" for a file beside this one, or "url: https://…".')
        yield (), Message("the material has neither a file nor an address"), hint
    elif material.file is not None and material.url is not None:
        yield ("url",), Message("the material has a file and an address"), Message("Leave one of the two.")


def find_nonsense(value: Any) -> Iterator[Finding]:
    """Yield what is wrong with a group of fields, whatever is inside its groups."""
    yield from _check_numbers(value)
    yield from _check_years(value)
    if isinstance(value, Material):
        yield from _check_material(value)
    if isinstance(value, CourseRun):
        yield from _check_run(value)
    elif isinstance(value, Session):
        yield from _check_offset(value.starts, "starts")
        yield from _check_offset(value.ends, "ends")
        if value.starts.tzinfo and value.ends.tzinfo:
            yield from _check_order(value.starts, value.ends, "ends", Message("it cannot end before it starts"))
    elif isinstance(value, Initiative | Programme) and value.starts and value.ends:
        first, last = value.starts.first_day, value.ends.last_day
        yield from _check_order(first, last, "ends", Message("it cannot end before it starts"))
    elif isinstance(value, Video | Playlist):
        yield from _check_offset(value.published, "published")
    if isinstance(value, Course):
        yield from _check_course(value)
    elif isinstance(value, Video):
        yield from _check_chapters(value.chapters, value.duration_s)
    elif isinstance(value, PressRelease):
        yield from _check_folder(value)
    yield from _check_credits(getattr(value, "credits", ()))
    yield from _check_updated(_first_day(value), getattr(value, "updated", None))


def _check_updated(first: date | None, updated: date | None) -> Iterator[Finding]:
    if not (isinstance(first, TimedDay) and isinstance(updated, TimedDay)):
        # A day without an hour is neither before nor after a moment of it.
        first, updated = (day and date(day.year, day.month, day.day) for day in (first, updated))
    yield from _check_order(first, updated, "updated", UPDATED_FIRST)


def _first_day(value: Any) -> date | None:
    day = getattr(value, "published", None) or getattr(value, "first_published", None)
    if isinstance(day, PartialDate):
        return day.first_day
    return day.date() if isinstance(day, datetime) else day


@cache
def _bounded_fields(model: Any) -> tuple[tuple[str, int], ...]:
    """Return the fields that are numbers, with the least that each may be."""
    return tuple((field.name, SMALLEST[field.name]) for field in dataclasses.fields(model) if field.name in SMALLEST)


@cache
def _date_fields(model: Any) -> tuple[str, ...]:
    """Return the fields that may be dates."""
    hints = resolve_type_hints(model)
    return tuple(field.name for field in dataclasses.fields(model) if _may_be_date(hints[field.name]))


def _may_be_date(hint: Any) -> bool:
    return hint in (date, datetime, PartialDate, Any, object) or any(map(_may_be_date, typing.get_args(hint)))


def _check_numbers(value: Any) -> Iterator[Finding]:
    for name, least in _bounded_fields(value.__class__):
        number = getattr(value, name)
        if isinstance(number, int) and number < least:
            message = Message("%(number)s is less than %(least)s", number=number, least=least)
            yield (name,), message, Message("Correct the number, or remove the line if nobody knows it.")


def _check_years(value: Any) -> Iterator[Finding]:
    first = FIRST_YEAR_OF_SOURCES if isinstance(value, Source | Milestone) else FIRST_YEAR
    for name in _date_fields(value.__class__):
        day = getattr(value, name)
        if isinstance(day, date | PartialDate) and not first <= day.year <= LAST_YEAR:
            message = Message("the year %(year)s is far off", year=day.year)
            yield (name,), message, Message("Is a digit wrong?")


def _check_run(run: CourseRun) -> Iterator[Finding]:
    yield from _check_order(run.starts, run.ends, "ends", ENDS_FIRST)
    opens, closes = run.enrollment_opens, run.enrollment_closes
    yield from _check_order(opens, closes, "enrollment_closes", CLOSES_FIRST)
    if run.ends is not None and opens is not None:
        yield from _check_order(opens, run.ends, "enrollment_opens", OPENS_TOO_LATE)


def _check_parts(course: Course) -> Iterator[Finding]:
    """Yield each lesson and material of a part that the syllabus has in no language."""
    count = max((len(words.syllabus) for words in course.words.values()), default=0)
    for name in ("lessons", "materials"):
        for index, one in enumerate(getattr(course, name)):
            if one.part is not None and one.part > count:
                message = Message("the syllabus has no part %(part)s", part=one.part)
                hint = Message("Write the number of a part, counted from 1, or add the part to the syllabus.")
                yield (name, index, "part"), message, hint


def _check_course(course: Course) -> Iterator[Finding]:
    for index, slug in enumerate(course.prerequisites):
        if slug == course.slug:
            message = Message("a course cannot be its own prerequisite")
            yield ("prerequisites", index), message, Message("Remove it.")
    yield from _check_parts(course)
    counted = Counter[str]()
    for index, run in enumerate(course.runs):
        counted[run.key] += 1
        if counted[run.key] == 2:
            message = Message('two runs have the key "%(key)s"', key=run.key)
            yield ("runs", index, "key"), message, Message("Each run has a key of its own: correct one of the two.")


def _check_chapters(chapters: Sequence[Chapter], duration_s: int | None) -> Iterator[Finding]:
    for index, (before, after) in enumerate(pairwise(chapters), start=1):
        if after.start_s <= before.start_s:
            message = Message("a chapter cannot begin before the one above it")
            yield ("chapters", index, "start_s"), message, Message("Write the chapters in their order, in seconds.")
    for index, chapter in enumerate(chapters):
        if duration_s is not None and duration_s > 0 and chapter.start_s >= duration_s:
            message = Message("the chapter begins when the video is over")
            yield ("chapters", index, "start_s"), message, Message("Write the seconds from the beginning of the video.")


def _check_folder(release: PressRelease) -> Iterator[Finding]:
    folders = {path.split("/")[-2] for path in release.files if "/press/" in path}
    for folder in sorted(folders - {str(release.published.year)}):
        message = Message('the release lies in the folder of another year, "%(folder)s"', folder=folder)
        hint = Message("Correct the date, or move the file to press/%(year)s/.", year=release.published.year)
        yield ("published",), message, hint


def _check_credits(entries: Sequence[Credit]) -> Iterator[Finding]:
    if len(entries) < 2:
        return
    counted = Counter[tuple[str, str]]()
    for index, credit in enumerate(entries):
        counted[credit.person, credit.role] += 1
        if counted[credit.person, credit.role] == 2:
            message = Message('"%(person)s" is named twice in one role', person=credit.person)
            yield ("credits", index), message, Message("Remove one of the two lines, or correct the role.")


def _check_offset(moment: datetime | None, name: str) -> Iterator[Finding]:
    if moment is not None and moment.tzinfo is None:
        message = Message('"%(moment)s" does not say which time zone it is in', moment=str(moment))
        yield (name,), message, Message("Add it: 2026-12-01T18:00+01:00.")


def _check_order(first: Any, last: Any, name: str, message: Message) -> Iterator[Finding]:
    if last is not None and first is not None and last < first:
        values = {"message": message, "first": str(as_moment(first)), "last": str(as_moment(last))}
        yield (name,), Message("%(message)s (%(first)s comes after %(last)s)", **values), DATES_HINT
