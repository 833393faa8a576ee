"""The settings `SEARCH_*`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from openknowledge.problems import ContentProblems, Problem, suggest_spelling

__all__ = ["SearchSettings"]

FILE = "pelicanconf.py"
PREFIX = "SEARCH_"
CATALOGUE_SETTINGS = (
    "SEARCH_IS_ON",
    "SEARCH_URL",
    "SEARCH_LANG_URL",
    "SEARCH_SAVE_AS",
    "SEARCH_LANG_SAVE_AS",
)
"""The page's URL settings belong to the catalogue; the first setting is what this plugin offers to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """Each field is a setting: `json` is `SEARCH_JSON`.

    `json` is a path below output/ with `{lang}` in it. The first `text_length` characters of each abstract are indexed.
    `text_lengths` overrides that for some kinds, 0 for none, because a long list of videos would be too much to send.
    """

    json: str = "data/search.{lang}.json"
    text_length: int = 140
    text_lengths: Mapping[str, int] = field(default_factory=lambda: {"video": 0})

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> SearchSettings:
        """Return the settings of a site. Raises `ContentProblems` with everything that is wrong with them."""
        fields = {PREFIX + field.name.upper(): field.name for field in dataclasses.fields(cls)}
        search = cls(**{own: settings[name] for name, own in fields.items() if name in settings})
        known = (*fields, *CATALOGUE_SETTINGS)
        unknown = [name for name in settings if name.startswith(PREFIX) and name not in known]
        problems = [
            Problem(FILE, None, name, "there is no such setting", suggest_spelling(name, known)) for name in unknown
        ]
        problems += [Problem(FILE, None, name, message, hint) for name, message, hint in _problems(search)]
        if problems:
            raise ContentProblems(problems)
        return search

    def length(self, kind: str) -> int:
        """Return how many characters of an abstract are indexed for this kind."""
        return self.text_lengths.get(kind, self.text_length)


def _problems(search: SearchSettings) -> Iterator[tuple[str, str, str]]:
    """Yield each wrong setting: its name, what is wrong and what to write."""
    if not _is_path_by_language(search.json):
        hint = 'Write a path below output/ with the language in it: "data/search.{lang}.json".'
        yield "SEARCH_JSON", "this is not a path for each language", hint
    if not _is_length(search.text_length):
        yield "SEARCH_TEXT_LENGTH", "this is not a number of characters", "Write a number such as 140."
    lengths = search.text_lengths
    if not isinstance(lengths, Mapping) or not all(map(_is_length, lengths.values())):
        hint = 'Write {"video": 0} or another number of characters for each kind.'
        yield "SEARCH_TEXT_LENGTHS", "this is not a number of characters by kind", hint


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_path_by_language(value: object) -> bool:
    if not isinstance(value, str) or value.count("{lang}") != 1 or value.count("{") + value.count("}") != 2:
        return False
    path = PurePosixPath(value)
    return value.endswith(".json") and not path.is_absolute() and ".." not in path.parts
