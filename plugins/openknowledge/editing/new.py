"""Starts a new item, or the translation of one: `invoke new course linear-algebra --title "Linear algebra"`."""

import argparse
import json
import sys
import typing
from collections.abc import Container, Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from openknowledge.catalogue.kind import Kind
from openknowledge.content.checks import SLUG, SLUG_HINT
from openknowledge.content.frontmatter import list_choices, resolve_type_hints, strip_type
from openknowledge.content.read_item import DERIVED_FIELDS
from openknowledge.model.addresses import AddressSyntax
from openknowledge.model.materials import Material
from openknowledge.model.values import NumberName, PartialDate, RefTo
from openknowledge.problems import suggest_spelling

__all__ = ["CannotStart", "find_kind", "item_path", "start_item"]

LEFT_OUT = frozenset({"slug", "aliases", *DERIVED_FIELDS["model"], *DERIVED_FIELDS["words"]})
"""Fields of records and words that are not written in the front matter, or seldom."""
MEASURED_FIELDS = frozenset({"path", "width_px", "height_px", "size_b"})
"""Fields of a picture or material that are read from its file."""
OTHER_WAYS = {(Material, "url")}
"""Fields of which a group has one or another; the draft has the other, with a remark."""

FIRST_WORDS = """\
# What has no # in front must be filled in. Of the rest, take the # away from what you know.
title: {title}
abstract: ""  # a sentence or two, for lists"""
LAST_WORDS = """\
# slug: "linear-algebra"  # only where the address in this language has another name than the file
# aliases: [/corsi/vecchio/]  # addresses that this page had before, if any"""
FACTS = "\n# Facts stand here once, for all languages."


class CannotStart(Exception):
    """The item cannot be started; the message says what to write instead."""


def start_item(
    content: Path, kind: Kind, slug: str, langs: Sequence[str], title: str, lang: str, folder: str, today: date
) -> Path:
    """Write the draft of an item into the folder `content` and return its path. Nothing is overwritten.

    The file of the site's first language that an item has holds its facts, so a file in a later language gets words
    only, if there is one before it.
    """
    if not SLUG.fullmatch(slug):
        raise CannotStart(f'"{slug}" cannot be part of an address. {SLUG_HINT}')
    if lang not in langs:
        raise CannotStart(f'"{lang}" is not a language of the site; write one of: {", ".join(langs)}.')
    paths = {code: content / item_path(kind, slug, code, langs[0], folder, today) for code in langs}
    path = paths[lang]
    if path.exists():
        raise CannotStart(f"{path} exists already.")
    title = title or slug.replace("-", " ").capitalize()
    lines = [FIRST_WORDS.format(title=json.dumps(title, ensure_ascii=False))]
    lines += [*_yaml_of_fields(kind.words, {*LEFT_OUT, "title", "abstract"}, today), LAST_WORDS]
    if not any(paths[code].exists() for code in langs[: langs.index(lang)]):
        shown = f"content/{path.relative_to(content).as_posix()}"
        derived = kind.from_path(slug, shown) if kind.from_path else ()
        lines += [FACTS, *_yaml_of_fields(kind.model, {*LEFT_OUT, *derived}, today)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["---", *lines, "---", "", ""]), encoding="utf-8", newline="\n")
    return path


def item_path(kind: Kind, slug: str, lang: str, default_lang: str, folder: str, today: date) -> PurePosixPath:
    """Return the path of an item's file below the content folder.

    A kind whose files lie one folder deep has a folder for each item (`courses/x/index.md`), unless that folder has a
    meaning: a release's year (`press/2026/x.md`), a hub item's format.
    """
    if kind.source is None:
        raise CannotStart(f"A {kind.name} is not written by hand; it comes with `invoke sync`.")
    base, *deeper = PurePosixPath(kind.source).parts[:-1]
    suffix = ".md" if lang == default_lang else f".{lang}.md"
    if not deeper:
        return PurePosixPath(base, slug + suffix)
    if kind.from_path and not folder:
        raise CannotStart(f"Say in which folder of content/{base}/ it belongs: --folder=NAME.")
    if not folder and "published" in kind.model.__dataclass_fields__:
        folder = str(today.year)
    return PurePosixPath(base, folder, slug + suffix) if folder else PurePosixPath(base, slug, f"index{suffix}")


def _yaml_of_fields(model: type, left_out: Container[str], today: date) -> Iterator[str]:
    """Yield the lines of a record's or words' fields: required ones first, then the others, commented out."""
    types = resolve_type_hints(model)
    for field in sorted(fields(model), key=lambda field: not _is_required(field)):
        if field.name not in left_out:
            mark = "" if _is_required(field) else "# "
            yield from (mark + line for line in _yaml_of_field(field.name, types[field.name], today))


def _yaml_of_field(name: str, hint: Any, today: date, remark: str = "") -> Iterator[str]:
    """Yield one field with an example; a group of fields, or a list of groups, continues below it, indented."""
    inner = strip_type(hint)
    if is_list := typing.get_origin(inner) is tuple:
        inner = strip_type(typing.get_args(inner)[0])
    if not (is_dataclass(inner) and isinstance(inner, type)) or inner is PartialDate:
        value, meaning = _example_of(name, hint, today)
        yield f"{name}: {value}  # {meaning}{remark}"
        return
    yield f"{name}:"
    types, lead = resolve_type_hints(inner), "  - " if is_list else "  "
    for field in fields(inner):
        if field.name not in MEASURED_FIELDS and (inner, field.name) not in OTHER_WAYS:
            remark = ", never left out" if _is_required(field) else ""
            if inner is Material and field.name == "file":
                remark = ', or in its place "url: https://…"'
            for line in _yaml_of_field(field.name, types[field.name], today, remark):
                yield lead + line
                lead = " " * len(lead)


def _example_of(name: str, hint: Any, today: date) -> tuple[str, str]:
    """Return a valid value of a field that holds no group, as YAML, and its meaning in a few words."""
    kind = strip_type(hint)
    if typing.get_origin(kind) is tuple:
        value, meaning = _example_of(name.removesuffix("s"), typing.get_args(kind)[0], today)
        return f"[{value}]", f"a list; each: {meaning}"
    for mark in _marks(hint):
        if isinstance(mark, AddressSyntax):
            return mark.example, mark.noun
        if isinstance(mark, RefTo):
            known = ("course/linear-algebra", "a kind and a slug")
            return known if mark.kind is None else (f"the-{mark.kind}", f"the slug of a {mark.kind}")
        if isinstance(mark, NumberName):
            return "pok.learners", "a name in figures.yaml"
    if choices := list_choices(hint):
        return choices[0], f"one of {', '.join(choices)}"
    if name.endswith("lang"):
        return '"it"', "the code of a language"
    if typing.get_origin(kind) is dict:
        return '{it: "…", en: "…"}', "in each language"
    examples = {
        bool: ("true", "true or false"),
        int: ("3", "a whole number"),
        date: (today.isoformat(), "a day"),
        datetime: (f"{today.isoformat()}T18:00+01:00", "a day and a time, with the offset from UTC"),
        PartialDate: (f'"{today.year}"', "a year, a month (2020-06) or a day"),
    }
    return examples.get(kind, ('"…"', "text"))


def _marks(hint: Any) -> tuple[Any, ...]:
    """Return the annotations of a type, also of an optional one."""
    if typing.get_origin(hint) is typing.Annotated:
        return tuple(typing.get_args(hint)[1:])
    return tuple(mark for part in typing.get_args(hint) for mark in _marks(part))


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def find_kind(name: str, kinds: Sequence[Kind]) -> Kind:
    """Return the kind with that name. Raises `CannotStart` where there is none."""
    by_name = {kind.name: kind for kind in kinds if kind.source}
    if name in by_name:
        return by_name[name]
    near = suggest_spelling(name, by_name)
    raise CannotStart(f'"{name}" is not a kind; {near or "write one of: " + ", ".join(sorted(by_name)) + "."}')


def main() -> None:
    """Start the item that the command line asks for, and print its path."""
    from pelican.settings import read_settings

    from openknowledge.catalogue.kinds import KINDS

    parser = argparse.ArgumentParser(prog="new", description=__doc__)
    for argument in ("kind", "slug"):
        parser.add_argument(argument)
    for option in ("--title", "--lang", "--folder"):
        parser.add_argument(option, default="")
    options = parser.parse_args()
    langs = read_settings("pelicanconf.py")["LANGUAGES"]
    try:
        kind = find_kind(options.kind, KINDS)
        lang, today = options.lang or langs[0], date.today()
        path = start_item(Path("content"), kind, options.slug, langs, options.title, lang, options.folder, today)
    except CannotStart as reason:
        sys.exit(str(reason))
    print(f"{path} is ready to be written. `make preview` shows it as you write.")


if __name__ == "__main__":
    main()
