"""The snapshot in content/snapshots/youtube/: its rows, and the files that they become."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openknowledge.connectors.source import Row, SyncFindings
from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.snapshots import SYNC_HINT, read_json_lines
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import is_project_file, read_project_file

__all__ = ["YouTubeSnapshot", "read_snapshot", "slugs_of_editors", "slugs_of_other_snapshots", "write_snapshot"]

FOLDER = "snapshots/youtube"
FILES = "*.jsonl"
DRAFT = ".{}.draft"


@dataclass(frozen=True, slots=True)
class YouTubeSnapshot:
    """Rows of each kind by the platform's id. `retired` are the slugs of removed items, which no other item gets."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {"video": {}, "playlist": {}})
    retired: dict[str, dict[str, str]] = field(default_factory=lambda: {"video": {}, "playlist": {}})

    def slugs(self, kind: str) -> dict[str, str]:
        """Return the permanent slug of each id, also of removed items."""
        return {**self.retired[kind], **{name: row["slug"] for name, row in self.rows[kind].items()}}


def read_snapshot(content: Path, findings: SyncFindings) -> YouTubeSnapshot:
    """Return what the last sync wrote, and report where it was broken since."""
    snapshot = YouTubeSnapshot()
    for path in sorted((content / FOLDER).glob(FILES)):
        for line, row in read_json_lines(path, content, str(path)):
            if isinstance(row, Problem):
                findings.problems.append(row)
            elif not (isinstance(row.get("youtube_id"), str) and isinstance(row.get("slug"), str)):
                findings.problems.append(operator_problem(str(path), line, None, "a row without id or slug", SYNC_HINT))
            elif path.name == "retired.jsonl":
                snapshot.retired.setdefault(str(row.get("kind")), {})[row["youtube_id"]] = row["slug"]
            else:
                kind = "playlist" if path.name == "playlists.jsonl" else "video"
                snapshot.rows[kind][row["youtube_id"]] = row
    return snapshot


def write_snapshot(content: Path, snapshot: YouTubeSnapshot) -> None:
    """Write the files of a snapshot: videos by year of publication, oldest first; playlists; removed items.

    All new files are complete on the disk before the first one replaces another; then unwanted ones are removed.
    Files with the same bytes are left alone. Raises `OSError`, with nothing changed, where a temporary file cannot be
    written.
    """
    folder, files = content / FOLDER, _dump(snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    old = {path.name: read_project_file(path, content) for path in folder.glob(FILES) if path.is_file()}
    new = [name for name, data in sorted(files.items()) if old.get(name) != data]
    try:
        for name in new:
            with (folder / DRAFT.format(name)).open("wb") as draft:
                draft.write(files[name])
                draft.flush()
                os.fsync(draft.fileno())
        for name in new:
            (folder / DRAFT.format(name)).replace(folder / name)
    finally:
        for left_over in folder.glob(DRAFT.format(FILES)):
            left_over.unlink()
    for name in old.keys() - files.keys():
        (folder / name).unlink()


def _dump(snapshot: YouTubeSnapshot) -> dict[str, bytes]:
    rows_by_file: dict[str, list[Row]] = defaultdict(list)
    for kind in ("video", "playlist"):
        for row in sorted(snapshot.rows[kind].values(), key=lambda row: (row["published"], row["youtube_id"])):
            name = f"videos-{row['published'][:4]}.jsonl" if kind == "video" else "playlists.jsonl"
            rows_by_file[name].append(row)
    for kind, slugs in sorted(snapshot.retired.items()):
        for youtube_id, slug in sorted(slugs.items()):
            rows_by_file["retired.jsonl"].append({"kind": kind, "slug": slug, "youtube_id": youtube_id})
    return {name: _dump_rows(rows) for name, rows in rows_by_file.items()}


def _dump_rows(rows: Iterable[Mapping[str, object]]) -> bytes:
    texts = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    return "".join(f"{text}\n" for text in texts).encode()


def slugs_of_other_snapshots(content: Path, kind: str) -> set[str]:
    """Return the slugs that other snapshots have given to items of this kind."""
    paths = [path for path in content.glob(f"snapshots/*/{kind}s*.jsonl") if path.parent != content / FOLDER]
    rows = (row for path in paths for _, row in read_json_lines(path, content, str(path)))
    return {str(row.get("slug")) for row in rows if not isinstance(row, Problem)}


def slugs_of_editors(content: Path, kind: str, findings: SyncFindings) -> dict[str, str]:
    """Return the slug of each file that editors wrote below content/, by the id of its video.

    A file without an id is listed under its own path, because its slug is taken too.
    """
    slugs = {}
    paths = sorted(path.name for path in content.glob(f"{kind}s/*.md"))
    for path in (content / f"{kind}s" / name for name in paths if is_project_file(f"{kind}s/{name}", content)):
        front = parse_front_matter(read_project_file(path, content), str(path))
        if isinstance(front, LocatedFields):
            slugs[str(front.data.get("youtube_id") or path)] = path.name.partition(".")[0]
        else:
            findings.problems.append(front)
    return slugs
