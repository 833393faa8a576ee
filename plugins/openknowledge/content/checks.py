"""What the types of a record cannot say: order of dates, pictures that exist, links that lead somewhere."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError

from openknowledge.model.course import CourseRun
from openknowledge.model.hub import Session
from openknowledge.model.programme import Initiative, Programme
from openknowledge.model.values import Image, Lang, Link, Record, Source, Words
from openknowledge.problems import Problem
from openknowledge.url_paths import path_error

from .frontmatter import FieldPath, LocatedFields
from .local_links import LocalLink, find_local_links, parse_link, resolve_path
from .markdown.render import list_images
from .parse import format_field_path

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_HINT = "Use small letters, digits and single hyphens, for example linear-algebra."
Found = tuple[FieldPath, str, str | None]


def check_record(
    record: Record, where: LocatedFields, root: Path, langs: Sequence[Lang]
) -> tuple[Record, list[Problem]]:
    """The record with its picture measured, and what is wrong with its facts."""
    found = [*_walk(record, ())]
    problems = [_problem(where, *one) for one in found]
    given = record.image
    if given is not None:
        image, message = measure_image(given, where.path, root)
        if message:
            problems.append(
                _problem(where, ("image", "src"), message, "Check the name; the file lies beside this one.")
            )
        else:
            record = dataclasses.replace(record, image=image)
        problems.extend(_alt_problems(given, where, langs))
    return record, problems


def check_words(words: Words, where: LocatedFields, root: Path) -> Iterator[Problem]:
    """What is wrong with a record's words in one language."""
    if not words.title.strip():
        yield _problem(where, ("title",), "the title is empty", "Write a title.")
    if words.slug is not None and not SLUG.fullmatch(words.slug):
        yield _problem(where, ("slug",), f'"{words.slug}" cannot be part of an address', SLUG_HINT)
    for index, alias in enumerate(words.aliases):
        mistake = path_error(alias)
        if mistake:
            yield _problem(where, ("aliases", index), *mistake)
    if "<h1" in words.body:
        line = next((where.find_body_line(line) for line in where.body.split("\n") if re.match("# |=+$", line)), None)
        hint = 'The title is the page\'s only heading of the first rank: begin with "## ".'
        yield Problem(where.path, line, None, "a heading of the first rank in the text", hint)
    for image in list_images(words.body):
        yield from _prose_image(image, where, root)
    for one in find_local_links(words.body, where.path):
        if one.has_prefix and one.attribute == "href":
            yield from _prose_link(one, where, root)


def measure_image(image: Image, path: str, root: Path) -> tuple[Image, str | None]:
    """The image with its place and size in pixels, or what is wrong with its file."""
    file = (root.parent / path).parent.joinpath(image.src)
    if not file.resolve().is_relative_to(root.resolve()):
        return image, f'"{image.src}" lies outside the content folder'
    from PIL import Image as Picture
    from PIL import UnidentifiedImageError

    try:
        with Picture.open(file) as picture:
            width, height = picture.size
    except FileNotFoundError:
        return image, f'there is no picture "{image.src}"'
    except (UnidentifiedImageError, OSError):
        return image, f'"{image.src}" is not a picture that browsers show'
    place = file.resolve().relative_to(root.resolve()).as_posix()
    return dataclasses.replace(image, path=place, width_px=width, height_px=height), None


def _alt_problems(image: Image, where: LocatedFields, langs: Sequence[Lang]) -> Iterator[Problem]:
    for lang in langs:
        if lang not in image.alt:
            hint = f'Say in a few words what it shows: "alt: {{{lang}: …}}"; "" if it only decorates.'
            yield _problem(where, ("image", "alt"), f'the picture has no alternative text in "{lang}"', hint)


def _prose_image(image: dict[str, str], where: LocatedFields, root: Path) -> Iterator[Problem]:
    source = image.get("src", "")
    line = where.find_body_line(source)
    if not image.get("alt", "").strip():
        hint = "Write what it shows between the square brackets: ![a student at a blackboard](…)."
        yield Problem(where.path, line, None, f'the picture "{source}" has no alternative text', hint)
    if urlsplit(source).scheme:
        hint = "Put the file beside this one: a page asks no other server for anything."
        yield Problem(where.path, line, None, f'the picture "{source}" lies on another server', hint)
        return
    meant = parse_link("src", source, where.path)
    file = meant.file if meant.has_prefix else resolve_path(where.path, source)
    if not _is_file(root, file):
        yield Problem(where.path, line, None, f'there is no picture "{source}"', "Check its name and folder.")


def _prose_link(link: LocalLink, where: LocatedFields, root: Path) -> Iterator[Problem]:
    if not _is_file(root, link.file):
        hint = "Check the path: it counts from this file, or from content/ if it begins with a slash."
        message = f'the link "{link.target}" leads to no file'
        yield Problem(where.path, where.find_body_line(link.target.split("}")[-1]), None, message, hint)


def _is_file(root: Path, file: str) -> bool:
    """Whether there is a file; its path begins with the content folder's name."""
    return os.path.isfile(f"{root}/{file.partition('/')[2]}")  # noqa: PTH113 - asked for every link of every text


def _walk(value: Any, place: FieldPath) -> Iterator[Found]:
    """What is wrong inside a value and the values in it."""
    yield from _wrong(value, place)
    model: Any = type(value)
    for name, names_langs in _looked_at(model):
        inner = getattr(value, name)
        if not inner:
            continue
        if names_langs:
            yield from _wrong_langs(inner, (*place, name))
        for index, part in enumerate(inner if isinstance(inner, tuple) else (inner,)):
            if hasattr(part, "__dataclass_fields__"):
                here = (*place, name, index) if isinstance(inner, tuple) else (*place, name)
                yield from _walk(part, here)


@cache
def _looked_at(model: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a model that are worth a look, and whether they are codes of languages."""
    names = (one.name for one in dataclasses.fields(model))
    return tuple((name, name.endswith(("_langs", "lang"))) for name in names if name not in ("words", "files"))


def _wrong(value: Any, place: FieldPath) -> Iterator[Found]:
    if isinstance(value, CourseRun):
        yield from _out_of_order(value.starts, value.ends, (*place, "ends"), "a run cannot end before it starts")
        opens, closes = value.enrollment_opens, value.enrollment_closes
        message = "enrolment cannot close before it opens"
        yield from _out_of_order(opens, closes, (*place, "enrollment_closes"), message)
    if isinstance(value, Session):
        yield from _without_offset(value.starts, (*place, "starts"))
        yield from _without_offset(value.ends, (*place, "ends"))
        if value.starts.tzinfo and value.ends.tzinfo:
            yield from _out_of_order(value.starts, value.ends, (*place, "ends"), "it cannot end before it starts")
    if isinstance(value, Initiative | Programme) and value.starts and value.ends:
        first, last = value.starts.first_day, value.ends.first_day
        yield from _out_of_order(first, last, (*place, "ends"), "it cannot end before it starts")
    if isinstance(value, Link | Source) and value.url and urlsplit(value.url).scheme not in ("http", "https"):
        yield (*place, "url"), f'"{value.url}" is not a web address', "Begin it with https://."


def _out_of_order(first: Any, last: Any, place: FieldPath, message: str) -> Iterator[Found]:
    if first is not None and last is not None and last < first:
        yield place, f"{message} ({first} comes after {last})", "Correct one of the two dates."


def _without_offset(moment: datetime, place: FieldPath) -> Iterator[Found]:
    if moment.tzinfo is None:
        yield place, f'"{moment}" does not say which time zone it is in', "Add it: 2026-12-01T18:00+01:00."


def _wrong_langs(codes: Any, place: FieldPath) -> Iterator[Found]:
    for index, code in enumerate(codes if isinstance(codes, tuple) else (codes,)):
        if code is None:
            continue
        try:
            Locale.parse(code, sep="-")
        except (ValueError, UnknownLocaleError):
            here = (*place, index) if isinstance(codes, tuple) else place
            yield here, f'"{code}" is not the code of a language', "Write it, en, fr, de, … (ISO 639-1)."


def _problem(where: LocatedFields, place: FieldPath, message: str, hint: str | None) -> Problem:
    return Problem(where.path, where.find_line(place), format_field_path(place), message, hint)
