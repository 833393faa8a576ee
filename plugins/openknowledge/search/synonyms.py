"""The words that are looked for together, which editors list in `content/synonyms.yaml`."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from openknowledge.content.cpu_limit import read_within_limit
from openknowledge.content.located_yaml import LIST, FieldPath, LocatedFields, load_list
from openknowledge.problems import Message, Problem
from openknowledge.project_files import is_project_file, read_project_file

from .words import find_words

__all__ = ["SYNONYMS", "Synonyms", "parse_synonyms", "read_synonyms"]

SYNONYMS = "synonyms.yaml"
LONGEST_TERM = 4
EXAMPLE = Message("Write a line for each: - [maths, mathematics, matematica].")

Synonyms = tuple[tuple[str, ...], ...]
"""Groups of words, or of a few words each, of which one is as good as another."""


def read_synonyms(content: Path) -> tuple[Synonyms, list[Problem]]:
    """Return the synonyms of a folder of content; without the file there are none."""
    if not is_project_file(SYNONYMS, content):
        return (), []
    text = read_project_file(content / SYNONYMS, content).decode("utf-8", "replace")
    path = f"{content.name}/{SYNONYMS}"
    result = read_within_limit(partial(parse_synonyms, text, path), path, len(text))
    return ((), [result]) if isinstance(result, Problem) else result


def parse_synonyms(text: str, path: str) -> tuple[Synonyms, list[Problem]]:
    """Return the groups of the editors' file, and everything that is wrong with it."""
    located, _, mistakes = load_list(text, path, (Message("this is not a list of words"), EXAMPLE))
    groups: list[tuple[str, ...]] = []
    problems = [*mistakes]
    lines: dict[tuple[str, ...], int] = {}
    for index, entry in enumerate(located.data[LIST]):
        terms, wrong = _read_group(located, (LIST, index), entry)
        problems += wrong
        problems += _find_repeated(located, terms, lines)
        groups.append(tuple(term for _, term in terms))
    return tuple(groups), problems


def _read_group(
    located: LocatedFields, place: FieldPath, entry: Any
) -> tuple[list[tuple[FieldPath, str]], list[Problem]]:
    """Return the terms of one group with their places, and what is wrong with it."""
    line = located.find_line(place)
    if not isinstance(entry, list):
        message = Message("this is one word, and words are only looked for together with others")
        return [], [Problem(located.path, line, None, message, EXAMPLE)]
    terms: list[tuple[FieldPath, str]] = []
    problems: list[Problem] = []
    for number, value in enumerate(entry):
        at = (*place, number)
        # "no" and "12" are words here, whatever YAML takes them for.
        term = value if isinstance(value, str) else located.written.get(at, "")
        wrong = _describe_term(term, isinstance(value, dict | list))
        if wrong is not None:
            problems.append(Problem(located.path, located.find_line(at), None, wrong, EXAMPLE))
        else:
            terms.append((at, " ".join(term.split())))
    if not problems and len(terms) < 2:
        message = Message("this is one word, and words are only looked for together with others")
        problems.append(Problem(located.path, line, None, message, EXAMPLE))
    return terms, problems


def _describe_term(term: str, is_group: bool) -> Message | None:
    """Return what is wrong with a term."""
    if is_group:
        return Message("a list within a list, or a colon: this is no word")
    words = find_words(term)
    if not words:
        return Message('"%(term)s" has no word that the search looks for', term=term)
    if len(words) > LONGEST_TERM:
        return Message('"%(term)s" is longer than %(number)s words', term=term, number=LONGEST_TERM)
    return None


def _find_repeated(
    located: LocatedFields, terms: Sequence[tuple[FieldPath, str]], lines: dict[tuple[str, ...], int]
) -> Iterator[Problem]:
    """Yield a problem for each term that an earlier place has."""
    for place, term in terms:
        words, line = tuple(find_words(term)), located.find_line(place) or 1
        if words in lines:
            message = Message('"%(term)s" stands on line %(line)s already', term=term, line=lines[words])
            hint = Message("Write all words of one meaning into one line.")
            yield Problem(located.path, line, None, message, hint)
        lines.setdefault(words, line)
