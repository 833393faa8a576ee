"""The command `invoke sync --youtube-dump DIR`: recorded answers of the YouTube Data API become a snapshot."""

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

from openknowledge.connectors.source import Row, SourceFacts, SyncFindings
from openknowledge.problems import Problem, operator_problem, sort_problems

from .answers import YouTubeAnswers
from .dump import read_dump
from .facts import read_facts
from .rows import assign_slugs
from .snapshot import YouTubeSnapshot, read_snapshot, slugs_of_editors, slugs_of_other_snapshots, write_snapshot

__all__ = ["main"]

REMOVALS_LIMIT = 20
"""The number of removals from which on a dump that lacks a tenth of the known items counts as broken."""


def main(argv: Sequence[str] | None = None) -> int:
    """Sync once and return the exit status: 0 done, 1 nothing was written because the dump is broken."""
    options = _parse_options(argv)
    findings = SyncFindings()
    dump = read_dump(options.youtube_dump, options.fetched, findings)
    before = read_snapshot(options.content, findings)
    if not findings.problems:
        print(f"Read {len(dump.videos)} videos, {len(dump.playlists)} playlists, {len(dump.entries)} entries")
        after = _next_snapshot(dump, before, options, findings)
    if not findings.problems:
        try:
            write_snapshot(options.content, after)
        except OSError as error:
            findings.problems.append(
                operator_problem(str(error.filename), None, None, f"cannot be written: {error.strerror}", None)
            )
    for warning in sort_problems(findings.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    problems = sort_problems(findings.problems)
    if problems:
        print(*problems, f"{_count(problems, 'problem')}. The snapshot stays as it was.", sep="\n", file=sys.stderr)
        return 1
    counts = [_summarize(kind, before.rows[kind], after.rows[kind]) for kind in after.rows]
    print(*counts, f"{_count({*findings.warnings}, 'warning')}.")
    return 0


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sync", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--content", default=Path("content"), type=Path, metavar="DIR")
    parser.add_argument("--fetched", type=date.fromisoformat, metavar="DAY", help="the day of the dump: 2026-12-01")
    parser.add_argument("--allow-removals", action="store_true", help="even if many known items are gone")
    return parser.parse_args(argv)


def _next_snapshot(
    dump: YouTubeAnswers, before: YouTubeSnapshot, options: argparse.Namespace, findings: SyncFindings
) -> YouTubeSnapshot:
    facts = read_facts(dump, SourceFacts())
    if findings.problems:
        return before
    rows = {kind: dict(facts.rows[kind]) for kind in facts.rows}
    for name, total in facts.counts["video"].items():
        rows["video"][name]["views"] = {"total": total, "as_of": facts.count_days["video"][name].isoformat()}
    for kind in rows:
        _name_rows(kind, rows[kind], before, options.content, findings)
        if not options.allow_removals:
            findings.problems.extend(_removal_problems(kind, before.rows[kind], rows[kind], options.youtube_dump))
    for row in rows["playlist"].values():
        row["videos"] = [rows["video"][member]["slug"] for member in row["videos"]]
    retired = {
        kind: {name: slug for name, slug in before.slugs(kind).items() if name not in rows[kind]} for kind in rows
    }
    return YouTubeSnapshot(rows, retired)


def _name_rows(
    kind: str, rows: Mapping[str, Row], before: YouTubeSnapshot, content: Path, findings: SyncFindings
) -> None:
    editors = slugs_of_editors(content, kind, findings)
    known = before.slugs(kind)
    for name in known.keys() & editors.keys():
        if known[name] != editors[name]:
            path = str(content / f"{kind}s" / f"{editors[name]}.md")
            message = f'the slug of "{name}" is "{known[name]}" for good'
            findings.problems.append(
                operator_problem(path, None, None, message, f"Rename the file to {known[name]}.md.")
            )
    assign_slugs(rows.values(), {**editors, **known}, slugs_of_other_snapshots(content, kind), kind)


def _removal_problems(kind: str, before: Mapping[str, Row], after: Mapping[str, Row], dump: Path) -> list[Problem]:
    gone = len(before.keys() - after.keys())
    if gone < REMOVALS_LIMIT or gone * 10 < len(before):
        return []
    message = f"{gone} of {len(before)} {kind}s that were there are gone"
    return [
        operator_problem(
            str(dump / f"{kind}s.json"), None, None, message, "If that is right, sync with --allow-removals."
        )
    ]


def _summarize(kind: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> str:
    """Return `Videos: 3 added, 1 changed, 0 removed, 2488 unchanged.`."""
    both = old.keys() & new.keys()
    changed = sum(old[name] != new[name] for name in both)
    counts = f"{len(new) - len(both)} added, {changed} changed, {len(old) - len(both)} removed"
    return f"{kind.capitalize()}s: {counts}, {len(both) - changed} unchanged."


def _count(findings: Collection[Problem], noun: str) -> str:
    return f"{len(findings)} {noun}{'' if len(findings) == 1 else 's'}"
