"""One item of the site from its files and its row of a snapshot: a record as it is kept, or Problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from openknowledge.catalogue.kinds.kind import Kind
from openknowledge.engine.digest import canonical_bytes, digest_bytes
from openknowledge.model.values import Html, Lang, Record, Ref, RefTo
from openknowledge.problems import Problem

from .checks import SLUG, SLUG_HINT, check_record, check_words
from .frontmatter import LocatedFields, decode_text, parse_front_matter
from .local_links import find_local_links, list_media
from .markdown.render import list_placeholders, render_markdown
from .parse import ValidationFailed, build, describe_error, format_field_path, unknown_field_problem
from .records import Alias, CrossCheck, collect_url_parts, list_aliases, make_stub, pack_checks
from .references import list_references, reference_target
from .snapshots import SnapshotRow

__all__ = ["ParsedItem", "SourceItem", "read_item"]

RESERVED = frozenset({"slug", "words", "files", "body"})


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
        return Ref(self.kind, self.slug)


NO_CLAIMS = pack_checks(())


class ParsedItem(NamedTuple):
    """What came of reading an item. Without a record `light` and `whole` are empty.

    `uses` are other files that were looked at: paths from the content folder, and whether their bytes mattered or only
    that they are there. `sources` are the digests of the item's own files as they were read. `claims`, as they are
    kept, are there also where the record has problems, so that all is told at once.
    """

    problems: tuple[Problem, ...] = ()
    checks: bytes = NO_CLAIMS
    references: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    file_deps: tuple[tuple[str, bool], ...] = ()
    embargo: str | None = None
    has_image: bool = False
    url_parts: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    digest: bytes = b""
    stub_digest: bytes = b""
    stub: bytes = b""
    full: bytes = b""
    fallback_count: int = 0
    file_digests: tuple[bytes, ...] = ()


def read_item(
    item: SourceItem, row: SnapshotRow | None, item_type: Kind, root: Path, langs: Sequence[Lang], reader: str
) -> ParsedItem:
    """Read, parse and check one item; what depends on other items is left as claims."""
    located: dict[Lang, LocatedFields] = {}
    problems: list[Problem] = []
    sources: list[bytes] = []
    for lang, path in item.paths_by_lang:
        shown = f"{root.name}/{path}"
        try:
            data = _bytes(f"{root}/{path}")
        except FileNotFoundError:
            problems.append(Problem(shown, None, None, "the file has gone while it was being read", "Build again."))
            continue
        sources.append(digest_bytes(data))
        text = decode_text(data, shown)
        front = text if isinstance(text, Problem) else parse_front_matter(text, shown)
        if isinstance(front, Problem):
            problems.append(front)
        else:
            located[lang] = front
    if problems:
        return ParsedItem(tuple(problems))
    prose = MarkdownReader(reader)
    record, problems = parse_item(item, row, item_type, located, root, langs, prose)
    if record is None:
        return ParsedItem(tuple(problems))
    claims = collect_checks(record, located, row)
    if problems:
        return ParsedItem(tuple(problems), pack_checks(claims))
    return _outcome(record, claims, located, prose.fallback_count, tuple(sources))


Sources = tuple[bytes, ...]


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - done for every file of a site
        return file.read()


def _outcome(
    record: Record,
    claims: tuple[CrossCheck, ...],
    located: Mapping[Lang, LocatedFields],
    fell_back: int,
    sources: Sources,
) -> ParsedItem:
    slim, whole = canonical_bytes(make_stub(record)), canonical_bytes(record)
    until = getattr(record, "embargo", None)
    return ParsedItem(
        checks=pack_checks(claims),
        references=tuple(dict.fromkeys(one.target for one in claims if one.type == "ref")),
        files=record.files,
        media=tuple(sorted(list_media(record))),
        file_deps=tuple(list_file_deps(record)),
        embargo=until.isoformat() if until else None,
        has_image=record.image is not None,
        url_parts=collect_url_parts(record),
        aliases=tuple(list_aliases(record, located)),
        digest=digest_bytes(whole),
        stub_digest=digest_bytes(slim),
        stub=slim,
        full=whole,
        fallback_count=fell_back,
        file_digests=sources,
    )


@dataclass
class MarkdownReader:
    """Reads the texts of one item, and counts those that the fast reader left to the other one."""

    reader: str
    fallback_count: int = 0

    def render(self, text: str) -> Html:
        found = render_markdown(text, self.reader)
        self.fallback_count += found.is_fallback
        return found.html


def parse_item(
    item: SourceItem,
    row: SnapshotRow | None,
    kind: Kind,
    located: Mapping[Lang, LocatedFields],
    root: Path,
    langs: Sequence[Lang],
    prose: MarkdownReader,
) -> tuple[Record | None, list[Problem]]:
    """The record of an item from its front matters, and all its Problems.

    Where there are any the record lacks its wrong fields; None where nothing can be made without them.
    """
    if not located:
        return _from_row(item, row, kind)
    first = next(iter(located))
    facts_file = located[first]
    problems = list(_unknown_fields(kind, located, first))
    words = {lang: _words_of(kind, front, prose) for lang, front in located.items()}
    derived = kind.from_path(item.slug, facts_file.path) if kind.from_path else {}
    fact_names = _fact_names(kind)
    facts = {name: value for name, value in facts_file.data.items() if name in fact_names}
    files = tuple(front.path for front in located.values())
    data = {"slug": item.slug, "words": words, "files": files, **facts, **derived}
    if row is not None:
        words = {**words, **{code: said for code, said in row.data["words"].items() if code not in words}}
        data = {**row.data, **data, "words": words}
    if not SLUG.fullmatch(item.slug):
        problems.append(Problem(facts_file.path, None, None, f'"{item.slug}" cannot be part of an address', SLUG_HINT))
    record, errors = _as_far_as_it_goes(kind.model, data)
    for one in errors:
        place, where = _place(one["loc"], located, first)
        if one["type"] != "unexpected_keyword_argument" or len(place) > 1:
            problems.append(describe_error(kind.model, one, where, place))
    if record is None:
        return None, problems
    for lang, front in located.items():
        problems.extend(check_words(record.words[lang], front, root))
    checked, more = check_record(record, facts_file, root, langs)
    return checked, [*problems, *more]


def _from_row(item: SourceItem, row: SnapshotRow | None, kind: Kind) -> tuple[Record | None, list[Problem]]:
    """A record that has no file of its own."""
    assert row is not None
    try:
        return build(kind.model, {"slug": item.slug, **row.data}), []
    except ValidationFailed as error:
        return None, [describe_error(kind.model, one, row.located, one["loc"]) for one in error.errors]


def collect_checks(
    record: Record, located: Mapping[Lang, LocatedFields], row: SnapshotRow | None
) -> tuple[CrossCheck, ...]:
    """What the files of a record take for granted: items, numbers, and that a Markdown file is an item."""
    elsewhere = row.located if row is not None else LocatedFields(next(iter(record.files), ""), {}, {})
    facts = next(iter(located.values()), elsewhere)
    items, numbers = [], []
    for place, mark, text in list_references(record):
        where = facts.path, facts.find_line(place), format_field_path(place)
        if isinstance(mark, RefTo):
            items.append(CrossCheck("ref", reference_target(mark, text), *where))
        else:
            numbers.append(CrossCheck("number", f"figure:{text}", *where, text))
    said = (one for lang, front in located.items() for one in _claims_of_text(record.words[lang].body, front))
    return (*items, *numbers, *said)


def _claims_of_text(body: Html, front: LocatedFields) -> Iterator[CrossCheck]:
    for name in list_placeholders(body):
        yield CrossCheck("number", name, front.path, front.find_body_line(name), None, name)
    for one in find_local_links(body, front.path):
        wanted = one.target.partition("#")[0].partition("}")[2] if one.target.startswith("{") else ""
        if wanted.endswith(".md"):
            yield CrossCheck("page", one.file, front.path, front.find_body_line(wanted), None, one.target)


def list_file_deps(record: Record) -> Iterator[tuple[str, bool]]:
    """The other files that decide whether a record is right: its picture's bytes, and that linked files are there."""
    if record.image is not None:
        yield record.image.path, True
    path = next(iter(record.files), "")
    for words in record.words.values():
        for one in find_local_links(words.body, path):
            if one.has_prefix or (one.attribute == "src" and ":" not in one.target):
                yield one.path_in_content, False


def _as_far_as_it_goes(model: type[Record], data: dict[str, Any]) -> tuple[Record | None, tuple[Any, ...]]:
    """A record without the fields that are wrong, and what is wrong with them."""
    try:
        return build(model, data), ()
    except ValidationFailed as error:
        errors = error.errors
    rest = {**data, "words": {lang: dict(said) for lang, said in data["words"].items()}}
    for first, *inner in (one["loc"] for one in errors):
        if first == "words" and len(inner) > 1:
            rest["words"][inner[0]].pop(inner[1], None)
        else:
            rest.pop(first, None)
    try:
        return build(model, rest), errors
    except ValidationFailed:
        return None, errors


def _words_of(kind: Kind, front: LocatedFields, prose: MarkdownReader) -> dict[str, Any]:
    names = _word_names(kind)
    words = {name: value for name, value in front.data.items() if name in names}
    return {**words, "body": prose.render(front.body)}


def _word_names(kind: Kind) -> frozenset[str]:
    words: Any = kind.words
    return _names(words, frozenset({"body"}))


def _fact_names(kind: Kind) -> frozenset[str]:
    model: Any = kind.model
    return _names(model, RESERVED)


@cache
def _names(model: Any, without: frozenset[str]) -> frozenset[str]:
    return frozenset(one.name for one in dataclasses.fields(model)) - without


def _unknown_fields(kind: Kind, located: Mapping[Lang, LocatedFields], first: Lang) -> Iterator[Problem]:
    word_names, fact_names = _word_names(kind), _fact_names(kind)
    for lang, front in located.items():
        for name in front.data:
            if name in word_names:
                continue
            if name not in fact_names:
                known = word_names | fact_names if lang == first else word_names
                yield unknown_field_problem(name, known, front)
            elif lang != first:
                message = f'"{name}" is a fact, and facts stand once for all languages'
                hint = f"Remove it here; it belongs in {located[first].path}."
                yield Problem(front.path, front.find_line((name,)), name, message, hint)


def _place(
    place: tuple[str | int, ...], located: Mapping[Lang, LocatedFields], first: Lang
) -> tuple[tuple[str | int, ...], LocatedFields]:
    """Where the editor wrote what pydantic found at `place`: the field, and the file."""
    if place[:1] == ("words",) and len(place) > 2 and place[1] in located:
        return place[2:], located[str(place[1])]
    return place, located[first]
