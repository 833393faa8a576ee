"""Which items there are: their types, and which files below content/ belong together as one, or to none."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openknowledge.language_tags import spell_tag
from openknowledge.model.values import Lang, Record, Ref, Words
from openknowledge.problems import Message, Problem

from .passed_over import find_misnamed

__all__ = ["ItemType", "SourceItem", "find_items"]


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
    paths: Iterable[str],
    types: Mapping[str, ItemType],
    langs: Sequence[Lang],
    root: str,
    rows: Collection[tuple[str, str]],
) -> tuple[list[SourceItem], list[SourceItem], list[Problem]]:
    """Return the items, those whose name another one has already, and Problems for both and for files of no item.

    `paths` are those of all files from the content folder, sorted; `root` is that folder's name. Items of files come
    first, by kind, slug and folder, then those of the `rows` of snapshots (kind and slug) that no file adds to.
    """
    paths = tuple(paths)
    files, problems = _group_files(paths, types, langs, root)
    problems += find_misnamed(paths, root)
    items: dict[tuple[str, str], SourceItem] = {}
    duplicates: list[SourceItem] = []
    for (kind, slug, _), by_lang in sorted(files.items()):
        own = tuple((lang, by_lang[lang]) for lang in langs if lang in by_lang)
        item = SourceItem(kind, slug, own, (kind, slug) in rows)
        first = items.setdefault((kind, slug), item)
        if first is not item:
            duplicates.append(item)
            other, here = f"{root}/{first.paths_by_lang[0][1]}", f"{root}/{own[0][1]}"
            message = Message("%(ref)s is already the name of %(other)s", ref=str(item.ref), other=other)
            problems.append(Problem(here, 1, None, message, Message("Rename one of the two.")))
    for kind, slug in rows:
        if kind in types:
            items.setdefault((kind, slug), SourceItem(kind, slug, has_snapshot_row=True))
    return list(items.values()), duplicates, problems


def _group_files(
    paths: Iterable[str], types: Mapping[str, ItemType], langs: Sequence[Lang], root: str
) -> tuple[dict[tuple[str, str, str], dict[Lang, str]], list[Problem]]:
    """Return the files of each item by kind, slug and folder, then by language."""
    files: dict[tuple[str, str, str], dict[Lang, str]] = {}
    problems: list[Problem] = []
    sources = {name: item_type.source for name, item_type in types.items() if item_type.source}
    kinds, is_source = [*sources], re.compile("|".join(f"({_glob_pattern(glob)})" for glob in sources.values()))
    for path in paths:
        folder, _, name = path.rpartition("/")
        if not name.endswith(".md") or name == "README.md":
            continue
        source = is_source.fullmatch(path)
        base, _, code = name.removesuffix(".md").partition(".")
        lang = code or langs[0]
        if source is None or source.lastindex is None:
            message = Message("no kind of content lives in this folder, so the file would not be published")
            hint = Message("Move it to the folder of its kind.")
            problems.append(Problem(f"{root}/{path}", None, None, message, hint))
        elif lang not in langs:
            problems.append(_name_wrong_language(f"{root}/{path}", base, code, langs))
        else:
            slug = folder.rpartition("/")[2] if base == "index" else base
            by_lang = files.setdefault((kinds[source.lastindex - 1], slug, folder), {})
            if lang in by_lang:
                problems.append(_name_second_file(f"{root}/{path}", by_lang[lang].rpartition("/")[2], lang))
            by_lang[lang] = path
    return files, problems


def _name_second_file(path: str, other: str, lang: Lang) -> Problem:
    """Return the problem of a file that holds an item's words in a language as another one does."""
    message = Message('this file and "%(other)s" both hold the words in "%(lang)s"', other=other, lang=lang)
    hint = Message("Keep one of the two, with all that is right in both.")
    return Problem(path, None, None, message, hint)


def _name_wrong_language(path: str, base: str, code: str, langs: Sequence[Lang]) -> Problem:
    """Return the problem of a file whose name has a code that is no language of the site, or is not spelled like it."""
    names = {lang: f"{base}.{lang}.md" if lang != langs[0] else f"{base}.md" for lang in langs}
    meant = spell_tag(code)
    if meant in names:
        hint = Message('Name the file "%(name)s".', name=names[meant])
        return Problem(path, None, None, Message('"%(code)s" is written "%(lang)s"', code=code, lang=meant), hint)
    others = ", ".join(f'"{name}"' for name in [*names.values()][1:])
    hint = Message(
        'Name the file "%(name)s" (language "%(lang)s") or %(others)s.',
        **{"name": names[langs[0]], "lang": langs[0], "others": others},
    )
    return Problem(path, None, None, Message('"%(code)s" is not a language of the site', code=code), hint)


def _glob_pattern(glob: str) -> str:
    """Return the pattern of a glob of paths; a star is anything inside one name."""
    return "[^/]*".join(map(re.escape, glob.split("*")))
