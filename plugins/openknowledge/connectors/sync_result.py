"""What people and programs learn of a sync: a table, JSON, Markdown for a pull request, an exit status."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any, NamedTuple

from openknowledge.forge_text import LONGEST, escape_markdown
from openknowledge.problems import Problem

from .source import Row, SourceFacts

__all__ = ["MAX_LISTED", "SourceResult", "SyncResult", "SyncStatus", "TableChanges", "compare_counts", "compare_rows"]

MAX_LISTED = 50


class SyncStatus(IntEnum):
    """How a sync ended, as an exit status; of several sources the one that comes first here counts, done last."""

    DONE = 0
    FAILED = 1
    HELD_BACK = 2
    LIMIT = 3


WORDS = {
    SyncStatus.DONE: "done",
    SyncStatus.FAILED: "failed",
    SyncStatus.HELD_BACK: "held back",
    SyncStatus.LIMIT: "stopped at the limit",
}


COLUMNS = ("source", "what", "added", "changed", "gone", "unchanged", "requests", "outcome")
NUMBERS = COLUMNS[2:7]


class TableChanges(NamedTuple):
    """How many things of a table were added, changed, found to be gone, and stayed as they were."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0


def compare_rows(old: Mapping[str, Row], new: Mapping[str, Row]) -> TableChanges:
    """Return what became of the rows of a table."""
    both = old.keys() & new.keys()
    went = sum("gone_since" in new[name] and "gone_since" not in old[name] for name in both)
    changed = sum(old[name] != new[name] for name in both) - went
    gone = went + len(old) - len(both)
    return TableChanges(len(new) - len(both), changed, gone, len(both) - changed - went)


def compare_counts(old: SourceFacts, new: SourceFacts) -> TableChanges:
    """Return how many numbers changed."""
    before = {(table, name): total for table, own in old.counts.items() for name, total in own.items()}
    after = {(table, name): total for table, own in new.counts.items() for name, total in own.items()}
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return TableChanges(len(after) - len(both), changed, len(before) - len(both), len(both) - changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """What became of one source. `files` are the paths below the content folder that changed, or would change.

    `reason` says why it failed, stopped or was held back; `held_back` are the rows of the differences that were, and
    `accepted` the hashes of those that were taken all the same. `milestones` are what enrolments reached, in words.
    """

    name: str
    status: SyncStatus = SyncStatus.DONE
    reason: str = ""
    changes: Mapping[str, TableChanges] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    requests: int = 0
    held_back: Sequence[Row] = ()
    accepted: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def outcome(self) -> str:
        """Return the outcome in words."""
        if self.status is SyncStatus.DONE:
            return "changed" if self.files else "unchanged"
        return WORDS[self.status]

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is written as JSON."""
        return {
            "name": self.name,
            "outcome": self.outcome.replace(" ", "-"),
            "reason": self.reason,
            "requests": self.requests,
            "changes": {table: changes._asdict() for table, changes in self.changes.items()},
            "files": self.files,
            "held_back": self.held_back,
            "milestones": self.milestones,
            "problems": [problem.as_row(str) for problem in self.problems],
            "warnings": [problem.as_row(str) for problem in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of all sources on a day. `is_plan` says that nothing was written.

    `without_captions` are the titles of videos that have captions on the channel and no file here, by id.
    """

    sources: tuple[SourceResult, ...]
    day: date
    is_plan: bool = False
    without_captions: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> SyncStatus:
        """Return how the sync ended."""
        return min((one.status for one in self.sources if one.status), default=SyncStatus.DONE)

    @property
    def is_changed(self) -> bool:
        """Return whether files of the content changed, or would change."""
        return any(one.files for one in self.sources)

    def to_json(self) -> str:
        """Format the result for programs."""
        values = {
            "status": WORDS[self.status].replace(" ", "-"),
            "exit_status": int(self.status),
            "day": self.day.isoformat(),
            "is_plan": self.is_plan,
            "changed": self.is_changed,
            "sources": [one.as_dict() for one in self.sources],
            "without_captions": self.without_captions,
        }
        return json.dumps(values, ensure_ascii=False, indent=1) + "\n"

    def to_table(self) -> str:
        """Return the table in columns for a terminal, which is a table of Markdown, too; its words are all ours."""
        rows = [COLUMNS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        ends = [":" if name in NUMBERS else "-" for name in COLUMNS]
        dashes = [end.rjust(width, "-") for end, width in zip(ends, widths, strict=True)]
        lines = []
        for row in (COLUMNS, dashes, *rows[1:]):
            cells = zip(COLUMNS, row, widths, strict=True)
            padded = (cell.rjust(width) if name in NUMBERS else cell.ljust(width) for name, cell, width in cells)
            lines.append(f"| {' | '.join(padded)} |")
        return "\n".join(lines)

    def summarize(self) -> str:
        """Return the sentence below the table."""
        if not self.is_changed:
            return "Nothing changed, and nothing was written."
        return "Nothing was written: this is what would change." if self.is_plan else "What changed is written."

    def to_markdown(self) -> str:
        """Format the result as the text of a pull request, in which the words of platforms do nothing."""
        lines = [
            f"## {self.day}",
            "",
            self.to_table(),
        ]
        for title, notes in self._notes():
            if notes:
                lines += ["", f"### {title}", "", *(f"- {note}" for note in notes[:MAX_LISTED])]
            if len(notes) > MAX_LISTED:
                lines.append(f"- and {len(notes) - MAX_LISTED} more")
        text = "\n".join((*lines, "", ""))
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n…\n"

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for source in self.sources:
            requests, shown = str(source.requests), source.name
            for table, changes in source.changes.items():
                yield shown, table, *map(str, changes), requests, source.outcome
                requests = shown = ""
            if not source.changes:
                yield source.name, "", "", "", "", "", requests, source.outcome

    def _notes(self) -> Iterator[tuple[str, list[str]]]:
        yield "Not done", [f"**{one.name}**: {escape_markdown(one.reason)}" for one in self.sources if one.reason]
        held = [(one.name, row) for one in self.sources for row in one.held_back]
        yield (
            "Held back",
            [f"**{name}**, `{row.get('hash')}`: {escape_markdown(str(row.get('reason')))}" for name, row in held],
        )
        yield "Milestones", [escape_markdown(milestone) for one in self.sources for milestone in one.milestones]
        for title, name in (("Problems", "problems"), ("Warnings", "warnings")):
            problems: list[Problem] = [problem for one in self.sources for problem in getattr(one, name)]
            yield title, [escape_markdown(f"{one.location}: {one.field or ''} {one.message}") for one in problems]
