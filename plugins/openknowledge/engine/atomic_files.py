"""Files that are replaced as a whole: a reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from blinker import signal

__all__ = ["TEMP_SUFFIX", "atomic_write", "atomic_write_if_changed", "file_written", "write_output"]

TEMP_SUFFIX = ".draft"
"""The end of the name of a file that is not complete yet."""

file_written = signal("openknowledge_file_written")
"""Sent for every output that a plugin writes itself: the path, and `changed`: whether its bytes are new."""


def write_output(path: Path, data: bytes) -> bool:
    """Write a file of the site, and tell the build session of it. Return whether its bytes are new.

    A file that has those bytes already is left alone, with its time. Missing folders are created; permissions follow
    the umask.
    """
    changed = atomic_write_if_changed(path, data)
    file_written.send(path, changed=changed)
    return changed


def atomic_write_if_changed(path: Path | str, data: bytes) -> bool:
    """Write a file that is no output of a plugin, unless it has those bytes. Return whether its bytes are new."""
    name = os.fspath(path)
    if _has_bytes(name, data):
        return False
    atomic_write(name, (data,))
    return True


def atomic_write(path: Path | str, pieces: Iterable[bytes | memoryview]) -> None:
    """Replace a file by one of these pieces. Names are texts, because a Path takes longer to make than a small file."""
    folder = os.path.dirname(path)  # noqa: PTH120
    draft = os.path.join(folder, f".{os.getpid()}-{threading.get_ident()}{TEMP_SUFFIX}")  # noqa: PTH118
    try:
        with _create(draft, folder) as file:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[file.write(left) :]
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _create(draft: str, folder: str) -> FileIO:
    """Open a new file; its folder exists most of the time."""
    try:
        return FileIO(draft, "w")
    except FileNotFoundError:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return FileIO(draft, "w")


def _has_bytes(path: str, data: bytes) -> bool:
    try:
        return os.stat(path).st_size == len(data) and Path(path).read_bytes() == data  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return False
