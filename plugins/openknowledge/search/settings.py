"""The settings `SEARCH_*`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self

from openknowledge.catalogue.settings import check_fields, read_fields

__all__ = ["SearchSettings", "enable_search"]

PREFIX = "SEARCH_"
CATALOGUE_SETTINGS = ("SEARCH_IS_ON", "SEARCH_URL", "SEARCH_LANG_URL", "SEARCH_SAVE_AS", "SEARCH_LANG_SAVE_AS")
"""The page's URL settings belong to the catalogue; the first setting is what this plugin offers to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """Each field is a setting: `json` is `SEARCH_JSON`, a path below data/search/ with `{lang}` in it.

    At the path is the list of all pieces of the index, and the pieces are in its folder.
    """

    json: str = "data/search/{lang}/index.json"

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings of a site. Raises `ContentProblems` with everything that is wrong with them."""
        search = cls(**read_fields(cls, PREFIX, settings))
        check_fields(cls, PREFIX, settings, _problems(search), CATALOGUE_SETTINGS)
        return search

    @property
    def folder(self) -> str:
        """Return the folder of the pieces, with `{lang}` in it and a slash at its end."""
        return self.json[: self.json.rindex("/") + 1]


def enable_search(settings: dict[str, Any]) -> None:
    """Check the settings, and offer the path of the index to the catalogue."""
    settings["SEARCH_JSON"] = SearchSettings.from_pelican(settings).json
    settings["SEARCH_IS_ON"] = True


def _problems(search: SearchSettings) -> Iterator[tuple[str, str, str]]:
    """Yield each wrong setting: its name, what is wrong and what to write."""
    if not _is_path_by_language(search.json):
        hint = 'Write a path below data/search/ with the language in its folder: "data/search/{lang}/index.json".'
        yield "SEARCH_JSON", "this is not a path for each language", hint


def _is_path_by_language(value: object) -> bool:
    if not isinstance(value, str) or value.count("{lang}") != 1 or value.count("{") + value.count("}") != 2:
        return False
    path = PurePosixPath(value)
    is_below = not path.is_absolute() and ".." not in path.parts
    # Pieces come and go with words, and the addresses below this folder are no promise.
    is_there = is_below and value.startswith("data/search/")
    return value.endswith(".json") and is_there and "{lang}" in str(path.parent)
