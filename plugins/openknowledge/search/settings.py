"""The settings `SEARCH_*`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Self

from openknowledge.catalogue.settings import check_fields, read_fields

__all__ = ["SearchSettings", "enable_search"]

PREFIX = "SEARCH_"
CATALOGUE_SETTINGS = ("SEARCH_IS_ON", "SEARCH_URL", "SEARCH_LANG_URL", "SEARCH_SAVE_AS", "SEARCH_LANG_SAVE_AS")
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
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings of a site. Raises `ContentProblems` with everything that is wrong with them."""
        search = cls(**read_fields(cls, PREFIX, settings))
        check_fields(cls, PREFIX, settings, _problems(search), CATALOGUE_SETTINGS)
        return search

    def length(self, kind: str) -> int:
        """Return how many characters of an abstract are indexed for this kind."""
        return self.text_lengths.get(kind, self.text_length)


def enable_search(settings: dict[str, Any]) -> None:
    """Check the settings, and offer the paths of the indexes to the catalogue."""
    settings["SEARCH_JSON"] = SearchSettings.from_pelican(settings).json
    settings["SEARCH_IS_ON"] = True


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
