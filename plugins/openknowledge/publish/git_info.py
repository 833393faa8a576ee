"""The commit of a working tree, and which of two commits is the older one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .release import Commit, iso_utc

__all__ = ["is_older", "read_commit"]


def read_commit(project: Path) -> Commit:
    """Return the commit of a working tree; an unknown one if git or a repository is missing."""
    output = _run_git(project, "show", "--no-patch", "--format=%H %ct", "HEAD")
    if output is None:
        return Commit()
    commit_id, seconds = output.split()
    is_dirty = bool(_run_git(project, "status", "--porcelain", "--untracked-files=normal"))
    return Commit(commit_id, iso_utc(int(seconds)), is_dirty)


def is_older(project: Path, commit: Commit, other: Commit) -> bool:
    """Return whether a commit is older than another one.

    The history decides if the repository has both; otherwise, as in a shallow clone, the times of the commits do.
    """
    if not commit.id or not other.id or commit.id == other.id:
        return False
    if _run_git(project, "cat-file", "-e", f"{other.id}^{{commit}}") is not None:
        if _run_git(project, "merge-base", "--is-ancestor", commit.id, other.id) is not None:
            return True
        if _run_git(project, "merge-base", "--is-ancestor", other.id, commit.id) is not None:
            return False
    return commit.committed_at < other.committed_at


def _run_git(project: Path, *arguments: str) -> str | None:
    """Return the output of git, or None if it fails or is missing."""
    try:
        process = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return process.stdout.strip() if process.returncode == 0 else None
