"""What no sync has confirmed for so long that it may be stored no more, as the terms of a platform may ask."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from openknowledge.project_files import read_project_file

from .snapshot import NAMED_TABLES, Snapshot
from .source import Row, SourceFacts

__all__ = ["expire_all", "expire_unconfirmed", "find_confirmed_day", "note_confirmation"]

T = TypeVar("T")
CONFIRMED = "snapshots/{}/confirmed.txt"
"""The file with the day of the last sync that confirmed all facts of a source; only where they expire."""


def find_confirmed_day(content: Path, name: str, snapshot: Snapshot) -> date | None:
    """Return the day on which the facts of a source were last confirmed; of old snapshots that of the newest count."""
    path = content / CONFIRMED.format(name)
    try:
        return date.fromisoformat(read_project_file(path, content).decode().strip())
    except (OSError, ValueError):
        days = (day for own in snapshot.facts.count_days.values() for day in own.values())
        return max(days, default=None)


def note_confirmation(content: Path, name: str, day: date, keep_days: int, *, is_written: bool) -> dict[str, bytes]:
    """Return the file to write after a sync has confirmed the facts of a source.

    It changes together with others (`is_written`), and otherwise only when a third of the time is over, so that a
    sync that changes nothing seldom writes anything.
    """
    path = CONFIRMED.format(name)
    known = find_confirmed_day(content, name, Snapshot())
    is_due = known is None or (day - known).days * 3 >= keep_days
    return {path: f"{day}\n".encode()} if known != day and (is_written or is_due) else {}


def expire_unconfirmed(snapshot: Snapshot, day: date, keep_days: int) -> Snapshot:
    """Return the snapshot without what the source has not named for so many days: what is gone, or missing."""

    def is_old(table: str, name: str, row: Row) -> bool:
        gone = row.get("gone_since")
        since = date.fromisoformat(gone) if gone else snapshot.missing.get(table, {}).get(name)
        return since is not None and (day - since).days >= keep_days

    return _expire(
        snapshot,
        {
            table: {name for name, row in snapshot.facts.rows.get(table, {}).items() if is_old(table, name, row)}
            for table in NAMED_TABLES
        },
        day,
    )


def expire_all(snapshot: Snapshot, day: date) -> Snapshot:
    """Return the snapshot without any fact or number: only the slugs stay, and are taken."""
    names = {table: {*snapshot.facts.rows.get(table, {})} for table in NAMED_TABLES}
    return replace(_expire(snapshot, names, day), facts=SourceFacts(), missing={}, held_back=())


def _expire(snapshot: Snapshot, names: dict[str, set[str]], day: date) -> Snapshot:
    """Return the snapshot without some things of its tables; their slugs say since when they are away."""
    if not any(names.values()):
        return snapshot
    facts, slugs = snapshot.facts, {table: snapshot.slugs(table) for table in names}
    rows = {table: _without(own, names.get(table, set())) for table, own in facts.rows.items()}
    lost = {slugs["video"][name] for name in names["video"]}
    for name, row in rows.get("playlist", {}).items():
        if not lost.isdisjoint(row.get("videos", ())):
            rows["playlist"][name] = {**row, "videos": [video for video in row["videos"] if video not in lost]}
    counts = {table: _without(own, names.get(table, set())) for table, own in facts.counts.items()}
    days = {table: _without(own, names.get(table, set())) for table, own in facts.count_days.items()}
    retired, expired = dict(snapshot.retired), dict(snapshot.expired)
    for table, own in names.items():
        retired[table] = {**retired.get(table, {}), **{name: slugs[table][name] for name in own}}
        expired[table] = {**expired.get(table, {}), **dict.fromkeys(own, day)}
    missing = {table: _without(own, names.get(table, set())) for table, own in snapshot.missing.items()}
    return replace(
        snapshot,
        facts=replace(facts, rows=rows, counts=counts, count_days=days),
        retired=retired,
        expired=expired,
        missing=missing,
    )


def _without(own: Mapping[str, T], names: set[str]) -> dict[str, T]:
    return {name: value for name, value in own.items() if name not in names}
