"""The files of one source in content/snapshots/: what the last sync wrote, and what the next one writes."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.snapshots import SYNC_HINT, read_json_lines
from openknowledge.content.video_views import AS_OF, VIEWS_FILE, read_views
from openknowledge.model.video import Views
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import is_project_file, read_project_file

from .source import Row, SourceFacts, SyncFindings

__all__ = [
    *("NAMED_TABLES", "Snapshot", "find_changed_files", "id_field", "read_known", "read_snapshot"),
    *("slugs_of_editors", "slugs_of_other_snapshots"),
]

NAMED_TABLES = ("video", "playlist")
"""The tables whose rows become pages of their own, so each row has a slug for good."""
ROWS_FILE = re.compile(r"(?P<table>[a-z]+)s(?:-\d{4})?\.jsonl")
RETIRED, MISSING = "retired.jsonl", "missing.jsonl"
COUNT_FILES = {"video": (VIEWS_FILE, "youtube_id,views"), "channel": ("channel.csv", "measure,total")}
"""The file of the counts of a table, and its columns."""
Slugs = Mapping[str, Mapping[str, str]]
Days = Mapping[str, Mapping[str, date]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is stored of a source; mappings are by table, then by the platform's id.

    The rows of `facts` have their slugs, and playlists the slugs of their videos. `retired` are the slugs of removed
    items, which no other item gets. `missing` are known ids that the source has not named since a day.
    """

    facts: SourceFacts = field(default_factory=SourceFacts)
    retired: Slugs = field(default_factory=dict)
    missing: Days = field(default_factory=dict)

    def slugs(self, table: str) -> dict[str, str]:
        """Return the permanent slug of each id of a table, also of removed items."""
        rows = self.facts.rows.get(table, {})
        return {**self.retired.get(table, {}), **{name: row["slug"] for name, row in rows.items()}}


def id_field(table: str) -> str:
    """Return the field of a table's rows that has the platform's id."""
    return "youtube_id" if table in NAMED_TABLES else "id"


def read_known(content: Path, name: str, findings: SyncFindings) -> SourceFacts:
    """Return what the last sync wrote of a source, and report where it was broken since."""
    return read_snapshot(content, name, findings).facts


def read_snapshot(content: Path, name: str, findings: SyncFindings) -> Snapshot:
    """Return all that the last sync wrote of a source, and report where it was broken since.

    Older syncs wrote the views of a video into its row.
    """
    folder = content / "snapshots" / name
    rows: dict[str, dict[str, Row]] = defaultdict(dict)
    retired: dict[str, dict[str, str]] = defaultdict(dict)
    missing: dict[str, dict[str, date]] = defaultdict(dict)
    counts: dict[str, dict[str, Views]] = defaultdict(dict)
    for path, line, row in _read_lines(folder, content, findings):
        try:
            if path.name == RETIRED:
                retired[row["kind"]][row["youtube_id"]] = row["slug"]
            elif path.name == MISSING:
                missing[row["table"]][row["id"]] = date.fromisoformat(row["since"])
            elif match := ROWS_FILE.fullmatch(path.name):
                views = row.pop("views", None)
                _add_row(rows[match["table"]], match["table"], row)
                if views is not None:
                    day = date.fromisoformat(views["as_of"])
                    counts[match["table"]][row["youtube_id"]] = Views(total=views["total"], as_of=day)
        except (KeyError, TypeError, ValueError):
            message = "this row lacks what each row of the file has"
            findings.problems.append(operator_problem(str(path), line, None, message, SYNC_HINT))
    for table, (file, _) in COUNT_FILES.items():
        counts[table] |= _read_counts(folder / file, content, findings)
    facts = SourceFacts(
        rows=dict(rows),
        counts={table: {name: one.total for name, one in own.items()} for table, own in counts.items() if own},
        count_days={table: {name: one.as_of for name, one in own.items()} for table, own in counts.items() if own},
    )
    return Snapshot(facts=facts, retired=retired, missing=missing)


def _read_lines(folder: Path, content: Path, findings: SyncFindings) -> Iterator[tuple[Path, int, Row]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line, row in read_json_lines(path, content, str(path)):
            if isinstance(row, Problem):
                findings.problems.append(row)
            else:
                yield path, line, row


def _add_row(rows: dict[str, Row], table: str, row: Row) -> None:
    name = row[id_field(table)]
    if not isinstance(name, str) or (table in NAMED_TABLES and not isinstance(row["slug"], str)):
        raise TypeError(name)
    rows[name] = row


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
        for pattern in ("*.jsonl", *(file for file, _ in COUNT_FILES.values()))
        for path in folder.glob(pattern)
        if path.is_file()
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
            rows_by_file[RETIRED].append({"kind": table, "slug": slug, "youtube_id": name})
    for table, days in sorted(snapshot.missing.items()):
        for name, day in sorted(days.items()):
            rows_by_file[MISSING].append({"table": table, "id": name, "since": day.isoformat()})
    files = {name: _dump_rows(rows) for name, rows in rows_by_file.items()}
    for table, (file, columns) in COUNT_FILES.items():
        if totals := snapshot.facts.counts.get(table):
            files[file] = _dump_counts(totals, snapshot.facts.count_days[table], columns)
    return files


def _dump_rows(rows: Iterable[Mapping[str, object]]) -> bytes:
    texts = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    return "".join(f"{text}\n" for text in texts).encode()


def _dump_counts(totals: Mapping[str, int], days: Mapping[str, date], columns: str) -> bytes:
    newest = max(days.values())
    lines = [f"{AS_OF}{newest}", columns]
    for name, total in sorted(totals.items()):
        lines.append(f"{name},{total}" if days[name] == newest else f"{name},{total},{days[name]}")
    return "".join(f"{line}\n" for line in lines).encode()


def slugs_of_other_snapshots(content: Path, name: str, table: str) -> set[str]:
    """Return the slugs that the snapshots of other sources have given to items of a table, also to removed ones."""
    files = [*content.glob(f"snapshots/*/{table}s*.jsonl"), *content.glob(f"snapshots/*/{RETIRED}")]
    paths = [path for path in files if path.parent.name != name]
    rows = (row for path in paths for _, row in read_json_lines(path, content, str(path)))
    return {str(row.get("slug")) for row in rows if not isinstance(row, Problem)}


def slugs_of_editors(content: Path, table: str, findings: SyncFindings) -> dict[str, str]:
    """Return the slug of each file that editors wrote below content/, by the id of its video.

    A file without an id is listed under its own path, because its slug is taken too.
    """
    slugs = {}
    paths = sorted(path.name for path in content.glob(f"{table}s/*.md"))
    for path in (content / f"{table}s" / name for name in paths if is_project_file(f"{table}s/{name}", content)):
        front = parse_front_matter(read_project_file(path, content), str(path))
        if isinstance(front, LocatedFields):
            slugs[str(front.data.get("youtube_id") or path)] = path.name.partition(".")[0]
        else:
            findings.problems.append(front)
    return slugs
