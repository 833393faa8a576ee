"""What is checked of a record besides its types: facts, pictures and links, and what it takes for granted of others."""

import dataclasses
import marshal
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from openknowledge.language_tags import spell_tag
from openknowledge.model.course import CourseRun
from openknowledge.model.materials import Material
from openknowledge.model.values import Html, Image, Inline, Lang, NumberName, Record, RefTo, Value, Words
from openknowledge.problems import Message, Problem
from openknowledge.url_paths import path_error

from .frontmatter import LANG, walk
from .local_files import NO_FILE, FileProblem, explain_picture, find_local_file
from .located_yaml import FieldPath, LocatedFields, format_field_path
from .markdown.render import list_placeholders
from .media_files import can_run, is_drawing
from .pictures import NO_PICTURE, is_picture, name_target
from .schedule import find_appearance
from .sense import find_nonsense
from .text_links import FileReference, TextLink, list_file_references
from .type_hints import resolve_type_hints

__all__ = [
    *("SLUG", "SLUG_HINT", "CrossCheck", "check_record", "check_words", "collect_checks", "find_other_languages"),
    *("list_file_deps", "list_media", "pack_checks", "unpack_checks"),
]


def list_media(record: Record) -> set[str]:
    """Return the files of content/ that a record's pages show or link to, by path from the content folder."""
    links = {target.path for target in _file_references(record) if not target.is_item}
    links |= {material.path for material in _materials_of(record) if material.path}
    return links | ({record.image.path} if record.image is not None else set())


def _file_references(record: Record) -> Iterator[FileReference]:
    found: list[Html] = []
    _add_markup(record, found)
    return chain.from_iterable(map(list_file_references, found))


def _add_markup(value: Any, found: list[Html]) -> None:
    """Add the markup that a value has, in its texts and in its fields of words."""
    if isinstance(value, Html):
        found.append(value)
    elif isinstance(value, dict | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            if part.__class__ is not str:
                _add_markup(part, found)
    elif isinstance(value, Value):
        for name in _markup_fields(typing.cast(Any, type(value))):
            part = getattr(value, name)
            if part and part.__class__ is not str:
                _add_markup(part, found)


@cache
def _markup_fields(model: Any) -> tuple[str, ...]:
    """Return the fields of a group that may have markup in them: words of a line, texts, and groups of these."""
    hints = resolve_type_hints(model).items()
    return tuple(name for name, hint in hints if typing.get_origin(hint) is not ClassVar and _may_have_markup(hint))


def _may_have_markup(hint: Any) -> bool:
    if hint is Html or any(isinstance(mark, Inline) for mark in getattr(hint, "__metadata__", ())):
        return True
    if isinstance(hint, type) and issubclass(hint, Value):
        return bool(_markup_fields(typing.cast(Any, hint)))
    return any(map(_may_have_markup, typing.get_args(hint)))


# What is right by itself

EMPTY_HEADING = re.compile(r"<h[2-6][^>]*>\s*</h")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_HINT = Message("Use small letters, digits and single hyphens, for example linear-algebra.")


def check_record(
    record: Record, fields: LocatedFields, root: Path, langs: Sequence[Lang]
) -> tuple[Record, list[Problem]]:
    """Return the record with its picture found, and what is wrong with its facts."""
    problems = []
    for path, annotation, value in walk(record):
        if annotation is None:
            findings = find_nonsense(value)
            problems += [fields.locate_problem((*path, *inner), message, hint) for inner, message, hint in findings]
            model: Any = type(value)
            for name in _fields_by_language(model):
                problems += find_other_languages(fields, (*path, name), getattr(value, name), langs)
        elif annotation == LANG and (tag := spell_tag(value)) != value:
            problems.append(fields.locate_problem(path, *_describe_wrong_language(value, tag)))
    if record.image is not None:
        image, error = locate_image(record.image, fields.path, root)
        if error:
            problems.append(fields.locate_problem(("image", "src"), *error))
        for lang in (lang for lang in langs if lang not in record.image.alt):
            hint = Message(
                'Say in a few words what it shows: "alt: {%(lang)s: …}"; "" if it only decorates.', lang=lang
            )
            message = Message('the picture has no alternative text in "%(lang)s"', lang=lang)
            problems.append(fields.locate_problem(("image", "alt"), message, hint))
        record = dataclasses.replace(record, image=image)
    if _materials_of(record):
        record, wrong = _measure_materials(record, fields, root)
        problems += wrong
    return record, problems


@cache
def _fields_by_language(model: Any) -> tuple[str, ...]:
    """Return the fields of a group that have words by language."""
    hints = resolve_type_hints(model).items()
    return tuple(name for name, hint in hints if name != "words" and typing.get_origin(hint) is dict)


def find_other_languages(
    fields: LocatedFields, path: FieldPath, words: Mapping[Lang, Any], langs: Sequence[Lang]
) -> Iterator[Problem]:
    """Yield a problem for each language in which something is written, and that no page is in."""
    for lang in words:
        if lang not in langs:
            message = Message('"%(lang)s" is no language here', lang=lang)
            hint = Message("Write one of: %(names)s.", names=", ".join(langs))
            yield fields.locate_problem((*path, lang), message, hint)


def _materials_of(record: Record) -> tuple[Material, ...]:
    return getattr(record, "materials", ())


def _measure_materials(record: Record, fields: LocatedFields, root: Path) -> tuple[Record, list[Problem]]:
    """Return the record with the paths and sizes of its materials, and what is wrong with their files."""
    folder = fields.path.partition("/")[2].rpartition("/")[0]
    materials, problems = [], []
    for index, material in enumerate(_materials_of(record)):
        measured = material
        if material.file is not None:
            try:
                file = find_local_file(root, folder, material.file, is_address=False)
                if file.is_folder or file.path.endswith(".md") or can_run(file.path):
                    hint = Message("Write the name of a file that can be downloaded, such as a PDF or a ZIP file.")
                    raise FileProblem(Message("nothing that can be downloaded"), hint)
                measured = dataclasses.replace(material, path=file.path, size_b=file.size_b)
            except FileProblem as problem:
                message = Message('"%(target)s" leads to %(reason)s', target=material.file, reason=problem.reason)
                problems.append(fields.locate_problem(("materials", index, "file"), message, problem.hint))
        materials.append(measured)
    changed: Any = {"materials": tuple(materials)}
    return dataclasses.replace(record, **changed), problems


def check_words(words: Words, file: LocatedFields) -> Iterator[Problem]:
    """Yield what is wrong with a record's words in one language."""
    if words.slug is not None and not SLUG.fullmatch(words.slug):
        yield file.locate_problem(
            ("slug",), Message('"%(slug)s" cannot be part of an address', slug=words.slug), SLUG_HINT
        )
    for index, alias in enumerate(words.aliases):
        error = path_error(alias)
        if error:
            yield file.locate_problem(("aliases", index), *error)
    for index, unit in enumerate(getattr(words, "syllabus", ())):
        for inner, message, hint in find_nonsense(unit):
            yield file.locate_problem(("syllabus", index, *inner), message, hint)
    if EMPTY_HEADING.search(words.body):
        rows = (file.find_body_line(row) for row in file.body.split("\n") if re.match(r"#{2,6}\s*$", row))
        message = Message("a heading without words")
        yield Problem(file.path, next(rows, None), None, message, Message("Write its words, or delete the line."))
    if "<h1" in words.body:
        rows = (file.find_body_line(row) for row in file.body.split("\n") if re.match("# |=+$", row))
        hint = Message('The title is the page\'s only heading of the first rank: begin with "## ".')
        yield Problem(file.path, next(rows, None), None, Message("a heading of the first rank in the text"), hint)


def locate_image(image: Image, path: str, root: Path) -> tuple[Image, tuple[Message, Message] | None]:
    """Return the image with the path of its file; or as it is, with what is wrong with that and the cure."""
    folder = path.partition("/")[2].rpartition("/")[0]
    try:
        file = find_local_file(root, folder, image.src, is_address=False)
        if file.is_folder:
            raise FileProblem(NO_FILE, Message("Write the name of a picture."))
    except FileProblem as problem:
        return image, explain_picture(image.src, problem)
    if not is_picture(file.path):
        message, hint = NO_PICTURE
        return image, (name_target(message, image.src), hint)
    return dataclasses.replace(image, path=file.path), None


def _describe_wrong_language(code: str, tag: str | None) -> tuple[Message, Message]:
    """Return what is wrong with the code of a language, and how to mend it; `tag` is how it is spelled."""
    if tag is None:
        hint = Message("Write its BCP 47 code: it, en, pt-BR, zh-Hant, …")
        return Message('"%(code)s" is not the code of a language', code=code), hint
    return Message('"%(code)s" is written "%(lang)s"', code=code, lang=tag), Message('Write "%(lang)s".', lang=tag)


# What other files must agree with

PAST_DAYS = ("updated", "as_of")
"""Facts with such a day have been seen or done on it."""


class CrossCheck(NamedTuple):
    """Something that a file takes for granted of others; `type` is `ref`, `number`, `page`, `picture`, `run` or `day`.

    `shown` is how the editor wrote it, where that differs from the `target`.
    """

    type: str
    target: str
    path: str
    line: int | None
    field: str | None
    shown: str = ""


def pack_checks(checks: Iterable[CrossCheck]) -> bytes:
    """Return checks as bytes for the parse cache."""
    return marshal.dumps(tuple(map(tuple, checks)))


def unpack_checks(data: bytes) -> tuple[CrossCheck, ...]:
    """Return checks from their bytes. Raises `ValueError`, `EOFError` or `TypeError` if the bytes are none."""
    return tuple(map(CrossCheck._make, marshal.loads(data)))


def collect_checks(
    record: Record,
    located: Mapping[Lang, LocatedFields],
    fallback: LocatedFields | None = None,
    markup: Iterable[tuple[LocatedFields, FieldPath, Html]] = (),
    links: Iterable[TextLink] = (),
) -> tuple[CrossCheck, ...]:
    """Return what a record takes for granted: items, numbers, and that linked Markdown files are items.

    `located` are its files by language; `fallback` says where a record without files comes from; `markup` is that of
    its fields of words, and `links` are those of all its texts.
    """
    fields = next(iter(located.values()), fallback or LocatedFields(next(iter(record.files), ""), {}, {}))
    items: list[CrossCheck] = []
    numbers, appears = [], find_appearance(record)
    for path, annotation, text in walk(record):
        if annotation is None:
            items.extend(_collect_fact_checks(text, path, fields, appears))
        elif isinstance(annotation, RefTo | NumberName):
            location = fields.path, fields.find_line(path), format_field_path(path)
            if isinstance(annotation, RefTo):
                kind, _, slug = (annotation.kind, "/", text) if annotation.kind else text.partition("/")
                items.append(CrossCheck("ref", f"{kind}/{slug}", *location))
            else:
                numbers.append(CrossCheck("number", f"figure:{text}", *location, text))
    texts = (check for lang, file in located.items() for check in _collect_numbers(record.words[lang].body, file))
    words = (
        CrossCheck("number", name, file.path, file.find_line(path), format_field_path(path), name)
        for file, path, html in markup
        for name in list_placeholders(html)
    )
    pictures = _collect_pictures(record, fields)
    return (*items, *numbers, *texts, *words, *pictures, *(_check_of_link(link) for link in links if link.file))


def _collect_pictures(record: Record, fields: LocatedFields) -> Iterator[CrossCheck]:
    """Yield the pictures that facts name."""
    named: list[tuple[FieldPath, str, str]] = (
        [(("image", "src"), record.image.path, record.image.src)] if record.image is not None else []
    )
    for index, material in enumerate(_materials_of(record)):
        named.append((("materials", index, "file"), material.path, material.file or ""))
    for place, path, shown in named:
        if is_picture(path):
            yield CrossCheck("picture", path, fields.path, fields.find_line(place), format_field_path(place), shown)


def _collect_fact_checks(
    value: Any, path: FieldPath, fields: LocatedFields, appears: str | None
) -> Iterator[CrossCheck]:
    """Yield what a group of facts takes for granted: keys that no other run has, days that are not ahead."""
    if isinstance(value, CourseRun):
        key = (*path, "key")
        yield CrossCheck("run", value.key, fields.path, fields.find_line(key), format_field_path(key))
    for name in PAST_DAYS:
        day = getattr(value, name, None)
        if isinstance(day, date) and day.isoformat() > (appears or "")[:10]:
            place = (*path, name)
            yield CrossCheck("day", day.isoformat(), fields.path, fields.find_line(place), format_field_path(place))


def _collect_numbers(body: Html, file: LocatedFields) -> Iterator[CrossCheck]:
    for name in list_placeholders(body):
        kind, _, slug = name.partition(":")
        is_video = kind == "video"
        line = file.find_body_line(name)
        yield CrossCheck(
            "ref" if is_video else "number", f"video/{slug}" if is_video else name, file.path, line, None, name
        )


def _check_of_link(link: TextLink) -> CrossCheck:
    if is_picture(link.file):
        return CrossCheck("picture", link.file, link.path, link.line, link.field, link.target)
    root = link.path.partition("/")[0]
    return CrossCheck("page", f"{root}/{link.file}", link.path, link.line, link.field, link.target)


def list_file_deps(record: Record) -> Iterator[tuple[str, bool]]:
    """Yield the other files that decide whether a record is right, and whether their bytes matter.

    Of drawings and of downloads the bytes matter; pictures and other linked files only need to exist. Paths are
    relative to the content folder.
    """
    if record.image is not None:
        yield record.image.path, False
    for material in _materials_of(record):
        if material.path:
            yield material.path, True
    for target in _file_references(record):
        yield target.path, target.is_download or is_drawing(target.path)
