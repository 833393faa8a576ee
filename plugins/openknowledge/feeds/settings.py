"""The settings `FEEDS_*`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

__all__ = ["FeedsSettings"]

PREFIX = "FEEDS_"
AUTHORITY = re.compile(r"(?:[\w.+-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*", re.ASCII)
ID_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsSettings:
    """Each field is a setting: `id_authority` is `FEEDS_ID_AUTHORITY`.

    `id_authority` and `id_date` begin every permanent id, `tag:pok.polimi.it,2014:`: a name that the
    publisher owned on that date. They never change, even when the site moves. `content` is `full` or
    `summary`. `max_items` is how many of the newest items a feed holds; 0 is all. `author` stands
    for items without a named one: the site's name where it is not given.
    """

    id_authority: str
    id_date: str
    author: str
    content: str = "full"
    max_items: int = 50

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> FeedsSettings:
        """The settings of a site; raises `ValueError` that names the wrong one and says what to write."""
        names = {PREFIX + field.name.upper(): field.name for field in dataclasses.fields(cls)}
        for name in settings:
            if name.startswith(PREFIX) and name not in names:
                raise ValueError(f"{name} is not a setting; there are {', '.join(names)}")
        given = {field: settings[name] for name, field in names.items() if name in settings}
        defaults: dict[str, Any] = {"id_authority": None, "id_date": None, "author": settings.get("SITENAME")}
        return cls(**(defaults | given))

    def __post_init__(self) -> None:
        if not isinstance(self.id_authority, str) or not AUTHORITY.fullmatch(self.id_authority):
            raise ValueError('FEEDS_ID_AUTHORITY must be a domain in lower case, such as "pok.polimi.it"')
        if not _is_id_date(self.id_date):
            raise ValueError(
                'FEEDS_ID_DATE must be a day on which the domain was yours, such as "2014" or "2014-06-03"'
            )
        if not isinstance(self.author, str) or not self.author.strip():
            raise ValueError("FEEDS_AUTHOR (or SITENAME) must say who publishes the feeds")
        if self.content not in ("full", "summary"):
            raise ValueError('FEEDS_CONTENT must be "full" or "summary"')
        if not isinstance(self.max_items, int) or isinstance(self.max_items, bool) or self.max_items < 0:
            raise ValueError("FEEDS_MAX_ITEMS must be a number such as 50; 0 is all items")

    @property
    def beginning(self) -> datetime:
        """The start of `id_date`: when an empty feed was last updated."""
        return _start(self.id_date)


def _is_id_date(value: object) -> bool:
    if not isinstance(value, str) or not ID_DATE.fullmatch(value):
        return False
    try:
        _start(value)
    except ValueError:
        return False
    return True


def _start(partial: str) -> datetime:
    year, month, day = (*(int(part) for part in partial.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)
