"""Makes a Dask worker look like another machine: it cannot open or list the folders in NOT_MINE.

The templates that it compiles are listed in the file COMPILED.
"""

from __future__ import annotations

import os
import sys
from typing import Any

FORBIDDEN = tuple(folder for folder in os.environ.get("NOT_MINE", "").split(os.pathsep) if folder)
LOOKS = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove")


NOTES = os.environ.get("COMPILED", "")


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "compile" and str(arguments[1]).endswith(".html"):
        with open(NOTES, "a", encoding="utf-8") as notes:  # noqa: PTH123  (as small as can be)
            notes.write(f"{arguments[1]}\n")


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in LOOKS and arguments and isinstance(arguments[0], str | bytes | os.PathLike):
        path = os.path.abspath(os.fsdecode(arguments[0]))  # noqa: PTH100  (a Path may itself look)
        if path.startswith(FORBIDDEN):
            raise PermissionError(f"{path} is on another machine")


if FORBIDDEN:
    sys.addaudithook(refuse)
if NOTES:
    sys.addaudithook(note)
