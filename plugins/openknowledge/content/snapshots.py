"""What other platforms know of our videos, read from content/snapshots/ into mappings ready for records."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from openknowledge.engine.build_inputs import FileTree
from openknowledge.engine.digest import digest, digest_bytes
from openknowledge.language_tags import spell_tag
from openknowledge.model.values import UNKNOWN_LANG
from openknowledge.problems import Message, Problem
from openknowledge.project_files import read_project_file

from .checks import SLUG
from .cpu_limit import read_within_limit
from .derivation import Derivation
from .field_values import MAX_TITLE
from .located_yaml import LocatedFields
from .parse_cache import ParseCache
from .plain_text import FIRST_CHAPTER, excerpt, find_chapters, normalize_line, normalize_text
from .snapshot_files import SYNC_HINT, read_json_lines
from .video_views import VIEWS_FILE, read_views

__all__ = ["SnapshotRow", "SnapshotTable"]

T = TypeVar("T")
SOURCES = (("video", r"snapshots/[^/]+/videos[^/]*\.jsonl"), ("playlist", r"snapshots/[^/]+/playlists\.jsonl"))
WORDS = ("title", "text_lang")
OTHER_TYPES: tuple[tuple[str, type], ...] = (("caption_langs", list), ("description", str), ("videos", list))
"""The fields besides slug and title that are used before a record is validated."""
RETIRED = re.compile(r"snapshots/[^/]+/retired\.jsonl")
SYNC_ONLY = ("has_captions",)
"""What a row says for the next sync and for no page."""


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One line of a snapshot: the facts and words of a record of `kind`, and where they are."""

    kind: str
    slug: str
    data: dict[str, Any]
    path: str
    line: int

    @property
    def located(self) -> LocatedFields:
        """Return the row as fields that are all on one line."""
        return LocatedFields(self.path, self.data, {(): self.line})


RowIndex = tuple[str, str | None, int, bytes]
"""What is known of a row without parsing its file: its slug, the platform's id, its line and its digest."""

ViewsIndex = dict[str, tuple[int, str]]
"""The views of videos by their ids: the total and its day."""


class SnapshotTable:
    """The rows of all snapshots; a file is parsed only when one of its rows is needed.

    The views of a video are those of `views.csv` in the folder of its row. `digests` are those of what a row says, of
    where it says it and of its views, by kind and slug. `withdrawn` are videos and playlists that were taken off the
    site for good, by kind and slug, each with its day; `expired` those that were until a sync finds them again.
    """

    def __init__(self, root: Path, tree: FileTree, cache: ParseCache) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.digests: dict[tuple[str, str], bytes] = {}
        self.withdrawn: dict[tuple[str, str], str] = {}
        self.expired: dict[tuple[str, str], str] = {}
        self._paths: dict[tuple[str, str], str] = {}
        self._parsed: dict[str, dict[str, SnapshotRow]] = {}
        self._views: dict[tuple[str, str], tuple[int, str, str]] = {}
        self._views_files: dict[str, ViewsIndex] = {}
        self._derived: dict[str, dict[str, Any]] = {}
        first_uses: dict[tuple[str, str], str] = {}
        for kind, pattern in SOURCES:
            for path in filter(re.compile(pattern).fullmatch, tree.below("snapshots/")):
                views_path = f"{path.rpartition('/')[0]}/{VIEWS_FILE}"
                views = self._index_views(views_path, tree, cache) if kind == "video" else {}
                for row in self._index_file(kind, path, tree, cache):
                    problem = _find_duplicate(kind, row, f"{root.name}/{path}", first_uses)
                    if problem is not None:
                        self.problems.append(problem)
                        continue
                    slug, youtube_id, _, row_digest = row
                    if views and (own_views := views.get(str(youtube_id))):
                        self._views[kind, slug] = (*own_views, views_path)
                        row_digest = digest_bytes(row_digest + repr(own_views).encode())
                    self.digests[kind, slug], self._paths[kind, slug] = row_digest, path

        self._derive(Derivation(tree, cache))
        for path in filter(RETIRED.fullmatch, tree.below("snapshots/")):
            self._read_withdrawn(path)

    def _derive(self, derivation: Derivation) -> None:
        """Add what the editors' rules find of the videos; the digest of a video depends on its own alone."""
        if not derivation.has_rules:
            return
        slugs: dict[str, dict[str, list[str]]] = {kind: {} for kind, _ in SOURCES}
        for (kind, slug), path in self._paths.items():
            slugs[kind].setdefault(path, []).append(slug)
        playlists: dict[str, tuple[str, ...]] = {}
        for path in slugs["playlist"]:
            for slug, titles in derivation.find_members(path, partial(self._rows_of, "playlist", path)).items():
                playlists[slug] = (*playlists.get(slug, ()), *titles)
        for path, own in slugs["video"].items():
            found = derivation.derive(path, own, playlists, partial(self._rows_of, "video", path))
            for slug in found.keys() & set(own):
                name = "video", slug
                self.digests[name] = digest_bytes(self.digests[name] + derivation.digest(found[slug]))
                self._derived[slug] = found[slug].as_fields(derivation.people)
        self.problems.extend(derivation.problems)

    def _rows_of(self, kind: str, path: str) -> Iterable[SnapshotRow]:
        if path not in self._parsed:
            self._parse(kind, path)
        return self._parsed[path].values()

    def _read_withdrawn(self, path: str) -> None:
        shown_path = f"{self.root.name}/{path}"
        for line, row in read_json_lines(self.root / path, self.root, shown_path):
            if isinstance(row, Problem):
                self.problems.append(row)
                continue
            days = self.withdrawn if "withdrawn" in row else self.expired
            day = row.get("withdrawn", row.get("expired"))
            if day and SLUG.fullmatch(str(row.get("slug"))) and str(row.get("kind")) in dict(SOURCES):
                days[str(row["kind"]), str(row["slug"])] = str(day)
            elif day:
                message = Message("this line does not say what was withdrawn")
                self.problems.append(Problem(shown_path, line, None, message, SYNC_HINT))

    def find_row(self, kind: str, slug: str) -> SnapshotRow:
        """Return a row. Raises `KeyError` if there is none."""
        path = self._paths[kind, slug]
        if path not in self._parsed:
            self._parse(kind, path)
        row, views = self._parsed[path][slug], self._views.get((kind, slug))
        if kind == "video" and slug in self._derived:
            row = replace(row, data={**self._derived[slug], **row.data})
        if views is None:
            return row
        total, day, views_path = views
        files = (*row.data["files"], f"{self.root.name}/{views_path}")
        return replace(row, data={**row.data, "views": {"total": total, "as_of": day}, "files": files})

    def _parse(self, kind: str, path: str) -> tuple[list[SnapshotRow], list[Problem]]:
        """Return the rows of a file and what is wrong with it; of rows with one slug the first one is found later."""
        rows: list[SnapshotRow] = []
        problems: list[Problem] = []
        shown_path = f"{self.root.name}/{path}"
        for line, data in read_json_lines(self.root / path, self.root, shown_path):
            try:
                row = data if isinstance(data, Problem) else _parse_row(kind, data, shown_path, line)
            except (TypeError, ValueError, AttributeError, RecursionError):
                message = Message("this row has values that no sync writes")
                row = Problem(shown_path, line, None, message, SYNC_HINT)
            if isinstance(row, Problem):
                problems.append(row)
            else:
                rows.append(row)
        self._parsed[path] = {row.slug: row for row in reversed(rows)}
        return rows, problems

    def _index_file(self, kind: str, path: str, tree: FileTree, cache: ParseCache) -> tuple[RowIndex, ...]:
        """Return what is known of each row of a file."""
        file_digest = tree.digest(path)
        key = digest_bytes(b"rows\0" + kind.encode() + b"\0" + path.encode() + b"\0" + file_digest)
        cached: tuple[RowIndex, ...] | None = cache.find(key)
        if cached is None:
            result = self._within_limit(path, partial(self._parse, kind, path))
            rows, problems = ([], [result]) if isinstance(result, Problem) else result
            if isinstance(result, Problem):
                self._parsed[path] = {}
            self.problems.extend(problems)
            digests = (digest((row.path, row.line, row.data)) for row in rows)
            cached = tuple(
                (row.slug, row.data.get("youtube_id"), row.line, own) for row, own in zip(rows, digests, strict=True)
            )
            # A file that was saved after its digest was taken has other rows than that says.
            if not problems and self._digest_file(path) == file_digest:
                cache.add(key, cached, ())
        return cached

    def _index_views(self, path: str, tree: FileTree, cache: ParseCache) -> ViewsIndex:
        """Return the views in a file, which need not be there."""
        if path not in tree:
            return {}
        if path in self._views_files:
            return self._views_files[path]
        file_digest = tree.digest(path)
        key = digest_bytes(b"views\0" + file_digest)
        index: ViewsIndex | None = cache.find(key)
        if index is None:
            text = read_project_file(self.root / path, self.root).decode("utf-8", "replace")
            result = self._within_limit(path, partial(read_views, text, f"{self.root.name}/{path}"))
            views, problems = ({}, [result]) if isinstance(result, Problem) else result
            self.problems.extend(problems)
            index = {name: (one.total, one.as_of.isoformat()) for name, one in views.items()}
            if not problems and self._digest_file(path) == file_digest:
                cache.add(key, index, ())
        self._views_files[path] = index
        return index

    def _within_limit(self, path: str, read: Callable[[], T]) -> T | Problem:
        file = self.root / path
        return read_within_limit(read, f"{self.root.name}/{path}", file.stat().st_size if file.exists() else 0)

    def _digest_file(self, path: str) -> bytes:
        return digest_bytes(read_project_file(self.root / path, self.root))


def _find_duplicate(kind: str, row: RowIndex, path: str, first_uses: dict[tuple[str, str], str]) -> Problem | None:
    """Return a Problem where the slug or the id of a row is already that of an earlier one."""
    slug, youtube_id, line, _ = row
    use = f"{path}:{line}"
    for field, name in (("slug", slug), ("youtube_id", youtube_id)):
        first = first_uses.setdefault((kind + field, str(name)), use) if name is not None else use
        if first != use:
            return Problem(
                path,
                line,
                field,
                Message('"%(name)s" is already that of %(first)s', name=str(name), first=first),
                SYNC_HINT,
            )
    return None


def _find_wrong_field(data: dict[str, Any], path: str, line: int) -> Problem | None:
    """Return a problem where a field that is used before the record is validated is of another type."""
    for name in ("slug", "title"):
        if name not in data or not isinstance(data[name], str) or not data[name]:
            return Problem(path, line, name, Message("this field is missing or not text"), SYNC_HINT)
    if data["title"][MAX_TITLE:]:
        message = Message("this has more than %(number)s characters", number=MAX_TITLE)
        return Problem(path, line, "title", message, SYNC_HINT)
    for name, model in OTHER_TYPES:
        if name not in data or not data[name] or data[name].__class__ is model is str:
            continue
        if data[name].__class__ is not model or not all(isinstance(one, str) for one in data[name]):
            return Problem(path, line, name, Message("this field is neither text nor a list of texts"), SYNC_HINT)
    return None


def _parse_row(kind: str, data: dict[str, Any], path: str, line: int) -> SnapshotRow | Problem:
    wrong = _find_wrong_field(data, path, line)
    if wrong is not None:
        return wrong
    slug, title = data["slug"], normalize_line(data["title"])
    if not SLUG.fullmatch(slug):
        return Problem(path, line, "slug", Message('"%(slug)s" cannot be part of an address', slug=slug), SYNC_HINT)
    if not title:
        return Problem(path, line, "title", Message("the title is empty"), SYNC_HINT)
    facts = {name: _normalize(value) for name, value in data.items() if name not in (*WORDS, *SYNC_ONLY)}
    if "lang" in facts:
        facts["lang"] = _spell(facts["lang"])
    if "caption_langs" in facts:
        facts["caption_langs"] = [_spell(lang) for lang in facts["caption_langs"] or ()]
    written = str(data.get("text_lang") or data.get("lang") or UNKNOWN_LANG)
    lang = spell_tag(written)
    if lang is None:
        return Problem(
            path, line, "text_lang", Message('"%(code)s" is not the code of a language', code=written), SYNC_HINT
        )
    description = str(data.get("description", ""))
    words = {"title": title, "abstract": excerpt(description)}
    if kind == "playlist":
        facts.pop("lang", None)
    elif FIRST_CHAPTER in description and "chapters" not in facts:
        facts["chapters"] = _read_chapters(facts)
    return SnapshotRow(kind, slug, {**facts, "words": {lang: words}, "files": (path,)}, path, line)


def _read_chapters(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the chapters that the description of a video has."""
    description, duration_s = facts.get("description"), facts.get("duration_s")
    if not isinstance(description, str):
        return []
    found = find_chapters(description, duration_s if isinstance(duration_s, int) else None)
    return [{"start_s": start_s, "title": title} for start_s, title in found]


def _spell(lang: Any) -> Any:
    """Return the code of a language as BCP 47 spells it (YouTube says `iw`); what is none is reported later."""
    return (spell_tag(lang) or lang) if isinstance(lang, str) else lang


def _normalize(value: Any) -> Any:
    """Return the value without characters that no page or feed may hold, however deep inside."""
    if isinstance(value, str):
        return normalize_text(value)
    if isinstance(value, list):
        return [_normalize(part) for part in value]
    if isinstance(value, dict):
        return {name: _normalize(part) for name, part in value.items()}
    return value
