"""What a source says now beside what the last sync wrote: the snapshot that follows from both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from openknowledge.model.numbers import EnrollmentSeries
from openknowledge.problems import operator_problem

from .differences import BelievedFacts, hold_back
from .slugs import assign_slugs
from .snapshot import NAMED_TABLES, OtherItem, Snapshot, id_field, items_of_other_snapshots, slugs_of_editors
from .source import CONFIRMED_EVERY, Row, SourceFacts, SyncFindings

__all__ = ["SlugNames", "leave_to_others", "next_snapshot", "read_slug_names"]

NO_SERIES: Mapping[str, EnrollmentSeries] = MappingProxyType({})
T = TypeVar("T")
PROOF_INTERVAL = timedelta(days=1)
"""How far apart two syncs must be that both miss a thing."""


@dataclass(frozen=True, slots=True)
class SlugNames:
    """The slugs of a table that others have given: `editors` by the platform's id, those of other snapshots `taken`.

    `others` are the items with ids that other sources have brought already.
    """

    editors: Mapping[str, str]
    taken: frozenset[str]
    others: Mapping[str, OtherItem] = field(default_factory=dict)


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
        items = items_of_other_snapshots(content, source, table)
        others = {item.platform_id: item for item in items if item.platform_id and item.platform_id not in own}
        names[table] = SlugNames(editors, frozenset(item.slug for item in items), others)
    return names


def leave_to_others(
    facts: SourceFacts, names: Mapping[str, SlugNames], source: str, findings: SyncFindings
) -> SourceFacts:
    """Return the facts without the items that another source has brought already: an item has one page."""
    rows, counts = dict(facts.rows), dict(facts.counts)
    for table in facts.rows.keys() & names.keys():
        others = names[table].others
        owners = sorted({others[name].source for name in facts.rows[table].keys() & others.keys()})
        rows[table] = {name: row for name, row in facts.rows[table].items() if name not in others}
        if table in counts:
            counts[table] = {name: total for name, total in counts[table].items() if name not in others}
        if owners:
            number = len(facts.rows[table]) - len(rows[table])
            message = f"{table}s that other sources have brought are left to them: {number} ({', '.join(owners)})"
            hint = "Two sources of one channel: give the better one the name of the other, and remove that."
            findings.warnings.append(operator_problem(f"content/snapshots/{source}", None, None, message, hint))
    return replace(facts, rows=rows, counts=counts)


def next_snapshot(
    known: Snapshot,
    facts: SourceFacts,
    names: Mapping[str, SlugNames],
    day: date,
    series: Mapping[str, EnrollmentSeries] = NO_SERIES,
    accepted: Collection[str] = (),
) -> tuple[Snapshot, BelievedFacts]:
    """Return what to write after a source has said `facts` on a day, and what was believed of them.

    A row that the source does not name any more stays: it is listed as missing, and when it is proved to be gone it
    has the day since which it is (`gone_since`). What has another id, as somebody has accepted, keeps its slug. The
    playlists of `facts` have the ids of their videos, or the
    slugs that are known of them. `series` are those that the source continues, by course; `accepted` are the
    hashes of differences to take although they are not believable.
    """
    allowed = _without_withdrawn(facts, known)
    believed = hold_back(known.facts, known.missing, allowed, series, accepted)
    rows, missing = _next_rows(known, believed.facts, day)
    for table in NAMED_TABLES:
        if table in facts.rows:
            own = _take_over(known.slugs(table), believed.moved_ids(table), rows[table], missing[table])
            assign_slugs(rows[table].values(), {**names[table].editors, **own}, names[table].taken, table)
    others = {name: item.slug for name, item in names["video"].others.items()} if "playlist" in rows else {}
    _name_videos(rows, believed.facts, known.facts.rows.get("playlist", {}), others)
    totals, days = _next_counts(known.facts, believed.facts, rows, day)
    retired = {
        table: {name: slug for name, slug in slugs.items() if name not in rows.get(table, {})}
        for table, slugs in known.retired.items()
    }
    snapshot = replace(
        known,
        facts=SourceFacts(
            rows=rows, counts=totals, count_days=days, unlisted=_next_unlisted(known.facts, believed.facts, rows)
        ),
        retired=retired,
        missing=missing,
        held_back=believed.held_back,
    )
    return snapshot, believed


def _take_over(
    slugs: dict[str, str], moved: Mapping[str, str], rows: dict[str, Row], missing: dict[str, date]
) -> dict[str, str]:
    """Give new ids the slugs of the old ones that they have `moved` from, and take the old ones away."""
    for new, old in moved.items():
        slugs[new] = slugs.pop(old)
        del rows[old]
        missing.pop(old, None)
    return slugs


def _without_withdrawn(facts: SourceFacts, known: Snapshot) -> SourceFacts:
    """Return the facts without what was withdrawn from the site."""

    def keep(table: str, own: Mapping[str, T]) -> dict[str, T]:
        withdrawn = known.withdrawn.get(table, {})
        return {name: one for name, one in own.items() if name not in withdrawn}

    rows = {table: keep(table, own) for table, own in facts.rows.items()}
    counts = {table: keep(table, own) for table, own in facts.counts.items()}
    return replace(facts, rows=rows, counts=counts)


def _next_rows(
    known: Snapshot, facts: SourceFacts, day: date
) -> tuple[dict[str, dict[str, Row]], dict[str, dict[str, date]]]:
    """Return the rows of all tables, those that the source names still without their slugs, and what is missing."""
    rows = {table: dict(own) for table, own in known.facts.rows.items()}
    missing = {table: dict(own) for table, own in known.missing.items()}
    for table, named in facts.rows.items():
        before = rows.get(table, {})
        if facts.is_complete:
            gone, missing[table] = _find_absent(table, known, facts, day)
            rows[table] = {**before, **gone, **{name: {**row, id_field(table): name} for name, row in named.items()}}
        else:
            # A source that only adds says too little to change what is known; what it names is there again.
            missing[table] = {name: since for name, since in known.missing.get(table, {}).items() if name not in named}
            back = {name: _without_end(before[name]) for name in named.keys() & before.keys()}
            added = {name: {**row, id_field(table): name} for name, row in named.items() if name not in before}
            rows[table] = {**before, **back, **added}
    return rows, missing


def _without_end(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "gone_since"}


def _find_absent(table: str, known: Snapshot, facts: SourceFacts, day: date) -> tuple[dict[str, Row], dict[str, date]]:
    """Return the rows that are proved to be gone, and the others that are missing with the day since which they are.

    It is proved by two syncs a day apart that miss a thing, and by the platform's own refusal when asked for it by id:
    lists leave out things that are there.
    """
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


def _name_videos(
    rows: Mapping[str, dict[str, Row]], facts: SourceFacts, before: Mapping[str, Row], others: Mapping[str, str]
) -> None:
    """Put the slugs of their videos into the playlists that the source has named; what is gone is in no list.

    `others` are the slugs of videos that other sources have brought, by id.
    """
    own = {name: row["slug"] for name, row in rows.get("video", {}).items() if "gone_since" not in row}
    videos = {**others, **own}
    known_as = {**{slug: slug for slug in videos.values()}, **videos}
    for name, row in facts.rows.get("playlist", {}).items():
        if facts.is_complete or name not in before:
            members = [known_as[video] for video in row.get("videos", ()) if video in known_as]
            rows["playlist"][name]["videos"] = members


def _next_unlisted(
    known: SourceFacts, facts: SourceFacts, rows: Mapping[str, Mapping[str, Row]]
) -> dict[str, frozenset[str]]:
    """Return the ids that have no row yet: those of before too, unless the source says all that there is."""
    before = {} if facts.is_complete else known.unlisted
    names = {table: before.get(table, frozenset()) | facts.unlisted.get(table, frozenset()) for table in NAMED_TABLES}
    refused = {table: facts.refused.get(table, frozenset()) for table in NAMED_TABLES}
    listed = {table: own - refused[table] - rows.get(table, {}).keys() for table, own in names.items()}
    return {table: own for table, own in listed.items() if own}


def _next_counts(
    known: SourceFacts, facts: SourceFacts, rows: Mapping[str, Mapping[str, Row]], day: date
) -> tuple[dict[str, Mapping[str, int]], dict[str, Mapping[str, date]]]:
    """Return all counts, and their days: those of before where no count of a table has changed for less than a week.

    A count that a complete source does not give for a thing that it names is hidden now, so it is not known any more.
    """
    totals, days = dict(known.counts), dict(known.count_days)
    for table, new in facts.counts.items():
        before = known.counts.get(table, {})
        hidden = facts.rows.get(table, {}).keys() - new.keys() if new and facts.is_complete else set()
        merged = {name: total for name, total in {**before, **new}.items() if name not in hidden}
        if table in rows:
            merged = {name: total for name, total in merged.items() if name in rows[table]}
        old_days = known.count_days.get(table, {})
        new_days = {name: facts.count_days.get(table, {}).get(name, day) for name in new}
        is_old = any(own - old_days.get(name, own) >= CONFIRMED_EVERY for name, own in new_days.items())
        if merged != before or is_old:
            known_days = {**old_days, **new_days}
            totals[table], days[table] = merged, {name: known_days[name] for name in merged}
    return totals, days
