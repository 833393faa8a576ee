"""Videos and playlists that are taken off the site for good: their addresses say so, and nothing else of them stays."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from openknowledge.content.frontmatter import parse_front_matter
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.snapshot_files import CAPTIONS_FOLDER, STILLS_FOLDER, read_json_lines
from openknowledge.problems import Problem, operator_problem
from openknowledge.project_files import read_project_file

from .snapshot import NAMED_TABLES, Snapshot, find_changed_files, read_snapshot
from .source import Row, SyncFindings

__all__ = ["withdraw"]

REDIRECTS = "redirects.yaml"
T = TypeVar("T")


def withdraw(content: Path, youtube_id: str, day: date, findings: SyncFindings) -> dict[str, bytes | None]:
    """Return the files to change below content/ to withdraw a video or playlist, by path; None removes one.

    Its row, its numbers, its captions, its still and the editors' files of it go. `retired.jsonl` keeps its slug, which
    stays taken, and the day; `redirects.yaml` has the addresses that its page had before. An id that no snapshot knows
    is a problem in `findings`.
    """
    snapshots, broken = _read_snapshots(content)
    found = [
        (name, table, slug)
        for name, snapshot in snapshots.items()
        for table in NAMED_TABLES
        if (slug := snapshot.slugs(table).get(youtube_id)) is not None
    ]
    if not found:
        message = f'no snapshot has the video or playlist "{youtube_id}"'
        hint = "If only a file of an editor has it, delete the file and add its address to redirects.yaml."
        findings.problems += (operator_problem(f"{content.name}/snapshots/", None, None, message, hint), *broken)
        return {}
    files: dict[str, bytes | None] = {}
    for name, table, slug in found:
        snapshots[name] = _remove(snapshots[name], table, youtube_id, slug, day)
        still = f"{STILLS_FOLDER.format('*')}{youtube_id}.jpg"
        patterns = f"{table}s/{slug}.md", f"{table}s/{slug}.*.md", f"{CAPTIONS_FOLDER}{youtube_id}.*", still
        paths = sorted(path for pattern in patterns for path in content.glob(pattern))
        files |= _note_aliases(content, paths)
        files.update((path.relative_to(content).as_posix(), None) for path in paths)
        snapshots = {other: _unlist(snapshot, slug) for other, snapshot in snapshots.items()}
    for name, snapshot in snapshots.items():
        files |= find_changed_files(content, name, snapshot)
    return files


def _note_aliases(content: Path, paths: Iterable[Path]) -> dict[str, bytes | None]:
    """Return the editors' file of redirects with the old addresses of a page whose files go, if there are any."""
    aliases: list[str] = []
    for path in paths:
        front = parse_front_matter(read_project_file(path, content), str(path)) if path.suffix == ".md" else None
        found = front.data.get("aliases") if isinstance(front, LocatedFields) else None
        aliases += (alias for alias in (found if isinstance(found, list) else ()) if isinstance(alias, str))
    if not aliases:
        return {}
    file = content / REDIRECTS
    text = read_project_file(file, content) if file.is_file() else b""
    text += b"" if not text or text.endswith(b"\n") else b"\n"
    lines = (f"- {{from: {json.dumps(alias, ensure_ascii=False)}, gone: true}}\n" for alias in dict.fromkeys(aliases))
    return {REDIRECTS: text + "".join(lines).encode()}


def _read_snapshots(content: Path) -> tuple[dict[str, Snapshot], list[Problem]]:
    """Return the snapshots of all sources, and what is wrong with the others; samples are of no source."""
    snapshots: dict[str, Snapshot] = {}
    broken: list[Problem] = []
    for name in sorted(path.name for path in (content / "snapshots").glob("*") if any(path.glob("*.jsonl"))):
        if _has_samples(content, name):
            continue
        found = SyncFindings()
        snapshot = read_snapshot(content, name, found)
        broken += found.problems
        if not found.problems:
            snapshots[name] = snapshot
    return snapshots, broken


def _has_samples(content: Path, name: str) -> bool:
    """Return whether the rows of a folder only show how the site works: they have no ids."""
    paths = sorted((content / "snapshots" / name).glob("*.jsonl"))
    rows = (row for path in paths for _, row in read_json_lines(path, content, str(path)))
    return any(isinstance(row, dict) and row.get("sample") is True for row in rows)


def _remove(snapshot: Snapshot, table: str, name: str, slug: str, day: date) -> Snapshot:
    """Return the snapshot without what it says of a thing, apart from its slug and the day of its withdrawal."""
    facts = replace(
        snapshot.facts,
        rows=_without(snapshot.facts.rows, table, name),
        counts=_without(snapshot.facts.counts, table, name),
        count_days=_without(snapshot.facts.count_days, table, name),
    )
    day = snapshot.withdrawn.get(table, {}).get(name, day)
    return replace(
        snapshot,
        facts=facts,
        retired={**snapshot.retired, table: {**snapshot.retired.get(table, {}), name: slug}},
        withdrawn={**snapshot.withdrawn, table: {**snapshot.withdrawn.get(table, {}), name: day}},
        missing=_without(snapshot.missing, table, name),
        held_back=tuple(one for one in snapshot.held_back if name not in one.ids),
    )


def _without(tables: Mapping[str, Mapping[str, T]], table: str, name: str) -> dict[str, dict[str, T]]:
    """Return the mappings without a thing of a table."""
    return {
        key: {one: value for one, value in own.items() if (key, one) != (table, name)} for key, own in tables.items()
    }


def _unlist(snapshot: Snapshot, slug: str) -> Snapshot:
    """Return the snapshot without a video in its playlists."""

    def change(row: Row) -> Row:
        videos = row.get("videos")
        return {**row, "videos": [one for one in videos if one != slug]} if videos and slug in videos else row

    playlists = {name: change(row) for name, row in snapshot.facts.rows.get("playlist", {}).items()}
    if playlists == snapshot.facts.rows.get("playlist", {}):
        return snapshot
    return replace(snapshot, facts=replace(snapshot.facts, rows={**snapshot.facts.rows, "playlist": playlists}))
