"""The files that a sync writes: where they are, and their lines. Syncs read them without all that reads content."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openknowledge.problems import Message, Problem
from openknowledge.project_files import FileRefused, read_project_file

__all__ = ["CAPTIONS_FOLDER", "SERIES_FOLDER", "STILLS_FOLDER", "SYNC_HINT", "read_json_lines"]

CAPTIONS_FOLDER = "videos/captions/"
SERIES_FOLDER = "snapshots/enrollments"
STILLS_FOLDER = "snapshots/{}/stills/"
"""Where a source has the stills of its videos, from the content folder: `<id of YouTube>.jpg`."""
SYNC_HINT = Message("Snapshots are written by the task sync: restore the file, or sync again.")


def read_json_lines(
    path: Path, root: Path, shown_path: str, *, having: str = ""
) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """Yield the mappings of a file of JSON Lines below `root` with their lines; a Problem for each broken line.

    Lines that do not have the text `having` in them are not parsed.
    """
    try:
        text = read_project_file(path, root).decode("utf-8")
    except FileRefused as refusal:
        yield 1, Problem(shown_path, None, None, refusal.message, refusal.hint)
        return
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        yield line, Problem(shown_path, line, None, Message("the file is not UTF-8 text"), SYNC_HINT)
        return
    for line, source in enumerate(text.split("\n"), start=1):
        if having not in source or not source.strip():
            continue
        try:
            data = json.loads(source)
        except ValueError as error:
            yield (
                line,
                Problem(shown_path, line, None, Message("this is not JSON: %(error)s", error=str(error)), SYNC_HINT),
            )
            continue
        except RecursionError:
            yield (
                line,
                Problem(
                    shown_path, line, None, Message("this is not JSON: brackets too deep in each other"), SYNC_HINT
                ),
            )
            continue
        if isinstance(data, dict):
            yield line, data
        else:
            yield line, Problem(shown_path, line, None, Message("this is not a JSON object"), SYNC_HINT)
