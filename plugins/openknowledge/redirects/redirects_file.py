"""The editors' file of redirects, parsed into rules or problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from openknowledge.content.frontmatter import FieldPath, LocatedFields, load_yaml
from openknowledge.content.parse import unknown_field_problem
from openknowledge.problems import Problem
from openknowledge.url_paths import normalize, path_error

from .model import RedirectRule

__all__ = ["parse_redirects"]

FIELDS = ("from", "to", "gone", "why")
EXAMPLE = "Write for each: - from: /old/, and below it, indented, to: /new/ or gone: true."
WHOLE_LIST = "redirects"
"""The list is parsed as the only field of a mapping, because YAML then accepts it without indentation."""


def parse_redirects(text: str, path: str, langs: Sequence[str]) -> tuple[list[RedirectRule], list[Problem]]:
    """Return the rules of the file, and everything that is wrong with the file by itself."""
    begun = re.sub(r"\A---[^\S\n]*$", "", text.removeprefix("\ufeff"), flags=re.MULTILINE)
    located = load_yaml(f"{WHOLE_LIST}:\n{begun}", path, first_line=0)
    if isinstance(located, Problem):
        return [], [located]
    entries = located.data.get(WHOLE_LIST)
    others = [name for name in located.data if name != WHOLE_LIST]
    if others or not isinstance(entries, list | None):
        line = located.find_line((others[0],)) if others else 1
        return [], [Problem(path, line, None, "this is not a list of redirects", EXAMPLE)]
    wishes: list[RedirectRule] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries or ()):
        problems += _wrong(located, (WHOLE_LIST, index), entry, langs)
        if isinstance(entry, dict) and not _source_mistake(entry.get("from")):
            wishes.append(_wish(located, index, entry))
    return wishes, problems


def _wish(where: LocatedFields, index: int, entry: dict[str, Any]) -> RedirectRule:
    """Return an entry's rule as far as it can be read, so that its URL is not reported as lost as well."""
    line = where.find_line((WHOLE_LIST, index, "from"))
    target, why = entry.get("to"), entry.get("why")
    is_target = isinstance(target, str) and target.startswith(("/", "https://"))
    words = why if isinstance(why, dict) else {}
    return RedirectRule(normalize(entry["from"]), target if is_target else None, where.path, line, "from", words)


def _wrong(where: LocatedFields, place: FieldPath, entry: Any, langs: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with one entry."""
    if not isinstance(entry, dict):
        yield Problem(where.path, where.find_line(place), None, f'"{entry}" is not a redirect', EXAMPLE)
        return
    for name in entry:
        if name not in FIELDS:
            line = where.find_line((*place, name)) or 1
            yield unknown_field_problem(name, FIELDS, LocatedFields(where.path, entry, {(name,): line}))
    yield from _wrong_source(where, place, entry)
    yield from _wrong_end(where, place, entry)
    yield from _wrong_words(where, place, entry, langs)


def _wrong_source(where: LocatedFields, place: FieldPath, entry: dict[str, Any]) -> Iterator[Problem]:
    mistake = _source_mistake(entry.get("from"))
    if mistake:
        yield Problem(where.path, where.find_line((*place, "from")), "from", *mistake)


def _source_mistake(source: Any) -> tuple[str, str] | None:
    return path_error(source) if isinstance(source, str) else ("this field is missing", EXAMPLE)


def _wrong_end(where: LocatedFields, place: FieldPath, entry: dict[str, Any]) -> Iterator[Problem]:
    """Check that exactly one of `to` and `gone` is there."""
    target, gone = entry.get("to"), entry.get("gone")
    if "gone" in entry and gone is not True:
        line = where.find_line((*place, "gone"))
        yield Problem(where.path, line, "gone", f'"{gone}" means nothing here', "Write gone: true, or leave it out.")
    elif gone and target is not None:
        line = where.find_line((*place, "gone"))
        yield Problem(where.path, line, "gone", "what is gone leads nowhere", 'Keep "to:" or "gone: true", not both.')
    elif not gone and not isinstance(target, str):
        yield Problem(where.path, where.find_line((*place, "to")), "to", "this field is missing", EXAMPLE)
    elif isinstance(target, str) and not target.startswith(("/", "https://")):
        hint = f"Write a path of the site, such as /{target.lstrip('/')}, or a whole address that begins with https://."
        if target.startswith("http://"):
            hint = f"Write https://{target.removeprefix('http://')}, if it is there too."
        yield Problem(where.path, where.find_line((*place, "to")), "to", f'"{target}" is not an address', hint)


def _wrong_words(
    where: LocatedFields, place: FieldPath, entry: dict[str, Any], langs: Sequence[str]
) -> Iterator[Problem]:
    why = entry.get("why")
    if why is None:
        return
    line = where.find_line((*place, "why"))
    if not isinstance(why, dict) or not all(isinstance(words, str) and words.strip() for words in why.values()):
        example = ", ".join(f"{lang}: …" for lang in langs)
        yield Problem(where.path, line, "why", "these are not words by language", f"Write why: {{{example}}}.")
        return
    if "gone" not in entry:
        yield Problem(where.path, line, "why", "only the page of what is gone says why", "Remove it.")
    for lang in why:
        if lang not in langs:
            hint = f"Write one of: {', '.join(langs)}."
            yield Problem(
                where.path, where.find_line((*place, "why", lang)), "why", f'"{lang}" is no language here', hint
            )
