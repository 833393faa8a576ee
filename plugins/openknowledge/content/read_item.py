"""One item of the site from its files and its row of a snapshot: its record as bytes, or Problems."""

import copy
import dataclasses
import logging
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from openknowledge.engine.digest import PACKAGE, canonical_bytes, digest_bytes, package_versions, read_sources
from openknowledge.model.course import Course
from openknowledge.model.values import NO_TEXT, Lang, Record
from openknowledge.problems import Message, Problem
from openknowledge.project_files import FileRefused, read_project_file

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
from .course_runs import name_course
from .cpu_limit import CpuLimitExceeded, cpu_limit
from .discovery import ItemType, SourceItem
from .field_values import FieldReader, members_of
from .frontmatter import (
    build,
    describe_error,
    describe_unknown_field,
    find_hint,
    is_misspelt,
    parse_front_matter,
    recover_front_matter,
    validate,
)
from .item_table import Alias, ItemRow, collect_url_parts
from .located_yaml import FieldPath, LocatedFields, RecoveredFields, format_field_path
from .markdown.diagrams import tool_version
from .markdown.render import forget_readers, render_markdown
from .records import make_stub
from .schedule import find_appearance
from .snapshots import SnapshotRow
from .text_embeds import check_videos
from .text_links import resolve_links

__all__ = [
    *("DERIVED_FIELDS", "PARSER_SOURCES", "ParsedItem", "ReadOptions", "describe_record"),
    *("read_item", "reading_fingerprint"),
]

PARSER_SOURCES = (
    *("content", "model", "engine/digest.py", "fast_pickle.py", "problems.py", "url_paths.py", "project_files.py"),
    *("invisible_text.py", "language_tags.py", "output_paths.py"),
)
"""The code that decides what a file is read as; a test compares it with what `read_item` imports."""
MAX_CPU_S = 1.5
"""The processor time that an item may take: a chapter of 100 kB takes a tenth of it."""
CPU_SIZE_B = 100_000
"""Up to how many bytes an item has this time; larger ones have more, in proportion."""
MAX_NESTING = 100
DEEP = rf"[ ]{{{4 * MAX_NESTING},}}|\t{{{MAX_NESTING},}}|(?:[ ]{{0,3}}>){{{MAX_NESTING},}}"
NESTED = re.compile(f"^(?:{DEEP})", re.MULTILINE)
"""A line inside more lists or quotes than the readers' recursion takes, wherever they are called."""
DEEP_MARKS = (" " * 4 * MAX_NESTING, "\t" * MAX_NESTING, ">>", "> >", ">  >", ">   >")
"""One of these is in each text with such a line; to look for them costs next to nothing."""
logger = logging.getLogger(__name__)
DERIVED_FIELDS = {
    "model": {"slug", "words", "files", "body", "topics_from", "speakers_from"},
    "words": {"body", "heading"},
}
"""The fields of records and of their words that come from elsewhere than the front matter."""
WHO_SPEAKS = ("credits", "speakers", "speakers_from")
INSTEAD = {"topics": ("topics_from",), "credits": WHO_SPEAKS, "speakers": WHO_SPEAKS}
"""What of a video's row an editor replaces by a field: who speaks is said by two."""


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
    sources = [*_parser_sources(), *(Path(path).read_bytes() for path in external)]
    text = "\n".join((reader, *langs, *names, *package_versions(), tool_version()))
    return digest_bytes(b"\0".join((text.encode(), *sources)))


@cache
def _parser_sources() -> tuple[bytes, ...]:
    """Return the sources of what parses as they were when first asked for: this process runs them until it ends."""
    return tuple(read_sources(PARSER_SOURCES))


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
    """Read, parse and check one item; what depends on other items becomes cross-checks.

    Whatever the files have in them, the result is a record or Problems, after a bounded time.
    """
    texts: dict[Lang, tuple[str, bytes]] = {}
    problems: list[Problem] = []
    for lang, path in item.paths_by_lang:
        shown_path = f"{options.root.name}/{path}"
        try:
            texts[lang] = shown_path, read_project_file(f"{options.root}/{path}", options.root)
        except FileNotFoundError:
            message = Message("the file has gone while it was being read")
            problems.append(Problem(shown_path, None, None, message, Message("Build again.")))
        except FileRefused as refusal:
            problems.append(Problem(shown_path, None, None, refusal.message, refusal.hint))
    if problems:
        return ParsedItem(tuple(problems))
    size_b = sum(len(data) for _, data in texts.values())
    reading = [row.path if row is not None else str(item.ref)]
    try:
        with cpu_limit(MAX_CPU_S * max(1.0, size_b / CPU_SIZE_B)):
            return _parse_item(item, row, options, texts, reading)
    except CpuLimitExceeded:
        message = Message("the text takes too long to read")
        hint = Message("Look for rows of brackets, stars or tags that are never closed, or divide the text.")
    except RecursionError:
        message = Message("the text is nested too deep to be read")
        hint = Message("Look for lists, quotes or brackets of many levels.")
    except Exception:
        # The libraries of three formats raise what they like; an item that they stumble over stops no other one.
        logger.debug("The readers stumble over %s", reading[0], exc_info=True)
        message = Message("something in this file makes the readers stumble")
        hint = Message("Take out a half of it, and look whether the other half can be read.")
    forget_readers()
    return ParsedItem((Problem(reading[0], row.line if row is not None and not texts else None, None, message, hint),))


def _parse_item(
    item: SourceItem,
    row: SnapshotRow | None,
    options: ReadOptions,
    texts: Mapping[Lang, tuple[str, bytes]],
    reading: list[str],
) -> ParsedItem:
    """Return the result of an item's files; `texts` are their paths and bytes by language.

    `reading` has the path of the file that is being read; the caller names it if the reading stops.
    """
    located: dict[Lang, LocatedFields] = {}
    recovered: dict[Lang, RecoveredFields] = {}
    for lang, (shown_path, data) in texts.items():
        reading[0] = shown_path
        fields = parse_front_matter(data, shown_path)
        if isinstance(fields, Problem):
            recovered[lang] = recover_front_matter(data, shown_path, fields)
            fields = recovered[lang].fields
        located[lang] = fields
    parser = _ItemParser(item, row, options, located, reading)
    for lang, rest in recovered.items():
        parser.problems += rest.problems
        parser.readers[lang].failed |= rest.failed
    record = parser.parse()
    if record is None:
        return ParsedItem(tuple(parser.problems))
    markup = ((reader.fields, *found) for reader in parser.readers.values() for found in reader.markup)
    links = [link for reader in parser.readers.values() for link in reader.links]
    checks = collect_checks(record, located, row.located if row is not None else None, markup, links)
    if parser.problems:
        sound = (check for check in checks if not parser.is_substitute(check.field))
        return ParsedItem(tuple(parser.problems), (b"", b"", pack_checks(sound)))
    stub, full = canonical_bytes(make_stub(record)), canonical_bytes(record)
    far_links = tuple(tuple(link) for link in links if link.anchor or link.address)
    described = describe_record(record, stub, full, checks, located)
    described = described._replace(fallback_count=parser.fallback_count, links=far_links)
    digests = tuple(digest_bytes(data) for _, data in texts.values())
    blobs = stub, full, pack_checks(checks)
    return ParsedItem((), blobs, described, tuple(list_file_deps(record)), digests)


def describe_record(
    record: Record, stub: bytes, full: bytes, checks: Iterable[CrossCheck], located: Mapping[Lang, LocatedFields]
) -> ItemRow:
    """Return the row of a record; `stub` and `full` are its bytes, `located` are its files by language."""
    digest = digest_bytes(full)
    return ItemRow(
        key=digest,
        paths_by_lang=(),
        has_snapshot_row=False,
        file_deps=(),
        references=tuple(dict.fromkeys(check.target for check in checks if check.type == "ref")),
        files=record.files,
        media=tuple(sorted(list_media(record))),
        appears=find_appearance(record),
        has_image=record.image is not None,
        digest=digest,
        stub_digest=digest_bytes(stub),
        fallback_count=0,
        url_parts=collect_url_parts(record),
        aliases=tuple(map(tuple, _list_aliases(record, located))),
        run_names=name_course(record) if isinstance(record, Course) else (),
    )


def _list_aliases(record: Record, located: Mapping[Lang, LocatedFields]) -> Iterator[Alias]:
    for lang, words in record.words.items():
        fields = located.get(lang) or LocatedFields(next(iter(record.files), str(record.ref)), {}, {})
        for index, alias in enumerate(words.aliases):
            yield Alias(lang, alias, fields.path, fields.find_line(("aliases", index)) or 0, index)


class _ItemParser:
    """Builds the record of one item from its front matters, and collects all its Problems."""

    def __init__(
        self,
        item: SourceItem,
        row: SnapshotRow | None,
        options: ReadOptions,
        located: Mapping[Lang, LocatedFields],
        reading: list[str],
    ) -> None:
        self.item, self.row, self.options, self.located, self.reading = item, row, options, located, reading
        self.type = options.types[item.kind]
        self.readers = {lang: FieldReader(fields, options.root) for lang, fields in located.items()}
        self.problems: list[Problem] = []
        self.substitutes: tuple[str, ...] = ()
        self.fallback_count = 0

    def is_substitute(self, field: str | None) -> bool:
        """Return whether a field, or a part of it, is not what was written, because that is wrong or missing."""
        return field is not None and any(_is_within(field, one) or _is_within(one, field) for one in self.substitutes)

    def parse(self) -> Record | None:
        """Return the record, without its wrong fields where there are problems; None where it cannot be built."""
        if not self.located:
            return self._parse_row()
        facts_file = next(iter(self.located.values()))
        self.problems.extend(self._find_unknown_fields(facts_file))
        if not SLUG.fullmatch(self.item.slug):
            message = Message('"%(slug)s" cannot be part of an address', slug=self.item.slug)
            self.problems.append(Problem(facts_file.path, None, None, message, SLUG_HINT))
        record, errors, self.substitutes = _build_partial(self.type.model, self._merge_data(facts_file))
        self.problems.extend(problem for reader in self.readers.values() for problem in reader.problems)
        self.problems.extend(self._describe_errors(errors))
        if record is None:
            return None
        problems = [one for lang, fields in self.located.items() for one in check_words(record.words[lang], fields)]
        record, more = check_record(record, facts_file, self.options.root, self.options.langs)
        self.problems.extend(one for one in (*problems, *more) if not self.is_substitute(one.field))
        return record

    def _describe_errors(self, errors: Iterable[Any]) -> Iterator[Problem]:
        """Yield what the types find wrong, unless something has been said of the same value."""
        for error in errors:
            path, reader = error["loc"], next(iter(self.readers.values()))
            if path[:1] == ("words",) and len(path) > 2 and path[1] in self.located:
                path, reader = path[2:], self.readers[path[1]]
            fields = reader.fields
            if self.row is not None and path[0] not in fields.data and path[0] in self.row.data:
                fields = self.row.located
            if any(path[:size] in reader.failed for size in range(len(path) + 1)):
                continue
            if error["type"].startswith("missing") and is_misspelt(
                self.type.model, error["loc"], fields.names_at(path)
            ):
                continue
            if error["type"] != "unexpected_keyword_argument" or len(path) > 1:
                yield describe_error(self.type.model, error, fields, path)

    def _parse_row(self) -> Record | None:
        """Return a record that has no file of its own."""
        assert self.row is not None
        record: Record | tuple[Problem, ...] = validate(
            self.type.model, {"slug": self.item.slug, **self.row.data}, self.row.located
        )
        if isinstance(record, tuple):
            self.problems.extend(record)
            return None
        record, problems = check_record(record, self.row.located, self.options.root, self.options.langs)
        self.problems.extend(problems)
        return record

    def _merge_data(self, facts_file: LocatedFields) -> dict[str, Any]:
        """Return the record's fields from the row, the files and the path: each of them overrides those before it."""
        names = _list_names(self.type, "model")
        facts = next(iter(self.readers.values())).read(self.type.model, facts_file.data, names)
        derived = self.type.from_path(self.item.slug, facts_file.path) if self.type.from_path else {}
        words = {lang: self._words_of(reader) for lang, reader in self.readers.items()}
        files = tuple(fields.path for fields in self.located.values())
        data = {"slug": self.item.slug, "words": words, "files": files, **facts, **derived}
        if self.row is None:
            return data
        others = {lang: value for lang, value in self.row.data["words"].items() if lang not in words}
        replaced = {name for field in facts for name in INSTEAD.get(field, ())}
        row = {name: value for name, value in self.row.data.items() if name not in replaced}
        return {**row, **data, "words": {**words, **others}}

    def _words_of(self, reader: FieldReader) -> dict[str, Any]:
        fields = reader.fields
        words = reader.read(self.type.words, fields.data, _list_names(self.type, "words"))
        words["heading"] = next((markup for path, markup in reader.markup if path == ("title",)), NO_TEXT)
        self.reading[0] = fields.path
        deep = NESTED.search(fields.body) if any(marks in fields.body for marks in DEEP_MARKS) else None
        if deep is not None:
            line = fields.body_line + fields.body.count("\n", 0, deep.start())
            message = Message("the text is nested too deep to be read")
            hint = Message("Lists and quotes may have %(number)s levels.", number=MAX_NESTING)
            self.problems.append(Problem(fields.path, line, None, message, hint))
            return words
        rendered = render_markdown(fields.body, self.options.reader)
        self.fallback_count += rendered.is_fallback
        for line, message, hint in rendered.issues:
            self.problems.append(Problem(fields.path, fields.body_line + line - 1, None, message, hint))
        text = resolve_links(rendered.html, fields.path, self.options.root, fields.find_body_line)
        self.problems.extend(text.problems)
        self.problems.extend(check_videos(text.html, fields.path, fields.find_body_line))
        reader.links += text.links
        return {**words, "body": text.html}

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
                    message = Message('"%(name)s" is a fact, and facts stand once for all languages', name=name)
                    yield fields.locate_problem(
                        (name,), message, Message("Remove it here; it belongs in %(path)s.", path=facts_file.path)
                    )


SUBSTITUTES: Mapping[str, Any] = {
    **dict.fromkeys(("words", "inline", "exact", "name"), "x"),
    **dict.fromkeys(("day", "partial", "either"), "2000-01-01"),
    "moment": "2000-01-01T00:00+00:00",
    "int": 1,
    "bool": False,
}
"""What takes the place of a required field that is wrong or missing, so that the rest of the record can be checked."""


def _build_partial(model: type[Record], data: dict[str, Any]) -> tuple[Record | None, tuple[Any, ...], tuple[str, ...]]:
    """Return a record without the fields that are wrong, what is wrong with them, and which are not as written."""
    record, errors = build(model, data)
    if not errors:
        return record, (), ()
    rest, substitutes = copy.deepcopy(data), []
    for path in dict.fromkeys(error["loc"] for error in errors):
        holder = _find_holder(rest, path)
        if not isinstance(holder, dict):
            path = path[: 3 if path[0] == "words" else 1]
            holder = _find_holder(rest, path)
        group = find_hint(model, path[:-1])
        members = members_of(group) if isinstance(group, type) and dataclasses.is_dataclass(group) else {}
        member = members.get(str(path[-1]))
        holder.pop(path[-1], None)
        if member is not None and member.is_required and member.shape.kind in SUBSTITUTES:
            holder[path[-1]] = SUBSTITUTES[member.shape.kind]
        substitutes.append(format_field_path(path[2:] if path[0] == "words" else path))
    return build(model, rest)[0], errors, tuple(substitutes)


def _is_within(field: str, group: str) -> bool:
    return f"{field}.".startswith((f"{group}.", f"{group}["))


def _find_holder(data: Any, path: FieldPath) -> Any:
    """Return the group or list that has the value at a path; None where the data have no such place."""
    for part in path[:-1]:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return None
    return data


@cache
def _list_names(item_type: ItemType, part: str) -> frozenset[str]:
    """Return the fields of the `model` or the `words` of a type that its front matter may have."""
    names = frozenset(field.name for field in dataclasses.fields(getattr(item_type, part)))
    return names - DERIVED_FIELDS[part]
