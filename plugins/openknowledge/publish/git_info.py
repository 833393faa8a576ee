"""Which commit a site is built from, and which of two is the newer one: what git knows."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from .release import Commit

__all__ = ["is_older", "read_commit"]


def read_commit(project: Path) -> Commit:
    """The commit of a working tree; an unknown one where there is no git, or no repository."""
    told = _git(project, "show", "--no-patch", "--format=%H %ct", "HEAD")
    if told is None:
        return Commit()
    name, seconds = told.split()
    moment = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Commit(name, moment, bool(_git(project, "status", "--porcelain", "--untracked-files=normal")))


def is_older(project: Path, one: Commit, other: Commit) -> bool:
    """Whether `one` is an older commit than `other`.

    History says it where git has both; else, as in a shallow clone, the times of the commits do.
    """
    if not one.id or not other.id or one.id == other.id:
        return False
    if _git(project, "cat-file", "-e", f"{other.id}^{{commit}}") is not None:
        if _git(project, "merge-base", "--is-ancestor", one.id, other.id) is not None:
            return True
        if _git(project, "merge-base", "--is-ancestor", other.id, one.id) is not None:
            return False
    return one.committed_at < other.committed_at


def _git(project: Path, *words: str) -> str | None:
    """What git says; None where it fails, or is not there."""
    try:
        done = subprocess.run(["git", *words], cwd=project, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
