"""What courses must agree on with each other: each run has a key of its own, and prerequisites lead in no circle."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from openknowledge.content.checks import CrossCheck
from openknowledge.content.course_runs import key_name
from openknowledge.content.item_table import ItemTable
from openknowledge.model.course import Course
from openknowledge.model.values import Ref
from openknowledge.problems import Message, Problem

from .site import Site

__all__ = ["check_courses"]


def check_courses(site: Site, table: ItemTable, checks: Mapping[str, Sequence[CrossCheck]]) -> Iterator[Problem]:
    """Yield what is wrong between courses; `checks` are those of the courses to look at, by written reference.

    The `table` says which courses have a key, so that one edited course unpacks few others.
    """
    owners = _find_owners(
        site, table, {check.target for own in checks.values() for check in own if check.type == "run"}
    )
    for name in sorted(checks):
        for check in checks[name] if site.stub_by_ref(name) is not None else ():
            if check.type == "run":
                yield from _check_key(name, check, owners[check.target], site, checks)
            elif (check.field or "").startswith("prerequisites["):
                yield from _check_circle(name, check, site, checks)


def _find_owners(site: Site, table: ItemTable, keys: Collection[str]) -> dict[str, list[str]]:
    """Return the courses of which a run has one of these keys, by key."""
    wanted = {key_name(key) for key in keys}
    rows = zip(table.slugs(Course.kind), table.column_of(Course.kind, "run_names"), strict=True)
    owners: dict[str, list[str]] = defaultdict(list)
    for slug in [slug for slug, names in rows if not wanted.isdisjoint(names)]:
        course = site.stub(Course.kind, slug)
        for key in {run.key for run in course.runs} if isinstance(course, Course) else ():
            owners[key].append(str(Ref(Course.kind, slug)))
    return owners


def _check_key(
    name: str, check: CrossCheck, names: Sequence[str], site: Site, looked_at: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem where another course has the key, once for both."""
    other = next((one for one in names if one != name and (one < name or one not in looked_at)), None)
    if other is not None:
        record = site.stub_by_ref(other)
        file = next(iter(site.files_of(record.ref)), other) if record is not None else other
        message = Message('a run of %(file)s has the key "%(key)s", too', file=file, key=check.target)
        hint = Message("Each run has a key of its own: correct one of the two.")
        yield Problem(check.path, check.line, check.field, message, hint)


def _check_circle(name: str, check: CrossCheck, site: Site, looked_at: Collection[str]) -> Iterator[Problem]:
    """Yield a problem where a prerequisite leads back to its course, once for a circle."""
    seen, ahead = set[str](), [check.target]
    came_from: dict[str, str] = {}
    while ahead:
        step = ahead.pop()
        if step == name:
            break
        course = site.stub_by_ref(step) if step not in seen else None
        if not isinstance(course, Course):
            continue
        seen.add(step)
        for slug in course.prerequisites:
            came_from.setdefault(f"course/{slug}", step)
            ahead.append(f"course/{slug}")
    else:
        return
    steps = [name]
    while check.target != name and steps[-1] != check.target:
        steps.append(came_from[steps[-1]])
    if len(steps) > 1 and name == min(one for one in steps if one in looked_at):
        way = " → ".join((name, *reversed(steps)))
        message = Message("the prerequisites lead in a circle: %(way)s", way=way)
        yield Problem(check.path, check.line, check.field, message, Message("Remove one of them."))
