"""A file is given back as it was last committed, after what would change was shown and a yes was given."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from openknowledge.editing.terminal import CannotEdit
from openknowledge.editing.undo import undo


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "content" / "perché no.md"
    path.parent.mkdir()
    path.write_text("---\ntitle: Uno\n---\n")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    return path


def yes(_question: str) -> bool:
    return True


def no(_question: str) -> bool:
    return False


def test_what_changes_is_shown_before_a_question_and_a_yes_gives_the_file_back(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()
    file.write_text("---\ntitle: Due\n---\n")
    shown: list[str] = []

    def answer(question: str) -> bool:
        shown.append(capsys.readouterr().out)
        return bool(question)

    assert undo(file, str, answer).endswith("is again as it was last committed.")
    assert file.read_bytes() == before
    assert "-title: Due\n+title: Uno" in shown[0]


def test_without_a_yes_the_file_stays(file: Path) -> None:
    file.write_text("new")

    assert undo(file, str, no).endswith("stays as it is.")
    assert file.read_text() == "new"


def test_a_file_that_was_deleted_or_staged_comes_back_too(file: Path) -> None:
    before = file.read_bytes()
    subprocess.run(["git", "-C", str(file.parent), "rm", "-q", file.name], check=True)
    file.parent.mkdir(exist_ok=True)
    undo(file, str, yes)

    assert file.read_bytes() == before


def test_an_unchanged_file_needs_no_question(file: Path) -> None:
    assert undo(file, str, no).endswith("is as it was last committed.")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("new.md", "is new: it was never committed"), ("gone.md", "there never was one"), ("folder", "is a folder")],
)
def test_what_has_no_committed_state_is_said_and_left_alone(file: Path, name: str, reason: str) -> None:
    (file.parent / "folder").mkdir()
    path = file.parent / name
    if name == "new.md":
        path.write_text("new")

    with pytest.raises(CannotEdit, match=reason):
        undo(path, str, yes)
    assert not path.is_file() or path.read_text() == "new"


def test_outside_a_repository_no_earlier_state_is_known(tmp_path: Path) -> None:
    with pytest.raises(CannotEdit, match="no git repository"):
        undo(tmp_path / "a.md", str, yes)
