"""What a source says now beside what the last sync wrote: the snapshot that follows from both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from openknowledge.problems import operator_problem

from .snapshot import NAMED_TABLES, Snapshot, id_field, slugs_of_editors, slugs_of_other_snapshots
from .source import Row, SourceFacts, SyncFindings
from .youtube.rows import assign_slugs

__all__ = ["SlugNames", "next_snapshot", "read_slug_names", "summarize_table"]

PROOF_INTERVAL = timedelta(days=1)
"""How far apart two syncs must be that both miss a thing."""


@dataclass(frozen=True, slots=True)
class SlugNames:
    """The slugs of a table that others have given: `editors` by the platform's id, those of other snapshots `taken`."""

    editors: Mapping[str, str]
    taken: frozenset[str]


def read_slug_names(content: Path, source: str, known: Snapshot, findings: SyncFindings) -> dict[str, SlugNames]:
    """Return the slugs that editors and other sources have given, by table; a file under another name is a problem."""
    names = {}
    for table in NAMED_TABLES:
        editors, own = slugs_of_editors(content, table, findings), known.slugs(table)
        for name in own.keys() & editors.keys():
            if own[name] != editors[name]:
                path = str(content / f"{table}s" / f"{editors[name]}.md")
                message = f'the slug of "{name}" is "{own[name]}" for good'
                hint = f"Rename the file to {own[name]}.md."
                findings.problems.append(operator_problem(path, None, None, message, hint))
        names[table] = SlugNames(editors, frozenset(slugs_of_other_snapshots(content, source, table)))
    return names


def next_snapshot(known: Snapshot, facts: SourceFacts, names: Mapping[str, SlugNames], day: date) -> Snapshot:
    """Return what to write after a source has said `facts` on a day.

    A row that the source does not name any more stays: it is listed as missing, and when it is proved to be gone it
    has the day since which it is (`gone_since`). The playlists of `facts` have the ids of their videos, or the
    slugs that are known of them.
    """
    rows = {table: dict(own) for table, own in known.facts.rows.items()}
    missing: dict[str, dict[str, date]] = {}
    for table, new_rows in facts.rows.items():
        before = rows.get(table, {})
        added = {
            name: {**row, id_field(table): name}
            for name, row in new_rows.items()
            if facts.is_complete or name not in before
        }
        gone, missing[table] = _find_absent(table, known, facts, day)
        rows[table] = {**before, **gone, **added}
    for table in NAMED_TABLES:
        if table in facts.rows:
            assigned = {**names[table].editors, **known.slugs(table)}
            assign_slugs(rows[table].values(), assigned, names[table].taken, table)
    _name_videos(rows, facts)
    totals, days = _next_counts(known.facts, facts, rows, day)
    retired = {
        table: {name: slug for name, slug in slugs.items() if name not in rows.get(table, {})}
        for table, slugs in known.retired.items()
    }
    return replace(
        known,
        facts=SourceFacts(rows=rows, counts=totals, count_days=days),
        retired=retired,
        missing={**known.missing, **missing},
    )


def _find_absent(table: str, known: Snapshot, facts: SourceFacts, day: date) -> tuple[dict[str, Row], dict[str, date]]:
    """Return the rows that are proved to be gone, and the others that are missing with the day since which they are.

    It is proved by two syncs a day apart that miss a thing, and by the platform's own refusal when asked for it by id:
    lists leave out things that are there.
    """
    if not facts.is_complete:
        return {}, dict(known.missing.get(table, {}))
    refused = facts.refused.get(table, frozenset())
    gone: dict[str, Row] = {}
    missing: dict[str, date] = {}
    for name, row in known.facts.rows.get(table, {}).items():
        if name in facts.rows[table] or "gone_since" in row:
            continue
        since = known.missing.get(table, {}).get(name, day)
        if name in refused and day - since >= PROOF_INTERVAL:
            gone[name] = {**row, "gone_since": since.isoformat()}
        else:
            missing[name] = since
    return gone, missing


def _name_videos(rows: Mapping[str, dict[str, Row]], facts: SourceFacts) -> None:
    """Put the slugs of their videos into the playlists that the source has named; what is gone is in no list."""
    videos = {name: row["slug"] for name, row in rows.get("video", {}).items() if "gone_since" not in row}
    known_as = {**{slug: slug for slug in videos.values()}, **videos}
    for name, row in facts.rows.get("playlist", {}).items():
        rows["playlist"][name]["videos"] = [known_as[video] for video in row.get("videos", ()) if video in known_as]


def _next_counts(
    known: SourceFacts, facts: SourceFacts, rows: Mapping[str, Mapping[str, Row]], day: date
) -> tuple[dict[str, Mapping[str, int]], dict[str, Mapping[str, date]]]:
    """Return all counts, and their days: those of before where no count of a table has changed.

    A count that a complete source does not give for a thing that it names is hidden now, so it is not known any more.
    """
    totals, days = dict(known.counts), dict(known.count_days)
    for table, new in facts.counts.items():
        before = known.counts.get(table, {})
        hidden = facts.rows.get(table, {}).keys() - new.keys() if new and facts.is_complete else set()
        merged = {name: total for name, total in {**before, **new}.items() if name not in hidden}
        if table in rows:
            merged = {name: total for name, total in merged.items() if name in rows[table]}
        if merged != before:
            new_days = {name: facts.count_days.get(table, {}).get(name, day) for name in new}
            known_days = {**known.count_days.get(table, {}), **new_days}
            totals[table], days[table] = merged, {name: known_days[name] for name in merged}
    return totals, days


def summarize_table(table: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> str:
    """Return `Videos: 3 added, 1 changed, 0 gone, 2488 unchanged.`."""
    both = old.keys() & new.keys()
    gone = sum("gone_since" in new[name] and "gone_since" not in old[name] for name in both)
    changed = sum(old[name] != new[name] for name in both) - gone
    counts = f"{len(new) - len(both)} added, {changed} changed, {gone} gone"
    return f"{table.capitalize()}s: {counts}, {len(both) - changed - gone} unchanged."
