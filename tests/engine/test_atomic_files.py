"""Files are replaced as a whole, and only when their bytes change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openknowledge.engine.atomic_files import write_output


def test_a_new_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "feeds" / "en" / "all.rss.xml"

    assert write_output(path, b"one")
    assert path.read_bytes() == b"one"


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_output(path, b"one")
    os.utime(path, (1, 1))

    assert not write_output(path, b"one")
    assert path.stat().st_mtime == 1


def test_other_bytes_of_the_same_length_replace_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_output(path, b"one")

    assert write_output(path, b"two")
    assert path.read_bytes() == b"two"


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_output(tmp_path / "page.html", b"one")
    finally:
        os.umask(before)

    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o644


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    write_output(path, b"one")

    def fail(*_paths: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_output(path, b"two")

    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
