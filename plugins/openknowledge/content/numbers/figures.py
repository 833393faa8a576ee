"""The file of quoted figures as records, or as Problems."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from openknowledge.model.numbers import Figure
from openknowledge.model.values import Lang
from openknowledge.problems import Problem

from ..frontmatter import FieldPath, LocatedFields, load_yaml
from ..parse import NUMBER_HINT, describe_unknown_field, validate

__all__ = ["read_figures"]

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NAME_HINT = "Use small letters, digits and single hyphens, for example youtube-views."
GROUP_FIELDS = ("title", "figures")
DERIVED_FIELDS = ("name", "group")


def read_figures(text: str, path: str, langs: Sequence[Lang], today: date) -> tuple[dict[str, Figure], list[Problem]]:
    """Return the figures by name, in the order of the file, and what is wrong with them.

    A figure's name is its group's and its own: `pok.learners`. A figure whose fields can be read is there even with
    other problems, so that what names it is not wrong as well.
    """
    file = load_yaml(text, path)
    if isinstance(file, Problem):
        return {}, [file]
    figures: dict[str, Figure] = {}
    problems: list[Problem] = []
    for group, data in file.data.items():
        group_problems = list(_check_group(file, group, data, langs))
        problems.extend(group_problems)
        if group_problems:
            continue
        for name, fields in data["figures"].items():
            figure, wrong = _read_figure(file, (group, "figures", name), fields, data["title"], langs, today)
            problems.extend(wrong)
            if figure is not None:
                figures[figure.name] = figure
    return figures, problems


def _check_group(file: LocatedFields, group: str, data: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    """Yield what prevents a group from being read at all."""
    if not NAME.fullmatch(group):
        yield file.locate_problem((group,), f'"{group}" cannot be the name of a group', NAME_HINT)
    if not isinstance(data, dict):
        yield file.locate_problem((group,), "this is not a group of figures", 'Give it a "title" and "figures".')
        return
    for name in data:
        if name not in GROUP_FIELDS:
            field = LocatedFields(file.path, data, {(name,): file.find_line((group, name)) or 1})
            yield describe_unknown_field(name, GROUP_FIELDS, field)
    if not isinstance(data.get("figures"), dict):
        yield file.locate_problem((group, "figures"), "the group has no figures", "Write them below it, indented.")
    yield from _find_missing_langs(file, (group, "title"), data.get("title"), langs)


def _read_figure(
    file: LocatedFields, path: FieldPath, fields: Any, title: dict[Lang, str], langs: Sequence[Lang], today: date
) -> tuple[Figure | None, list[Problem]]:
    """Return one figure as far as it can be read, and all that is wrong with it."""
    if not isinstance(fields, dict):
        return None, [
            file.locate_problem(path, "this is not a group of fields", "Write its fields below it, indented.")
        ]
    group, _, name = path
    problems = list(_check_raw(file, path, fields, langs))
    lines = {key[len(path) :]: line for key, line in file.lines.items() if key[: len(path)] == path}
    located = LocatedFields(file.path, fields, lines)
    figure = validate(Figure, {"value": None, **fields, "name": f"{group}.{name}", "group": title}, located)
    if not isinstance(figure, Figure):
        reported = {problem.line for problem in problems}
        return None, problems + [problem for problem in figure if problem.line not in reported]
    problems.extend(_check_figure(file, path, figure, today))
    return figure, problems


def _check_raw(
    file: LocatedFields, path: FieldPath, fields: dict[str, Any], langs: Sequence[Lang]
) -> Iterator[Problem]:
    """Yield what must be checked before the types, such as a value that a conversion would change."""
    if not NAME.fullmatch(str(path[-1])):
        yield file.locate_problem(path, f'"{path[-1]}" cannot be the name of a figure', NAME_HINT)
    for name in DERIVED_FIELDS:
        if name in fields:
            hint = "Remove it: the name and the heading come from where the figure stands in the file."
            yield file.locate_problem((*path, name), f'"{name}" is not written here', hint)
    if "value" not in fields:
        hint = 'Write "value: 1234", or "value:" and nothing after it where nobody knows it.'
        yield file.locate_problem((*path, "value"), "this field is missing", hint)
    value = fields.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        yield file.locate_problem((*path, "value"), f'"{value}" is not a whole number', NUMBER_HINT)
    for name in ("label", "definition"):
        yield from _find_missing_langs(file, (*path, name), fields.get(name), langs)


def _check_figure(file: LocatedFields, path: FieldPath, figure: Figure, today: date) -> Iterator[Problem]:
    """Yield what the types of a figure cannot say."""
    if figure.value is not None and figure.value < 0:
        hint = "Nothing that is counted is less than 0."
        yield file.locate_problem((*path, "value"), f'"{figure.value}" is negative', hint)
    if figure.as_of is not None and figure.as_of.first_day > today:
        hint = f"The site is built for {today}: correct the date."
        yield file.locate_problem((*path, "as_of"), f'"{figure.as_of}" lies in the future', hint)
    url = figure.source.url
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        yield file.locate_problem((*path, "source", "url"), f'"{url}" is not a web address', "Begin it with https://.")
    if not figure.source.title.strip():
        yield file.locate_problem((*path, "source", "title"), "the source is empty", "Say where the figure was read.")


def _find_missing_langs(file: LocatedFields, path: FieldPath, words: Any, langs: Sequence[Lang]) -> Iterator[Problem]:
    """Yield a Problem for each language of the site in which there are no words."""
    by_lang = words if isinstance(words, dict) else {}
    for lang in langs:
        if not str(by_lang.get(lang) or "").strip():
            hint = f'Write it in every language of the site: "{{{", ".join(f"{code}: …" for code in langs)}}}".'
            yield file.locate_problem(path, f'there are no words in "{lang}"', hint)
