"""The snapshot in content/snapshots/youtube/: its rows, and the files that they become."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openknowledge.content.frontmatter import LocatedFields, parse_front_matter, read_text
from openknowledge.content.snapshots import SYNC_HINT, read_json_lines
from openknowledge.problems import Problem

from ..findings import SyncFindings
from .rows import Row

FOLDER = "snapshots/youtube"
FILES = "*.jsonl"


@dataclass(slots=True)
class YouTubeSnapshot:
    """Rows by the platform's id. `retired` are the slugs of removed items, which no other item gets."""

    videos: dict[str, Row] = field(default_factory=dict)
    playlists: dict[str, Row] = field(default_factory=dict)
    retired: dict[str, dict[str, str]] = field(default_factory=lambda: {"video": {}, "playlist": {}})

    def rows_of(self, kind: str) -> dict[str, Row]:
        """Return the rows of a kind by id."""
        return self.videos if kind == "video" else self.playlists

    def slugs(self, kind: str) -> dict[str, str]:
        """Return the permanent slug of each id, also of removed items."""
        return {**self.retired[kind], **{name: row["slug"] for name, row in self.rows_of(kind).items()}}


def read_snapshot(content: Path, findings: SyncFindings) -> YouTubeSnapshot:
    """Return what the last sync wrote, and report where it was broken since."""
    snapshot = YouTubeSnapshot()
    for path in sorted((content / FOLDER).glob(FILES)):
        for line, row in read_json_lines(path, content, str(path)):
            if isinstance(row, Problem):
                findings.problems.append(row)
            elif not (isinstance(row.get("youtube_id"), str) and isinstance(row.get("slug"), str)):
                findings.problems.append(Problem(str(path), line, None, "a row without id or slug", SYNC_HINT))
            elif path.name == "retired.jsonl":
                snapshot.retired.setdefault(str(row.get("kind")), {})[row["youtube_id"]] = row["slug"]
            else:
                kind = "playlist" if path.name == "playlists.jsonl" else "video"
                snapshot.rows_of(kind)[row["youtube_id"]] = row
    return snapshot


def dump_snapshot(snapshot: YouTubeSnapshot) -> dict[str, bytes]:
    """Return the files of a snapshot: videos by year of publication, oldest first; playlists; removed items."""
    years: dict[str, list[Row]] = defaultdict(list)
    for row in snapshot.videos.values():
        years[f"videos-{row['published'][:4]}.jsonl"].append(row)
    files = {name: _to_json_rows(_by_age(rows)) for name, rows in sorted(years.items())}
    if snapshot.playlists:
        files["playlists.jsonl"] = _to_json_rows(_by_age(snapshot.playlists.values()))
    retired = [
        {"kind": kind, "slug": slug, "youtube_id": name}
        for kind, slugs in sorted(snapshot.retired.items())
        for name, slug in sorted(slugs.items())
    ]
    if retired:
        files["retired.jsonl"] = _to_json_rows(retired)
    return files


def slugs_of_other_snapshots(content: Path, kind: str) -> set[str]:
    """Return the slugs that other snapshots have given to items of this kind."""
    slugs = set()
    for path in sorted(content.glob(f"snapshots/*/{kind}s*.jsonl")):
        if path.parent != content / FOLDER:
            rows = (row for _, row in read_json_lines(path, content, str(path)))
            slugs |= {str(row.get("slug")) for row in rows if not isinstance(row, Problem)}
    return slugs


def slugs_of_editors(content: Path, kind: str, findings: SyncFindings) -> dict[str, str]:
    """Return the slug of each file that editors wrote below content/, by the id of its video.

    A file without an id is listed under its own path, because its slug is taken too.
    """
    slugs = {}
    for path in sorted(content.glob(f"{kind}s/*.md")):
        text = read_text(path, content, str(path))
        front = text if isinstance(text, Problem) else parse_front_matter(text, str(path))
        if isinstance(front, LocatedFields):
            slugs[str(front.data.get("youtube_id") or path)] = path.name.partition(".")[0]
        else:
            findings.problems.append(front)
    return slugs


def _by_age(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["published"], row["youtube_id"]))


def _to_json_rows(rows: Iterable[Mapping[str, object]]) -> bytes:
    texts = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    return "".join(f"{text}\n" for text in texts).encode()
