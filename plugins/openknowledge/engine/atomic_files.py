"""Writing files of the site so that nobody ever meets half of one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from blinker import signal

__all__ = ["TEMP_SUFFIX", "atomic_write", "atomic_write_if_changed", "file_written", "write_output"]

TEMP_SUFFIX = ".draft"
"""What the name of a file that is not complete yet ends with."""


file_written = signal("openknowledge_file_written")
"""Sent for every file of a build: the path, and `changed`: whether its bytes are new."""


def write_output(path: Path, data: bytes) -> bool:
    """Make `path` hold `data`; whether anything was written.

    A file that holds those bytes already is left alone, with its time. Otherwise the old file stands
    until the new one is complete. Missing folders are made; permissions follow the umask.
    """
    changed = atomic_write_if_changed(path, data)
    file_written.send(path, changed=changed)
    return changed


def atomic_write_if_changed(path: Path | str, data: bytes) -> bool:
    """The same for a file that is no part of the site."""
    place = os.fspath(path)
    if _holds(place, data):
        return False
    atomic_write(place, (data,))
    return True


def atomic_write(path: Path | str, pieces: Iterable[bytes | memoryview]) -> None:
    """Make `path` hold these pieces, one after the other, whatever it held before.

    By plain names, for a Path takes longer to make than a small file.
    """
    folder = os.path.dirname(path)  # noqa: PTH120
    draft = os.path.join(folder, f".{os.getpid()}-{threading.get_ident()}{TEMP_SUFFIX}")  # noqa: PTH118
    try:
        with _opened(draft, folder) as file:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[file.write(left) :]
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _opened(draft: str, folder: str) -> FileIO:
    """A new file whose folder is mostly there."""
    try:
        return FileIO(draft, "w")
    except FileNotFoundError:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return FileIO(draft, "w")


def _holds(place: str, data: bytes) -> bool:
    try:
        return os.stat(place).st_size == len(data) and Path(place).read_bytes() == data  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return False
