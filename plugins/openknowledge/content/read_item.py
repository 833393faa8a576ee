"""One item of the site from its files and its row of a snapshot: its record as bytes, or Problems."""

import dataclasses
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from openknowledge.engine.digest import PACKAGE, canonical_bytes, digest_bytes, package_versions, read_sources
from openknowledge.model.values import Lang, Record
from openknowledge.problems import Problem

from .checks import (
    SLUG,
    SLUG_HINT,
    CrossCheck,
    check_record,
    check_words,
    collect_checks,
    list_file_deps,
    list_media,
    pack_checks,
)
from .discovery import ItemType, SourceItem
from .frontmatter import LocatedFields, build, describe_error, describe_unknown_field, parse_front_matter, validate
from .item_table import Alias, ItemRow, collect_url_parts
from .markdown.render import render_markdown
from .records import make_stub
from .snapshots import SnapshotRow

__all__ = [
    *("DERIVED_FIELDS", "PARSER_SOURCES", "ParsedItem", "ReadOptions", "describe_record"),
    *("read_item", "reading_fingerprint"),
]

PARSER_SOURCES = ("content", "model", "engine/digest.py", "fast_pickle.py", "problems.py", "url_paths.py")
"""The code that decides what a file is read as; a test compares it with what `read_item` imports."""
DERIVED_FIELDS = {"model": {"slug", "words", "files", "body"}, "words": {"body"}}
"""The fields of records and of their words that come from elsewhere than the front matter."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How items are read: what every worker must know.

    `root` is the content folder, `langs` are the languages of the site, `reader` is the name of the Markdown reader,
    `types` are the types of items by name. `fingerprint` is the digest of all this and of the code.
    """

    root: Path
    langs: tuple[Lang, ...]
    reader: str
    types: Mapping[str, ItemType]
    fingerprint: bytes

    @classmethod
    def create(cls, root: Path, langs: Sequence[Lang], reader: str, types: Iterable[ItemType]) -> Self:
        """Return the options; what subclasses add to the types is left out, because it may not be picklable."""
        names = [field.name for field in dataclasses.fields(ItemType)]
        plain = (ItemType(**{name: getattr(item_type, name) for name in names}) for item_type in types)
        by_name = {item_type.name: item_type for item_type in plain}
        return cls(root, tuple(langs), reader, by_name, reading_fingerprint(by_name.values(), langs, reader))

    @property
    def is_shareable(self) -> bool:
        """Return whether every worker can import what the types are made of."""
        return all(item_type.is_own for item_type in self.types.values())


def reading_fingerprint(types: Collection[ItemType], langs: Sequence[Lang], reader: str) -> bytes:
    """Return the digest of the code, the packages, the types of items, the languages and the Markdown reader."""
    names = (
        item_type.name + (item_type.source or "") + item_type.model.__qualname__ + item_type.words.__qualname__
        for item_type in types
    )
    modules = {sys.modules[item_type.model.__module__].__file__ or "" for item_type in types}
    external = sorted(path for path in modules if path and not Path(path).is_relative_to(PACKAGE))
    sources = [*read_sources(PARSER_SOURCES), *(Path(path).read_bytes() for path in external)]
    text = "\n".join((reader, *langs, *names, *package_versions()))
    return digest_bytes(b"\0".join((text.encode(), *sources)))


class ParsedItem(NamedTuple):
    """The result of reading an item. Without a row there is no record.

    `blobs` are what the cache has of it: the stub, the full record, and the packed checks, which are there also where
    the record has problems, so that a build reports all problems at once. The row has no key and no `file_deps` yet:
    those are paths, and whether the bytes of the file matter. `file_digests` are those of the item's own files as they
    were read.
    """

    problems: tuple[Problem, ...] = ()
    blobs: tuple[bytes, bytes, bytes] = (b"", b"", pack_checks(()))
    row: ItemRow | None = None
    file_deps: tuple[tuple[str, bool], ...] = ()
    file_digests: tuple[bytes, ...] = ()


def read_item(item: SourceItem, row: SnapshotRow | None, options: ReadOptions) -> ParsedItem:
    """Read, parse and check one item; what depends on other items becomes cross-checks."""
    located: dict[Lang, LocatedFields] = {}
    problems: list[Problem] = []
    digests: list[bytes] = []
    for lang, path in item.paths_by_lang:
        shown_path = f"{options.root.name}/{path}"
        try:
            with open(f"{options.root}/{path}", "rb") as file:  # noqa: PTH123 - done for every file of a site
                data = file.read()
        except FileNotFoundError:
            message = "the file has gone while it was being read"
            problems.append(Problem(shown_path, None, None, message, "Build again."))
            continue
        digests.append(digest_bytes(data))
        fields = parse_front_matter(data, shown_path)
        if isinstance(fields, Problem):
            problems.append(fields)
        else:
            located[lang] = fields
    if problems:
        return ParsedItem(tuple(problems))
    parser = _ItemParser(item, row, options, located)
    record = parser.parse()
    if record is None:
        return ParsedItem(tuple(parser.problems))
    checks = collect_checks(record, located, row.located if row is not None else None)
    if parser.problems:
        return ParsedItem(tuple(parser.problems), (b"", b"", pack_checks(checks)))
    stub, full = canonical_bytes(make_stub(record)), canonical_bytes(record)
    described = describe_record(record, stub, full, checks, located)._replace(fallback_count=parser.fallback_count)
    blobs = stub, full, pack_checks(checks)
    return ParsedItem((), blobs, described, tuple(list_file_deps(record)), tuple(digests))


def describe_record(
    record: Record, stub: bytes, full: bytes, checks: Iterable[CrossCheck], located: Mapping[Lang, LocatedFields]
) -> ItemRow:
    """Return the row of a record; `stub` and `full` are its bytes, `located` are its files by language."""
    embargo = getattr(record, "embargo", None)
    digest = digest_bytes(full)
    return ItemRow(
        key=digest,
        paths_by_lang=(),
        has_snapshot_row=False,
        file_deps=(),
        references=tuple(dict.fromkeys(check.target for check in checks if check.type == "ref")),
        files=record.files,
        media=tuple(sorted(list_media(record))),
        embargo=embargo.isoformat() if embargo else None,
        has_image=record.image is not None,
        digest=digest,
        stub_digest=digest_bytes(stub),
        fallback_count=0,
        url_parts=collect_url_parts(record),
        aliases=tuple(map(tuple, _list_aliases(record, located))),
    )


def _list_aliases(record: Record, located: Mapping[Lang, LocatedFields]) -> Iterator[Alias]:
    for lang, words in record.words.items():
        fields = located.get(lang) or LocatedFields(next(iter(record.files), str(record.ref)), {}, {})
        for index, alias in enumerate(words.aliases):
            yield Alias(lang, alias, fields.path, fields.find_line(("aliases", index)) or 0, index)


class _ItemParser:
    """Builds the record of one item from its front matters, and collects all its Problems."""

    def __init__(
        self, item: SourceItem, row: SnapshotRow | None, options: ReadOptions, located: Mapping[Lang, LocatedFields]
    ) -> None:
        self.item, self.row, self.options, self.located = item, row, options, located
        self.type = options.types[item.kind]
        self.problems: list[Problem] = []
        self.fallback_count = 0

    def parse(self) -> Record | None:
        """Return the record, without its wrong fields where there are problems; None where it cannot be built."""
        if not self.located:
            return self._parse_row()
        facts_file = next(iter(self.located.values()))
        self.problems.extend(self._find_unknown_fields(facts_file))
        if not SLUG.fullmatch(self.item.slug):
            message = f'"{self.item.slug}" cannot be part of an address'
            self.problems.append(Problem(facts_file.path, None, None, message, SLUG_HINT))
        record, errors = _build_partial(self.type.model, self._merge_data(facts_file))
        for error in errors:
            path, fields = error["loc"], facts_file
            if path[:1] == ("words",) and len(path) > 2 and path[1] in self.located:
                path, fields = path[2:], self.located[path[1]]
            if error["type"] != "unexpected_keyword_argument" or len(path) > 1:
                self.problems.append(describe_error(self.type.model, error, fields, path))
        if record is None:
            return None
        for lang, fields in self.located.items():
            self.problems.extend(check_words(record.words[lang], fields, self.options.root))
        record, problems = check_record(record, facts_file, self.options.root, self.options.langs)
        self.problems.extend(problems)
        return record

    def _parse_row(self) -> Record | None:
        """Return a record that has no file of its own."""
        assert self.row is not None
        record: Record | tuple[Problem, ...] = validate(
            self.type.model, {"slug": self.item.slug, **self.row.data}, self.row.located
        )
        if isinstance(record, tuple):
            self.problems.extend(record)
            return None
        return record

    def _merge_data(self, facts_file: LocatedFields) -> dict[str, Any]:
        """Return the record's fields from the row, the files and the path: each of them overrides those before it."""
        names = _list_names(self.type, "model")
        facts = {name: value for name, value in facts_file.data.items() if name in names}
        derived = self.type.from_path(self.item.slug, facts_file.path) if self.type.from_path else {}
        words = {lang: self._words_of(fields) for lang, fields in self.located.items()}
        files = tuple(fields.path for fields in self.located.values())
        data = {"slug": self.item.slug, "words": words, "files": files, **facts, **derived}
        if self.row is None:
            return data
        others = {lang: value for lang, value in self.row.data["words"].items() if lang not in words}
        return {**self.row.data, **data, "words": {**words, **others}}

    def _words_of(self, fields: LocatedFields) -> dict[str, Any]:
        names = _list_names(self.type, "words")
        rendered = render_markdown(fields.body, self.options.reader)
        self.fallback_count += rendered.is_fallback
        return {**{name: value for name, value in fields.data.items() if name in names}, "body": rendered.html}

    def _find_unknown_fields(self, facts_file: LocatedFields) -> Iterator[Problem]:
        word_names, fact_names = _list_names(self.type, "words"), _list_names(self.type, "model")
        for fields in self.located.values():
            for name in fields.data:
                if name in word_names:
                    continue
                if name not in fact_names:
                    known = word_names | fact_names if fields is facts_file else word_names
                    yield describe_unknown_field(name, known, fields)
                elif fields is not facts_file:
                    message = f'"{name}" is a fact, and facts stand once for all languages'
                    yield fields.locate_problem((name,), message, f"Remove it here; it belongs in {facts_file.path}.")


def _build_partial(model: type[Record], data: dict[str, Any]) -> tuple[Record | None, tuple[Any, ...]]:
    """Return a record without the fields that are wrong, and what is wrong with them."""
    record, errors = build(model, data)
    if not errors:
        return record, ()
    rest = {**data, "words": {lang: dict(words) for lang, words in data["words"].items()}}
    for first, *inner in (error["loc"] for error in errors):
        if first == "words" and len(inner) > 1:
            rest["words"][inner[0]].pop(inner[1], None)
        else:
            rest.pop(first, None)
    return build(model, rest)[0], errors


@cache
def _list_names(item_type: ItemType, part: str) -> frozenset[str]:
    """Return the fields of the `model` or the `words` of a type that its front matter may have."""
    names = frozenset(field.name for field in dataclasses.fields(getattr(item_type, part)))
    return names - DERIVED_FIELDS[part]
