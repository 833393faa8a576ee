"""Which commit is the newer one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from openknowledge.publish.release import Commit, is_older, read_commit


@pytest.fixture
def project(tmp_path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def git(project: Path, *words: str, at: str = "2026-11-01T10:00:00+00:00") -> str:
    me = {f"GIT_{who}_{what}": "a@example.edu" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **me, "GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at}
    return subprocess.run(
        ["git", *words], cwd=project, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def committed(project: Path, at: str = "2026-11-01T10:00:00+00:00") -> Commit:
    git(project, "commit", "--quiet", "--allow-empty", "--message", at, at=at)
    return read_commit(project)


def test_a_commit_is_known_by_its_name_and_its_time_in_utc(project):
    found = committed(project, "2026-11-01T12:00:00+02:00")

    assert found == Commit(git(project, "rev-parse", "HEAD"), "2026-11-01T10:00:00Z")


def test_uncommitted_changes_are_reported(project):
    committed(project)
    (project / "new.md").touch()

    assert read_commit(project).is_dirty


def test_outside_of_a_repository_the_commit_is_unknown(tmp_path):
    assert read_commit(tmp_path) == Commit()


def test_history_says_which_is_older_whatever_their_times(project):
    one, other = committed(project, "2026-11-05T10:00:00Z"), committed(project, "2026-11-01T10:00:00Z")

    assert is_older(project, one, other)
    assert not is_older(project, other, one)
    assert not is_older(project, one, one)


def test_where_git_does_not_have_the_other_commit_its_time_decides(project):
    one = committed(project, "2026-11-05T10:00:00Z")

    assert is_older(project, one, Commit("f" * 40, "2026-11-06T10:00:00Z"))
    assert not is_older(project, one, Commit("f" * 40, "2026-11-04T10:00:00Z"))


def test_an_unknown_commit_is_older_than_none(project):
    assert not is_older(project, Commit(), committed(project))
