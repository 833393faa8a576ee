"""The first draft of an item: front matter with every field of its kind."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Iterator
from dataclasses import MISSING
from datetime import date, datetime
from typing import Any

from openknowledge.catalogue.kind import Kind
from openknowledge.content.parse import list_choices, resolve_type_hints, strip_type
from openknowledge.model.values import NumberName, PartialDate, RefTo

DERIVED_FIELDS = {"slug", "aliases", "words", "files", "body"}
"""Fields of records and words that are not written in the front matter, or seldom."""

MEASURED_FIELDS = {"path", "width_px", "height_px"}
"""Fields of a picture that are read from its file."""

LEAD = "# What has no # in front must be filled in. Of the rest, take the # away from what you know."
FACTS = "# Facts stand here once, for all languages."


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """An example value of a field, as YAML, and its meaning in a few words."""

    value: str
    meaning: str


def write_draft(kind: Kind, title: str, today: date, derived: frozenset[str], facts: bool) -> str:
    """Return the text of a new file.

    `derived` are fields that follow from the path. A translation has no `facts`.
    """
    words = [
        field for field in dataclasses.fields(kind.words) if field.name not in DERIVED_FIELDS | {"title", "abstract"}
    ]
    front_matter = [
        LEAD,
        f"title: {json.dumps(title, ensure_ascii=False)}",
        'abstract: ""  # a sentence or two, for lists',
    ]
    front_matter += _yaml_of_fields(kind.words, words, today)
    front_matter.append(
        "# slug: linear-algebra  # only where the address in this language has another name than the file"
    )
    front_matter.append("# aliases: [/corsi/vecchio/]  # addresses that this page had before, if any")
    if facts:
        known = [field for field in dataclasses.fields(kind.model) if field.name not in DERIVED_FIELDS | derived]
        front_matter += ["", FACTS, *_yaml_of_fields(kind.model, known, today)]
    return "\n".join(["---", *front_matter, "---", "", ""])


def _yaml_of_fields(model: type, fields: list[dataclasses.Field[Any]], today: date) -> Iterator[str]:
    """Yield the lines of the fields: required ones first, then the others, commented out."""
    types = resolve_type_hints(model)
    for field in sorted(fields, key=lambda field: not _is_required(field)):
        mark = "" if _is_required(field) else "# "
        for line in _yaml_of_field(field.name, types[field.name], today):
            yield mark + line


def _yaml_of_field(name: str, hint: Any, today: date, is_required: bool = False) -> Iterator[str]:
    """Yield one field with an example; a group of fields continues below it, indented."""
    group, is_list = _group(hint)
    if group is None:
        example = example_of(name, hint, today)
        yield f"{name}: {example.value}  # {example.meaning}" + (", never left out" if is_required else "")
        return
    yield f"{name}:"
    types = resolve_type_hints(group)
    inner = [field for field in dataclasses.fields(group) if field.name not in MEASURED_FIELDS]
    below = [
        line for field in inner for line in _yaml_of_field(field.name, types[field.name], today, _is_required(field))
    ]
    for number, line in enumerate(below):
        lead = "  " if not is_list else "  - " if number == 0 else "    "
        yield lead + line


def example_of(name: str, hint: Any, today: date) -> Example:
    """Return a valid value of a field that holds no group."""
    if typing.get_origin(strip_type(hint)) is tuple:
        item = example_of(name.removesuffix("s"), typing.get_args(strip_type(hint))[0], today)
        return Example(f"[{item.value}]", f"a list; each: {item.meaning}")
    for mark in _marks(hint):
        if isinstance(mark, RefTo):
            return _reference(mark.kind)
        if isinstance(mark, NumberName):
            return Example("pok.learners", "a name in figures.yaml")
    if choices := list_choices(hint):
        return Example(choices[0], f"one of {', '.join(choices)}")
    if name.endswith("lang"):
        return Example("it", "the code of a language")
    if name == "src":
        return Example("cover.jpg", "a file beside this one")
    if name.endswith(("url", "link")):
        return Example("https://example.org/", "an address")
    return _plain_example(strip_type(hint), today)


def _plain_example(kind: Any, today: date) -> Example:
    examples = {
        bool: Example("true", "true or false"),
        int: Example("3", "a whole number"),
        date: Example(today.isoformat(), "a day"),
        datetime: Example(f"{today.isoformat()}T18:00+01:00", "a day and a time, with the offset from UTC"),
        PartialDate: Example(f'"{today.year}"', "a year, a month (2020-06) or a day"),
    }
    if typing.get_origin(kind) is dict:
        return Example('{it: "…", en: "…"}', "in each language")
    return examples.get(kind, Example('"…"', "text"))


def _reference(kind: str | None) -> Example:
    if kind is None:
        return Example("course/linear-algebra", "a kind and a slug")
    return Example(f"the-{kind}", f"the slug of a {kind}")


def _group(hint: Any) -> tuple[type | None, bool]:
    """Return the class of a field that is a group of fields or a list of groups, and whether it is a list."""
    inner = strip_type(hint)
    is_list = typing.get_origin(inner) is tuple
    if is_list:
        inner = strip_type(typing.get_args(inner)[0])
    is_group = dataclasses.is_dataclass(inner) and isinstance(inner, type) and inner is not PartialDate
    return (inner if is_group else None), is_list


def _marks(hint: Any) -> tuple[Any, ...]:
    """Return the annotations of a type, also of an optional one."""
    if typing.get_origin(hint) is typing.Annotated:
        return tuple(typing.get_args(hint)[1:])
    return tuple(mark for part in typing.get_args(hint) for mark in _marks(part))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
