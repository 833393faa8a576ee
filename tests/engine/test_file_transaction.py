"""Files that change together: all old or all new for whoever reads next, wherever the writer was killed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from openknowledge.engine.file_transaction import finish_transaction, replace_files
from openknowledge.problems import ContentProblems

OLD = {"snapshots/a/one.jsonl": b"1\n", "snapshots/a/two.jsonl": b"1\n", "snapshots/b.csv": b"1\n"}
CHANGES = {"snapshots/a/one.jsonl": b"22\n", "snapshots/a/two.jsonl": None, "press/x/new.md": b"new\n"}
NEW = {"press/x/new.md": b"new\n", "snapshots/a/one.jsonl": b"22\n", "snapshots/b.csv": b"1\n"}


def a_folder(path: Path) -> Path:
    for name, data in OLD.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def files(root: Path) -> dict[str, bytes]:
    """Return what a build would see: no hidden file."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return {path: data for path, data in found.items() if not path.startswith(".")}


def test_files_are_written_made_and_removed_together(tmp_path: Path) -> None:
    root = a_folder(tmp_path)

    replace_files(root, CHANGES)

    assert files(root) == NEW
    assert [path.name for path in (root / ".transaction").iterdir()] == ["lock"]


def test_no_change_writes_nothing_at_all(tmp_path: Path) -> None:
    replace_files(tmp_path, {})

    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = a_folder(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_files(root, CHANGES)

    assert files(root) == OLD
    assert [path.name for path in (root / ".transaction").iterdir()] == ["lock"]


def test_a_folder_in_the_place_of_a_file_refuses_the_whole_change(tmp_path: Path) -> None:
    root = a_folder(tmp_path)
    (root / "press/x/new.md").mkdir(parents=True)

    with pytest.raises(IsADirectoryError):
        replace_files(root, CHANGES)

    assert files(root) == OLD


@pytest.mark.parametrize(
    "steps",
    [
        [["../outside.txt", "0.draft"]],
        [["/etc/passwd", "0.draft"]],
        [["snapshots/../../x", None]],
        [[".git/hooks/pre-commit", "0.draft"]],
        [["snapshots/a.csv", "../../secret"]],
        [["snapshots/a.csv", "lock"]],
        ["snapshots/a.csv"],
        "{",
    ],
)
def test_a_journal_that_leads_elsewhere_is_not_carried_out(tmp_path: Path, steps: object) -> None:
    root = a_folder(tmp_path / "content")
    (root / ".transaction").mkdir()
    (root / ".transaction/0.draft").write_bytes(b"evil")
    (root / ".transaction/journal.json").write_text(steps if isinstance(steps, str) else json.dumps(steps))

    with pytest.raises(ContentProblems, match="1 problem"):
        finish_transaction(root)

    assert files(root) == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["content"]
