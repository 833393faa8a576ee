"""The file of quoted figures as records, or as Problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from openknowledge.model.numbers import Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem

from ..frontmatter import FieldPath, LocatedFields, load_yaml
from ..parse import NUMBER_HINT, format_field_path, unknown_field_problem, validate

__all__ = ["read_figures"]

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NAME_HINT = "Use small letters, digits and single hyphens, for example youtube-views."
GROUP_FIELDS = ("title", "figures")
OWN_FIELDS = ("name", "group")


def read_figures(text: str, path: str, langs: Sequence[Lang], today: date) -> tuple[dict[str, Figure], list[Problem]]:
    """The figures by name, in the order of the file, and what is wrong with them.

    A figure's name is its group's and its own: `pok.learners`. One whose fields can be read is among
    the figures though something is wrong with it, so that what names it is not wrong as well.
    """
    located = load_yaml(text, path)
    if isinstance(located, Problem):
        return {}, [located]
    figures: dict[str, Figure] = {}
    problems: list[Problem] = []
    for group, data in located.data.items():
        found = list(_group_problems(located, group, data, langs))
        problems.extend(found)
        if found:
            continue
        for name, fields in data["figures"].items():
            figure, wrong = _figure(located, (group, "figures", name), fields, data["title"], langs, today)
            problems.extend(wrong)
            if figure is not None:
                figures[figure.name] = figure
    return figures, problems


def _group_problems(where: LocatedFields, group: str, data: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    """What keeps a group from being read at all."""
    if not NAME.fullmatch(group):
        yield _problem(where, (group,), f'"{group}" cannot be the name of a group', NAME_HINT)
    if not isinstance(data, dict):
        yield _problem(where, (group,), "this is not a group of figures", 'Give it a "title" and "figures".')
        return
    for name in data:
        if name not in GROUP_FIELDS:
            part = LocatedFields(where.path, data, {(name,): where.find_line((group, name)) or 1})
            yield unknown_field_problem(name, GROUP_FIELDS, part)
    if not isinstance(data.get("figures"), dict):
        yield _problem(where, (group, "figures"), "the group has no figures", "Write them below it, indented.")
    yield from _missing_langs(where, (group, "title"), data.get("title"), langs)


def _figure(
    where: LocatedFields, place: FieldPath, fields: Any, title: dict[Lang, str], langs: Sequence[Lang], today: date
) -> tuple[Figure | None, list[Problem]]:
    """One figure as far as it can be read, and all that is wrong with it."""
    if not isinstance(fields, dict):
        hint = "Write its fields below it, indented."
        return None, [_problem(where, place, "this is not a group of fields", hint)]
    group, _, name = place
    problems = list(_raw_problems(where, place, fields, langs))
    lines = {key[len(place) :]: line for key, line in where.lines.items() if key[: len(place)] == place}
    part = LocatedFields(where.path, fields, lines)
    made = validate(Figure, {"value": None, **fields, "name": f"{group}.{name}", "group": title}, part)
    if not isinstance(made, Figure):
        return None, problems + [one for one in made if not _is_told(one, problems)]
    problems.extend(_value_problems(where, place, made, today))
    return made, problems


def _raw_problems(
    where: LocatedFields, place: FieldPath, fields: dict[str, Any], langs: Sequence[Lang]
) -> Iterator[Problem]:
    """What must be checked before types are: a value that a conversion would change, say."""
    if not NAME.fullmatch(str(place[-1])):
        yield _problem(where, place, f'"{place[-1]}" cannot be the name of a figure', NAME_HINT)
    for name in OWN_FIELDS:
        if name in fields:
            hint = "Remove it: the name and the heading come from where the figure stands in the file."
            yield _problem(where, (*place, name), f'"{name}" is not written here', hint)
    if "value" not in fields:
        hint = 'Write "value: 1234", or "value:" and nothing after it where nobody knows it.'
        yield _problem(where, (*place, "value"), "this field is missing", hint)
    value = fields.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        yield _problem(where, (*place, "value"), f'"{value}" is not a whole number', NUMBER_HINT)
    for name in ("label", "definition"):
        yield from _missing_langs(where, (*place, name), fields.get(name), langs)


def _value_problems(where: LocatedFields, place: FieldPath, figure: Figure, today: date) -> Iterator[Problem]:
    """What the types of a figure cannot say."""
    if figure.value is not None and figure.value < 0:
        hint = "Nothing that is counted is less than 0."
        yield _problem(where, (*place, "value"), f'"{figure.value}" is negative', hint)
    if figure.as_of is not None and figure.as_of.first_day > today:
        hint = f"The site is built for {today}: correct the date."
        yield _problem(where, (*place, "as_of"), f'"{figure.as_of}" lies in the future', hint)
    url = figure.source.url
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        hint = "Begin it with https://."
        yield _problem(where, (*place, "source", "url"), f'"{url}" is not a web address', hint)
    if not figure.source.title.strip():
        yield _problem(where, (*place, "source", "title"), "the source is empty", "Say where the figure was read.")


def _missing_langs(where: LocatedFields, place: FieldPath, words: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    """A Problem for each language of the site in which `words` says nothing."""
    given = words if isinstance(words, dict) else {}
    for lang in langs:
        if not str(given.get(lang) or "").strip():
            hint = f'Write it in every language of the site: "{{{", ".join(f"{code}: …" for code in langs)}}}".'
            yield _problem(where, place, f'there are no words in "{lang}"', hint)


def _is_told(problem: Problem, problems: Sequence[Problem]) -> bool:
    """Whether one of `problems` already speaks of the same line."""
    return any(one.line == problem.line for one in problems)


def _problem(where: LocatedFields, place: FieldPath, message: str, hint: str) -> Problem:
    return Problem(where.path, where.find_line(place), format_field_path(place), message, hint)
