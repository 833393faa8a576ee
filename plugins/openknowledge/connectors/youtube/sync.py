"""The command `invoke sync --youtube-dump DIR`: recorded answers of the YouTube Data API become a snapshot."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from openknowledge.connectors.comparison import leave_to_others, next_snapshot, read_slug_names, summarize_table
from openknowledge.connectors.snapshot import find_changed_files, read_snapshot
from openknowledge.connectors.source import SyncFindings
from openknowledge.engine.file_transaction import replace_files
from openknowledge.problems import Problem, count_noun, operator_problem, sort_problems, total

from .dump import read_dump
from .facts import read_facts

__all__ = ["main"]

SOURCE = "youtube"


def main(argv: Sequence[str] | None = None) -> int:
    """Sync once and return the exit status: 0 done, 1 the dump is broken, 2 something is held back."""
    options = _parse_options(argv)
    findings = SyncFindings()
    dump = read_dump(options.youtube_dump, options.fetched, findings)
    before = read_snapshot(options.content, SOURCE, findings)
    if not findings.problems:
        print(f"Read {len(dump.videos)} videos, {len(dump.playlists)} playlists, {len(dump.entries)} entries")
        facts = read_facts(dump, before.facts)
        names = read_slug_names(options.content, SOURCE, before, findings)
    if not findings.problems:
        day = options.fetched or date.today()
        facts = leave_to_others(facts, names, SOURCE, findings)
        after, believed = next_snapshot(before, facts, names, day, accepted=options.accept)
        try:
            replace_files(options.content, find_changed_files(options.content, SOURCE, after))
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
    counts = [summarize_table(table, before, after) for table in after.facts.rows]
    print(*counts, f"{_count({*findings.warnings}, 'warning')}.")
    for one in believed.held_back:
        print(f"held back: {one.table}: {one.reason}. To take it as it is: --accept {one.hash}", file=sys.stderr)
    return 2 if believed.held_back else 0


def _parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sync", description=__doc__)
    parser.add_argument("--youtube-dump", required=True, type=Path, metavar="DIR")
    parser.add_argument("--content", default=Path("content"), type=Path, metavar="DIR")
    parser.add_argument("--fetched", type=date.fromisoformat, metavar="DAY", help="the day of the dump: 2026-12-01")
    parser.add_argument("--accept", action="append", default=[], metavar="HASH", help="a difference that is held back")
    return parser.parse_args(argv)


def _count(findings: Iterable[Problem], noun: str) -> str:
    return count_noun(total(findings), noun)
