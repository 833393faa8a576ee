"""How a publication ended: an exit status, a summary for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from openknowledge.problems import Problem

from .plan import Plan
from .release import Release

__all__ = ["PublishResult", "Status", "format_bytes"]

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
            yield from _release_lines(self.releases)
            return
        if self.plan is not None:
            yield from _plan_lines(self.plan, self.has_cache, with_paths=self.is_plan)
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
            "added": [entry.path for entry in plan.added],
            "changed": [after.path for _, after in plan.changed],
            "removed": [entry.path for entry in plan.removed],
            "sent": len(plan.sent),
            "sent_b": plan.sent_b,
            "purges": list(plan.purge_urls),
            "releases": [asdict(release) for release in self.releases],
            "verified": self.verified,
            "took_s": round(self.took_s, 3),
            "problems": [asdict(problem) for problem in self.problems],
        }


def _release_lines(releases: Sequence[Release]) -> Iterator[str]:
    for release in reversed(releases):
        mark = "*" if release is releases[-1] else " "
        restored = f"  restores {release.restores}" if release.restores else ""
        files = f"{release.files:,} files, {format_bytes(release.size_b)}"
        yield f"{mark} {release.number:>4}  {release.published_at}  {release.commit.short:<22}  {files}{restored}"
    yield "The one with a star is what readers see. `invoke rollback --number N` restores another one."


def _plan_lines(plan: Plan, has_cache: bool, *, with_paths: bool) -> Iterator[str]:
    groups = {
        "added": [entry.path for entry in plan.added],
        "changed": [after.path for _, after in plan.changed],
        "removed": [entry.path for entry in plan.removed],
        "sent again": [entry.path for entry in plan.resent],
    }
    for name, paths in groups.items() if with_paths else ():
        yield from (f"  {name}: {path}" for path in paths[:MAX_LISTED_PATHS])
        if len(paths) > MAX_LISTED_PATHS:
            yield f"  {name}: and {len(paths) - MAX_LISTED_PATHS} more"
    counts = ", ".join(f"{len(paths):,} {name}" for name, paths in groups.items() if paths) or "no file changed"
    purges = f"; {len(plan.purge_urls):,} addresses to purge" if has_cache else ""
    yield f"{counts}; {format_bytes(plan.sent_b)} in {len(plan.sent):,} files{purges}"


def format_bytes(size_b: float) -> str:
    """Format a size as people read it: `12 kB`."""
    for unit in ("B", "kB", "MB"):
        if size_b < 1000:
            return f"{size_b:.0f} {unit}" if unit == "B" or size_b >= 10 else f"{size_b:.1f} {unit}"
        size_b /= 1000
    return f"{size_b:.1f} GB"
