"""The files of one source in content/snapshots/: what the last sync wrote, and what the next one writes."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.content.snapshot_files import SYNC_HINT, read_json_lines
from openknowledge.content.video_views import AS_OF, VIEWS_FILE, read_views
from openknowledge.engine.file_transaction import finish_transaction
from openknowledge.model.numbers import Views
from openknowledge.problems import ContentProblems, Problem, operator_problem
from openknowledge.project_files import is_project_file, read_project_file

from .differences import HeldBack
from .source import Row, SourceFacts, SyncFindings

__all__ = [
    *("NAMED_TABLES", "Snapshot", "find_changed_files", "id_field", "read_snapshot"),
    *("slugs_of_editors", "items_of_other_snapshots"),
]

NAMED_TABLES = ("video", "playlist")
"""The tables whose rows become pages of their own, so each row has a slug for good."""
ROWS_FILE = re.compile(r"(?P<table>[a-z]+)s(?:-\d{4})?\.jsonl")
RETIRED, MISSING, HELD_BACK = "retired.jsonl", "missing.jsonl", "held-back.jsonl"
UNLISTED = "unlisted.jsonl"
COUNT_FILES = {"video": (VIEWS_FILE, "youtube_id,views"), "channel": ("channel.csv", "measure,total")}
"""The file of the counts of a table, and its columns."""
OWN_FILES = (RETIRED, MISSING, HELD_BACK, UNLISTED, *(file for file, _ in COUNT_FILES.values()))
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
Slugs = Mapping[str, Mapping[str, str]]
Days = Mapping[str, Mapping[str, date]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is stored of a source; mappings are by table, then by the platform's id.

    The rows of `facts` have their slugs, and playlists the slugs of their videos. `retired` are the slugs of removed
    items, which no other item gets; those that are `withdrawn` since a day never come back, and those that have
    `expired` do when the source names them again. `missing` are known ids that the source has not named since a day.
    `held_back` is what the source said last and is not believed.
    """

    facts: SourceFacts = field(default_factory=SourceFacts)
    retired: Slugs = field(default_factory=dict)
    withdrawn: Days = field(default_factory=dict)
    expired: Days = field(default_factory=dict)
    missing: Days = field(default_factory=dict)
    held_back: tuple[HeldBack, ...] = ()

    def slugs(self, table: str) -> dict[str, str]:
        """Return the permanent slug of each id of a table, also of removed items."""
        rows = self.facts.rows.get(table, {})
        return {**self.retired.get(table, {}), **{name: row["slug"] for name, row in rows.items()}}


class OtherItem(NamedTuple):
    """An item of another source's snapshot: its slug, the platform's id where it has one, and that source."""

    slug: str
    platform_id: str | None
    source: str


def id_field(table: str) -> str:
    """Return the field of a table's rows that has the platform's id."""
    return "youtube_id" if table in NAMED_TABLES else "id"


def read_snapshot(content: Path, name: str, findings: SyncFindings) -> Snapshot:
    """Return all that the last sync wrote of a source, and report where it was broken since.

    A sync that was killed is finished first. Older syncs wrote the views of a video into its row.
    """
    try:
        finish_transaction(content)
    except ContentProblems as refusal:
        findings.problems.extend(refusal.problems)
        return Snapshot()
    folder = content / "snapshots" / name
    files = _SnapshotFiles()
    for path, line, row in _read_lines(folder, content, findings):
        try:
            files.add(path.name, row)
        except (KeyError, TypeError, ValueError):
            message = "this row lacks what each row of the file has"
            findings.problems.append(operator_problem(str(path), line, None, message, SYNC_HINT))
    for table, (file, _) in COUNT_FILES.items():
        files.counts[table] |= _read_counts(folder / file, content, findings)
    return files.snapshot()


@dataclass(slots=True)
class _SnapshotFiles:
    """What has been read of the files of a source so far."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    counts: dict[str, dict[str, Views]] = field(default_factory=lambda: defaultdict(dict))
    retired: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    withdrawn: dict[str, dict[str, date]] = field(default_factory=lambda: defaultdict(dict))
    expired: dict[str, dict[str, date]] = field(default_factory=lambda: defaultdict(dict))
    missing: dict[str, dict[str, date]] = field(default_factory=lambda: defaultdict(dict))
    unlisted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    held_back: list[HeldBack] = field(default_factory=list)

    def add(self, file: str, row: Row) -> None:
        """Add a line of a file. Raises `KeyError`, `TypeError` or `ValueError` where it is none of ours."""
        if file == RETIRED:
            self.retired[row["kind"]][row["youtube_id"]] = row["slug"]
            for name, days in (("withdrawn", self.withdrawn), ("expired", self.expired)):
                if name in row:
                    days[row["kind"]][row["youtube_id"]] = date.fromisoformat(row[name])
        elif file == MISSING:
            self.missing[row["table"]][row["id"]] = date.fromisoformat(row["since"])
        elif file == UNLISTED:
            self.unlisted[row["table"]].add(row["id"])
        elif file == HELD_BACK:
            self.held_back.append(HeldBack.from_row(row))
        elif match := ROWS_FILE.fullmatch(file):
            self._add_row(match["table"], row)

    def _add_row(self, table: str, row: Row) -> None:
        views = row.pop("views", None)
        name = row[id_field(table)]
        if not isinstance(name, str) or (table in NAMED_TABLES and not isinstance(row["slug"], str)):
            raise TypeError(name)
        self.rows[table][name] = row
        if views is not None:
            self.counts[table][name] = Views(total=views["total"], as_of=date.fromisoformat(views["as_of"]))

    def snapshot(self) -> Snapshot:
        """Return what the files say together."""
        counts = {table: own for table, own in self.counts.items() if own}
        facts = SourceFacts(
            rows=dict(self.rows),
            counts={table: {name: one.total for name, one in own.items()} for table, own in counts.items()},
            count_days={table: {name: one.as_of for name, one in own.items()} for table, own in counts.items()},
            unlisted={table: frozenset(own) for table, own in self.unlisted.items()},
        )
        return Snapshot(
            facts=facts,
            retired=self.retired,
            withdrawn=self.withdrawn,
            expired=self.expired,
            missing=self.missing,
            held_back=tuple(self.held_back),
        )


def _read_lines(folder: Path, content: Path, findings: SyncFindings) -> Iterator[tuple[Path, int, Row]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line, row in read_json_lines(path, content, str(path)):
            if isinstance(row, Problem):
                findings.problems.append(row)
            else:
                yield path, line, row


def _read_counts(path: Path, content: Path, findings: SyncFindings) -> dict[str, Views]:
    if not path.is_file():
        return {}
    views, problems = read_views(read_project_file(path, content).decode("utf-8", "replace"), str(path))
    findings.problems.extend(problems)
    return views


def find_changed_files(content: Path, name: str, snapshot: Snapshot) -> dict[str, bytes | None]:
    """Return the files of a source that differ from what is there, by path below content/; None removes one."""
    folder = content / "snapshots" / name
    old = {
        path.name: read_project_file(path, content)
        for path in folder.glob("*")
        if (path.name in OWN_FILES or ROWS_FILE.fullmatch(path.name)) and path.is_file()
    }
    new = _dump(snapshot)
    changed: dict[str, bytes | None] = {file: data for file, data in new.items() if old.get(file) != data}
    changed |= dict.fromkeys(old.keys() - new.keys())
    return {f"snapshots/{name}/{file}": data for file, data in sorted(changed.items())}


def _dump(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the files of a snapshot: videos by year of publication, the other tables whole, each sorted."""
    rows_by_file: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for table, rows in sorted(snapshot.facts.rows.items()):
        for row in sorted(rows.values(), key=lambda row: (row.get("published") or "", row[id_field(table)])):
            name = f"{table}s-{row['published'][:4]}.jsonl" if table == "video" else f"{table}s.jsonl"
            rows_by_file[name].append(row)
    for table, slugs in sorted(snapshot.retired.items()):
        for name, slug in sorted(slugs.items()):
            marks = (("withdrawn", snapshot.withdrawn), ("expired", snapshot.expired))
            since = {mark: days[table][name].isoformat() for mark, days in marks if name in days.get(table, {})}
            rows_by_file[RETIRED].append({"kind": table, "slug": slug, "youtube_id": name, **since})
    for table, days in sorted(snapshot.missing.items()):
        for name, day in sorted(days.items()):
            rows_by_file[MISSING].append({"table": table, "id": name, "since": day.isoformat()})
    for table, names in sorted(snapshot.facts.unlisted.items()):
        rows_by_file[UNLISTED] += ({"table": table, "id": name} for name in sorted(names))
    rows_by_file[HELD_BACK] += (one.as_row() for one in snapshot.held_back)
    files = {name: _dump_rows(rows) for name, rows in rows_by_file.items() if rows}
    for table, (file, columns) in COUNT_FILES.items():
        if totals := snapshot.facts.counts.get(table):
            files[file] = _dump_counts(totals, snapshot.facts.count_days[table], columns)
    return files


def _dump_rows(rows: Iterable[Mapping[str, object]]) -> bytes:
    return "".join(f"{ENCODER.encode(row)}\n" for row in rows).encode()


def _dump_counts(totals: Mapping[str, int], days: Mapping[str, date], columns: str) -> bytes:
    newest = max(days.values())
    lines = [f"{AS_OF}{newest}", columns]
    for name, total in sorted(totals.items()):
        lines.append(f"{name},{total}" if days[name] == newest else f"{name},{total},{days[name]}")
    return "".join(f"{line}\n" for line in lines).encode()


def items_of_other_snapshots(content: Path, name: str, table: str) -> tuple[OtherItem, ...]:
    """Return the items of a table that the snapshots of other sources have or had, by source and file."""
    files = sorted((*content.glob(f"snapshots/*/{table}s*.jsonl"), *content.glob(f"snapshots/*/{RETIRED}")))
    items = []
    for path in (path for path in files if path.parent.name != name):
        for _, row in read_json_lines(path, content, str(path)):
            if not isinstance(row, Problem):
                items.append(OtherItem(str(row.get("slug")), row.get(id_field(table)), path.parent.name))
    return tuple(items)


def slugs_of_editors(content: Path, table: str, findings: SyncFindings) -> dict[str, str]:
    """Return the slug of each file that editors wrote below content/, by the id of its video.

    A file without an id is listed under its own path, because its slug is taken too.
    """
    slugs = {}
    paths = sorted(path.name for path in content.glob(f"{table}s/*.md"))
    if paths:
        from openknowledge.content.frontmatter import parse_front_matter
        from openknowledge.content.located_yaml import LocatedFields
    for path in (content / f"{table}s" / name for name in paths if is_project_file(f"{table}s/{name}", content)):
        front = parse_front_matter(read_project_file(path, content), str(path))
        if isinstance(front, LocatedFields):
            slugs[str(front.data.get("youtube_id") or path)] = path.name.partition(".")[0]
        else:
            findings.problems.append(front)
    return slugs
