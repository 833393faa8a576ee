"""What other places know of our videos, read from content/snapshots/ into mappings ready for records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.engine.file_stamps import FileTree
from openknowledge.model.values import UNKNOWN_LANG
from openknowledge.problems import Problem

from .checks import SLUG
from .frontmatter import LocatedFields
from .parse_cache import ParseCache
from .plain_text import excerpt, normalize_line, normalize_text

__all__ = ["SnapshotRow", "SnapshotTable", "read_json_lines"]

SOURCES = (
    ("video", r"snapshots/[^/]+/videos[^/]*\.jsonl"),
    ("playlist", r"snapshots/[^/]+/playlists\.jsonl"),
)
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
    def located(self) -> LocatedFields:
        """The row as `parse.validated` wants it: every field stands on the one line."""
        return LocatedFields(self.path, self.data, {(): self.line})


class SnapshotTable:
    """The rows of all snapshots, by kind and slug. What a row says is read only when somebody wants it."""

    def __init__(self, root: Path, tree: FileTree, cache: ParseCache) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._known: dict[tuple[str, str], tuple[str, int, bytes]] = {}
        self._opened: dict[str, dict[str, SnapshotRow]] = {}
        taken: dict[tuple[str, str], tuple[str, int]] = {}
        for kind, pattern in SOURCES:
            for path in tree.below("snapshots/"):
                if re.fullmatch(pattern, path):
                    for slug, youtube_id, line, digest in self._outlined(kind, path, tree, cache):
                        where = (f"{root.name}/{path}", line)
                        problem = _twice(kind, slug, youtube_id, where, taken)
                        if problem is not None:
                            self.problems.append(problem)
                        else:
                            self._known[kind, slug] = (path, line, digest)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def digest(self, kind: str, slug: str) -> bytes:
        """The digest of what a row says and of where it says it."""
        return self._known[kind, slug][2]

    def find_row(self, kind: str, slug: str) -> SnapshotRow:
        path = self._known[kind, slug][0]
        if path not in self._opened:
            self._open(path, (one for one in self._read(kind, path) if isinstance(one, SnapshotRow)))
        return self._opened[path][slug]

    def _open(self, path: str, rows: Iterable[SnapshotRow]) -> None:
        """Keep the rows of a file at hand; the first one of a slug counts."""
        opened = self._opened[path] = {}
        for row in rows:
            opened.setdefault(row.slug, row)

    def _read(self, kind: str, path: str) -> Iterator[SnapshotRow | Problem]:
        shown = f"{self.root.name}/{path}"
        for line, found in read_json_lines(self.root / path, shown):
            yield found if isinstance(found, Problem) else _row(kind, found, shown, line)

    def _outlined(
        self, kind: str, path: str, tree: FileTree, cache: ParseCache
    ) -> Iterator[tuple[str, Any, int, bytes]]:
        """Slug, id, line and digest of each row of a file."""
        looked_at = tree.digest(path)
        key = digest_bytes(b"rows\0" + kind.encode() + b"\0" + path.encode() + b"\0" + looked_at)
        known = cache.find(key)
        if known is not None:
            yield from known
            return
        found = tuple(self._read(kind, path))
        problems = [one for one in found if isinstance(one, Problem)]
        self.problems.extend(problems)
        rows = [one for one in found if isinstance(one, SnapshotRow)]
        self._open(path, rows)
        outline = tuple((row.slug, row.data.get("youtube_id"), row.line, _digest(row)) for row in rows)
        # A file that was saved between the look at it and now is not what it was looked at as.
        if not problems and digest_bytes((self.root / path).read_bytes()) == looked_at:
            cache.add(key, outline, ())
        yield from outline


def _digest(row: SnapshotRow) -> bytes:
    return digest_bytes(canonical_bytes((row.path, row.line, row.data)))


def read_json_lines(path: Path, shown_path: str) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
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
    title = normalize_line(found["title"])
    if not title:
        return Problem(path, line, "title", "the title is empty", SYNC_HINT)
    facts = {name: _clean(value) for name, value in found.items() if name not in WORDS}
    lang = str(found.get("text_lang") or found.get("lang") or UNKNOWN_LANG)
    words = {"title": title, "abstract": excerpt(str(found.get("description", "")))}
    if kind == "playlist":
        facts.pop("lang", None)
    return SnapshotRow(kind, found["slug"], {**facts, "words": {lang: words}, "files": (path,)}, path, line)


def _clean(value: Any) -> Any:
    """The value without characters that no page or feed may hold, however deep they stand."""
    if isinstance(value, str):
        return normalize_text(value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    return value


def _twice(
    kind: str, slug: str, youtube_id: Any, where: tuple[str, int], taken: dict[tuple[str, str], tuple[str, int]]
) -> Problem | None:
    """A Problem where the slug or the id of a row is already that of an earlier one."""
    for field, name in (("slug", slug), ("youtube_id", youtube_id)):
        if name is None:
            continue
        first = taken.setdefault((kind + field, str(name)), where)
        if first is not where:
            message = f'"{name}" is already that of {first[0]}:{first[1]}'
            return Problem(where[0], where[1], field, message, SYNC_HINT)
    return None
