"""What other places know of our videos, read from content/snapshots/ into mappings ready for records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checks import SLUG
from .frontmatter import Located
from .model.values import UNKNOWN_LANG
from .plain_text import cleaned, one_line, opening
from .problems import Problem

__all__ = ["SnapshotRow", "read_lines", "read_snapshots"]

SOURCES = (("video", "snapshots/*/videos*.jsonl"), ("playlist", "snapshots/*/playlists.jsonl"))
WORDS = ("title", "text_lang")
SYNC_HINT = "Snapshots are written by the task sync: restore the file, or sync again."


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One line of a snapshot: the facts and words of a record of `kind`, and where they stand."""

    kind: str
    slug: str
    data: dict[str, Any]
    path: str
    line: int

    @property
    def where(self) -> Located:
        """The row as `parse.validated` wants it: every field stands on the one line."""
        return Located(self.path, self.data, {(): self.line})


def read_snapshots(root: Path) -> tuple[list[SnapshotRow], list[Problem]]:
    """All rows of all snapshots below the content folder, by file and line, and what is wrong."""
    rows: list[SnapshotRow] = []
    problems: list[Problem] = []
    taken: dict[tuple[str, str], SnapshotRow] = {}
    for kind, pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            shown = f"{root.name}/{path.relative_to(root).as_posix()}"
            for line, found in read_lines(path, shown):
                row = found if isinstance(found, Problem) else _row(kind, found, shown, line)
                problem = row if isinstance(row, Problem) else _twice(row, taken)
                if problem is not None:
                    problems.append(problem)
                elif isinstance(row, SnapshotRow):
                    rows.append(row)
    return rows, problems


def read_lines(path: Path, shown_path: str) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """The mappings of a file of JSON Lines with their line numbers; a Problem for each broken line."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        yield line, Problem(shown_path, line, None, "the file is not UTF-8 text", SYNC_HINT)
        return
    for line, source in enumerate(text.split("\n"), start=1):
        if not source.strip():
            continue
        try:
            found = json.loads(source)
        except ValueError as error:
            yield line, Problem(shown_path, line, None, f"this is not JSON: {error}", SYNC_HINT)
            continue
        if isinstance(found, dict):
            yield line, found
        else:
            yield line, Problem(shown_path, line, None, "this is not a JSON object", SYNC_HINT)


def _row(kind: str, found: dict[str, Any], path: str, line: int) -> SnapshotRow | Problem:
    for name in ("slug", "title"):
        if not isinstance(found.get(name), str) or not found[name]:
            return Problem(path, line, name, "this field is missing or not text", SYNC_HINT)
    if not SLUG.fullmatch(found["slug"]):
        return Problem(path, line, "slug", f'"{found["slug"]}" cannot be part of an address', SYNC_HINT)
    title = one_line(found["title"])
    if not title:
        return Problem(path, line, "title", "the title is empty", SYNC_HINT)
    facts = {name: _clean(value) for name, value in found.items() if name not in WORDS}
    lang = str(found.get("text_lang") or found.get("lang") or UNKNOWN_LANG)
    words = {"title": title, "abstract": opening(str(found.get("description", "")))}
    if kind == "playlist":
        facts.pop("lang", None)
    return SnapshotRow(kind, found["slug"], {**facts, "words": {lang: words}, "files": (path,)}, path, line)


def _clean(value: Any) -> Any:
    """The value without characters that no page or feed may hold, however deep they stand."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    return value


def _twice(row: SnapshotRow, taken: dict[tuple[str, str], SnapshotRow]) -> Problem | None:
    """A Problem where the slug or the id of a row is already that of an earlier one."""
    names = [("slug", row.slug), ("youtube_id", row.data.get("youtube_id"))]
    for field, name in names:
        if name is None:
            continue
        first = taken.setdefault((row.kind + field, str(name)), row)
        if first is not row:
            message = f'"{name}" is already that of {first.path}:{first.line}'
            return Problem(row.path, row.line, field, message, SYNC_HINT)
    return None
