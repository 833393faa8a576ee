"""What readers of a course ask for and its files do not say: `invoke check --gaps` counts it for editors."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from openknowledge.model.course import Course
from openknowledge.model.values import Lang
from openknowledge.problems import Message

from .link_targets import file_lang
from .site import Site

__all__ = ["describe_gaps", "find_gaps"]

WORDS = ("outcomes", "syllabus")
"""What each language has to say for itself."""
FACTS = ("weekly_hours", "prerequisites", "certificate", "license")
"""What is said once, in one of several ways: see `OTHER_WAYS`."""
OTHER_WAYS = {"weekly_hours": ("total_hours",), "prerequisites": ("requirements",), "certificate": ("badge",)}


def find_gaps(course: Course, default_lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield each file of a course that lacks something, with the field to write: facts are those of the first file."""
    files = {file_lang(path, default_lang): path for path in course.files if path.endswith(".md")}
    for lang, words in course.words.items():
        path = files.get(lang, str(course.ref))
        yield from ((path, field) for field in WORDS if not getattr(words, field))
    first = next(iter(files.values()), str(course.ref))
    yield from ((first, field) for field in FACTS if not _is_known(course, field))


def _is_known(course: Course, field: str) -> bool:
    places: tuple[Any, ...] = (course, *course.words.values(), *course.runs)
    names = (field, *OTHER_WAYS.get(field, ()))
    return any(getattr(place, name, None) not in (None, "", ()) for place in places for name in names)


def describe_gaps(site: Site) -> Iterator[Message]:
    """Yield a line a file with the fields that it lacks, then a line a field with the courses that lack it."""
    courses = [course for stub in site.stubs_of(Course) if isinstance(course := site.record(stub.ref), Course)]
    counts = Counter[str]()
    for course in courses:
        fields: dict[str, list[str]] = {}
        for path, field in find_gaps(course, site.default_lang):
            fields.setdefault(path, []).append(field)
        for path, names in fields.items():
            yield Message("%(path)s lacks: %(fields)s", path=path, fields=", ".join(names))
        counts.update({name for names in fields.values() for name in names})
    for field in (*WORDS, *FACTS):
        yield Message(
            "%(field)s: missing in %(count)s of %(total)s courses", field=field, count=counts[field], total=len(courses)
        )
