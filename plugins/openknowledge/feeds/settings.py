"""The settings `FEEDS_*`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Self
from urllib.parse import quote

from openknowledge.catalogue.settings import check_fields, read_fields
from openknowledge.model.values import PartialDate

__all__ = ["FeedsSettings"]

PREFIX = "FEEDS_"
AUTHORITY = re.compile(r"(?:[\w.+-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsSettings:
    """Each field is a setting: `id_authority` is `FEEDS_ID_AUTHORITY`.

    `id_authority` and `id_date` begin every permanent id, `tag:pok.polimi.it,2014:`: a name that the publisher owned
    on that date. They never change, even when the site moves. `content` is `full` or `summary`. `max_items` is the
    number of newest items in a feed; 0 is all. `author` stands for items without a named author; the default is the
    site's name.
    """

    id_authority: str
    id_date: str
    author: str
    content: str = "full"
    max_items: int = 50

    @classmethod
    def from_pelican(cls, settings: Mapping[str, Any]) -> Self:
        """Return the settings of a site. Raises `ContentProblems` with everything that is wrong with them."""
        defaults = {"id_authority": None, "id_date": None, "author": settings.get("SITENAME")}
        feeds = cls(**{**defaults, **read_fields(cls, PREFIX, settings)})
        check_fields(cls, PREFIX, settings, _problems(feeds))
        return feeds

    def permanent_id(self, specific: str) -> str:
        """Return an id that does not depend on where the site is (RFC 4151): `tag:pok.polimi.it,2014:course/x:it`."""
        return f"tag:{self.id_authority},{self.id_date}:{quote(specific, safe='/:', errors='replace')}"

    @property
    def beginning(self) -> datetime:
        """The start of `id_date`: the update time of an empty feed."""
        return datetime.combine(PartialDate.parse(self.id_date).first_day, time(), UTC)


def _problems(feeds: FeedsSettings) -> Iterator[tuple[str, str, str]]:
    """Yield each wrong setting: its name, what is wrong and what to write."""
    if not isinstance(feeds.id_authority, str) or not AUTHORITY.fullmatch(feeds.id_authority):
        yield "FEEDS_ID_AUTHORITY", "this is not a domain in lower case", 'Write one that is yours: "pok.polimi.it".'
    if not _is_id_date(feeds.id_date):
        hint = 'Write a day on which the domain was yours: "2014" or "2014-06-03".'
        yield "FEEDS_ID_DATE", "this is not a date", hint
    if not isinstance(feeds.author, str) or not feeds.author.strip():
        yield "FEEDS_AUTHOR", "nobody publishes the feeds", "Write a name here or in SITENAME."
    if feeds.content not in ("full", "summary"):
        yield "FEEDS_CONTENT", "this is neither of the two ways", 'Write "full" or "summary".'
    if not isinstance(feeds.max_items, int) or isinstance(feeds.max_items, bool) or feeds.max_items < 0:
        yield "FEEDS_MAX_ITEMS", "this is not a number of items", "Write a number such as 50; 0 is all."


def _is_id_date(value: object) -> bool:
    try:
        return isinstance(value, str) and value.isascii() and value == str(PartialDate.parse(value))
    except ValueError:
        return False
