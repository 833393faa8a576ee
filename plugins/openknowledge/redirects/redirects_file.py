"""The editors' file of redirects, parsed into rules or problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from openknowledge.content.frontmatter import FieldPath, LocatedFields, load_yaml
from openknowledge.content.parse import describe_unknown_field
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
    rules: list[RedirectRule] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries or ()):
        problems += _entry_problems(located, (WHOLE_LIST, index), entry, langs)
        if isinstance(entry, dict) and not _source_error(entry.get("from")):
            rules.append(_read_rule(located, index, entry))
    return rules, problems


def _read_rule(located: LocatedFields, index: int, entry: dict[str, Any]) -> RedirectRule:
    """Return an entry's rule as far as it can be read, so that its URL is not reported as lost as well."""
    line = located.find_line((WHOLE_LIST, index, "from"))
    target, reason = entry.get("to"), entry.get("why")
    is_target = isinstance(target, str) and target.startswith(("/", "https://"))
    words = reason if isinstance(reason, dict) else {}
    return RedirectRule(normalize(entry["from"]), target if is_target else None, located.path, line, "from", words)


def _entry_problems(
    located: LocatedFields, field_path: FieldPath, entry: Any, langs: Sequence[str]
) -> Iterator[Problem]:
    """Yield what is wrong with one entry."""
    if not isinstance(entry, dict):
        yield Problem(located.path, located.find_line(field_path), None, f'"{entry}" is not a redirect', EXAMPLE)
        return
    for name in entry:
        if name not in FIELDS:
            line = located.find_line((*field_path, name)) or 1
            yield describe_unknown_field(name, FIELDS, LocatedFields(located.path, entry, {(name,): line}))
    yield from _source_problem(located, field_path, entry)
    yield from _end_problem(located, field_path, entry)
    yield from _reason_problems(located, field_path, entry, langs)


def _source_problem(located: LocatedFields, field_path: FieldPath, entry: dict[str, Any]) -> Iterator[Problem]:
    error = _source_error(entry.get("from"))
    if error:
        yield Problem(located.path, located.find_line((*field_path, "from")), "from", *error)


def _source_error(source: Any) -> tuple[str, str] | None:
    return path_error(source) if isinstance(source, str) else ("this field is missing", EXAMPLE)


def _end_problem(located: LocatedFields, field_path: FieldPath, entry: dict[str, Any]) -> Iterator[Problem]:
    """Check that exactly one of `to` and `gone` is there."""
    target, gone = entry.get("to"), entry.get("gone")
    if "gone" in entry and gone is not True:
        line = located.find_line((*field_path, "gone"))
        yield Problem(located.path, line, "gone", f'"{gone}" means nothing here', "Write gone: true, or leave it out.")
    elif gone and target is not None:
        line = located.find_line((*field_path, "gone"))
        yield Problem(located.path, line, "gone", "what is gone leads nowhere", 'Keep "to:" or "gone: true", not both.')
    elif not gone and not isinstance(target, str):
        yield Problem(located.path, located.find_line((*field_path, "to")), "to", "this field is missing", EXAMPLE)
    elif isinstance(target, str) and not target.startswith(("/", "https://")):
        hint = f"Write a path of the site, such as /{target.lstrip('/')}, or a whole address that begins with https://."
        if target.startswith("http://"):
            hint = f"Write https://{target.removeprefix('http://')}, if it is there too."
        yield Problem(located.path, located.find_line((*field_path, "to")), "to", f'"{target}" is not an address', hint)


def _reason_problems(
    located: LocatedFields, field_path: FieldPath, entry: dict[str, Any], langs: Sequence[str]
) -> Iterator[Problem]:
    reason = entry.get("why")
    if reason is None:
        return
    line = located.find_line((*field_path, "why"))
    if not isinstance(reason, dict) or not all(isinstance(words, str) and words.strip() for words in reason.values()):
        example = ", ".join(f"{lang}: …" for lang in langs)
        yield Problem(located.path, line, "why", "these are not words by language", f"Write why: {{{example}}}.")
        return
    if "gone" not in entry:
        yield Problem(located.path, line, "why", "only the page of what is gone says why", "Remove it.")
    for lang in reason:
        if lang not in langs:
            hint = f"Write one of: {', '.join(langs)}."
            yield Problem(
                located.path,
                located.find_line((*field_path, "why", lang)),
                "why",
                f'"{lang}" is no language here',
                hint,
            )
