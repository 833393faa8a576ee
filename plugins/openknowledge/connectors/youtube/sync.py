"""The command `invoke sync --youtube-dump DIR`: recorded answers of the YouTube Data API become a snapshot."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openknowledge.problems import Problem, sort_problems

from ..files import replace_files
from ..findings import SyncFindings
from .dump import RecordedItem, YouTubeDump, read_dump
from .members import check_counts, video_ids
from .rows import Row, playlist_row, video_row, warn_of_undated_views
from .slugs import assign_slugs
from .snapshot import (
    FILES,
    FOLDER,
    YouTubeSnapshot,
    dump_snapshot,
    read_snapshot,
    slugs_of_editors,
    slugs_of_other_snapshots,
)

REMOVALS_LIMIT = 20
"""The number of removals from which on a dump that lacks a tenth of the known items counts as broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """The options of the command. `fetched` is the day on which the dump was recorded."""

    dump: Path
    content: Path
    fetched: date | None = None
    allow_removals: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Sync once and return the exit status: 0 done, 1 nothing was written because the dump is broken."""
    options = _options(argv)
    findings = SyncFindings()
    dump = read_dump(options.dump, findings)
    before = read_snapshot(options.content, findings)
    if not findings.problems:
        print(f"Read {len(dump.videos)} videos, {len(dump.playlists)} playlists, {len(dump.entries)} entries")
        after = _next_snapshot(dump, before, options, findings)
    if not findings.problems:
        try:
            replace_files(options.content / FOLDER, dump_snapshot(after), FILES)
        except OSError as error:
            findings.problems.append(Problem(str(error.filename), None, None, f"cannot be written: {error.strerror}"))
    for warning in sort_problems(findings.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    if findings.problems:
        return _refuse(findings)
    print(_summary(before, after, len(set(findings.warnings))))
    return 0


def _options(argv: Sequence[str] | None) -> SyncOptions:
    parser = argparse.ArgumentParser(prog="sync", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--content", default=Path("content"), type=Path, metavar="DIR")
    parser.add_argument("--fetched", type=date.fromisoformat, metavar="DAY", help="the day of the dump: 2026-12-01")
    parser.add_argument("--allow-removals", action="store_true", help="even if many known items are gone")
    arguments = parser.parse_args(argv)
    return SyncOptions(
        dump=arguments.youtube_dump,
        content=arguments.content,
        fetched=arguments.fetched,
        allow_removals=arguments.allow_removals,
    )


def _next_snapshot(
    dump: YouTubeDump, before: YouTubeSnapshot, options: SyncOptions, findings: SyncFindings
) -> YouTubeSnapshot:
    check_counts(dump.playlists, dump.entries, findings)
    warn_of_undated_views(dump.videos, options.fetched, findings)
    videos = _rows_by_id(dump.videos, lambda item: video_row(item, options.fetched, findings), findings)
    playlists = _rows_by_id(dump.playlists, lambda item: playlist_row(item, findings), findings)
    members = video_ids(dump.entries, playlists.values(), videos, findings)
    if findings.problems:
        return before
    for kind, rows in (("video", videos), ("playlist", playlists)):
        _name_rows(kind, rows.values(), before, options.content, findings)
        if not options.allow_removals:
            findings.problems.extend(_removal_problems(kind, before.rows_of(kind), rows, options.dump))
    for name, row in playlists.items():
        row["videos"] = [videos[member]["slug"] for member in members.get(name, ())]
    return YouTubeSnapshot(videos, playlists, _retired_slugs(before, videos, playlists))


def _rows_by_id(
    items: Iterable[RecordedItem], row_of: Callable[[RecordedItem], Row | None], findings: SyncFindings
) -> dict[str, Row]:
    """Return rows by id. Of an item that the dump has in several versions one is taken, with a warning."""
    rows: dict[str, Row] = {}
    for item in sorted(items, key=lambda item: json.dumps(item.data, sort_keys=True)):
        row = row_of(item)
        if row is None:
            continue
        if rows.setdefault(row["youtube_id"], row) != row:
            message = f'"{row["youtube_id"]}" is there twice with different facts; one of them is taken'
            findings.warnings.append(item.problem(("id",), message, None))
    return rows


def _name_rows(
    kind: str, rows: Collection[Row], before: YouTubeSnapshot, content: Path, findings: SyncFindings
) -> None:
    editors = slugs_of_editors(content, kind, findings)
    known = before.slugs(kind)
    for name in sorted(known.keys() & editors.keys()):
        if known[name] != editors[name]:
            path = str(content / f"{kind}s" / f"{editors[name]}.md")
            message = f'the slug of "{name}" is "{known[name]}" for good'
            findings.problems.append(Problem(path, None, None, message, f"Rename the file to {known[name]}.md."))
    assign_slugs(rows, {**editors, **known}, slugs_of_other_snapshots(content, kind), kind)


def _removal_problems(kind: str, before: dict[str, Row], after: dict[str, Row], dump: Path) -> list[Problem]:
    gone = len(before.keys() - after.keys())
    if gone < REMOVALS_LIMIT or gone * 10 < len(before):
        return []
    message = f"{gone} of {len(before)} {kind}s that were there are gone"
    return [Problem(str(dump / f"{kind}s.json"), None, None, message, "If that is right, sync with --allow-removals.")]


def _retired_slugs(
    before: YouTubeSnapshot, videos: dict[str, Row], playlists: dict[str, Row]
) -> dict[str, dict[str, str]]:
    rows_by_kind = {"video": videos, "playlist": playlists}
    return {
        kind: {name: slug for name, slug in before.slugs(kind).items() if name not in rows}
        for kind, rows in rows_by_kind.items()
    }


def _refuse(findings: SyncFindings) -> int:
    problems = sort_problems(findings.problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}. The snapshot stays as it was.", file=sys.stderr)
    return 1


def _summary(before: YouTubeSnapshot, after: YouTubeSnapshot, warnings: int) -> str:
    """Return the summary: `Videos: 3 added, 1 changed, 0 removed, 2488 unchanged. Playlists: … 2 warnings.`."""
    parts = []
    for kind in ("video", "playlist"):
        old, new = before.rows_of(kind), after.rows_of(kind)
        both = old.keys() & new.keys()
        changed = sum(old[name] != new[name] for name in both)
        counts = f"{len(new) - len(both)} added, {changed} changed, {len(old) - len(both)} removed"
        parts.append(f"{kind.capitalize()}s: {counts}, {len(both) - changed} unchanged.")
    return " ".join([*parts, f"{warnings} warning{'' if warnings == 1 else 's'}."])
