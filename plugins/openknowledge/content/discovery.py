"""Which items there are: their types, and which files below content/ belong together as one, or to none."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openknowledge.model.values import Lang, Record, Ref, Words
from openknowledge.problems import Problem

__all__ = ["ItemType", "SourceItem", "add_snapshot_rows", "describe_duplicate", "find_items"]


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
        return all(part is None or part.__module__.startswith("openknowledge.") for part in parts)


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


def find_items(
    paths: Iterable[str], types: Iterable[ItemType], langs: Sequence[Lang], root: str
) -> tuple[list[SourceItem], list[Problem]]:
    """Return the items by kind, slug and folder, and Problems for files that belong to none.

    `paths` are those of all files from the content folder, sorted; `root` is that folder's name.
    """
    files: dict[tuple[str, str, str], dict[Lang, str]] = {}
    problems: list[Problem] = []
    sources = {item_type.name: _glob_pattern(item_type.source) for item_type in types if item_type.source}
    kinds, is_source = [*sources], re.compile("|".join(f"({pattern})" for pattern in sources.values()))
    for path in paths:
        if not path.endswith(".md"):
            continue
        folder, _, name = path.rpartition("/")
        source = is_source.fullmatch(path)
        base, _, code = name.removesuffix(".md").partition(".")
        lang = code or langs[0]
        if source is None or source.lastindex is None:
            if name != "README.md":
                message = "no kind of content lives in this folder, so the file would not be published"
                hint = "Move it to the folder of its kind."
                problems.append(Problem(f"{root}/{path}", None, None, message, hint))
        elif lang not in langs:
            names = ", ".join(f'"{base}.{lang}.md"' for lang in langs[1:])
            hint = f'Name the file "{base}.md" (language "{langs[0]}") or {names}.'
            problems.append(Problem(f"{root}/{path}", None, None, f'"{code}" is not a language of the site', hint))
        else:
            slug = folder.rpartition("/")[2] if base == "index" else base
            files.setdefault((kinds[source.lastindex - 1], slug, folder), {})[lang] = path
    items = [
        SourceItem(kind, slug, tuple((lang, by_lang[lang]) for lang in langs if lang in by_lang))
        for (kind, slug, _), by_lang in sorted(files.items())
    ]
    return items, problems


def _glob_pattern(glob: str) -> str:
    """Return the pattern of a glob of paths; a star is anything inside one name."""
    return "[^/]*".join(map(re.escape, glob.split("*")))


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
    return Problem(here, 1, None, f"{second.ref} is already the name of {other}", "Rename one of the two.")
