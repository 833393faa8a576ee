"""What is checked of a record besides its types: facts, pictures and links, and what it takes for granted of others."""

import dataclasses
import marshal
import re
import typing
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
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
from openknowledge.project_files import (
    TEXT_LIMIT_B,
    FileRefused,
    is_project_file,
    open_project_file,
    read_project_file,
)
from openknowledge.url_paths import path_error

from .frontmatter import LANG, resolve_type_hints, walk
from .located_yaml import FieldPath, LocatedFields, format_field_path
from .markdown.render import list_images, list_links, list_placeholders
from .media_files import can_run, clean_media, is_drawing

__all__ = [
    *("PELICAN_PREFIXES", "SLUG", "SLUG_HINT", "CrossCheck", "check_field_links", "check_record", "check_words"),
    "collect_checks",
    *("find_local_links", "list_file_deps", "list_media", "pack_checks", "resolve_path", "unpack_checks"),
]

NOT_IN_TARGETS = re.compile(r"^[\x00-\x20]+|[\t\n\r]|[\x00-\x20]+$")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
PELICAN_PREFIXES = ("{filename}", "{static}", "{attach}")


class LocalLink(NamedTuple):
    """A link (`href`) or picture (`src`) of a text, as it is written and as it is meant.

    `file` is the path that it means, beginning with the content folder's name; `""` where it leads elsewhere.
    With `has_prefix` it is a path because one of `PELICAN_PREFIXES` says so.
    """

    attribute: str
    target: str
    file: str
    has_prefix: bool

    @property
    def path_in_content(self) -> str:
        """Return the path that it means, from the content folder."""
        return self.file.partition("/")[2]


@lru_cache(maxsize=8)
def find_local_links(markup: Html, path: str) -> tuple[LocalLink, ...]:
    """Return the links and pictures of a text of the file `path`, in order."""
    return tuple(parse_link(attribute, target, path) for attribute, target in list_links(markup))


def parse_link(attribute: str, target: str, path: str) -> LocalLink:
    """Return one link or picture of a text of the file `path`."""
    if target.startswith("{"):
        prefix, brace, rest = target.partition("}")
        file = resolve_path(path, rest.partition("#")[0])
        return LocalLink(attribute, target, file, prefix + brace in PELICAN_PREFIXES)
    return LocalLink(attribute, target, resolve_path(path, target) if attribute == "src" else "", has_prefix=False)


def list_media(record: Record) -> set[str]:
    """Return the files of content/ that a record's pages show or link to, by path from the content folder."""
    links = {link.path_in_content for link in _links_of(record) if link.file and not link.file.endswith(".md")}
    return links | ({record.image.path} if record.image is not None else set())


def _links_of(record: Record) -> Iterator[LocalLink]:
    path = next(iter(record.files), "")
    return chain.from_iterable(find_local_links(markup, path) for markup in _find_markup(record))


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


def names_other_server(target: str) -> bool:
    """Return whether browsers take a target for an address of another server.

    They leave out blanks around it and tabs and line ends in it, and read a backslash as a slash (WHATWG URL Standard,
    section 4.4).
    """
    plain = NOT_IN_TARGETS.sub("", target).replace("\\", "/")
    return plain.startswith("//") or SCHEME.match(plain) is not None


def leaves_content(path: str, target: str) -> bool:
    """Return whether a target of the file `path` goes above the content folder."""
    depth = 0 if target.startswith("/") else path.count("/") - 1
    for step in target.split("/"):
        depth += -1 if step == ".." else step not in ("", ".")
        if depth < 0:
            return True
    return False


def resolve_path(path: str, target: str) -> str:
    """Return the path of a file that the file `path` names; both begin with the content folder's name.

    As in Pelican, a path that begins with a slash counts from the content folder.
    """
    steps = path.split("/")[:1] if target.startswith("/") else path.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


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
            hint = Message("Check the name; the file lies beside this one.")
            problems.append(fields.locate_problem(("image", "src"), error, hint))
        for lang in (lang for lang in langs if lang not in record.image.alt):
            hint = Message(
                'Say in a few words what it shows: "alt: {%(lang)s: …}"; "" if it only decorates.', lang=lang
            )
            message = Message('the picture has no alternative text in "%(lang)s"', lang=lang)
            problems.append(fields.locate_problem(("image", "alt"), message, hint))
        record = dataclasses.replace(record, image=image)
    return record, problems


def check_words(words: Words, file: LocatedFields, root: Path) -> Iterator[Problem]:
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
    for image in list_images(words.body):
        yield from _check_prose_image(image, file, root)
    for link in find_local_links(words.body, file.path):
        if link.has_prefix and link.attribute == "href" and not _is_file(root, link.file):
            hint = Message("Check the path: it counts from this file, or from content/ if it begins with a slash.")
            message = Message('the link "%(target)s" leads to no file', target=link.target)
            yield Problem(file.path, file.find_body_line(link.target.split("}")[-1]), None, message, hint)
        elif link.file and not link.file.endswith(".md"):
            yield from _check_media(link, file, root)


def measure_image(image: Image, path: str, root: Path) -> tuple[Image, Message | None]:
    """Return the image with its path and size in pixels; or as it is, with what is wrong with its file."""
    if leaves_content(path, image.src):
        return image, Message('"%(src)s" lies outside the content folder', src=image.src)
    file = resolve_path(path, image.src).partition("/")[2]
    try:
        with open_project_file(root / file, root) as data:
            width, height = _read_size(data)
    except FileNotFoundError:
        return image, Message('there is no picture "%(src)s"', src=image.src)
    except FileRefused as refusal:
        return image, Message('the picture "%(src)s" is not read: %(message)s', src=image.src, message=refusal.message)
    if width * height > MAX_PIXELS:
        size = Message("%(width)s × %(height)s pixels", width=f"{width:,}", height=f"{height:,}")
        return image, Message(
            '"%(src)s" is too large: %(size)s, where %(allowed)s million are allowed',
            src=image.src,
            size=size,
            allowed=MAX_PIXELS // 10**6,
        )
    if not width or not height:
        return image, Message('"%(src)s" is not a picture that browsers show', src=image.src)
    return dataclasses.replace(image, path=file, width_px=width, height_px=height), None


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


def _check_prose_image(image: dict[str, str], file: LocatedFields, root: Path) -> Iterator[Problem]:
    source = image.get("src", "")
    line = file.find_body_line(source)
    if not image.get("alt", "").strip():
        hint = Message("Write what it shows between the square brackets: ![a student at a blackboard](…).")
        yield Problem(
            file.path, line, None, Message('the picture "%(source)s" has no alternative text', source=source), hint
        )
    if names_other_server(source):
        hint = Message("Put the file beside this one: a page asks no other server for anything.")
        yield Problem(
            file.path, line, None, Message('the picture "%(source)s" lies on another server', source=source), hint
        )
        return
    link = parse_link("src", source, file.path)
    if not _is_file(root, link.file if link.has_prefix else resolve_path(file.path, source)):
        yield Problem(
            file.path,
            line,
            None,
            Message('there is no picture "%(source)s"', source=source),
            Message("Check its name and folder."),
        )


def _check_media(link: LocalLink, file: LocatedFields, root: Path) -> Iterator[Problem]:
    """Yield what is wrong with a file that a text shows or links to."""
    line = file.find_body_line(link.target.split("}")[-1])
    if can_run(link.file):
        message = Message('"%(target)s" is of a type that could run as part of the site', target=link.target)
        yield Problem(file.path, line, None, message, Message("Publish it as PDF, as text or in a ZIP file."))
    elif is_drawing(link.file) and _is_file(root, link.file):
        try:
            clean_media(link.file, read_project_file(f"{root}/{link.path_in_content}", root, TEXT_LIMIT_B))
        except (ValueError, OSError) as error:
            message = Message('"%(target)s" is not an SVG drawing (%(error)s)', target=link.target, error=str(error))
            yield Problem(file.path, line, None, message, Message("Export it again as plain SVG, or as PNG."))


def _is_file(root: Path, file: str) -> bool:
    """Return whether there is a file to publish; its path begins with the content folder's name."""
    path = file.partition("/")[2]
    return not any(step.startswith(".") for step in path.split("/")) and is_project_file(path, root)


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
) -> tuple[CrossCheck, ...]:
    """Return what a record takes for granted: items, numbers, and that linked Markdown files are items.

    `located` are its files by language; `fallback` says where a record without files comes from; `markup` is that of
    its fields of words.
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
    texts = (check for lang, file in located.items() for check in _collect_text_checks(record.words[lang].body, file))
    words = (check for field in markup for check in _collect_field_checks(*field))
    return (*items, *numbers, *texts, *words)


def _collect_text_checks(body: Html, file: LocatedFields) -> Iterator[CrossCheck]:
    for name in list_placeholders(body):
        yield CrossCheck("number", name, file.path, file.find_body_line(name), None, name)
    for link in find_local_links(body, file.path):
        target = link.target.partition("#")[0].partition("}")[2] if link.target.startswith("{") else ""
        if target.endswith(".md"):
            yield CrossCheck("page", link.file, file.path, file.find_body_line(target), None, link.target)


def _collect_field_checks(file: LocatedFields, path: FieldPath, markup: Html) -> Iterator[CrossCheck]:
    location = file.path, file.find_line(path), format_field_path(path)
    for name in list_placeholders(markup):
        yield CrossCheck("number", name, *location, name)
    for link in find_local_links(markup, file.path):
        if link.has_prefix and link.file.endswith(".md"):
            yield CrossCheck("page", link.file, *location, link.target)


def check_field_links(file: LocatedFields, path: FieldPath, markup: Html, root: Path) -> Iterator[Problem]:
    """Yield what is wrong with the links in a field of words."""
    for link in find_local_links(markup, file.path):
        if link.has_prefix and not _is_file(root, link.file):
            message = Message('the link "%(target)s" leads to no file', target=link.target)
            hint = Message("Check the path: it counts from this file, or from content/ if it begins with a slash.")
            yield file.locate_problem(path, message, hint)


def list_file_deps(record: Record) -> Iterator[tuple[str, bool]]:
    """Yield the other files that decide whether a record is right, and whether their bytes matter.

    Of its picture and of drawings the bytes matter; other linked files only need to exist. Paths are relative to the
    content folder.
    """
    if record.image is not None:
        yield record.image.path, True
    for link in _links_of(record):
        if link.has_prefix or (link.attribute == "src" and ":" not in link.target):
            yield link.path_in_content, is_drawing(link.file)
