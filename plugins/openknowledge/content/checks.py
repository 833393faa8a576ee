"""What is checked of a record besides its types: facts, pictures and links, and what it takes for granted of others."""

import dataclasses
import marshal
import re
import typing
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from openknowledge.language_tags import spell_tag
from openknowledge.model.course import CourseRun
from openknowledge.model.programme import Initiative, Programme, Session
from openknowledge.model.values import Html, Image, Inline, Lang, NumberName, Record, RefTo, Value, Words
from openknowledge.model.video import Playlist, Video
from openknowledge.problems import Message, Problem
from openknowledge.project_files import open_project_file
from openknowledge.url_paths import path_error

from .frontmatter import LANG, resolve_type_hints, walk
from .local_files import NO_FILE, FileProblem, explain_picture, find_local_file
from .located_yaml import FieldPath, LocatedFields, format_field_path
from .markdown.render import list_placeholders
from .media_files import is_drawing
from .text_links import FileReference, TextLink, list_file_references

__all__ = [
    *("SLUG", "SLUG_HINT", "CrossCheck", "check_record", "check_words", "collect_checks"),
    *("list_file_deps", "list_media", "pack_checks", "unpack_checks"),
]


def list_media(record: Record) -> set[str]:
    """Return the files of content/ that a record's pages show or link to, by path from the content folder."""
    links = {target.path for target in _file_references(record) if not target.is_item}
    return links | ({record.image.path} if record.image is not None else set())


def _file_references(record: Record) -> Iterator[FileReference]:
    return chain.from_iterable(map(list_file_references, _find_markup(record)))


def _find_markup(value: Any) -> Iterator[Html]:
    """Yield the markup that a record has, in its texts and in its fields of words."""
    if isinstance(value, Html):
        yield value
    elif isinstance(value, dict | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _find_markup(part)
    elif isinstance(value, Value):
        for name in _markup_fields(typing.cast(Any, type(value))):
            yield from _find_markup(getattr(value, name))


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

PICTURE_FORMATS = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "PNG", "WEBP")
"""What browsers show, in the names of the library; its other plugins start programs, or are hardly ever tried."""
MAX_PIXELS = 25_000_000
"""The most pixels of a picture: more take seconds and gigabytes to open."""
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_HINT = Message("Use small letters, digits and single hyphens, for example linear-algebra.")
Finding = tuple[str, Message, Message | None]
"""The field of a value, what is wrong with it, and how to mend it."""


def check_record(
    record: Record, fields: LocatedFields, root: Path, langs: Sequence[Lang]
) -> tuple[Record, list[Problem]]:
    """Return the record with its picture measured, and what is wrong with its facts."""
    problems = []
    for path, annotation, value in walk(record):
        if annotation is None:
            findings = _check_value(value)
            problems += [fields.locate_problem((*path, name), message, hint) for name, message, hint in findings]
        elif annotation == LANG and (tag := spell_tag(value)) != value:
            problems.append(fields.locate_problem(path, *_describe_wrong_language(value, tag)))
    if record.image is not None:
        image, error = measure_image(record.image, fields.path, root)
        if error:
            problems.append(fields.locate_problem(("image", "src"), *error))
        for lang in (lang for lang in langs if lang not in record.image.alt):
            hint = Message(
                'Say in a few words what it shows: "alt: {%(lang)s: …}"; "" if it only decorates.', lang=lang
            )
            message = Message('the picture has no alternative text in "%(lang)s"', lang=lang)
            problems.append(fields.locate_problem(("image", "alt"), message, hint))
        record = dataclasses.replace(record, image=image)
    return record, problems


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
    if "<h1" in words.body:
        rows = (file.find_body_line(row) for row in file.body.split("\n") if re.match("# |=+$", row))
        hint = Message('The title is the page\'s only heading of the first rank: begin with "## ".')
        yield Problem(file.path, next(rows, None), None, Message("a heading of the first rank in the text"), hint)


def measure_image(image: Image, path: str, root: Path) -> tuple[Image, tuple[Message, Message] | None]:
    """Return the image with its path and size in pixels; or as it is, with what is wrong with its file and the cure."""
    folder = path.partition("/")[2].rpartition("/")[0]
    try:
        file = find_local_file(root, folder, image.src, is_address=False)
        if file.is_folder:
            raise FileProblem(NO_FILE, Message("Write the name of a picture."))
        with open_project_file(root / file.path, root) as data:
            width, height = _read_size(data)
    except (FileProblem, OSError) as error:
        return image, explain_picture(image.src, error if isinstance(error, FileProblem) else FileProblem.of(error))
    if width * height > MAX_PIXELS:
        message = Message(
            '"%(target)s" is too large: %(width)s × %(height)s pixels, where %(limit)s million are allowed',
            target=image.src,
            width=f"{width:,}",
            height=f"{height:,}",
            limit=MAX_PIXELS // 10**6,
        )
        return image, (message, Message("Make it smaller."))
    if not width or not height:
        message = Message('"%(target)s" is not a picture that browsers show', target=image.src)
        return image, (message, Message("Export it as JPEG or PNG."))
    return dataclasses.replace(image, path=file.path, width_px=width, height_px=height), None


def _read_size(data: FileIO) -> tuple[int, int]:
    """Return the width and height of a picture in pixels; nothing where it is none."""
    from PIL import Image as Picture

    try:
        with warnings.catch_warnings(action="ignore"), Picture.open(data, formats=PICTURE_FORMATS) as picture:
            return picture.size
    except Picture.DecompressionBombError:
        return MAX_PIXELS, 2
    except Exception:
        # Pillow's plugins raise whatever a broken file has them stumble over.
        return 0, 0


def _check_value(value: Any) -> Iterator[Finding]:
    """Yield what is wrong with a group of fields, whatever is inside its groups."""
    if isinstance(value, CourseRun):
        yield from _check_order(value.starts, value.ends, "ends", Message("a run cannot end before it starts"))
        opens, closes = value.enrollment_opens, value.enrollment_closes
        yield from _check_order(opens, closes, "enrollment_closes", Message("enrolment cannot close before it opens"))
    elif isinstance(value, Video | Playlist):
        yield from _check_offset(value.published, "published")
    elif isinstance(value, Session):
        yield from _check_offset(value.starts, "starts")
        yield from _check_offset(value.ends, "ends")
        if value.starts.tzinfo and value.ends.tzinfo:
            yield from _check_order(value.starts, value.ends, "ends", Message("it cannot end before it starts"))
    elif isinstance(value, Initiative | Programme) and value.starts and value.ends:
        first, last = value.starts.first_day, value.ends.first_day
        yield from _check_order(first, last, "ends", Message("it cannot end before it starts"))


def _check_offset(moment: datetime | None, name: str) -> Iterator[Finding]:
    if moment is not None and moment.tzinfo is None:
        hint = Message("Add it: 2026-12-01T18:00+01:00.")
        yield name, Message('"%(moment)s" does not say which time zone it is in', moment=str(moment)), hint


def _check_order(first: Any, last: Any, name: str, message: Message) -> Iterator[Finding]:
    if first is not None and last is not None and last < first:
        yield (
            name,
            Message("%(message)s (%(first)s comes after %(last)s)", message=message, first=str(first), last=str(last)),
            Message("Correct one of the two dates."),
        )


def _describe_wrong_language(code: str, tag: str | None) -> tuple[Message, Message]:
    """Return what is wrong with the code of a language, and how to mend it; `tag` is how it is spelled."""
    if tag is None:
        hint = Message("Write its BCP 47 code: it, en, pt-BR, zh-Hant, …")
        return Message('"%(code)s" is not the code of a language', code=code), hint
    return Message('"%(code)s" is written "%(lang)s"', code=code, lang=tag), Message('Write "%(lang)s".', lang=tag)


# What other files must agree with


class CrossCheck(NamedTuple):
    """Something that a file takes for granted of other files; `type` is `ref`, `number` or `page`.

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
    items, numbers = [], []
    for path, annotation, text in walk(record):
        if isinstance(annotation, RefTo | NumberName):
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
    return (*items, *numbers, *texts, *words, *(_check_of_link(link) for link in links if link.file))


def _collect_numbers(body: Html, file: LocatedFields) -> Iterator[CrossCheck]:
    for name in list_placeholders(body):
        kind, _, slug = name.partition(":")
        is_video = kind == "video"
        line = file.find_body_line(name)
        yield CrossCheck(
            "ref" if is_video else "number", f"video/{slug}" if is_video else name, file.path, line, None, name
        )


def _check_of_link(link: TextLink) -> CrossCheck:
    root = link.path.partition("/")[0]
    return CrossCheck("page", f"{root}/{link.file}", link.path, link.line, link.field, link.target)


def list_file_deps(record: Record) -> Iterator[tuple[str, bool]]:
    """Yield the other files that decide whether a record is right, and whether their bytes matter.

    Of its picture, of drawings and of downloads the bytes matter; other linked files only need to exist. Paths are
    relative to the content folder.
    """
    if record.image is not None:
        yield record.image.path, True
    for target in _file_references(record):
        yield target.path, target.is_download or is_drawing(target.path)
