"""What people and programs learn of a publication: its progress, a summary, JSON, an exit status."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from openknowledge.problems import Problem

from .plan import Plan
from .release import Release
from .targets import ProgressCallback

__all__ = ["PublishResult", "Status", "format_bytes", "show_progress"]

MAX_LISTED_PATHS = 20


class Status(IntEnum):
    """How a publication ended, as an exit status."""

    PUBLISHED = 0
    NOTHING_TO_DO = 10
    REFUSED = 20
    FAILED_AND_SAFE = 30
    NOT_VERIFIED = 40


SENTENCES = {
    Status.PUBLISHED: "Published.",
    Status.NOTHING_TO_DO: "Nothing to do: readers have this already.",
    Status.REFUSED: "Refused. Nothing was changed.",
    Status.FAILED_AND_SAFE: "Failed, and safe: readers have a working site. Run it again, and it goes on from there.",
    Status.NOT_VERIFIED: "Published, but what readers get is not what was published.",
}


@dataclass(frozen=True)
class PublishResult:
    """How a publication ended, with its plan and release if it got as far.

    `is_plan` says that only the plan was asked for, `has_cache` that a CDN is purged. `releases` are those of the
    target, oldest first, if they were asked for.
    """

    status: Status
    target: str = ""
    plan: Plan | None = None
    release: Release | None = None
    problems: tuple[Problem, ...] = ()
    purged: int = 0
    verified: int = 0
    took_s: float = 0.0
    is_plan: bool = False
    has_cache: bool = True
    releases: tuple[Release, ...] = ()

    def format_text(self) -> str:
        """Format the summary for people."""
        return "\n".join(self._summary_lines())

    def _summary_lines(self) -> Iterator[str]:
        yield from map(str, self.problems)
        if self.releases:
            yield from self._release_lines()
            return
        if self.plan is not None:
            yield from self._plan_lines(self.plan)
        if self.is_plan and self.status is Status.PUBLISHED:
            yield f"This is what publishing to {self.target} would change. Nothing was changed."
        elif self.status is Status.PUBLISHED and self.release is not None:
            purged = f"{self.purged:,} addresses purged" if self.has_cache else "no cache to purge"
            checked = f"{self.verified:,} files read back" if self.verified else "nothing read back"
            yield f"{purged}; {checked}; {self.took_s:.1f} s"
            yield f"Release {self.release.number} ({self.release.commit.short}) is published at {self.target}."
        elif self.status is Status.NOTHING_TO_DO and self.purged:
            yield f"No file changed; {self.purged:,} addresses purged, {self.verified:,} files read back."
        else:
            yield SENTENCES[self.status]

    def _release_lines(self) -> Iterator[str]:
        for release in reversed(self.releases):
            mark = "*" if release is self.releases[-1] else " "
            restored = f"  restores {release.restores}" if release.restores else ""
            restored = "  only newer numbers" if release.has_only_counters else restored
            files = f"{release.files:,} files, {format_bytes(release.size_b)}"
            yield f"{mark} {release.number:>4}  {release.published_at}  {release.commit.short:<22}  {files}{restored}"
        yield "The one with a star is what readers see. `invoke rollback --number N` restores another one."

    def _plan_lines(self, plan: Plan) -> Iterator[str]:
        paths_by_change = {**_changed_paths(plan), "sent again": [entry.path for entry in plan.resent]}
        for name, paths in paths_by_change.items() if self.is_plan else ():
            yield from (f"  {name}: {path}" for path in paths[:MAX_LISTED_PATHS])
            if len(paths) > MAX_LISTED_PATHS:
                yield f"  {name}: and {len(paths) - MAX_LISTED_PATHS} more"
        counts = ", ".join(f"{len(paths):,} {name}" for name, paths in paths_by_change.items() if paths)
        purges = f"; {len(plan.purge_urls):,} addresses to purge" if self.has_cache else ""
        size = format_bytes(sum(entry.size_b for entry in plan.sent))
        yield f"{counts or 'no file changed'}; {size} in {len(plan.sent):,} files{purges}"

    def to_json(self) -> str:
        """Format the result for programs."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the result as it is written as JSON."""
        plan = self.plan or Plan()
        return {
            "status": self.status.name.lower().replace("_", "-"),
            "exit_status": int(self.status),
            "target": self.target,
            "is_plan": self.is_plan,
            "release": asdict(self.release) if self.release else None,
            **_changed_paths(plan),
            "sent": len(plan.sent),
            "sent_b": sum(entry.size_b for entry in plan.sent),
            "purges": list(plan.purge_urls),
            "releases": [asdict(release) for release in self.releases],
            "verified": self.verified,
            "took_s": round(self.took_s, 3),
            "problems": [asdict(problem) for problem in self.problems],
        }


def _changed_paths(plan: Plan) -> dict[str, list[str]]:
    groups = {"added": plan.added, "changed": [after for _, after in plan.changed], "removed": plan.removed}
    return {name: [entry.path for entry in entries] for name, entries in groups.items()}


def format_bytes(size_b: float) -> str:
    """Format a size as people read it: `12 kB`."""
    for unit in ("B", "kB", "MB"):
        if size_b < 1000:
            return f"{size_b:.0f} {unit}" if unit == "B" or size_b >= 10 else f"{size_b:.1f} {unit}"
        size_b /= 1000
    return f"{size_b:.1f} GB"


@contextmanager
def show_progress() -> Iterator[ProgressCallback]:
    """Yield a callback that shows progress: a bar with bytes on a terminal, a line for each finished step elsewhere."""
    output = Console(file=sys.stderr)
    if not output.is_terminal:
        yield _print_finished
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[size]}"), TimeElapsedColumn())
    with Progress(TextColumn("{task.description}"), *columns, console=output, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def update(step: str, done: int, total: int, done_b: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total, size="")
            bar.update(tasks[step], completed=done, size=format_bytes(done_b) if done_b else "")

        yield update


def _print_finished(step: str, done: int, total: int, done_b: int) -> None:
    if done == total:
        size = f", {format_bytes(done_b)}" if done_b else ""
        print(f"{step}: {total:,}{size}", file=sys.stderr, flush=True)
