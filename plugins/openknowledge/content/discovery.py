"""Which files below content/ belong together as one item, and which belong to none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from openknowledge.catalogue.kinds.kind import Kind
from openknowledge.model.values import Lang, Ref
from openknowledge.problems import Problem

from .read_item import SourceItem

__all__ = ["add_snapshot_rows", "duplicate_slug_problem", "find_items"]


def find_items(
    paths: Iterable[str], kinds: Sequence[Kind], langs: Sequence[Lang], root: str
) -> tuple[list[SourceItem], list[Problem]]:
    """The items of all kinds by kind, slug and folder, and Problems for files that belong to none.

    `paths` are those of all files from the content folder, sorted; `root` is that folder's name.
    """
    found: dict[tuple[str, str, str], dict[Lang, str]] = {}
    problems: list[Problem] = []
    patterns: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for one in kinds:
        if one.source:
            patterns.setdefault(one.source.partition("/")[0], []).append((_pattern(one.source), one.name))
    for path in paths:
        if not path.endswith(".md"):
            continue
        folder, _, name = path.rpartition("/")
        likely = patterns.get(path.partition("/")[0], ())
        kind = next((kind for pattern, kind in likely if pattern.fullmatch(path)), None)
        base, _, code = name.removesuffix(".md").partition(".")
        lang = code or langs[0]
        if kind is None:
            problems.extend(_stray(path, root))
        elif lang not in langs:
            problems.append(_unknown_lang(path, base, code, langs, root))
        else:
            slug = folder.rpartition("/")[2] if base == "index" else base
            found.setdefault((kind, slug, folder), {})[lang] = path
    items = []
    for (kind_name, slug, _), files in sorted(found.items()):
        items.append(SourceItem(kind_name, slug, tuple((lang, files[lang]) for lang in langs if lang in files)))
    return items, problems


def add_snapshot_rows(
    items: Sequence[SourceItem], rows: Collection[tuple[str, str]], kinds: set[str]
) -> Iterator[SourceItem]:
    """The items of files with their rows, then the rows that no file adds to."""
    for item in items:
        yield replace(item, has_snapshot_row=True) if (item.kind, item.slug) in rows else item
    named = {(item.kind, item.slug) for item in items}
    for kind, slug in rows:
        if (kind, slug) not in named and kind in kinds:
            yield SourceItem(kind, slug, has_snapshot_row=True)


def duplicate_slug_problem(first: SourceItem, second: SourceItem, root: str) -> Problem:
    """Two items of one kind with one name."""
    other, here = f"{root}/{first.paths_by_lang[0][1]}", f"{root}/{second.paths_by_lang[0][1]}"
    return Problem(
        here, 1, None, f"{Ref(second.kind, second.slug)} is already the name of {other}", "Rename one of the two."
    )


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """A pattern of paths as an expression; a star stands for anything inside one name."""
    return re.compile("[^/]*".join(re.escape(part) for part in glob.split("*")))


def _unknown_lang(path: str, base: str, code: str, langs: Sequence[Lang], root: str) -> Problem:
    message = f'"{code}" is not a language of the site'
    names = ", ".join(f'"{base}.{lang}.md"' for lang in langs[1:])
    hint = f'Name the file "{base}.md" (language "{langs[0]}") or {names}.'
    return Problem(f"{root}/{path}", None, None, message, hint)


def _stray(path: str, root: str) -> Iterator[Problem]:
    if path.rpartition("/")[2] != "README.md":
        message = "no kind of content lives in this folder, so the file would not be published"
        yield Problem(f"{root}/{path}", None, None, message, "Move it to the folder of its kind.")
