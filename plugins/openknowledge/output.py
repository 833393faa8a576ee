"""Writing files of the site so that nobody ever meets half of one."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from blinker import signal

__all__ = ["DRAFT", "replace_if_changed", "write_if_changed", "written"]

DRAFT = ".draft"
"""What the name of a file that is not complete yet ends with."""


written = signal("openknowledge_file_written")
"""Sent for every file of a build: the path, and `changed`: whether its bytes are new."""


def write_if_changed(path: Path, data: bytes) -> bool:
    """Make `path` hold `data`; whether anything was written.

    A file that holds those bytes already is left alone, with its time. Otherwise the old file stands
    until the new one is complete. Missing folders are made; permissions follow the umask.
    """
    changed = replace_if_changed(path, data)
    written.send(path, changed=changed)
    return changed


def replace_if_changed(path: Path, data: bytes) -> bool:
    """The same for a file that is no part of the site."""
    if _holds(path, data):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{os.getpid()}-{threading.get_ident()}{DRAFT}"
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return True


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except (FileNotFoundError, NotADirectoryError):
        return False
