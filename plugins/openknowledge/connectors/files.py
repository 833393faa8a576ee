"""The writing of a set of files that belong together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DRAFT = ".{}.draft"


def replace_files(folder: Path, files: Mapping[str, bytes], pattern: str) -> None:
    """Make `folder` hold exactly `files` among the names that match `pattern`.

    All new files are complete on the disk before the first one replaces another; then unwanted ones are removed.
    Files with the same bytes are left alone. Raises `OSError`, with nothing changed, where a temporary file cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new = {name: data for name, data in sorted(files.items()) if not _holds(folder / name, data)}
    try:
        for name, data in new.items():
            _write(folder / DRAFT.format(name), data)
        for name in new:
            (folder / DRAFT.format(name)).replace(folder / name)
    finally:
        for left_over in folder.glob(DRAFT.format(pattern)):
            left_over.unlink()
    for path in sorted(folder.glob(pattern)):
        if path.name not in files:
            path.unlink()


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as draft:
        draft.write(data)
        draft.flush()
        os.fsync(draft.fileno())
