"""Files are read only where their stamps do not tell enough."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from openknowledge.engine.build_inputs import ABSENT, MTIME_GRANULARITY_NS, FileTree, scan
from openknowledge.engine.digest import digest_bytes

LONG_AGO_NS = 1_500_000_000_000_000_000


def a_file(path: Path, text: str, changed_ns: int = LONG_AGO_NS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(changed_ns, changed_ns))
    return path


def test_a_scan_has_all_files_in_order_and_no_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.md", "a/.draft.md", ".git/config", "a/d/e.jpg", ".hidden"):
        a_file(tmp_path / name, name)

    assert list(scan(tmp_path)) == ["a/c.md", "a/d/e.jpg", "b.md"]
    assert scan(tmp_path / "none") == {}


def test_a_file_that_does_not_change_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_file(tmp_path / "a.md", "text")
    first = FileTree(tmp_path, scan(tmp_path))
    known = first.digest("a.md")
    monkeypatch.setattr(Path, "read_bytes", None)

    again = FileTree(tmp_path, scan(tmp_path), first.known)

    assert again.digest("a.md") == known == digest_bytes(b"text")
    assert (first.is_dirty, again.is_dirty) == (True, False)


@pytest.mark.parametrize("days_ago", [0, 1, 9000])
def test_a_file_with_other_bytes_of_the_same_size_and_time_is_read_again(tmp_path: Path, days_ago: int) -> None:
    """`printf > file`, `cp -p` and `rsync --inplace -t` keep the file, and set its time back."""
    now = time.time_ns() - days_ago * 86_400 * 10**9
    path = a_file(tmp_path / "a.md", "one", now)
    first = FileTree(tmp_path, scan(tmp_path))
    first.digest("a.md")
    time.sleep(0.02)  # The file system's clock ticks every few milliseconds.
    with path.open("r+") as file:
        file.write("two")
    os.utime(path, ns=(now, now))

    again = FileTree(tmp_path, scan(tmp_path), first.known)

    assert again.digest("a.md") == digest_bytes(b"two")
    assert MTIME_GRANULARITY_NS >= 10**9, "some file systems store whole seconds only"


@pytest.mark.parametrize("text", ["two", "longer than before"])
def test_a_file_with_another_stamp_is_read_again(tmp_path: Path, text: str) -> None:
    a_file(tmp_path / "a.md", "one")
    first = FileTree(tmp_path, scan(tmp_path))
    first.digest("a.md")
    a_file(tmp_path / "a.md", text, LONG_AGO_NS + 1)

    assert FileTree(tmp_path, scan(tmp_path), first.known).digest("a.md") == digest_bytes(text.encode())


def test_another_file_under_the_same_name_is_read_even_with_its_time_and_size(tmp_path: Path) -> None:
    a_file(tmp_path / "a.md", "one")
    first = FileTree(tmp_path, scan(tmp_path))
    first.digest("a.md")
    a_file(tmp_path / "b.md", "two").replace(tmp_path / "a.md")

    assert FileTree(tmp_path, scan(tmp_path), first.known).digest("a.md") == digest_bytes(b"two")


def test_a_missing_file_has_the_digest_of_no_file(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.md", "one")
    tree = FileTree(tmp_path, scan(tmp_path))
    path.unlink()

    assert tree.digest("b.md") == tree.digest("a.md") == ABSENT
    assert "a.md" in tree and "b.md" not in tree


def test_pruning_drops_files_that_are_gone(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.md", "one")
    first = FileTree(tmp_path, scan(tmp_path))
    first.digest("a.md")
    path.unlink()
    again = FileTree(tmp_path, scan(tmp_path), first.known)

    again.prune()

    assert again.known == {}
    assert again.is_dirty


def test_a_new_stamp_tells_changed_bytes_from_the_same_ones(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md"):
        a_file(tmp_path / name, "one")
    first = FileTree(tmp_path, scan(tmp_path))
    assert [first.digest(name) for name in first.stamps]
    a_file(tmp_path / "a.md", "two", LONG_AGO_NS + 1)
    a_file(tmp_path / "b.md", "one", LONG_AGO_NS + 1)

    again = FileTree(tmp_path, scan(tmp_path), first.known)

    assert [again.digest(name) for name in again.stamps]
    assert (again.changed, again.restamped) == ({"a.md"}, {"b.md"})
