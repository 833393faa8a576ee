"""What the types of a record cannot say: order of dates, pictures that exist, links that lead somewhere."""

import dataclasses
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from openknowledge.model.course import CourseRun
from openknowledge.model.programme import Initiative, Programme, Session
from openknowledge.model.values import Image, Lang, Record, Words
from openknowledge.model.video import Playlist, Video
from openknowledge.problems import Problem
from openknowledge.project_files import (
    PICTURE_LIMIT_B,
    TEXT_LIMIT_B,
    FileRefused,
    is_project_file,
    open_project_file,
    read_project_file,
)
from openknowledge.url_paths import path_error

from .cross_checks import LocalLink, find_local_links, leaves_content, names_other_server, parse_link, resolve_path
from .frontmatter import LocatedFields
from .markdown.render import list_images
from .media_files import can_run, clean_media, is_drawing
from .parse import LANG, walk

__all__ = ["SLUG", "SLUG_HINT", "check_record", "check_words"]

PICTURE_FORMATS = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "PNG", "WEBP")
"""What browsers show, in the names of the library; its other plugins start programs, or are hardly ever tried."""
MAX_PIXELS = 25_000_000
"""The most pixels of a picture: more take seconds and gigabytes to open."""
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_HINT = "Use small letters, digits and single hyphens, for example linear-algebra."
Finding = tuple[str, str, str | None]
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
        elif annotation == LANG and not _is_lang(value):
            hint = "Write it, en, fr, de, … (ISO 639-1)."
            problems.append(fields.locate_problem(path, f'"{value}" is not the code of a language', hint))
    if record.image is not None:
        image, error = measure_image(record.image, fields.path, root)
        if error:
            hint = "Check the name; the file lies beside this one."
            problems.append(fields.locate_problem(("image", "src"), error, hint))
        for lang in (lang for lang in langs if lang not in record.image.alt):
            hint = f'Say in a few words what it shows: "alt: {{{lang}: …}}"; "" if it only decorates.'
            message = f'the picture has no alternative text in "{lang}"'
            problems.append(fields.locate_problem(("image", "alt"), message, hint))
        record = dataclasses.replace(record, image=image)
    return record, problems


def check_words(words: Words, file: LocatedFields, root: Path) -> Iterator[Problem]:
    """Yield what is wrong with a record's words in one language."""
    if not words.title.strip():
        yield file.locate_problem(("title",), "the title is empty", "Write a title.")
    if words.slug is not None and not SLUG.fullmatch(words.slug):
        yield file.locate_problem(("slug",), f'"{words.slug}" cannot be part of an address', SLUG_HINT)
    for index, alias in enumerate(words.aliases):
        error = path_error(alias)
        if error:
            yield file.locate_problem(("aliases", index), *error)
    if "<h1" in words.body:
        rows = (file.find_body_line(row) for row in file.body.split("\n") if re.match("# |=+$", row))
        hint = 'The title is the page\'s only heading of the first rank: begin with "## ".'
        yield Problem(file.path, next(rows, None), None, "a heading of the first rank in the text", hint)
    for image in list_images(words.body):
        yield from _check_prose_image(image, file, root)
    for link in find_local_links(words.body, file.path):
        if link.has_prefix and link.attribute == "href" and not _is_file(root, link.file):
            hint = "Check the path: it counts from this file, or from content/ if it begins with a slash."
            message = f'the link "{link.target}" leads to no file'
            yield Problem(file.path, file.find_body_line(link.target.split("}")[-1]), None, message, hint)
        elif link.file and not link.file.endswith(".md"):
            yield from _check_media(link, file, root)


def measure_image(image: Image, path: str, root: Path) -> tuple[Image, str | None]:
    """Return the image with its path and size in pixels; or as it is, with what is wrong with its file."""
    if leaves_content(path, image.src):
        return image, f'"{image.src}" lies outside the content folder'
    if leaves_content(path, image.src):
        return image, f'"{image.src}" lies outside the content folder'
    file = resolve_path(path, image.src).partition("/")[2]
    try:
        with open_project_file(root / file, root, PICTURE_LIMIT_B) as data:
            width, height = _read_size(data)
    except FileNotFoundError:
        return image, f'there is no picture "{image.src}"'
    except FileRefused as refusal:
        return image, f'the picture "{image.src}" is not read: {refusal.message}'
    if width * height > MAX_PIXELS:
        size = f"{width:,} × {height:,} pixels"
        return image, f'"{image.src}" is too large: {size}, where {MAX_PIXELS // 10**6} million are allowed'
    if not width or not height:
        return image, f'"{image.src}" is not a picture that browsers show'
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
        hint = "Write what it shows between the square brackets: ![a student at a blackboard](…)."
        yield Problem(file.path, line, None, f'the picture "{source}" has no alternative text', hint)
    if names_other_server(source):
        hint = "Put the file beside this one: a page asks no other server for anything."
        yield Problem(file.path, line, None, f'the picture "{source}" lies on another server', hint)
        return
    link = parse_link("src", source, file.path)
    if not _is_file(root, link.file if link.has_prefix else resolve_path(file.path, source)):
        yield Problem(file.path, line, None, f'there is no picture "{source}"', "Check its name and folder.")


def _check_media(link: LocalLink, file: LocatedFields, root: Path) -> Iterator[Problem]:
    """Yield what is wrong with a file that a text shows or links to."""
    line = file.find_body_line(link.target.split("}")[-1])
    if can_run(link.file):
        message = f'"{link.target}" is of a type that could run as part of the site'
        yield Problem(file.path, line, None, message, "Publish it as PDF, as text or in a ZIP file.")
    elif is_drawing(link.file) and _is_file(root, link.file):
        try:
            clean_media(link.file, read_project_file(f"{root}/{link.path_in_content}", root, TEXT_LIMIT_B))
        except (ValueError, OSError) as error:
            message = f'"{link.target}" is not an SVG drawing ({error})'
            yield Problem(file.path, line, None, message, "Export it again as plain SVG, or as PNG.")


def _is_file(root: Path, file: str) -> bool:
    """Return whether there is a file to publish; its path begins with the content folder's name."""
    path = file.partition("/")[2]
    return not any(step.startswith(".") for step in path.split("/")) and is_project_file(path, root)


def _check_value(value: Any) -> Iterator[Finding]:
    """Yield what is wrong with a group of fields, whatever is inside its groups."""
    if isinstance(value, CourseRun):
        yield from _check_order(value.starts, value.ends, "ends", "a run cannot end before it starts")
        opens, closes = value.enrollment_opens, value.enrollment_closes
        yield from _check_order(opens, closes, "enrollment_closes", "enrolment cannot close before it opens")
    elif isinstance(value, Video | Playlist):
        yield from _check_offset(value.published, "published")
    elif isinstance(value, Session):
        yield from _check_offset(value.starts, "starts")
        yield from _check_offset(value.ends, "ends")
        if value.starts.tzinfo and value.ends.tzinfo:
            yield from _check_order(value.starts, value.ends, "ends", "it cannot end before it starts")
    elif isinstance(value, Initiative | Programme) and value.starts and value.ends:
        first, last = value.starts.first_day, value.ends.first_day
        yield from _check_order(first, last, "ends", "it cannot end before it starts")


def _check_offset(moment: datetime | None, name: str) -> Iterator[Finding]:
    if moment is not None and moment.tzinfo is None:
        hint = "Add it: 2026-12-01T18:00+01:00."
        yield name, f'"{moment}" does not say which time zone it is in', hint


def _check_order(first: Any, last: Any, name: str, message: str) -> Iterator[Finding]:
    if first is not None and last is not None and last < first:
        yield name, f"{message} ({first} comes after {last})", "Correct one of the two dates."


@cache
def _is_lang(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True
