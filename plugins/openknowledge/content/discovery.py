"""Which files below content/ belong together as one item, and which belong to none."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from openknowledge.model.values import Lang, Record, Ref, Words
from openknowledge.problems import Problem

__all__ = ["ItemType", "SourceItem", "add_snapshot_rows", "describe_duplicate", "find_items"]


def find_items(
    paths: Iterable[str], types: Iterable[ItemType], langs: Sequence[Lang], root: str
) -> tuple[list[SourceItem], list[Problem]]:
    """Return the items by kind, slug and folder, and Problems for files that belong to none.

    `paths` are those of all files from the content folder, sorted; `root` is that folder's name.
    """
    files: dict[tuple[str, str, str], dict[Lang, str]] = {}
    problems: list[Problem] = []
    patterns: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for item_type in types:
        if item_type.source:
            top = item_type.source.partition("/")[0]
            patterns.setdefault(top, []).append((_compile_glob(item_type.source), item_type.name))
    for path in paths:
        if not path.endswith(".md"):
            continue
        folder, _, name = path.rpartition("/")
        candidates = patterns.get(path.partition("/")[0], ())
        kind = next((kind for pattern, kind in candidates if pattern.fullmatch(path)), None)
        base, _, code = name.removesuffix(".md").partition(".")
        lang = code or langs[0]
        if kind is None:
            if name != "README.md":
                message = "no kind of content lives in this folder, so the file would not be published"
                hint = "Move it to the folder of its kind."
                problems.append(Problem(f"{root}/{path}", None, None, message, hint))
        elif lang not in langs:
            problems.append(_describe_unknown_lang(path, base, code, langs, root))
        else:
            slug = folder.rpartition("/")[2] if base == "index" else base
            files.setdefault((kind, slug, folder), {})[lang] = path
    items = [
        SourceItem(kind, slug, tuple((lang, by_lang[lang]) for lang in langs if lang in by_lang))
        for (kind, slug, _), by_lang in sorted(files.items())
    ]
    return items, problems


def add_snapshot_rows(
    items: Sequence[SourceItem], rows: Collection[tuple[str, str]], kinds: Collection[str]
) -> Iterator[SourceItem]:
    """Yield the items of files with their rows, then the rows that no file adds to."""
    for item in items:
        yield replace(item, has_snapshot_row=True) if (item.kind, item.slug) in rows else item
    names = {(item.kind, item.slug) for item in items}
    for kind, slug in rows:
        if (kind, slug) not in names and kind in kinds:
            yield SourceItem(kind, slug, has_snapshot_row=True)


def describe_duplicate(first: SourceItem, second: SourceItem, root: str) -> Problem:
    """Return the Problem of two items of one kind with one slug."""
    other, here = f"{root}/{first.paths_by_lang[0][1]}", f"{root}/{second.paths_by_lang[0][1]}"
    message = f"{Ref(second.kind, second.slug)} is already the name of {other}"
    return Problem(here, 1, None, message, "Rename one of the two.")


@cache
def _compile_glob(glob: str) -> re.Pattern[str]:
    """Return a glob of paths as a pattern; a star is anything inside one name."""
    return re.compile("[^/]*".join(re.escape(part) for part in glob.split("*")))


def _describe_unknown_lang(path: str, base: str, code: str, langs: Sequence[Lang], root: str) -> Problem:
    message = f'"{code}" is not a language of the site'
    names = ", ".join(f'"{base}.{lang}.md"' for lang in langs[1:])
    hint = f'Name the file "{base}.md" (language "{langs[0]}") or {names}.'
    return Problem(f"{root}/{path}", None, None, message, hint)


OWN_PACKAGE = "openknowledge."


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemType:
    """What reading needs of a kind of content; the catalogue's `Kind` extends it.

    `name` is `course`, say; `model` and `words` are the classes of its records and of their words. `source` is the
    glob of its Markdown files below content/, where a file called `index.md` has its folder's name as slug; None where
    records only come from snapshots. `from_path` takes facts from slug and path (a hub item's format from its folder).
    """

    name: str
    model: type[Record]
    words: type[Words] = Words
    source: str | None = None
    from_path: Callable[[str, str], dict[str, Any]] | None = None

    @property
    def is_own(self) -> bool:
        """Return whether every worker can import what the type is made of."""
        parts = (self.model, self.words, self.from_path)
        return all(part is None or part.__module__.startswith(OWN_PACKAGE) for part in parts)

    def to_item_type(self) -> ItemType:
        """Return the type without what a subclass adds, which may not be picklable."""
        return ItemType(**{field.name: getattr(self, field.name) for field in fields(ItemType)})


@dataclass(frozen=True, slots=True)
class SourceItem:
    """What one record is made of: its files, in the order of the site's languages, and perhaps a row of a snapshot.

    The first file holds the facts. Paths are relative to the content folder.
    """

    kind: str
    slug: str
    paths_by_lang: tuple[tuple[Lang, str], ...] = ()
    has_snapshot_row: bool = False

    @property
    def ref(self) -> Ref:
        """Return the reference of the record."""
        return Ref(self.kind, self.slug)
