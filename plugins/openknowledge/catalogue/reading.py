"""The Markdown files below content/ as records, or as Problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .checks import SLUG, SLUG_HINT, record_problems, words_problems
from .frontmatter import Located, read_front_matter, read_text
from .kinds.kind import Kind
from .model.values import Lang, Record, Ref
from .parse import NotARecord, build, problem_of, unknown_field
from .problems import Problem
from .prose import to_html
from .snapshots import SnapshotRow

RESERVED = {"slug", "words", "files", "body"}

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Item:
    """The files of one record: `by_lang` in the order of the site's languages; the first holds the facts."""

    kind: Kind
    slug: str
    by_lang: tuple[tuple[Lang, Path], ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """An item that could not be read: what stands in for it in a preview."""

    ref: Ref
    paths: tuple[str, ...]


@dataclass(slots=True)
class Content:
    """What was read: records, where each stands (in files, else in a row of a snapshot), and what is wrong.

    `partial` are broken records without their wrong fields: never shown, but what they point at is
    checked, so that an editor is told everything at once.
    """

    records: dict[Ref, Record] = field(default_factory=dict)
    origins: dict[Ref, dict[Lang, Located]] = field(default_factory=dict)
    rows: dict[Ref, Located] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    partial: dict[Ref, tuple[Record, dict[Lang, Located]]] = field(default_factory=dict)


def read_content(
    root: Path,
    kinds: Sequence[Kind],
    langs: Sequence[Lang],
    bases: Mapping[Ref, SnapshotRow] = MappingProxyType({}),
    progress: Progress | None = None,
) -> Content:
    """Read all Markdown files of all kinds; `root` is the content folder.

    `bases` are what snapshots say of the same records: a file adds to them and wins.
    """
    content = Content()
    items, strays = find_items(root, kinds, langs)
    content.problems.extend(strays)
    for number, item in enumerate(items, start=1):
        add_item(content, item, root, langs, bases.get(Ref(item.kind.name, item.slug)))
        if progress:
            progress("Reading", number, len(items))
    return content


def find_items(root: Path, kinds: Sequence[Kind], langs: Sequence[Lang]) -> tuple[list[Item], list[Problem]]:
    """The items of all kinds by kind and slug, and Problems for files that belong to none."""
    found: dict[tuple[str, str, str], dict[Lang, Path]] = {}
    problems: list[Problem] = []
    taken: set[Path] = set()
    by_name = {kind.name: kind for kind in kinds}
    for kind in kinds:
        for path in sorted(root.glob(kind.source)) if kind.source else ():
            taken.add(path)
            lang, base = _lang_of(path, langs)
            if lang is None:
                problems.append(_unknown_lang(path, root, langs))
                continue
            slug = path.parent.name if base == "index" else base
            folder = path.parent.relative_to(root).as_posix()
            found.setdefault((kind.name, slug, folder), {})[lang] = path
    problems.extend(_strays(root, taken))
    items = []
    for (kind_name, slug, _), files in sorted(found.items()):
        ordered = tuple((lang, files[lang]) for lang in langs if lang in files)
        items.append(Item(by_name[kind_name], slug, ordered))
    return items, problems


def add_item(content: Content, item: Item, root: Path, langs: Sequence[Lang], base: SnapshotRow | None = None) -> None:
    """Read one item into `content`: its record, or its Problems."""
    ref = Ref(item.kind.name, item.slug)
    located: dict[Lang, Located] = {}
    problems: list[Problem] = []
    for lang, path in item.by_lang:
        shown = shown_path(path, root)
        text = read_text(path, shown)
        front = text if isinstance(text, Problem) else read_front_matter(text, shown)
        if isinstance(front, Problem):
            problems.append(front)
        else:
            located[lang] = front
    if not problems:
        record, problems = parse_item(item, located, root, langs, base)
        if record is not None and ref in content.records:
            problems.append(_same_slug(content, ref, located))
        elif record is not None and problems:
            content.partial[ref] = (record, located)
        elif record is not None:
            content.records[ref] = record
            content.origins[ref] = located
    if problems:
        content.problems.extend(problems)
        content.broken.append(Broken(ref, tuple(shown_path(path, root) for _, path in item.by_lang)))


def parse_item(
    item: Item,
    located: Mapping[Lang, Located],
    root: Path,
    langs: Sequence[Lang],
    base: SnapshotRow | None = None,
) -> tuple[Record | None, list[Problem]]:
    """The record of an item from its front matters, and all its Problems.

    Where there are any the record lacks its wrong fields; None where nothing can be made without them.
    """
    first = next(iter(located))
    facts_file = located[first]
    problems = list(_unknown_fields(item.kind, located, first))
    words = {lang: _words_of(item.kind, front) for lang, front in located.items()}
    derived = item.kind.from_path(item.slug, facts_file.path) if item.kind.from_path else {}
    facts = {name: value for name, value in facts_file.data.items() if name in _fact_names(item.kind)}
    files = tuple(front.path for front in located.values())
    data = {"slug": item.slug, "words": words, "files": files, **facts, **derived}
    if base is not None:
        words = {**words, **{code: said for code, said in base.data["words"].items() if code not in words}}
        data = {**base.data, **data, "words": words}
    if not SLUG.fullmatch(item.slug):
        problems.append(_bad_slug(item.slug, facts_file.path))
    record, errors = _as_far_as_it_goes(item.kind.model, data)
    for one in errors:
        place, where = _place(one["loc"], located, first)
        if one["type"] != "unexpected_keyword_argument" or len(place) > 1:
            problems.append(problem_of(item.kind.model, one, where, place))
    if record is None:
        return None, problems
    for lang, front in located.items():
        problems.extend(words_problems(record.words[lang], front, root))
    checked, more = record_problems(record, facts_file, root, langs)
    return checked, [*problems, *more]


def _as_far_as_it_goes(model: type[Record], data: dict[str, Any]) -> tuple[Record | None, tuple[Any, ...]]:
    """A record without the fields that are wrong, and what is wrong with them."""
    try:
        return build(model, data), ()
    except NotARecord as error:
        errors = error.errors
    rest = {**data, "words": {lang: dict(said) for lang, said in data["words"].items()}}
    for first, *inner in (one["loc"] for one in errors):
        if first == "words" and len(inner) > 1:
            rest["words"][inner[0]].pop(inner[1], None)
        else:
            rest.pop(first, None)
    try:
        return build(model, rest), errors
    except NotARecord:
        return None, errors


def shown_path(path: Path, root: Path) -> str:
    """A path as editors know it: from the project's folder, with forward slashes."""
    return f"{root.name}/{path.relative_to(root).as_posix()}"


def _words_of(kind: Kind, front: Located) -> dict[str, Any]:
    words = {name: value for name, value in front.data.items() if name in _word_names(kind)}
    return {**words, "body": to_html(front.body)}


def _word_names(kind: Kind) -> set[str]:
    return {one.name for one in dataclasses.fields(kind.words)} - {"body"}


def _fact_names(kind: Kind) -> set[str]:
    return {one.name for one in dataclasses.fields(kind.model)} - RESERVED


def _unknown_fields(kind: Kind, located: Mapping[Lang, Located], first: Lang) -> Iterator[Problem]:
    word_names, fact_names = _word_names(kind), _fact_names(kind)
    for lang, front in located.items():
        for name in front.data:
            if name in word_names:
                continue
            if name not in fact_names:
                known = word_names | fact_names if lang == first else word_names
                yield unknown_field(name, known, front)
            elif lang != first:
                message = f'"{name}" is a fact, and facts stand once for all languages'
                hint = f"Remove it here; it belongs in {located[first].path}."
                yield Problem(front.path, front.line_of((name,)), name, message, hint)


def _place(
    place: tuple[str | int, ...], located: Mapping[Lang, Located], first: Lang
) -> tuple[tuple[str | int, ...], Located]:
    """Where the editor wrote what pydantic found at `place`: the field, and the file."""
    if place[:1] == ("words",) and len(place) > 2 and place[1] in located:
        return place[2:], located[str(place[1])]
    return place, located[first]


def _lang_of(path: Path, langs: Sequence[Lang]) -> tuple[Lang | None, str]:
    base, _, code = path.stem.partition(".")
    if not code:
        return langs[0], base
    return (code if code in langs else None), base


def _unknown_lang(path: Path, root: Path, langs: Sequence[Lang]) -> Problem:
    code = path.stem.partition(".")[2]
    message = f'"{code}" is not a language of the site'
    names = ", ".join(f'"{path.stem.partition(".")[0]}.{lang}.md"' for lang in langs[1:])
    hint = f'Name the file "{path.stem.partition(".")[0]}.md" (language "{langs[0]}") or {names}.'
    return Problem(shown_path(path, root), None, None, message, hint)


def _strays(root: Path, taken: set[Path]) -> Iterable[Problem]:
    for path in sorted(root.rglob("*.md")):
        if path not in taken and path.name != "README.md":
            message = "no kind of content lives in this folder, so the file would not be published"
            yield Problem(shown_path(path, root), None, None, message, "Move it to the folder of its kind.")


def _same_slug(content: Content, ref: Ref, located: Mapping[Lang, Located]) -> Problem:
    other = next(iter(content.origins[ref].values())).path
    here = next(iter(located.values())).path
    return Problem(here, 1, None, f"{ref} is already the name of {other}", "Rename one of the two.")


def _bad_slug(slug: str, path: str) -> Problem:
    return Problem(path, None, None, f'"{slug}" cannot be part of an address', SLUG_HINT)
