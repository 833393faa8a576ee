"""Differences that are not believed: what a source says is held back where it is more likely wrong than true."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Self

from openknowledge.model.numbers import EnrollmentMeasure, EnrollmentSeries

from .source import MOST_COUNTED, EnrollmentCount, Row, SourceFacts

__all__ = ["BelievedFacts", "HeldBack", "hold_back"]

GONE_SHARE, GONE_LIMIT = 0.05, 20
"""More than this share and more than this number of a table's ids do not go at once."""
RISE_FACTOR, RISE_LIMIT = 5, 1000
BEST_DAYS = timedelta(days=90)
"""A total does not rise by more than this many times its best day of so many days, and by more than the limit."""
ENROLLMENT = "enrollment"
"""The table that enrolments have in differences; their ids are the slugs of courses."""
TYPE_NAMES = {bool: "true or false", int: "number", float: "number", str: "text", list | tuple: "list", dict: "mapping"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A difference that is not believed: where it is, why, and what is stored (`old`) and what the source says."""

    table: str
    ids: tuple[str, ...]
    rule: str
    reason: str
    old: Any
    new: Any

    @property
    def hash(self) -> str:
        """Return the name of this very difference: another answer of the source has another one.

        A total that leaps goes on rising while somebody looks at it, so only its first two digits count.
        """
        new = float(f"{self.new:.1e}") if self.rule in ("rise", "first") else self.new
        parts = [self.table, self.ids, self.rule, self.old, new]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]

    def as_row(self) -> Row:
        """Return it as a line of held-back.jsonl."""
        return {"hash": self.hash, **asdict(self)}

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Return the difference of a line. Raises `TypeError` or `KeyError` where it is none."""
        facts = {name: value for name, value in row.items() if name != "hash"}
        return cls(**{**facts, "ids": tuple(facts["ids"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedFacts:
    """What a source says, with what is stored in place of what is held back.

    `accepted` are the differences that somebody has accepted.
    """

    facts: SourceFacts
    held_back: tuple[HeldBack, ...] = ()
    accepted: tuple[HeldBack, ...] = ()

    def moved_ids(self, table: str) -> dict[str, str]:
        """Return the new ids of a table that somebody has accepted for old ones, each with the old one."""
        moved = (one for one in self.accepted if (one.table, one.rule) == (table, "id"))
        return {one.new[0]: one.old for one in moved}

    @property
    def accepted_courses(self) -> frozenset[str]:
        """Return the courses of which somebody has accepted the total."""
        return frozenset(name for one in self.accepted if one.table == ENROLLMENT for name in one.ids)


def hold_back(
    known: SourceFacts,
    missing: Mapping[str, Collection[str]],
    facts: SourceFacts,
    series: Mapping[str, EnrollmentSeries],
    accepted: Collection[str] = (),
) -> BelievedFacts:
    """Return what to believe of `facts`, beside what is known and what has been `missing` for longer.

    `series` are those that the source continues, by course; `accepted` are the hashes of differences to take as they
    are.
    """
    found = sorted(_find_differences(known, missing, facts, series), key=lambda one: (one.table, one.ids, one.rule))
    taken = tuple(one for one in found if one.hash in accepted)
    # Of several that have gone one is what the new id stands for.
    settled = {(one.table, name) for one in taken if one.rule == "id" for name in one.new}
    held = tuple(
        one
        for one in found
        if one.hash not in accepted and not (one.rule == "id" and any((one.table, name) in settled for name in one.new))
    )
    return BelievedFacts(facts=_replace_held(known, facts, held), held_back=held, accepted=taken)


def _find_differences(
    known: SourceFacts,
    missing: Mapping[str, Collection[str]],
    facts: SourceFacts,
    series: Mapping[str, EnrollmentSeries],
) -> Iterator[HeldBack]:
    for table, rows in facts.rows.items():
        before = known.rows.get(table, {})
        present = {name: row for name, row in before.items() if "gone_since" not in row}
        yield from _find_changed_types(table, before, rows)
        if facts.is_complete:
            known_missing = missing.get(table, ())
            gone = sorted(name for name in present.keys() - rows.keys() if name not in known_missing)
            yield from _find_many_gone(table, gone, present, rows)
            yield from _find_changed_ids(table, before, rows)
    for table, totals in facts.counts.items():
        most = _find_most(table, known, facts)
        for name, total in totals.items():
            if name in known.counts.get(table, {}):
                yield from _check_count(table, name, known, facts)
            elif total > most:
                reason = f"the first count is {total}, where there can hardly be more than {most}"
                yield HeldBack(table=table, ids=(name,), rule="first", reason=reason, old=None, new=total)
    for course, count in facts.enrollments.items():
        if course in series and count.total is not None and count.day > series[course].as_of:
            yield from _check_total(course, count, count.total, series[course])


def _find_many_gone(
    table: str, gone: list[str], present: Mapping[str, Row], rows: Mapping[str, Row]
) -> Iterator[HeldBack]:
    is_many = len(gone) > GONE_LIMIT and len(gone) > GONE_SHARE * len(present)
    is_all = bool(gone) and not rows
    if is_many or is_all:
        reason = f"{len(gone)} of {len(present)} are gone at once"
        yield HeldBack(table=table, ids=tuple(gone), rule="gone", reason=reason, old=len(present), new=len(rows))


def _find_changed_ids(table: str, before: Mapping[str, Row], rows: Mapping[str, Row]) -> Iterator[HeldBack]:
    """Yield what has the title of something that is not there any more, under an id that was not there before.

    What was missing before, or is proved to be gone, counts too: a video that is put up again some days later is still
    the one that readers have in their bookmarks. A title that something else has as well tells nothing of what is gone.
    """
    new_ids: dict[str, list[str]] = defaultdict(list)
    for name in sorted(rows.keys() - before.keys()):
        new_ids[_title_of(rows[name])].append(name)
    if not new_ids:
        return
    present = {_title_of(rows[name]) for name in rows.keys() & before.keys()}
    for name in sorted(before.keys() - rows.keys()):
        title = _title_of(before[name])
        is_unique = "gone_since" not in before[name] or title not in present
        if title and is_unique and (others := new_ids.get(title)):
            reason = f'"{title}" has another id'
            yield HeldBack(table=table, ids=(name, *others), rule="id", reason=reason, old=name, new=others)


def _title_of(row: Row) -> str:
    """Return the title of a row as one text; that of a run is by language."""
    title = row.get("title") or ""
    return " / ".join(map(str, title.values())) if isinstance(title, dict) else str(title)


def _find_changed_types(table: str, before: Mapping[str, Row], rows: Mapping[str, Row]) -> Iterator[HeldBack]:
    for name in sorted(rows.keys() & before.keys()):
        old, new = before[name], rows[name]
        changed = sorted(one for one, value in new.items() if one in old and not _is_same_type(old[one], value))
        if changed:
            kinds = (f"{one} changes from {_name_type(old[one])} to {_name_type(new[one])}" for one in changed)
            values = ({one: row[one] for one in changed} for row in (old, new))
            reason = ", ".join(kinds)
            yield HeldBack(table=table, ids=(name,), rule="type", reason=reason, old=next(values), new=next(values))


def _is_same_type(old: Any, new: Any) -> bool:
    """Return whether two values are of one sort; of lists and groups also what is in them."""
    if type(old) is type(new) and (type(old) is str or old == new):
        return True
    if _name_type(old) != _name_type(new):
        return False
    if isinstance(old, dict):
        return all(_is_same_type(old[name], new[name]) for name in old.keys() & new.keys())
    if isinstance(old, list | tuple) and old and new:
        return {_name_type(part) for part in new} <= {_name_type(part) for part in old}
    return True


def _name_type(value: Any) -> str:
    return next((name for kind, name in TYPE_NAMES.items() if isinstance(value, kind)), "nothing")


def _find_most(table: str, known: SourceFacts, facts: SourceFacts) -> int:
    """Return how many may be counted at first: of a video at most the views of all videos of its channel."""
    channels = (one.counts.get("channel", {}).get("views", 0) for one in (known, facts)) if table == "video" else ()
    return min(MOST_COUNTED, max(RISE_LIMIT, max(channels, default=0) or MOST_COUNTED))


def _check_count(table: str, name: str, known: SourceFacts, facts: SourceFacts) -> Iterator[HeldBack]:
    """Yield why a count that has no history, such as views, is not believed.

    No day of it can have been better than all that there was before, so this takes the place of its best day: a rise
    that is held back here would be held back with every day known, too.
    """
    old, new = known.counts[table][name], facts.counts[table][name]
    first, last = (one.count_days.get(table, {}).get(name) for one in (known, facts))
    days = max(1, (last - first).days) if first and last else 1
    if new == 0 and old > 0:
        yield HeldBack(table=table, ids=(name,), rule="zero", reason=f"the count is zero after {old}", old=old, new=new)
    elif new - old > max(RISE_LIMIT, RISE_FACTOR * old * days):
        reason = f"the count rises by {new - old} in {days} day(s), after {old} in all"
        yield HeldBack(table=table, ids=(name,), rule="rise", reason=reason, old=old, new=new)


def _check_total(course: str, count: EnrollmentCount, total: int, series: EnrollmentSeries) -> Iterator[HeldBack]:
    last, best = series.points[-1], _find_best_day(series, count.day)
    if count.measure is not series.measure:
        return
    rise, days = total - last.total, (count.day - last.day).days
    if total == 0 and last.total > 0:
        rule, reason = "zero", f"the total is zero after {last.total}"
    elif rise < 0 and count.measure is EnrollmentMeasure.ENROLLED_EVER:
        rule, reason = "fall", f"all who ever enrolled fall from {last.total} to {total}"
    elif rise > RISE_LIMIT and rise > RISE_FACTOR * best * days:
        rule = "rise"
        reason = f"the total rises by {rise} in {days} day(s), where the best day of {BEST_DAYS.days} had {best:.0f}"
    else:
        return
    yield HeldBack(table=ENROLLMENT, ids=(course,), rule=rule, reason=reason, old=last.total, new=total)


def _find_best_day(series: EnrollmentSeries, day: date) -> float:
    """Return by how much the total rose at most in a day lately; between two points, by the same number each day."""
    recent = [pair for pair in pairwise(series.points) if pair[1].day >= day - BEST_DAYS]
    return max(((new.total - old.total) / (new.day - old.day).days for old, new in recent), default=0)


def _replace_held(known: SourceFacts, facts: SourceFacts, held: Iterable[HeldBack]) -> SourceFacts:
    """Return the facts with what is known in place of what is held back."""
    rows = {table: dict(own) for table, own in facts.rows.items()}
    counts = {table: dict(own) for table, own in facts.counts.items()}
    days = {table: dict(own) for table, own in facts.count_days.items()}
    enrollments = dict(facts.enrollments)
    for one in held:
        if one.table == ENROLLMENT:
            enrollments.pop(one.ids[0], None)
        elif one.rule == "first":
            del counts[one.table][one.ids[0]]
            days.get(one.table, {}).pop(one.ids[0], None)
        elif one.rule in ("zero", "rise"):
            counts[one.table][one.ids[0]] = one.old
            days.setdefault(one.table, {})[one.ids[0]] = known.count_days[one.table][one.ids[0]]
        elif one.rule == "id":
            for name in one.new:
                rows[one.table].pop(name, None)
            rows[one.table][one.old] = known.rows[one.table][one.old]
        else:
            rows[one.table].update((name, known.rows[one.table][name]) for name in one.ids)
    return replace(facts, rows=rows, counts=counts, count_days=days, enrollments=enrollments)
